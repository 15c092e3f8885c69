"""What each database role cannot do, whatever the application asks for."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import replace

import psycopg
import pytest

from app.db.bootstrap import bootstrap, connect
from app.db.migrate import current, pending, revisions, set_rights, upgrade
from app.db.roles import DatabaseUrls, database_urls, derived_password, parse_url
from app.errors import DatabaseError, MissingRightError, SettingsError
from app.settings import Settings


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.t (a int)",
        "CREATE SCHEMA s",
        "CREATE TEMP TABLE t (a int)",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "UPDATE public.spatial_ref_sys SET srtext = ''",
        "DELETE FROM amdis.alembic_version",
        "SET ROLE amdis_app",
        "SET ROLE amdis_owner",
        "SET ROLE amdis_admin",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_create(0)",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY public.spatial_ref_sys TO '/dev/null'",
        "SELECT * FROM jobs.procrastinate_jobs",
        "SELECT rolpassword FROM pg_authid",
        "ALTER SYSTEM SET work_mem = '1GB'",
    ],
)
def test_public_role_may_not(urls: DatabaseUrls, statement: str) -> None:
    # A role can switch its own read-only default off; the rights have to hold without it.
    with connect(urls.public) as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_public_role_reads_only_and_not_for_long(urls: DatabaseUrls) -> None:
    with connect(urls.public) as connection:
        shown = [
            connection.execute(f"SHOW {name}").fetchone()
            for name in ("default_transaction_read_only", "statement_timeout", "lock_timeout", "search_path")
        ]
    assert shown == [("on",), ("20s",), ("2s",), ("public",)]


def test_application_owns_nothing(urls: DatabaseUrls) -> None:
    with connect(urls.app) as connection:
        for statement in ("CREATE SCHEMA s", "CREATE TABLE public.t (a int)", "SET ROLE amdis_owner"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        owned = "SELECT count(*) FROM pg_class WHERE relowner = 'amdis_app'::regrole AND relpersistence = 'p'"
        assert connection.execute(owned).fetchone() == (0,)


def test_no_role_is_a_superuser(urls: DatabaseUrls) -> None:
    with connect(urls.app) as connection:
        rows = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname IN ('amdis_owner', 'amdis_app', 'amdis_public') "
            "AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication)"
        ).fetchall()
    assert rows == []


def test_setting_up_again_changes_nothing_and_heals_what_was_changed(fresh_urls: DatabaseUrls) -> None:
    with connect(fresh_urls.admin) as connection:
        connection.execute("ALTER ROLE amdis_public PASSWORD 'other'")
        connection.execute("ALTER ROLE amdis_public RESET statement_timeout")
    bootstrap(fresh_urls)
    bootstrap(fresh_urls)
    with connect(fresh_urls.public) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("20s",)


def test_user_without_rights_is_told_the_sql_for_an_administrator(template: DatabaseUrls) -> None:
    with connect(template.admin.in_database("postgres")) as connection:
        connection.execute("CREATE DATABASE bare")
        connection.execute("CREATE ROLE weak LOGIN PASSWORD 'weak'")
    try:
        weak = parse_url("AMDIS_DATABASE_URL", "postgresql://weak:weak@ignored/bare")
        admin = replace(weak, host=template.admin.host)
        with pytest.raises(MissingRightError) as caught:
            bootstrap(replace(template.in_database("bare"), admin=admin, private=False))
        assert 'CREATE EXTENSION "postgis" SCHEMA public;' in str(caught.value)
        assert 'GRANT CREATE ON DATABASE "bare" TO "amdis_owner";' in str(caught.value)
        assert "'weak'" not in str(caught.value)
    finally:
        with connect(template.admin.in_database("postgres")) as connection:
            connection.execute("DROP DATABASE bare")
            connection.execute("DROP ROLE weak")


def test_external_database_gets_the_same_roles() -> None:
    settings = Settings(
        database_url="postgresql://boss:p%40ss@db.example:5433/minerals?sslmode=require",
        read_database_url="postgresql://x:y@replica.example/minerals",
        secret_key="k" * 40,
    )
    urls = database_urls(settings)
    assert not urls.private
    assert (urls.admin.user, urls.admin.password, urls.admin.host) == ("boss", "p@ss", "db.example")
    assert urls.owner.sqlalchemy().endswith("@/minerals?host=db.example&port=5433&sslmode=require")
    assert urls.public.host == "replica.example"
    # Never the user in the URL, who may be able to write.
    assert urls.public.user == "amdis_public"
    assert urls.public.password == derived_password(b"k" * 40, "amdis_public")
    assert urls.public.password not in repr(urls)


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://host", "nonsense"])
def test_wrong_url_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="AMDIS_DATABASE_URL"):
        database_urls(Settings(database_url=url, secret_key="k" * 40))


def test_unreachable_server_is_one_line_without_the_password() -> None:
    url = parse_url("AMDIS_DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:1/db")
    with pytest.raises(DatabaseError, match=r"127\.0\.0\.1:1") as caught:
        connect(url)
    assert "hunter2" not in str(caught.value)


def test_migrated_database_is_at_the_newest_revision(urls: DatabaseUrls) -> None:
    assert current(urls) == revisions()[-1]
    assert pending(urls) == []
    assert upgrade(urls) == []


def test_database_of_a_newer_version_is_refused(fresh_urls: DatabaseUrls) -> None:
    with connect(fresh_urls.owner) as connection:
        connection.execute("UPDATE amdis.alembic_version SET version_num = '2999_01_01_0000'")
    with pytest.raises(DatabaseError, match="2999_01_01_0000"):
        pending(fresh_urls)


def test_a_right_the_tables_do_not_declare_is_taken_back(fresh_urls: DatabaseUrls) -> None:
    """A field that is closed to the public keeps its column: only the right must go."""
    readable = "SELECT has_column_privilege('amdis_public', 'minerals.mine_current', %s, 'SELECT')"
    with psycopg.connect(fresh_urls.owner.conninfo(), autocommit=True) as owner:
        owner.execute("GRANT SELECT (content_hash) ON minerals.mine_current TO amdis_public")
        assert owner.execute(readable, ("content_hash",)).fetchone() == (True,)
        set_rights(fresh_urls)
        assert owner.execute(readable, ("content_hash",)).fetchone() == (False,)
        assert owner.execute(readable, ("name",)).fetchone() == (True,)
