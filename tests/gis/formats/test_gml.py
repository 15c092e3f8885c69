"""GML: documents are valid against the schemas of EarthResourceML-Lite, GeoSciML-Lite and our own."""

# SPDX-License-Identifier: Apache-2.0

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shapely
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.layers.declarations import read_declarations
from gis.crs import systems
from gis.formats import WRITERS
from gis.formats.writers.gml import NIL, application_schema, feature, gml_id
from gis.layer import FieldType, GeometryType, Layer
from tests.gis.formats import schemas
from tests.gis.formats.features import (
    ABOUT,
    LONG,
    ROWS,
    SHAPES,
    TRICKY,
    layer,
    read_by_gdal,
    rows,
    same_shape,
    written,
)
from tests.gis.formats.schemas import needs_gml_3_1_1, needs_schemas

ERML_LAYERS = ("mineral-deposits", "mineral-occurrences", "mines", "processing-plants")
NAMES = {"gml": "http://www.opengis.net/gml/3.2", "app": "https://example.org/ns/features"}
VALUES = {
    FieldType.STRING: TRICKY,
    FieldType.NUMBER: 12.5,
    FieldType.INTEGER: 3,
    FieldType.BOOLEAN: True,
    FieldType.STRINGS: ["tin", "gold"],
}


@cache
def declared(name: str) -> Layer:
    return read_declarations().layers[name].layer


@cache
def erml() -> xmlschema.XMLSchema10:
    return schemas.view_schema(schemas.ERML)


def full_and_bare(one: Layer) -> list[dict[str, Any]]:
    """A feature with every value, and one with nothing but its identifier."""
    full = {field.name: VALUES[field.type] for field in one.public_fields}
    return [full | {"identifier": "a:1"}, {"identifier": "a:2"}]


def document(one: Layer, path: Path, **more: Any) -> Path:
    content = b"".join(WRITERS["gml"].chunks(one, rows(one, full_and_bare(one), **more), ABOUT))
    path.write_bytes(content)
    return path


# Against the schemas


@needs_schemas
@pytest.mark.parametrize("name", ERML_LAYERS)
def test_layers_of_earthresourceml_lite_are_valid(tmp_path: Path, name: str) -> None:
    erml().validate(document(declared(name), tmp_path / "a.gml"))


@needs_schemas
@pytest.mark.parametrize("name", ERML_LAYERS)
def test_a_feature_without_geometry_is_valid(tmp_path: Path, name: str) -> None:
    erml().validate(document(declared(name), tmp_path / "a.gml", shapes=[None, None]))


@needs_schemas
def test_one_feature_is_a_valid_document(tmp_path: Path) -> None:
    one = declared("mineral-deposits")
    content = feature(one, rows(one, full_and_bare(one)[:1]), ABOUT)
    erml().validate(content.decode())
    root = etree.fromstring(content)
    assert etree.QName(root).localname == "MineralOccurrenceView"
    assert root.get(f"{{{NAMES['gml']}}}id") == "erl.mineraloccurrenceview.a_3a_1"


@needs_gml_3_1_1
def test_geologic_units_are_valid_geosciml_lite(tmp_path: Path) -> None:
    schema = schemas.view_schema_3_1_1(schemas.GEOSCIML, tmp_path)
    one = declared("geologic-units")
    schema.validate(document(one, tmp_path / "a.gml"))
    schema.validate(document(one, tmp_path / "b.gml", shapes=[None, None]))
    broken = (tmp_path / "a.gml").read_text().replace("gsmlp:name>", "gsmlp:nom>")
    assert not schema.is_valid(broken)


@needs_schemas
@pytest.mark.parametrize("geometry_type", GeometryType)
def test_a_layer_without_a_view_is_valid_against_our_own_schema(tmp_path: Path, geometry_type: GeometryType) -> None:
    one = layer(geometry_type)
    schema = schemas.own_schema(application_schema(one, ABOUT.base_url))
    path = written(tmp_path, "gml", one)
    schema.validate(path)
    assert not schema.is_valid(path.read_text().replace("<app:level>0</app:level>", "<app:level>low</app:level>"))


@needs_schemas
@pytest.mark.parametrize("path", sorted(Path("ogc_config/gml").glob("*.yml")), ids=lambda path: path.stem)
def test_declared_views_are_those_of_their_schemas(path: Path) -> None:
    views = {one.layer.gml.element: one.layer.gml for one in read_declarations().layers.values() if one.layer.gml}
    view = views[path.stem]
    source = schemas.ERML if view.prefix == "erl" else schemas.GEOSCIML
    tree = etree.parse(schemas.SCHEMAS / source)
    assert tree.getroot().get("targetNamespace") == view.namespace
    xs = {"xs": "http://www.w3.org/2001/XMLSchema"}
    elements = tree.xpath(f"//xs:complexType[@name='{view.element}Type']//xs:sequence/xs:element", namespaces=xs)
    assert [one.get("name") for one in elements] == list(view.properties)
    assert {one.get("name") for one in elements if one.get("minOccurs") != "0"} == view.mandatory


# What is in them


def elements(path: Path) -> list[etree._Element]:
    return [member[0] for member in etree.parse(path).iterfind(".//gml:featureMember", NAMES)]


def test_mandatory_elements_without_a_value_say_unknown(tmp_path: Path) -> None:
    _, bare = elements(document(declared("mineral-deposits"), tmp_path / "a.gml"))
    told = {etree.QName(child).localname: child.text for child in bare}
    assert told == {
        "identifier": "https://example.org/id/a%3A2",
        "mineralOccurrenceType": NIL,
        "commodity": NIL,
        "mineralOccurrenceType_uri": NIL,
        "representativeCommodity_uri": NIL,
        "shape": None,
    }


def test_fields_of_our_own_follow_the_view_in_our_namespace(tmp_path: Path) -> None:
    full, _ = elements(document(declared("mineral-deposits"), tmp_path / "a.gml"))
    spaces = [etree.QName(child).namespace for child in full]
    view = declared("mineral-deposits").gml
    assert view is not None
    assert spaces.index(NAMES["app"]) == len(view.properties)
    assert set(spaces[len(view.properties) :]) == {NAMES["app"]}
    assert [child.text for child in full.iterfind("app:commodityCodes", NAMES)] == ["tin", "gold"]


def test_the_collection_carries_the_terms(tmp_path: Path) -> None:
    root = etree.parse(document(declared("mines"), tmp_path / "a.gml")).getroot()
    assert root.findtext("gml:description", namespaces=NAMES) == ABOUT.text()
    assert root.findtext("gml:name", namespaces=NAMES) == ABOUT.title


@pytest.mark.parametrize("geometry_type", GeometryType)
def test_gdal_reads_shapes_and_values(tmp_path: Path, geometry_type: GeometryType) -> None:
    # Without this GDAL looks for the schema at the address the file names.
    found = read_by_gdal(written(tmp_path, "gml", layer(geometry_type)), "-oo", "DOWNLOAD_SCHEMA=NO")
    assert len(found) == len(ROWS)
    assert found[0]["properties"]["name"] == TRICKY
    assert found[3]["properties"]["name"] == LONG
    for one, shape in zip(found, SHAPES[geometry_type], strict=True):
        assert same_shape(one["geometry"], shape)


def test_axes_stand_in_the_order_of_their_system() -> None:
    one = layer(GeometryType.POINT)
    for code, expected in ((4326, "2.5 101.25"), (32648, "101.25 2.5"), (2393, "2.5 101.25")):
        crs = systems([code])[f"http://www.opengis.net/def/crs/EPSG/0/{code}"]
        content = feature(one, rows(one, ROWS[:1], [shapely.Point(101.25, 2.5)]), replace(ABOUT, crs=crs))
        (place,) = etree.fromstring(content).iter(f"{{{NAMES['gml']}}}pos")
        assert place.text == expected
        assert place.getparent().get("srsName") == f"urn:ogc:def:crs:EPSG::{code}"


def test_a_document_of_one_feature_needs_one() -> None:
    one = layer(GeometryType.POINT)
    with pytest.raises(ValueError, match="0 features"):
        feature(one, rows(one, ()), ABOUT)


@given(st.lists(st.text(), unique=True, max_size=30))
def test_xml_ids_are_valid_and_differ_as_their_identifiers(identifiers: list[str]) -> None:
    ids = [f"a.{gml_id(one)}" for one in identifiers]
    assert len(set(ids)) == len(identifiers)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9._-]*", one) for one in ids)
