"""What the public must not see: refused by the database to its role, and absent from every service."""

# SPDX-License-Identifier: Apache-2.0

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from app.db.base import metadata
from app.db.bootstrap import connect
from app.db.roles import DatabaseUrls
from app.releases.states import State
from tests.app.releases.region import ask, load, mine
from tests.published import LAYERS
from tests.running import Running, running

PARTITIONED = sorted(table.name for table in metadata.tables.values() if table.info.get("partitions"))
HIDDEN = (State.DRAFT, State.EMBARGOED, State.WITHDRAWN)
BOOKKEEPING = ("content_hash", "submission_id", "state", "embargoed_until")


def refused(urls: DatabaseUrls, statement: str) -> None:
    """The public role gets permission denied, even with its own read-only default switched off."""
    with connect(urls.public) as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_every_layer_is_in_a_partitioned_table() -> None:
    assert sorted(layer.table.removesuffix("_current") for layer in LAYERS.values()) == PARTITIONED


@pytest.mark.parametrize("table", PARTITIONED)
@pytest.mark.parametrize("state", HIDDEN)
def test_rows_that_are_not_public_cannot_be_read(urls: DatabaseUrls, table: str, state: str) -> None:
    for columns in ("*", "identifier", "count(*)", "1"):
        refused(urls, f"SELECT {columns} FROM minerals.{table}_{state}")  # noqa: S608


@pytest.mark.parametrize("table", PARTITIONED)
def test_parent_table_cannot_be_read_around_the_partitions(urls: DatabaseUrls, table: str) -> None:
    for columns in ("*", "identifier", "count(*)", "1"):
        refused(urls, f"SELECT {columns} FROM minerals.{table}")  # noqa: S608
        refused(urls, f"SELECT {columns} FROM minerals.{table} WHERE state = 'current'")  # noqa: S608
    refused(urls, f"COPY minerals.{table} TO STDOUT")


@pytest.mark.parametrize("table", PARTITIONED)
@pytest.mark.parametrize("state", [State.CURRENT, State.SUPERSEDED])
def test_bookkeeping_of_public_rows_cannot_be_read(urls: DatabaseUrls, table: str, state: str) -> None:
    with connect(urls.public) as connection:
        connection.execute(f"SELECT identifier, shape, published FROM minerals.{table}_{state}")  # noqa: S608
    for column in ("*", *BOOKKEEPING):
        refused(urls, f"SELECT {column} FROM minerals.{table}_{state}")  # noqa: S608
    refused(urls, f"SELECT t::text FROM minerals.{table}_{state} t")  # noqa: S608


def test_public_role_writes_to_no_table_there_is(urls: DatabaseUrls) -> None:
    writable = (
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'pg_catalog' AND (has_table_privilege("
        "'amdis_public', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') "
        "OR has_any_column_privilege('amdis_public', c.oid, 'INSERT, UPDATE, REFERENCES'))"
    )
    with connect(urls.admin) as connection:
        found = connection.execute(writable).fetchall()
        # Sequences too: drawing numbers is writing.
        sequences = (
            "SELECT oid::regclass::text FROM pg_class WHERE CASE WHEN relkind = 'S' "
            "THEN has_sequence_privilege('amdis_public', oid, 'USAGE, UPDATE, SELECT') END"
        )
        assert (found, connection.execute(sequences).fetchall()) == ([], [])


def test_public_role_reads_only_what_is_public(urls: DatabaseUrls) -> None:
    readable = (
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
        "AND has_any_column_privilege('amdis_public', c.oid, 'SELECT')"
    )
    public = {f"minerals.{table}_{state}" for table in PARTITIONED for state in ("current", "superseded")}
    public |= {f"{t.schema}.{t.name}" for t in metadata.tables.values() if t.info.get("public")}
    postgis = {"public.spatial_ref_sys", "public.geometry_columns", "public.geography_columns"}
    with connect(urls.admin) as connection:
        found = {str(row[0]) for row in connection.execute(readable)}
    # The number of the newest migration is no secret.
    assert found - postgis - {"amdis.alembic_version"} == public


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO minerals.mine (identifier) VALUES ('x')",
        "UPDATE minerals.mine_current SET name = 'x'",
        "DELETE FROM minerals.mine_superseded",
        "TRUNCATE minerals.mine_current",
        "INSERT INTO releases.release (layer) VALUES ('x')",
        "SELECT * FROM releases.submission",
        "SELECT * FROM releases.region_load",
        "CREATE TEMP TABLE t (a int)",
        "CREATE TABLE minerals.t (a int)",
        "CREATE TABLE public.t (a int)",
        "CREATE VIEW public.v AS SELECT 1",
        "CREATE SCHEMA s",
        "CREATE EXTENSION dblink",
        "ALTER TABLE minerals.mine ATTACH PARTITION minerals.mine_draft FOR VALUES IN ('x')",
        "ALTER ROLE amdis_public SUPERUSER",
        "SET ROLE amdis_app",
        "SET ROLE amdis_owner",
        "SET SESSION AUTHORIZATION amdis_owner",
        "SELECT * FROM jobs.procrastinate_jobs",
        "SELECT * FROM jobs.procrastinate_events",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_read_binary_file('/etc/passwd')",
        "SELECT pg_ls_dir('/')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'amdis_admin'",
        "SELECT pg_reload_conf()",
        "COPY (SELECT 1) TO '/dev/shm/x'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT lo_import('/etc/passwd')",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_statistic",
    ],
)
def test_public_role_may_not(urls: DatabaseUrls, statement: str) -> None:
    with connect(urls.admin) as other:  # somebody to be terminated
        other.execute("SELECT 1")
        refused(urls, statement)


def test_statistics_of_the_planner_tell_nothing_of_hidden_rows(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [mine("a"), mine("b")])
    with connect(fresh_urls.app) as connection:
        connection.execute("UPDATE minerals.mine SET state = 'draft', name = 'Secret' WHERE identifier = 'b'")
    with connect(fresh_urls.owner) as connection:
        connection.execute("ANALYZE minerals.mine")
    with connect(fresh_urls.public) as connection:
        told = connection.execute("SELECT s::text FROM pg_stats s WHERE schemaname = 'minerals'").fetchall()
    assert not [row for row in told if "Secret" in str(row) or "_draft" in str(row)]
    assert len(ask(fresh_urls, "SELECT 1 FROM minerals.mine_draft")) == 1


# On a running server


SECRET = "hidden-secret"
PLACE = (110.123, 1.456)  # where no other site is


@pytest.fixture(scope="module")
def hiding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of its own whose tables hold a draft, an embargoed and a withdrawn version of a row of every layer."""
    with running(tmp_path_factory.mktemp("hiding") / "home") as server:
        before = {one["id"]: one for one in httpx.get(f"{server.url}/api/v1/layers", timeout=30).json()["layers"]}
        with psycopg.connect(server.urls.app.conninfo()) as connection:
            for table in PARTITIONED:
                hide(connection, table)
        assert before
        yield server


def hide(connection: psycopg.Connection[tuple[object, ...]], table: str) -> None:
    """Put hidden copies of a layer's first row at a place of their own."""
    given = (c for c in metadata.tables[f"minerals.{table}"].columns if c.computed is None)
    columns = [c.name for c in given if c.name not in ("fid", "published")]
    texts = {c.name for c in metadata.tables[f"minerals.{table}"].columns if str(c.type) == "TEXT"}
    for state in HIDDEN:
        secret = sql.Literal(f"{SECRET}-{state}")
        shape = sql.SQL(
            "ST_SetSRID(ST_Translate(shape, {} - ST_X(ST_Centroid(shape)), {} - ST_Y(ST_Centroid(shape))), 4326)"
        )
        values = {"identifier": secret, "state": sql.Literal(state.value), "shape": shape.format(*PLACE)}
        values |= {name: secret for name in ("name", "source", "country") if name in texts}
        values |= {"commodityGroup": secret} if "commodityGroup" in texts else {}
        statement = sql.SQL("INSERT INTO {0} ({1}) SELECT {2} FROM {3} ORDER BY fid LIMIT 1").format(
            sql.Identifier("minerals", table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(values.get(name, sql.Identifier(name)) for name in columns),
            sql.Identifier("minerals", f"{table}_current"),
        )
        assert connection.execute(statement).rowcount == 1


def plain(answer: httpx.Response) -> bytes:
    body = answer.content
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def test_hidden_rows_are_there_to_be_found(hiding: Running) -> None:
    with psycopg.connect(hiding.urls.app.conninfo()) as connection:
        for table in PARTITIONED:
            query = sql.SQL("SELECT count(*) FROM {} WHERE identifier LIKE {}").format(
                sql.Identifier("minerals", table), sql.Literal(f"{SECRET}%")
            )
            assert connection.execute(query).fetchone() == (len(HIDDEN),)


def test_hidden_rows_are_in_no_answer_of_any_service(hiding: Running) -> None:
    x, y = PLACE
    around = f"{x - 0.1},{y - 0.1},{x + 0.1},{y + 0.1}"
    paths = ["/", "/map", "/api/v1/layers", "/metrics", "/ogc", "/ogc/collections", "/readyz"]
    for name in LAYERS:
        layer = f"/ogc/collections/{name}"
        paths += [layer, f"{layer}/queryables", f"{layer}/schema", f"{layer}/items?limit=10000"]
        paths += [f"{layer}/items?limit=10000&bbox={around}", f"{layer}/items?limit=10&cursor=1&f=html"]
        paths += [f"{layer}/tiles/WebMercatorQuad/{tile}" for tile in ("0/0/0", "3/3/6", "6/31/51", "9/253/412")]
        info = f"service=WMS&version=1.3.0&request=GetFeatureInfo&crs=CRS:84&styles=&bbox={around}&width=101&height=101"
        info += f"&layers={name}&query_layers={name}&i=50&j=50&feature_count=50&info_format="
        paths += [f"/wms?{info}{kind}" for kind in ("application/geo%2Bjson", "text/plain", "text/html")]
    with httpx.Client(base_url=hiding.url, timeout=30, trust_env=False) as http:
        for path in paths:
            answer = http.get(path)
            assert answer.status_code in (200, 204), path
            assert SECRET.encode() not in plain(answer), path
        for name in LAYERS:
            for state in HIDDEN:
                assert http.get(f"/ogc/collections/{name}/items/{SECRET}-{state}").status_code == 404


def test_hidden_rows_are_counted_nowhere_and_stretch_no_extent(hiding: Running) -> None:
    sides = "count(*), ST_XMin({0}), ST_YMin({0}), ST_XMax({0}), ST_YMax({0})".format("ST_Extent(shape)")
    with (
        httpx.Client(base_url=hiding.url, timeout=30, trust_env=False) as http,
        psycopg.connect(hiding.urls.app.conninfo()) as connection,
    ):
        told = {one["id"]: one for one in http.get("/api/v1/layers").json()["layers"]}
        for name, layer in LAYERS.items():
            query = sql.SQL(f"SELECT {sides} FROM {{}}").format(  # noqa: S608
                sql.Identifier(layer.schema, layer.table)
            )
            row = connection.execute(query).fetchone()
            assert row is not None
            assert (told[name]["count"], told[name]["bbox"]) == (row[0], list(row[1:]))
            page = http.get(f"/ogc/collections/{name}/items", params={"bbox": "-180,-90,180,90"}).json()
            assert page["numberMatched"] == row[0]
            assert http.get(f"/ogc/collections/{name}/items").json()["numberMatched"] == row[0]


def test_maps_of_a_place_with_hidden_rows_only_are_empty(hiding: Running) -> None:
    x, y = PLACE
    box = f"{x - 0.001},{y - 0.001},{x + 0.001},{y + 0.001}"
    query = (
        f"service=WMS&version=1.3.0&request=GetMap&crs=CRS:84&bbox={box}&width=64&height=64&styles=&transparent=true"
    )
    with httpx.Client(base_url=hiding.url, timeout=30, trust_env=False) as http:
        for name in ("mines", "mineral-deposits", "mineral-occurrences", "processing-plants"):
            empty = http.get(f"/wms?{query.replace(box, '0,0,0.002,0.002')}&layers={name}&format=image/png")
            assert http.get(f"/wms?{query}&layers={name}&format=image/png").content == empty.content
