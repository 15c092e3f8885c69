"""What the public must not see is refused to its role by the database; test_public_services asks the services."""

# SPDX-License-Identifier: Apache-2.0

from pathlib import Path

import psycopg
import pytest

from app.db.base import metadata
from app.db.bootstrap import connect
from app.db.roles import DatabaseUrls
from app.releases.states import State
from tests.app.releases.region import ask, load, mine
from tests.published import LAYERS

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
