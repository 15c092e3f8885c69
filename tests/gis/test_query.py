"""Pages and features read from a real PostGIS table."""

# SPDX-License-Identifier: Apache-2.0

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self

import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.roles import DatabaseUrls
from gis.errors import FeatureNotFoundError
from gis.layer import Field, FieldType, GeometryType, Layer
from gis.paging import Cursor, read_cursor
from gis.query import FeatureReader, Query

TRICKY = 'a "quoted" \\ name, with 100 % and \u1019\u103c\u1014\u103a\u1019\u102c'


def layer(geometry_type: GeometryType, table: str) -> Layer:
    """A layer over a scratch table with one text, one number and one list field."""
    fields = (
        Field("identifier", FieldType.STRING, "Identifier", required=True),
        Field("name", FieldType.STRING, "Name"),
        Field("depth", FieldType.NUMBER, "Depth", unit="m"),
        Field("commodityCodes", FieldType.STRINGS, "Codes"),
        Field("remark", FieldType.STRING, "Remark", public=False),
    )
    return Layer(
        id=table,
        title="Scratch",
        abstract="",
        keywords=(),
        geometry_type=geometry_type,
        schema="public",
        table=table,
        fields=fields,
        style="",
        summary=("name",),
        services=frozenset(),
        attribution="",
        licence="",
    )


@pytest.fixture(scope="module")
def connection(urls: DatabaseUrls) -> Iterator[psycopg.Connection[object]]:
    """A connection in whose temporary schema two tables stand: 500 points and 60 squares."""
    with psycopg.connect(urls.admin.conninfo(), autocommit=False) as connection:
        columns = (
            'number bigint UNIQUE, identifier text COLLATE "C" PRIMARY KEY, name text, depth float8, '
            '"commodityCodes" text[], remark text'
        )
        place = "place point GENERATED ALWAYS AS (point(ST_X(shape), ST_Y(shape))) STORED"
        connection.execute(f"CREATE TABLE public.points ({columns}, shape geometry(Point, 4326), {place})")
        connection.execute(f"CREATE TABLE public.squares ({columns}, shape geometry(MultiPolygon, 4326))")
        connection.execute(
            "INSERT INTO points SELECT i, 'p-' || lpad(i::text, 4, '0'), %s, i / 3.0, ARRAY['tin', 'gold'], 'secret', "
            "ST_SetSRID(ST_MakePoint(-180 + (i * 37 %% 3600) / 10.0, -90 + (i * 53 %% 1800) / 10.0), 4326) "
            "FROM generate_series(1, 500) i",
            (TRICKY,),
        )
        connection.execute(
            "INSERT INTO squares SELECT i, 's-' || i, 'square', NULL, NULL, 'secret', "
            "ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(-170 + i * 5, i - 30), 4326), 2)) FROM generate_series(1, 60) i"
        )
        yield connection
        connection.rollback()


POINTS = layer(GeometryType.POINT, "points")
BY_SHAPE_AND_BY_PLACE = pytest.mark.parametrize(
    "points", [POINTS, replace(POINTS, place_field="place")], ids=["shape", "place"]
)


def features(reader: FeatureReader, connection: psycopg.Connection[object], query: Query) -> list[dict[str, object]]:
    page = reader.page_sync(connection, query, count=False)
    return list(json.loads(b"[" + page.features + b"]"))


def identifiers(reader: FeatureReader, connection: psycopg.Connection[object], query: Query) -> list[object]:
    return [f["id"] for f in features(reader, connection, query)]


@contextmanager
def asked(connection: psycopg.Connection[object]) -> Iterator[list[tuple[Any, Any]]]:
    """The statements that are executed on a connection, with their values."""
    found: list[tuple[Any, Any]] = []

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
            found.append((query, params))
            return super().execute(query, params, **options)

    before, connection.cursor_factory = connection.cursor_factory, Noting
    try:
        yield found
    finally:
        connection.cursor_factory = before


def test_values_come_back_as_they_were_stored(connection: psycopg.Connection[object]) -> None:
    first = features(FeatureReader(POINTS), connection, Query(limit=1))[0]
    assert first["type"] == "Feature"
    assert first["id"] == "p-0001"
    assert first["geometry"] == {"type": "Point", "coordinates": [-176.3, -84.7]}
    assert first["properties"] == {
        "identifier": "p-0001",
        "name": TRICKY,
        "depth": pytest.approx(1 / 3),
        "commodityCodes": ["tin", "gold"],
    }


@pytest.mark.parametrize("number", [0.0, -0.0, 66.0, 538.8, 1e-7, 1 / 3, 2.0**53, 999999999999999.0, 1e15, 1e300])
def test_a_number_looks_real_whatever_it_is(connection: psycopg.Connection[object], number: float) -> None:
    """Programs take the type of a field from its first values, and would cut off what follows a point later."""
    with connection.transaction(force_rollback=True):
        connection.execute("UPDATE points SET depth = %s WHERE number = 1", (number,))
        page = FeatureReader(POINTS).page_sync(connection, Query(limit=1), count=False)
    written = json.loads(page.features, parse_float=lambda text: text)["properties"]["depth"]
    assert isinstance(written, str), f"{number} was written as an integer"
    assert float(written) == number


def test_walking_the_pages_gives_every_feature_once(connection: psycopg.Connection[object]) -> None:
    reader = FeatureReader(POINTS)
    seen: list[object] = []
    after: Cursor | None = None
    while True:
        page = reader.page_sync(connection, Query(limit=37, after=after), count=True)
        assert page.matched == 500
        seen += [f["id"] for f in json.loads(b"[" + page.features + b"]")]
        if page.next is None:
            break
        after = read_cursor(page.next, ())
        assert page.returned == 37
    assert seen == [f"p-{i:04}" for i in range(1, 501)]


def test_the_last_page_has_no_next_even_when_it_is_full(connection: psycopg.Connection[object]) -> None:
    reader = FeatureReader(POINTS)
    assert reader.page_sync(connection, Query(limit=500), count=False).next is None
    following = reader.page_sync(connection, Query(limit=499), count=False).next
    assert following
    assert read_cursor(following, ()).key == 499


coordinate = st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90))


@BY_SHAPE_AND_BY_PLACE
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(coordinate)
def test_a_box_selects_the_points_a_plain_comparison_selects(
    connection: psycopg.Connection[object], points: Layer, box: tuple[float, float, float, float]
) -> None:
    west, a, east, b = box
    south, north = min(a, b), max(a, b)
    reader = FeatureReader(points)
    page = reader.page_sync(connection, Query(limit=1000, bbox=(west, south, east, north)), count=True)
    inside = "ST_X(shape) BETWEEN %(w)s AND %(e)s" if west <= east else "(ST_X(shape) >= %(w)s OR ST_X(shape) <= %(e)s)"
    expected = connection.execute(
        f"SELECT identifier FROM points WHERE {inside} AND ST_Y(shape) BETWEEN %(s)s AND %(n)s ORDER BY 1",  # noqa: S608
        {"w": west, "e": east, "s": south, "n": north},
    ).fetchall()
    assert [f["id"] for f in json.loads(b"[" + page.features + b"]")] == [row[0] for row in expected]  # type: ignore[index]
    assert page.matched == len(expected)


@BY_SHAPE_AND_BY_PLACE
def test_a_box_on_the_edge_of_a_float_is_compared_in_double_precision(
    connection: psycopg.Connection[object], points: Layer
) -> None:
    """The spatial index rounds to single precision: alone it would take a point just outside the box for inside."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            "INSERT INTO points (number, identifier, shape) "
            "VALUES (501, 'edge', ST_SetSRID(ST_MakePoint(100.0000001, 10), 4326))"
        )
        reader = FeatureReader(points)
        assert "edge" not in identifiers(reader, connection, Query(limit=1000, bbox=(99.9, 9.9, 100.0, 10.1)))
        assert "edge" in identifiers(reader, connection, Query(limit=1000, bbox=(99.9, 9.9, 100.0000001, 10.1)))


def test_a_polygon_is_selected_by_its_shape_and_not_by_its_box(connection: psycopg.Connection[object]) -> None:
    reader = FeatureReader(layer(GeometryType.POLYGON, "squares"))
    centre = (-165.0, -29.0)
    corner = (centre[0] + 1.9, centre[1] + 1.9, centre[0] + 1.95, centre[1] + 1.95)
    assert identifiers(reader, connection, Query(limit=10, bbox=corner)) == []
    assert identifiers(reader, connection, Query(limit=10, bbox=(*centre, *centre))) == ["s-1"]


def test_an_unknown_identifier_is_not_found(connection: psycopg.Connection[object]) -> None:
    reader = FeatureReader(POINTS)
    assert json.loads(reader.feature_sync(connection, "p-0007"))["id"] == "p-0007"
    with pytest.raises(FeatureNotFoundError, match="p-9999"):
        reader.feature_sync(connection, "p-9999")


@pytest.mark.parametrize("text", ["'; DROP TABLE points; --", "%(limit)s", "\\", "$$", "{}", "p-0001' OR '1'='1"])
def test_what_is_asked_is_never_part_of_the_statement(connection: psycopg.Connection[object], text: str) -> None:
    reader = FeatureReader(POINTS)
    with asked(connection) as statements, pytest.raises(FeatureNotFoundError):
        reader.feature_sync(connection, text)
    [(statement, values)] = statements
    assert text not in statement or text == "%(limit)s"
    assert values == {"identifier": text}
    assert connection.execute("SELECT count(*) FROM points").fetchone() == (500,)


@BY_SHAPE_AND_BY_PLACE
def test_rows_are_those_of_the_page_with_their_geometry(connection: psycopg.Connection[object], points: Layer) -> None:
    reader = FeatureReader(points)
    query = Query(limit=40, bbox=(-90, -45, 90, 45), after=Cursor(20))
    statement, values = reader.rows_statement(query)
    rows = connection.execute(statement, values).fetchall()
    page = features(reader, connection, query)
    assert len(rows) == 40
    names = [f.name for f in points.public_fields]
    for row, feature in zip(rows, page, strict=True):
        *properties, shape = row  # type: ignore[misc]
        assert dict(zip(names, properties, strict=True)) == feature["properties"]
        assert shapely.geometry.mapping(shapely.from_wkb(shape))["coordinates"] == pytest.approx(
            tuple(feature["geometry"]["coordinates"])  # type: ignore[index]
        )


def test_statements_do_not_grow_with_what_is_asked(connection: psycopg.Connection[object]) -> None:
    reader = FeatureReader(POINTS)
    with asked(connection) as statements:
        for n in range(1, 50):
            reader.page_sync(connection, Query(limit=n, bbox=(0, 0, n, n)), count=True)
    assert len(statements) == 49
    assert len({text for text, _ in statements}) == 1
