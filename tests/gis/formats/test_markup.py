"""GeoJSON, GeoJSON text sequences and KML."""

# SPDX-License-Identifier: Apache-2.0

import json
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from lxml import etree

from gis.crs import systems
from gis.errors import InvalidParameterError
from gis.formats import WRITERS, read_records
from gis.layer import GeometryType
from tests.gis.formats.features import ABOUT, LONG, ROWS, SHAPES, TRICKY, layer, read_by_gdal, rows, same_shape, written

PLAIN = [
    {
        "identifier": "x/1 & é",
        "name": TRICKY,
        "depth": 0.1 + 0.2,
        "level": 2**40,
        "active": True,
        "found": "1899-12-31",
        "seen": "2025-06-30T23:59:58Z",
        "commodityCodes": ["tin", "gold"],
        "commodityCode_uri": "http://example.org/tin?a=1&b=2",
    },
    dict.fromkeys(field.name for field in layer(GeometryType.POINT).public_fields) | {"identifier": "x/2"},
]


@pytest.mark.parametrize("geometry_type", GeometryType)
def test_geojson_is_one_collection_with_its_terms(tmp_path: Path, geometry_type: GeometryType) -> None:
    document = json.loads(written(tmp_path, "geojson", layer(geometry_type)).read_bytes())
    features = document.pop("features")
    assert document == {"type": "FeatureCollection", **ABOUT.items()}
    assert [feature["id"] for feature in features] == [row["identifier"] for row in ROWS]
    assert [feature["properties"] for feature in features[:2]] == PLAIN
    for feature, shape in zip(features, SHAPES[geometry_type], strict=True):
        assert same_shape(feature["geometry"], shape)


def test_geojson_rings_run_as_the_standard_asks(tmp_path: Path) -> None:
    document = json.loads(written(tmp_path, "geojson", layer(GeometryType.POLYGON)).read_bytes())
    outer, hole = (shapely.LinearRing(ring) for ring in document["features"][0]["geometry"]["coordinates"][0])
    assert outer.is_ccw
    assert not hole.is_ccw


def test_geojson_without_features_is_an_empty_collection(tmp_path: Path) -> None:
    path = written(tmp_path, "geojson", layer(GeometryType.POINT), values=())
    assert json.loads(path.read_bytes())["features"] == []


def test_a_text_sequence_has_a_feature_a_line_and_its_terms_on_the_first(tmp_path: Path) -> None:
    path = written(tmp_path, "geojsonseq", layer(GeometryType.POINT))
    texts = path.read_text(encoding="utf-8").split("\x1e")
    assert texts[0] == ""
    features = [json.loads(text) for text in texts[1:]]
    assert features[0]["about"] == ABOUT.items()
    assert [feature["properties"] for feature in features[:2]] == PLAIN
    assert all("about" not in feature for feature in features[1:])
    records = list(read_records(path))
    assert [record.shape for record in records] == list(SHAPES[GeometryType.POINT])
    assert len(read_by_gdal(path)) == len(ROWS)


@pytest.mark.parametrize("name", ["geojson", "geojsonseq", "kml"])
def test_what_has_longitude_and_latitude_by_its_standard_refuses_other_systems(name: str) -> None:
    with pytest.raises(InvalidParameterError, match="longitude and latitude only"):
        WRITERS[name].check(systems([3857])["http://www.opengis.net/def/crs/EPSG/0/3857"])


# KML

KML = {"k": "http://www.opengis.net/kml/2.2"}


@pytest.mark.parametrize("geometry_type", GeometryType)
def test_kml_is_read_by_gdal_with_shapes_and_typed_values(tmp_path: Path, geometry_type: GeometryType) -> None:
    found = read_by_gdal(written(tmp_path, "kml", layer(geometry_type)))
    assert len(found) == len(ROWS)
    first = found[0]["properties"]
    assert first["identifier"] == "x/1 & é"
    assert first["commodityCodes"] == "tin|gold"
    assert first["depth"] == pytest.approx(0.1 + 0.2, rel=1e-12)
    assert found[3]["properties"]["Name"] == LONG
    for feature, shape in zip(found, SHAPES[geometry_type], strict=True):
        assert same_shape(feature["geometry"], shape)


def test_kml_carries_its_terms_and_any_letter(tmp_path: Path) -> None:
    values = [{"identifier": "a", "name": f"{TRICKY}\r\x0b"}]
    document = etree.parse(written(tmp_path, "kml", layer(GeometryType.POINT), values=values))
    assert document.findtext("k:Document/k:description", namespaces=KML) == ABOUT.text()
    assert document.findtext("k:Document/k:Placemark/k:name", namespaces=KML) == f"{TRICKY}\r\ufffd"
    fields = document.findall("k:Document/k:Schema/k:SimpleField", namespaces=KML)
    assert {field.get("name"): field.get("type") for field in fields}["depth"] == "double"


def test_a_null_shape_leaves_a_placemark_without_place() -> None:
    one = layer(GeometryType.POINT)
    document = etree.fromstring(b"".join(WRITERS["kml"].chunks(one, rows(one, ROWS[1:2], [None]), ABOUT)))
    placemark = document.find("k:Document/k:Placemark", namespaces=KML)
    assert placemark is not None
    assert [etree.QName(child).localname for child in placemark] == ["ExtendedData"]


def test_another_query_is_told_another_address() -> None:
    one = layer(GeometryType.POINT)
    about = replace(ABOUT, query='https://example.org/items?filter=name="<&"')
    document = etree.fromstring(b"".join(WRITERS["kml"].chunks(one, rows(one), about)))
    (link,) = document.iter("{http://www.w3.org/2005/Atom}link")
    assert link.get("href") == about.query
