"""Filters, each operator against a real PostGIS, and random ones against an evaluation in Python."""

# SPDX-License-Identifier: Apache-2.0

import json
import operator
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.roles import DatabaseUrls
from gis.crs import systems
from gis.errors import InvalidParameterError
from gis.filters import FilterCompiler, FilterTree, parse_json, parse_text
from gis.filters.literals import MAX_VERTICES
from gis.filters.parse import MAX_LENGTH
from gis.layer import Field, FieldType, GeometryType, Layer
from gis.statement import compiled
from tests.gis.test_query import layer as scratch_layer

FIELDS = (
    Field("identifier", FieldType.STRING, "Identifier"),
    Field("name", FieldType.STRING, "Name"),
    Field("country", FieldType.STRING, "Country"),
    Field("depth", FieldType.NUMBER, "Depth"),
    Field("grade", FieldType.NUMBER, "Grade"),
    Field("holes", FieldType.INTEGER, "Holes"),
    Field("active", FieldType.BOOLEAN, "Active"),
    Field("opened", FieldType.DATE, "Opened"),
    Field("closed", FieldType.DATE, "Closed"),
    Field("updated", FieldType.DATETIME, "Updated"),
    Field("commodityCodes", FieldType.STRINGS, "Commodities", vocabulary="commodity"),
    Field("former", FieldType.STRINGS, "Former commodities", vocabulary="commodity"),
    Field("group", FieldType.STRING, "Group", vocabulary="commodity"),
    Field("secret", FieldType.STRING, "Secret", public=False),
)
LAYER: Layer = replace(scratch_layer(GeometryType.POINT, "filtered"), fields=FIELDS, title="Sites")

NARROWER = {"metal": ("metal", "gold", "tin"), "gold": ("gold", "placer-gold")}

NAMES = ("Grasberg", "grasberg", "Ân Thi", "an thi", "Straße", "STRASSE", "50 % tin", "a_b", "a\\b", "", "ore", None)
LISTS = (["gold"], ["tin", "gold"], ["placer-gold"], ["coal"], [], None, ["metal"], ["coal", "tin"])


def row(i: int) -> dict[str, Any]:
    """Values of the scratch table's row i: prime steps, so that they occur in many combinations, missing ones too."""
    return {
        "identifier": f"s-{i:03}",
        "name": NAMES[i % len(NAMES)],
        "country": ("IDN", "MYS", "LAO", None)[i * 3 % 7 % 4],
        "depth": None if i % 11 == 0 else (i * 37 % 23) / 2,
        "grade": None if i % 13 == 0 else (i * 7 % 23) / 2,
        "holes": None if i % 5 == 0 else i % 7 - 3,
        "active": (True, False, None)[i % 3],
        "opened": None if i % 6 == 0 else date(2020, 1, 1) + timedelta(days=i * 5 % 60),
        "closed": None if i % 7 == 0 else date(2020, 2, 1) + timedelta(days=i * 11 % 60),
        "updated": None if i % 8 == 0 else datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(hours=i * 9),
        "commodityCodes": LISTS[i % len(LISTS)],
        "former": LISTS[i * 5 % 8 - i % 3],
        "group": ("metal", "gold", "placer-gold", "coal", None)[i % 5],
        "shape": shapely.Point(100 + i % 12, i // 12),
    }


ROWS = [row(i) for i in range(96)]


def narrower(field: Field, value: str) -> Sequence[str]:
    assert field.vocabulary == "commodity"
    return NARROWER.get(value, (value,))


@pytest.fixture(scope="module")
def connection(urls: DatabaseUrls) -> Iterator[psycopg.Connection[Any]]:
    types = {
        FieldType.STRING: "text",
        FieldType.NUMBER: "float8",
        FieldType.INTEGER: "int",
        FieldType.BOOLEAN: "bool",
        FieldType.DATE: "date",
        FieldType.DATETIME: "timestamptz",
        FieldType.STRINGS: "text[]",
    }
    columns = ", ".join(f'"{one.name}" {types[one.type]}' for one in FIELDS)
    with psycopg.connect(urls.admin.conninfo()) as connection:
        connection.execute(f"CREATE TABLE public.filtered ({columns}, shape geometry(Point, 4326))")
        for one in ROWS:
            names = ", ".join(f'"{name}"' for name in one)
            places = ", ".join(["%s"] * (len(one) - 1))
            connection.execute(
                f"INSERT INTO filtered ({names}) VALUES ({places}, ST_GeomFromText(%s, 4326))",  # noqa: S608
                [*list(one.values())[:-1], one["shape"].wkt],
            )
        yield connection
        connection.rollback()


TABLE = sa.table(LAYER.table, *(sa.column(f.name) for f in FIELDS), sa.column("shape"))
COMPILER = FilterCompiler(LAYER, TABLE.c, narrower)


def selected(connection: psycopg.Connection[Any], tree: FilterTree, **options: Any) -> list[int]:
    """Numbers of the rows a filter selects."""
    found = COMPILER.compile(tree, **options)
    statement = compiled(sa.select(TABLE.c.identifier).where(found.condition).order_by(TABLE.c.identifier))
    return [int(one[0][2:]) for one in connection.execute(statement, found.values).fetchall()]


def expected(condition: Callable[[dict[str, Any]], bool | None]) -> list[int]:
    """Numbers of the rows for which a condition is true; None where something is missing counts as not."""
    return [i for i, one in enumerate(ROWS) if condition(one)]


def given_(value: Any, condition: Callable[[Any], bool]) -> bool | None:
    return None if value is None else condition(value)


EXAMPLES: dict[str, Callable[[dict[str, Any]], bool | None]] = {
    # basic
    "country = 'IDN'": lambda r: given_(r["country"], lambda v: v == "IDN"),
    "'IDN' = country": lambda r: given_(r["country"], lambda v: v == "IDN"),
    "country <> 'IDN'": lambda r: given_(r["country"], lambda v: v != "IDN"),
    "depth > 3.5": lambda r: given_(r["depth"], lambda v: v > 3.5),
    "3.5 > depth": lambda r: given_(r["depth"], lambda v: v < 3.5),
    "holes >= -1": lambda r: given_(r["holes"], lambda v: v >= -1),
    "holes = 0.5": lambda r: False,
    "holes <= 0.5": lambda r: given_(r["holes"], lambda v: v <= 0.5),
    "name < 'a'": lambda r: given_(r["name"], lambda v: v < "a"),
    "active": lambda r: r["active"],
    "active = false": lambda r: given_(r["active"], lambda v: not v),
    "NOT active": lambda r: given_(r["active"], lambda v: not v),
    "name IS NULL": lambda r: r["name"] is None,
    "name IS NOT NULL AND shape IS NOT NULL": lambda r: r["name"] is not None,
    "true": lambda r: True,
    "false OR country = 'LAO'": lambda r: r["country"] == "LAO",
    "country = 'LAO' OR country = 'IDN' AND active": lambda r: (
        r["country"] == "LAO" or (r["country"] == "IDN" and r["active"])
    ),
    "opened = DATE('2020-01-06')": lambda r: given_(r["opened"], lambda v: v == date(2020, 1, 6)),
    "opened > '2020-01-20'": lambda r: given_(r["opened"], lambda v: v > date(2020, 1, 20)),
    "updated <= TIMESTAMP('2020-01-10T00:00:00Z')": lambda r: given_(r["updated"], lambda v: v <= at(10)),
    "updated <= TIMESTAMP('2020-01-10T07:00:00+07:00')": lambda r: given_(r["updated"], lambda v: v <= at(10)),
    "updated < DATE('2020-01-10')": lambda r: given_(r["updated"], lambda v: v < at(10)),
    "updated < '2020-01-10T00:00:00Z'": lambda r: given_(r["updated"], lambda v: v < at(10)),
    # advanced comparison
    "name LIKE 'Gras%'": lambda r: given_(r["name"], lambda v: v.startswith("Gras")),
    "name LIKE '_ras%'": lambda r: given_(r["name"], lambda v: v[1:4] == "ras"),
    r"name LIKE '%\%%'": lambda r: given_(r["name"], lambda v: "%" in v),
    r"name LIKE 'a\_b'": lambda r: given_(r["name"], lambda v: v == "a_b"),
    r"name LIKE 'a\\b'": lambda r: given_(r["name"], lambda v: v == "a\\b"),
    "name NOT LIKE 'Gras%'": lambda r: given_(r["name"], lambda v: not v.startswith("Gras")),
    "depth BETWEEN 2 AND 4.5": lambda r: given_(r["depth"], lambda v: 2 <= v <= 4.5),
    "depth NOT BETWEEN 2 AND 4.5": lambda r: given_(r["depth"], lambda v: not 2 <= v <= 4.5),
    "country IN ('IDN', 'LAO')": lambda r: given_(r["country"], lambda v: v in ("IDN", "LAO")),
    "country NOT IN ('IDN')": lambda r: given_(r["country"], lambda v: v != "IDN"),
    "holes IN (1, 2.5, -3)": lambda r: given_(r["holes"], lambda v: v in (1, -3)),
    "opened IN (DATE('2020-01-06'), DATE('2020-01-11'))": lambda r: given_(
        r["opened"], lambda v: v in (date(2020, 1, 6), date(2020, 1, 11))
    ),
    # case- and accent-insensitive
    "CASEI(name) = CASEI('GRASBERG')": lambda r: given_(r["name"], lambda v: v.casefold() == "grasberg"),
    "CASEI(name) = CASEI('strasse')": lambda r: given_(r["name"], lambda v: v.casefold() == "strasse"),
    "CASEI(name) LIKE CASEI('GRAS%')": lambda r: given_(r["name"], lambda v: v.casefold().startswith("gras")),
    "CASEI(name) IN (CASEI('Ore'), CASEI('grasBERG'))": lambda r: given_(
        r["name"], lambda v: v.casefold() in ("ore", "grasberg")
    ),
    "ACCENTI(name) = ACCENTI('An Thi')": lambda r: r["name"] == "Ân Thi",
    "ACCENTI(name) = ACCENTI('A\u0302n Thi')": lambda r: r["name"] == "Ân Thi",
    "ACCENTI(CASEI(name)) = ACCENTI(CASEI('ÁN THI'))": lambda r: r["name"] in ("Ân Thi", "an thi"),
    "CASEI(ACCENTI(name)) LIKE CASEI(ACCENTI('ÂN%'))": lambda r: r["name"] in ("Ân Thi", "an thi"),
    # property-property
    "depth > grade": lambda r: r["depth"] is not None and r["grade"] is not None and r["depth"] > r["grade"],
    "holes < grade": lambda r: r["holes"] is not None and r["grade"] is not None and r["holes"] < r["grade"],
    "opened < closed": lambda r: r["opened"] is not None and r["closed"] is not None and r["opened"] < r["closed"],
    "updated > closed": lambda r: (
        r["updated"] is not None and r["closed"] is not None and r["updated"] > midnight(r["closed"])
    ),
    "grade BETWEEN holes AND depth": lambda r: (
        None not in (r["grade"], r["holes"], r["depth"]) and r["holes"] <= r["grade"] <= r["depth"]
    ),
    "A_EQUALS(commodityCodes, former)": lambda r: sets(r, lambda a, b: a == b),
    "A_CONTAINS(commodityCodes, former)": lambda r: sets(r, lambda a, b: a >= b),
    "A_CONTAINEDBY(commodityCodes, former)": lambda r: sets(r, lambda a, b: a <= b),
    "A_OVERLAPS(commodityCodes, former)": lambda r: sets(r, lambda a, b: bool(a & b)),
    # arrays and concepts
    "A_CONTAINS(former, ('coal', 'tin'))": lambda r: given_(r["former"], lambda v: {"coal", "tin"} <= set(v)),
    "A_EQUALS(former, ('tin', 'coal'))": lambda r: given_(r["former"], lambda v: set(v) == {"coal", "tin"}),
    "A_OVERLAPS(former, ('coal', 'tin'))": lambda r: given_(r["former"], lambda v: bool({"coal", "tin"} & set(v))),
    "A_CONTAINEDBY(former, ('coal', 'tin'))": lambda r: given_(r["former"], lambda v: set(v) <= {"coal", "tin"}),
    "A_CONTAINEDBY(('coal', 'tin'), former)": lambda r: given_(r["former"], lambda v: {"coal", "tin"} <= set(v)),
    "A_CONTAINS(commodityCodes, ('metal'))": lambda r: given_(
        r["commodityCodes"], lambda v: bool({"metal", "gold", "tin"} & set(v))
    ),
    "A_CONTAINS(commodityCodes, ('metal', 'coal'))": lambda r: r["commodityCodes"] == ["coal", "tin"],
    "A_EQUALS(commodityCodes, ('gold'))": lambda r: r["commodityCodes"] in (["gold"], ["placer-gold"]),
    "A_CONTAINEDBY(commodityCodes, ('gold'))": lambda r: r["commodityCodes"] in (["gold"], ["placer-gold"], []),
    "commodityCodes = 'gold'": lambda r: given_(r["commodityCodes"], lambda v: bool({"gold", "placer-gold"} & set(v))),
    "commodityCodes <> 'gold'": lambda r: given_(r["commodityCodes"], lambda v: not {"gold", "placer-gold"} & set(v)),
    "commodityCodes IN ('gold', 'coal')": lambda r: given_(
        r["commodityCodes"], lambda v: bool({"gold", "placer-gold", "coal"} & set(v))
    ),
    "group = 'gold'": lambda r: r["group"] in ("gold", "placer-gold"),
    "group <> 'gold'": lambda r: given_(r["group"], lambda v: v not in ("gold", "placer-gold")),
    "group IN ('gold', 'coal')": lambda r: r["group"] in ("gold", "placer-gold", "coal"),
    "group LIKE 'gold'": lambda r: r["group"] == "gold",
    # temporal
    "T_AFTER(opened, DATE('2020-01-20'))": lambda r: given_(r["opened"], lambda v: v > date(2020, 1, 20)),
    "T_BEFORE(opened, DATE('2020-01-20'))": lambda r: given_(r["opened"], lambda v: v < date(2020, 1, 20)),
    "T_EQUALS(opened, DATE('2020-01-06'))": lambda r: r["opened"] == date(2020, 1, 6),
    "T_DISJOINT(opened, INTERVAL('2020-01-10', '2020-01-20'))": lambda r: given_(
        r["opened"], lambda v: not date(2020, 1, 10) <= v <= date(2020, 1, 20)
    ),
    "T_INTERSECTS(opened, INTERVAL('2020-01-10', '2020-01-20'))": lambda r: given_(
        r["opened"], lambda v: date(2020, 1, 10) <= v <= date(2020, 1, 20)
    ),
    "T_INTERSECTS(opened, INTERVAL('..', '2020-01-20'))": lambda r: given_(
        r["opened"], lambda v: v <= date(2020, 1, 20)
    ),
    "T_DURING(opened, INTERVAL('2020-01-16', '..'))": lambda r: given_(r["opened"], lambda v: v > date(2020, 1, 16)),
    "T_INTERSECTS(updated, DATE('2020-01-05'))": lambda r: given_(r["updated"], lambda v: v.date() == date(2020, 1, 5)),
    "T_INTERSECTS(updated, INTERVAL('2020-01-05', '2020-01-06T12:00:00Z'))": lambda r: given_(
        r["updated"], lambda v: at(5) <= v <= at(6) + timedelta(hours=12)
    ),
    "T_AFTER(updated, DATE('2020-01-05'))": lambda r: given_(r["updated"], lambda v: v >= at(6)),
    "T_DURING(INTERVAL(opened, closed), INTERVAL('2020-01-01', '2020-03-10'))": lambda r: (
        both(r) and r["opened"] > date(2020, 1, 1) and r["closed"] < date(2020, 3, 10)
    ),
    "T_CONTAINS(INTERVAL(opened, closed), INTERVAL('2020-02-01', '2020-02-10'))": lambda r: (
        both(r) and r["opened"] < date(2020, 2, 1) and r["closed"] > date(2020, 2, 10)
    ),
    "T_STARTS(INTERVAL('2020-01-06', '2020-01-07'), INTERVAL(opened, closed))": lambda r: (
        both(r) and r["opened"] == date(2020, 1, 6) and r["closed"] > date(2020, 1, 7)
    ),
    "T_STARTEDBY(INTERVAL(opened, closed), INTERVAL('2020-01-06', '2020-01-07'))": lambda r: (
        both(r) and r["opened"] == date(2020, 1, 6) and r["closed"] > date(2020, 1, 7)
    ),
    "T_FINISHES(INTERVAL('2020-02-11', '2020-02-12'), INTERVAL(opened, closed))": lambda r: (
        both(r) and r["closed"] == date(2020, 2, 12) and r["opened"] < date(2020, 2, 11)
    ),
    "T_FINISHEDBY(INTERVAL(opened, closed), INTERVAL('2020-02-11', '2020-02-12'))": lambda r: (
        both(r) and r["closed"] == date(2020, 2, 12) and r["opened"] < date(2020, 2, 11)
    ),
    "T_MEETS(INTERVAL(opened, closed), INTERVAL('2020-02-12', '..'))": lambda r: (
        both(r) and r["closed"] == date(2020, 2, 12)
    ),
    "T_METBY(INTERVAL('2020-02-12', '..'), INTERVAL(opened, closed))": lambda r: (
        both(r) and r["closed"] == date(2020, 2, 12)
    ),
    "T_OVERLAPS(INTERVAL(opened, closed), INTERVAL('2020-02-05', '2020-03-05'))": lambda r: (
        both(r) and r["opened"] < date(2020, 2, 5) < r["closed"] < date(2020, 3, 5)
    ),
    "T_OVERLAPPEDBY(INTERVAL('2020-02-05', '2020-03-05'), INTERVAL(opened, closed))": lambda r: (
        both(r) and r["opened"] < date(2020, 2, 5) < r["closed"] < date(2020, 3, 5)
    ),
    # spatial
    "S_INTERSECTS(shape, POINT(103 2))": lambda r: r["shape"].equals(shapely.Point(103, 2)),
    "S_INTERSECTS(shape, BBOX(102, 1, 105, 3))": lambda r: r["shape"].intersects(shapely.box(102, 1, 105, 3)),
    "S_INTERSECTS(shape, BBOX(102, 1, -9, 105, 3, 9))": lambda r: r["shape"].intersects(shapely.box(102, 1, 105, 3)),
    "S_INTERSECTS(BBOX(102, 1, 105, 3), shape)": lambda r: r["shape"].intersects(shapely.box(102, 1, 105, 3)),
    "S_INTERSECTS(shape, BBOX(110, 0, 101, 9))": lambda r: not 101 < r["shape"].x < 110,
    "S_DISJOINT(shape, BBOX(102, 1, 105, 3))": lambda r: not r["shape"].intersects(shapely.box(102, 1, 105, 3)),
    "S_WITHIN(shape, BBOX(102, 1, 105, 3))": lambda r: r["shape"].within(shapely.box(102, 1, 105, 3)),
    "S_TOUCHES(shape, BBOX(102, 1, 105, 3))": lambda r: r["shape"].touches(shapely.box(102, 1, 105, 3)),
    "S_EQUALS(shape, POINT(103 2))": lambda r: r["shape"].equals(shapely.Point(103, 2)),
    "S_CONTAINS(POLYGON((102 1, 105 1, 105 3, 102 3, 102 1)), shape)": lambda r: r["shape"].within(
        shapely.box(102, 1, 105, 3)
    ),
    "S_INTERSECTS(shape, LINESTRING(100 0, 111 11))": lambda r: r["shape"].x - 100 == r["shape"].y,
    "S_INTERSECTS(shape, MULTIPOINT((103 2), (104 2)))": lambda r: r["shape"].y == 2 and r["shape"].x in (103, 104),
    "S_INTERSECTS(shape, MULTILINESTRING((100 0, 111 0), (100 1, 111 1)))": lambda r: r["shape"].y in (0, 1),
    "S_INTERSECTS(shape, MULTIPOLYGON(((102 1, 105 1, 105 3, 102 1))))": lambda r: r["shape"].intersects(
        shapely.Polygon([(102, 1), (105, 1), (105, 3)])
    ),
    "S_INTERSECTS(shape, POLYGON((102 1, 106 1, 106 5, 102 5, 102 1), (103 2, 105 2, 105 4, 103 4, 103 2)))": (
        lambda r: r["shape"].intersects(shapely.box(102, 1, 106, 5) - shapely.box(103, 2, 105, 4))
    ),
    "S_INTERSECTS(shape, GEOMETRYCOLLECTION(POINT(103 2), LINESTRING(100 0, 111 0)))": lambda r: (
        r["shape"].y == 0 or r["shape"].equals(shapely.Point(103, 2))
    ),
    "S_OVERLAPS(shape, MULTIPOINT((103 2), (104 2)))": lambda r: False,
    "S_CROSSES(shape, LINESTRING(100 0, 111 0))": lambda r: False,
    "S_INTERSECTS(POINT(1 1), BBOX(0, 0, 2, 2)) AND active": lambda r: r["active"],
}


def at(day: int) -> datetime:
    return datetime(2020, 1, day, tzinfo=UTC)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def both(one: dict[str, Any]) -> bool:
    return one["opened"] is not None and one["closed"] is not None


def sets(one: dict[str, Any], compare: Callable[[set[str], set[str]], bool]) -> bool:
    left, right = one["commodityCodes"], one["former"]
    return left is not None and right is not None and compare(set(left), set(right))


@pytest.mark.parametrize("text", EXAMPLES)
def test_operator_selects_the_rows_it_should(connection: psycopg.Connection[Any], text: str) -> None:
    assert selected(connection, parse_text(text)) == expected(EXAMPLES[text])


@pytest.mark.parametrize("text", EXAMPLES)
def test_text_and_json_are_the_same_filter(connection: psycopg.Connection[Any], text: str) -> None:
    tree = parse_text(text)
    assert parse_json(json.dumps(tree)) == tree


def test_examples_are_not_all_empty() -> None:
    empty = [text for text, condition in EXAMPLES.items() if not expected(condition)]
    assert len(empty) <= 3, empty


def test_a_geometry_is_read_in_the_axes_of_its_system(connection: psycopg.Connection[Any]) -> None:
    uri = "http://www.opengis.net/def/crs/EPSG/0/"
    known = systems((4326, 32648))
    wanted = expected(lambda r: r["shape"].intersects(shapely.box(102, 1, 105, 3)))
    flipped = parse_text("S_INTERSECTS(shape, BBOX(1, 102, 3, 105))")
    assert selected(connection, flipped, system=known[f"{uri}4326"]) == wanted
    polygon = parse_text("S_INTERSECTS(shape, POLYGON((1 102, 3 102, 3 105, 1 105, 1 102)))")
    assert selected(connection, polygon, system=known[f"{uri}4326"]) == wanted
    near = parse_text("S_INTERSECTS(shape, BBOX(388000, 200000, 500100, 340000))")
    assert selected(connection, near, system=known[f"{uri}32648"]) == expected(
        lambda r: r["shape"].x in (104, 105) and r["shape"].y in (2, 3)
    )


WRONG = {
    "nam = 'x'": "no property 'nam' (did you mean 'name'?)",
    "secret = 'x'": "no property 'secret'",
    "fid = 1": "no property 'fid'",
    "depth = 'x'": "depth is a number and cannot be compared with 'x', which is text",
    "name = 1": "name is text and cannot be compared with 1.0, which is a number",
    "name = active": "name is text and cannot be compared with active, which is true or false",
    "active > true": "no order",
    "shape = 1": "shape is a geometry",
    "shape < POINT(1 2)": "no order",
    "depth LIKE 'x%'": "LIKE compares text",
    "name LIKE country": "LIKE compares text with a pattern",
    r"name LIKE 'x\'": "ends in a backslash",
    "name = null": "use IS NULL",
    "name": "is no condition",
    "1": "is no condition",
    "NOT depth": "is no condition",
    "name = ('x', 'y')": "list",
    "commodityCodes = former": "is a list",
    "depth = ('x')": "cannot be compared",
    "opened = DATE('2020-02-30')": "is not a date",
    "opened = '2020-1-1'": "is not a date",
    "opened = 'soon'": "is not a date",
    "updated > TIMESTAMP('2020-01-01T25:00:00Z')": "is not a time",
    "updated > TIMESTAMP('2020-01-01')": "is not a time",
    "T_AFTER(name, DATE('2020-01-01'))": "takes dates and times, and name is text",
    "T_AFTER(opened, INTERVAL('2020-02-01', '2020-01-01'))": "before it starts",
    "opened = INTERVAL('2020-01-01', '2020-02-01')": "temporal functions",
    "T_AFTER(opened)": "takes 2 arguments, not 1",
    "A_CONTAINS(name, ('x'))": "takes a list, and name is text",
    "A_CONTAINS(former, (1))": "a list of texts",
    "A_CONTAINS(former, name)": "takes a list, and name is text",
    "former > 'x'": "is a list",
    "CASEI(depth) = 'x'": "CASEI takes text",
    "CASEI(name, name) = 'x'": "takes 1 argument, not 2",
    "casey(name) = 'x'": "no operator or function 'casey' (did you mean 'casei'?)",
    "pg_sleep(20) = 1": "no operator or function 'pg_sleep'",
    "depth + 1 = 2": "arithmetic (+) is not supported",
    "S_INTERSECTS(name, POINT(1 2))": "takes geometries, and name is text",
    "S_INTERSECT(shape, POINT(1 2))": "did you mean 's_intersects'?",
    "S_INTERSECTS(shape, POINT(181 2))": "longitude, latitude",
    "S_INTERSECTS(shape, BBOX(1, 2, 3))": "four or six numbers",
    "S_INTERSECTS(shape, BBOX(1, 5, 3, 2))": "north of its north",
    "S_INTERSECTS(shape, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))": "not valid: Self-intersection",
    "S_INTERSECTS(shape, POLYGON((0 0, 1 1, 0 1)))": "cannot be read",
    "S_INTERSECTS(shape, GEOMETRYCOLLECTION EMPTY)": "without a point",
    "S_INTERSECTS(shape, POINT EMPTY)": "not CQL2 text",
    "name = 'a\x00b'": "NUL",
    "name IN (1)": "cannot be compared",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_named(text: str) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        COMPILER.compile(parse_text(text))
    assert WRONG[text] in str(caught.value)
    assert caught.value.parameter == "filter"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name == 'x'", "at line 1, column 7, near \"= 'x'\""),
        ("name = 'x' AND", "at line 1, column 15: it ends where something is still expected"),
        ("name = 'x'; DROP TABLE mine", "at line 1, column 11, near '; DROP TABLE mine'"),
        ("name = 'é'\nAND b ==", "at line 2, column 8"),
        ("", "at line 1, column 1"),
        ("name IN ()", "at line 1, column 10"),
    ],
)
def test_malformed_text_is_told_with_its_place(text: str, place: str) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        parse_text(text)
    assert place in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"op": "=",\n "args": [1,]}', "line 2, column 13"),
        ("", "line 1, column 1"),
        ('{"x": 1}', "an expression is an object with"),
        ('{"op": "isNull", "args": {"property": "a"}}', "an expression is an object with"),
        ("1" * 5000, "not JSON"),
        ('{"op": "=", "args": [{"property": "depth"}, 1e999]}', "JSON"),
        ('{"op": "=", "args": [{"property": "name"}, "\\ud800"]}', "JSON"),
    ],
)
def test_malformed_json_is_told(text: str, told: str) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        COMPILER.compile(parse_json(text))
    assert told in str(caught.value)


DEEP = 30_000
HOSTILE = {
    "brackets": "(" * DEEP + "a=1" + ")" * DEEP,
    "brackets within bounds of length": "(" * 8000 + "a=1",
    "brackets that are never closed": "(" * 32,
    "what is wrong within brackets": "(" * 24 + "a b" + ")" * 24,
    "what is wrong at last within brackets": "(" * 12 + " and ".join(["a=1"] * 99) + " b" + ")" * 12,
    "functions": "casei(" * 3000,
    "negations": "NOT " * 4000 + "a=1",
    "equalities": "a" + "=1" * 8000,
    "likes": "a" + " LIKE 1" * 2300,
    "signs": "a=" + "-" * 16_000 + "1",
    "signs with spaces": "a=" + "- " * 8000 + "1",
    "sums": "a=1" + "+1" * 8000,
    "powers": "a=1" + "^1" * 8000,
    "differences": "a=1" + "-1" * 8000,
    "a geometry of a million vertices": f"S_INTERSECTS(shape, LINESTRING({','.join(['1 2'] * 1_000_000)}))",
    "ten megabytes": "name = '" + "x" * 10_000_000 + "'",
    "quotes": "'" * 16_001,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_before_it_is_parsed(name: str) -> None:
    """The parser itself would overflow its stack, and take the process with it."""
    started = time.process_time()
    with pytest.raises(InvalidParameterError):
        COMPILER.compile(parse_text(HOSTILE[name]))
    assert time.process_time() - started < 1  # a hundredth of it is usual; this is about not hanging


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEP,
        '{"op":"not","args":[' * 600 + "true" + "]}" * 600,
        '{"a":' * 5000,
        json.dumps(
            {"op": "s_intersects", "args": [{"property": "shape"}, {"type": "Point", "coordinates": [[1]] * 9}]}
        ),
        json.dumps({"op": "and", "args": [True] * 40_000}),
    ],
)
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameterError):
        COMPILER.compile(parse_json(text))


def test_bounds_leave_room_for_what_people_ask() -> None:
    parse_text("(" * 12 + "depth = 1" + ")" * 12)
    parse_text(" AND ".join(["depth = 1"] * 400))
    parse_text(f"name = '{'x' * (MAX_LENGTH - 10)}'")
    points = ", ".join(f"{i / 10:.1f} {i / 20:.1f}" for i in range(1000))
    COMPILER.compile(parse_text(f"S_INTERSECTS(shape, LINESTRING({points}))"))
    wide = {"type": "LineString", "coordinates": [[i / 1e4, 1] for i in range(MAX_VERTICES + 1)]}
    with pytest.raises(InvalidParameterError, match="points"):
        COMPILER.compile({"op": "s_intersects", "args": [{"property": "shape"}, wide]})


def test_statements_depend_on_the_shape_of_a_filter_and_not_on_its_values() -> None:
    def statement(text: str) -> tuple[Any, str]:
        found = COMPILER.compile(parse_text(text))
        return found.shape, compiled(found.condition)

    one, two = statement("name = 'a' AND depth > 1"), statement("name = 'b; --' AND depth > 7")
    assert one == two
    shapes: dict[Any, str] = {}
    for text in EXAMPLES:
        shape, sql = statement(text)
        assert shapes.setdefault(shape, sql) == sql, text


# Random filters

texts = st.sampled_from(
    ["Grasberg", "grasberg", "an thi", "ore", "IDN", "MYS", "", "a_b", "%", "gold", "x'y", "\u1019"]
)
numbers = st.one_of(st.integers(-4, 12), st.sampled_from([0.5, 3.5, 7.25, -1e300, 2**70]))
days = st.dates(date(2019, 12, 25), date(2020, 4, 10))
times = st.datetimes(datetime(2020, 1, 1), datetime(2020, 2, 15)).map(lambda t: t.replace(microsecond=0, tzinfo=UTC))  # noqa: DTZ001
COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}

Case = tuple[FilterTree, Callable[[dict[str, Any]], bool | None]]


def property_(name: str) -> dict[str, str]:
    return {"property": name}


def lifted(compare: Callable[..., bool], *parts: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """A comparison that is neither true nor false where a part is missing."""

    def evaluate(one: dict[str, Any]) -> bool | None:
        found = [part(one) for part in parts]
        return None if any(value is None for value in found) else compare(*found)

    return evaluate


def value_of(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda one: one[name]


@st.composite
def comparisons(draw: st.DrawFn) -> Case:
    name, literal = draw(
        st.one_of(
            st.tuples(st.sampled_from(["name", "country"]), texts),
            st.tuples(st.sampled_from(["depth", "grade", "holes"]), numbers),
            st.tuples(st.sampled_from(["opened", "closed"]), days),
            st.tuples(st.just("updated"), times),
        )
    )
    sign = draw(st.sampled_from(list(COMPARE)))
    node: Any = literal
    if isinstance(literal, datetime):
        node = {"timestamp": literal.isoformat().replace("+00:00", "Z")}
    elif isinstance(literal, date):
        node = {"date": literal.isoformat()}
    compare = COMPARE[sign]
    if draw(st.booleans()):
        return {"op": sign, "args": [node, property_(name)]}, lifted(lambda v: compare(literal, v), value_of(name))
    return {"op": sign, "args": [property_(name), node]}, lifted(lambda v: compare(v, literal), value_of(name))


@st.composite
def pairs(draw: st.DrawFn) -> Case:
    group = draw(st.sampled_from([("name", "country"), ("depth", "grade", "holes"), ("opened", "closed")]))
    left, right = draw(st.sampled_from(group)), draw(st.sampled_from(group))
    sign = draw(st.sampled_from(list(COMPARE)))
    return (
        {"op": sign, "args": [property_(left), property_(right)]},
        lifted(COMPARE[sign], value_of(left), value_of(right)),
    )


@st.composite
def others(draw: st.DrawFn) -> Case:  # noqa: PLR0911
    kind = draw(st.sampled_from(["null", "in", "between", "boolean", "overlaps", "contains", "during", "box"]))
    if kind == "null":
        name = draw(st.sampled_from(["name", "depth", "active", "opened", "former"]))
        return {"op": "isNull", "args": [property_(name)]}, lambda one: one[name] is None
    if kind == "in":
        listed = draw(st.lists(texts, min_size=1, max_size=4))
        return {"op": "in", "args": [property_("name"), listed]}, lifted(lambda v: v in listed, value_of("name"))
    if kind == "between":
        low, high = draw(numbers), draw(numbers)
        tree = {"op": "between", "args": [property_("depth"), low, high]}
        return tree, lifted(lambda v: low <= v <= high, value_of("depth"))
    if kind == "boolean":
        return property_("active"), value_of("active")
    if kind in ("overlaps", "contains"):
        listed = draw(st.lists(st.sampled_from(["coal", "tin", "placer-gold", "x"]), max_size=3))
        compare = set.issuperset if kind == "contains" else lambda v, w: bool(v & w)
        tree = {"op": f"a_{kind}", "args": [property_("former"), listed]}
        return tree, lifted(lambda v: compare(set(v), set(listed)), value_of("former"))
    if kind == "during":
        start, end = sorted((draw(days), draw(days)))
        tree = {"op": "t_intersects", "args": [property_("opened"), {"interval": [start.isoformat(), end.isoformat()]}]}
        return tree, lifted(lambda v: start <= v <= end, value_of("opened"))
    west, south = draw(st.floats(99, 113)), draw(st.floats(-1, 9))
    east, north = west + draw(st.floats(0.01, 9)), south + draw(st.floats(0.01, 9))
    tree = {"op": "s_intersects", "args": [property_("shape"), {"bbox": [west, south, east, north]}]}
    return tree, lambda one: west <= one["shape"].x <= east and south <= one["shape"].y <= north


def _and(parts: list[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _or(parts: list[bool | None]) -> bool | None:
    return True if True in parts else None if None in parts else False


def joined(op: str, cases: list[Case]) -> Case:
    join = _and if op == "and" else _or
    return {"op": op, "args": [tree for tree, _ in cases]}, lambda one: join([holds(one) for _, holds in cases])


def negated(case: Case) -> Case:
    tree, holds = case

    def opposite(one: dict[str, Any]) -> bool | None:
        found = holds(one)
        return None if found is None else not found

    return {"op": "not", "args": [tree]}, opposite


filters = st.recursive(
    st.one_of(comparisons(), pairs(), others()),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)).map(lambda c: joined(*c)),
        inner.map(negated),
    ),
    max_leaves=6,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(filters)
def test_a_random_filter_selects_what_python_selects(connection: psycopg.Connection[Any], case: Case) -> None:
    tree, holds = case
    wanted = [i for i, one in enumerate(ROWS) if holds(one) is True]
    assert selected(connection, parse_json(json.dumps(tree))) == wanted


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.from_regex(r"[a-z_]{1,9}\((shape|name), ?[A-Z]{1,9}\([0-9 ,.()e-]{0,30}\)\)"))
def test_any_text_is_a_filter_or_is_refused(text: str) -> None:
    for parse in (parse_text, parse_json):
        try:
            COMPILER.compile(parse(text))
        except InvalidParameterError as error:
            assert error.parameter == "filter"  # noqa: PT017


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.floats(),
            st.text(max_size=5),
            st.sampled_from([property_("name"), property_("shape"), property_("x"), {"date": "2020-01-01"}]),
            st.fixed_dictionaries(
                {"type": st.sampled_from(["Point", "Polygon", "x"]), "coordinates": st.just([1, [2]])}
            ),
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.fixed_dictionaries(
                {
                    "op": st.sampled_from(
                        ["and", "=", "in", "like", "t_after", "a_equals", "s_within", "not", "casei", "x"]
                    )
                },
                optional={"args": st.lists(inner, max_size=3)},
            ),
            st.fixed_dictionaries({"interval": st.lists(inner, max_size=3)}),
            st.fixed_dictionaries({"bbox": st.lists(st.floats(), max_size=6)}),
        ),
        max_leaves=8,
    )
)
def test_any_tree_is_a_filter_or_is_refused(tree: Any) -> None:
    try:
        COMPILER.compile(tree)
    except InvalidParameterError as error:
        assert error.parameter == "filter"  # noqa: PT017
