"""Rows as Arrow record batches, read from a real PostGIS table."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest
import shapely

from app.db.roles import DatabaseUrls
from gis import stream
from gis.layer import GeometryType
from tests.gis.formats.features import layer

COLUMNS = (
    "identifier text, name text, depth numeric, level bigint, active boolean, found date, seen timestamptz, "
    '"commodityCodes" text[], "commodityCode_uri" text, shape geometry(Point, 4326)'
)
ROWS = (
    'SELECT identifier, name, depth, level, active, found, seen, "commodityCodes", "commodityCode_uri", '
    "ST_AsBinary(shape) AS shape FROM streamed ORDER BY identifier"
)


@pytest.fixture(scope="module")
def connection(urls: DatabaseUrls) -> Iterator[psycopg.Connection[object]]:
    """A connection in whose transaction a table with 1,001 rows stands."""
    with psycopg.connect(urls.admin.conninfo()) as connection:
        connection.execute(f"CREATE TEMPORARY TABLE streamed ({COLUMNS})")
        connection.execute(
            "INSERT INTO streamed SELECT lpad(i::text, 4, '0'), 'name', i / 4.0, i, i % 2 = 0, '1899-12-31', "
            "'2025-06-30T12:00:00.125+07', ARRAY['tin', NULL, 'gold'], NULL, ST_Point(i / 10.0, 1, 4326) "
            "FROM generate_series(1, 1000) i"
        )
        connection.execute("INSERT INTO streamed (identifier) VALUES ('nothing')")
        yield connection
        connection.rollback()


def test_rows_have_the_types_of_their_fields(connection: psycopg.Connection[object]) -> None:
    with stream.rows(connection, layer(GeometryType.POINT), ROWS, {}) as reader:
        rows = reader.read_all().to_pylist()
    assert len(rows) == 1001
    first = rows[0]
    assert shapely.from_wkb(first.pop("shape")) == shapely.Point(0.1, 1)
    assert first == {
        "identifier": "0001",
        "name": "name",
        "depth": 0.25,
        "level": 1,
        "active": False,
        "found": date(1899, 12, 31),
        "seen": datetime(2025, 6, 30, 5, 0, 0, 125_000, tzinfo=UTC),
        "commodityCodes": ["tin", None, "gold"],
        "commodityCode_uri": None,
    }
    assert isinstance(first["depth"], float)
    assert not isinstance(first["depth"], Decimal)
    assert set(rows[-1].values()) == {None, "nothing"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_no_format_has_a_number_for_is_missing(connection: psycopg.Connection[object], number: str) -> None:
    statement = "SELECT %(number)s::float8 AS depth UNION ALL SELECT 1.5"
    with stream.rows(connection, layer(GeometryType.POINT), statement, {"number": number}) as reader:
        assert reader.read_all().to_pylist() == [{"depth": None}, {"depth": 1.5}]


@pytest.mark.parametrize("size", [1, 1000, 1001, 2000])
def test_batches_are_never_larger_than_asked_and_miss_nothing(
    connection: psycopg.Connection[object], size: int
) -> None:
    with stream.rows(connection, layer(GeometryType.POINT), ROWS, {}, batch=size) as reader:
        batches = list(reader)
    assert max(batch.num_rows for batch in batches) <= size
    identifiers = [one for batch in batches for one in batch.column("identifier").to_pylist()]
    assert len(set(identifiers)) == len(identifiers) == 1001
    assert identifiers == sorted(identifiers)


def test_no_rows_have_a_schema_all_the_same(connection: psycopg.Connection[object]) -> None:
    one = layer(GeometryType.POINT)
    with stream.rows(connection, one, f"{ROWS} LIMIT %(n)s", {"n": 0}) as reader:
        assert reader.schema.names == [*(field.name for field in one.public_fields), "shape"]
        assert reader.schema.field("commodityCodes").type == pa.list_(pa.string())
        assert reader.read_all().num_rows == 0


def test_a_column_the_layer_does_not_show_is_refused(connection: psycopg.Connection[object]) -> None:
    selected = stream.rows(connection, layer(GeometryType.POINT), "SELECT 'x' AS secret", {})
    with pytest.raises(KeyError, match="secret"), selected:
        pass


def test_the_statement_timeout_holds_for_each_part_and_not_for_all(urls: DatabaseUrls) -> None:
    """A hundred rows of 50 milliseconds each take longer than the timeout; two of them do not, however busy it is."""
    with psycopg.connect(urls.admin.conninfo()) as other:
        other.execute("SET statement_timeout = 4000")
        slow = "SELECT i::text AS identifier, pg_sleep(0.05)::text AS name FROM generate_series(1, 100) i"
        with stream.rows(other, layer(GeometryType.POINT), slow, {}, batch=2) as read:
            assert sum(batch.num_rows for batch in read) == 100
        other.execute("SET statement_timeout = 100")
        with pytest.raises(psycopg.errors.QueryCanceled), stream.rows(other, layer(GeometryType.POINT), slow, {}, 100):
            pass
