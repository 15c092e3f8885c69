"""Checks of records against fields."""

# SPDX-License-Identifier: Apache-2.0

import pytest
import shapely

from gis.formats.record import Record
from gis.layer import Field, FieldType, GeometryType
from gis.validate import Checks
from gis.vocabulary import Term, Vocabulary

METALS = Vocabulary(
    "metal", {c: Term(c, f"http://example.org/metal/{c}", "", (), c, {}) for c in ("tin", "copper", "gold")}
)
NIL = "http://www.opengis.net/def/nil/ogc/0/unknown"
FIELDS = (
    Field("name", FieldType.STRING, "Name", required=True),
    Field("metals", FieldType.STRINGS, "Metals", vocabulary="metal"),
    Field("main_uri", FieldType.STRING, "Main metal", vocabulary="metal"),
    Field("depth", FieldType.NUMBER, "Depth", minimum=0, maximum=12_000),
    Field("open", FieldType.BOOLEAN, "Open"),
)
CHECKS = Checks(FIELDS, {"metal": METALS}, frozenset({NIL}), GeometryType.POINT)


def check(shape: shapely.Geometry | None = None, **values: object) -> tuple[dict[str, object], list[tuple[str, str]]]:
    record = Record(7, {"name": "Bangka", **values}, shapely.Point(106, -2) if shape is None else shape)
    converted, _, findings = CHECKS.apply(record)
    assert all(f.row == 7 for f in findings)
    return converted, [(f.field, f.rule) for f in findings]


def test_good_values_are_converted_to_their_types() -> None:
    values, findings = check(metals="tin|gold", main_uri="http://example.org/metal/tin", depth="12.5", open="true")
    assert findings == []
    assert values == {
        "name": "Bangka",
        "metals": ["tin", "gold"],
        "main_uri": "http://example.org/metal/tin",
        "depth": 12.5,
        "open": True,
    }


def test_empty_is_no_value_and_not_an_error_unless_required() -> None:
    values, findings = check(depth="", metals=None)
    assert values["depth"] is None
    assert findings == []
    assert check(name="")[1] == [("name", "required")]


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"depth": "deep"}, ("depth", "type")),
        ({"depth": "nan"}, ("depth", "type")),
        ({"depth": "1e400"}, ("depth", "type")),
        ({"depth": "-1"}, ("depth", "range")),
        ({"depth": "12001"}, ("depth", "range")),
        ({"open": "yes"}, ("open", "type")),
        ({"metals": "tin|unobtainium"}, ("metals", "vocabulary")),
        ({"main_uri": "tin"}, ("main_uri", "vocabulary")),
        ({"name": "a\x07b"}, ("name", "text")),
        ({"nmae": "x"}, ("nmae", "unknown-field")),
    ],
)
def test_each_mistake_is_told_by_field_and_rule(given: dict[str, object], rule: tuple[str, str]) -> None:
    assert rule in check(**given)[1]


def test_a_reason_for_a_missing_value_stands_for_a_term() -> None:
    assert check(main_uri=NIL)[1] == []


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(200, 0),
        shapely.Point(0, 91),
        shapely.Point(float("nan"), 0),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.Point(),
    ],
)
def test_a_geometry_off_the_globe_or_of_another_type_is_told(shape: shapely.Geometry) -> None:
    assert check(shape)[1] == [("geometry", "geometry")]


def test_a_single_polygon_becomes_a_collection_and_a_bow_tie_is_told() -> None:
    checks = Checks(FIELDS[:1], {}, geometry_type=GeometryType.POLYGON)
    _, shape, findings = checks.apply(Record(1, {"name": "x"}, shapely.box(0, 0, 1, 1)))
    assert shape is not None
    assert shape.geom_type == "MultiPolygon"
    assert findings == []
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])
    _, _, findings = checks.apply(Record(1, {"name": "x"}, bow_tie))
    assert "Self-intersection" in findings[0].message
