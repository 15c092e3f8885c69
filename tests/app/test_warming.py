"""After a start, what the public may ask for is read into memory, and nothing else."""

# SPDX-License-Identifier: Apache-2.0

import logging
import threading
import time
from dataclasses import replace

import psycopg
import pytest

from app.db.roles import DatabaseUrls
from app.supervisor import warming
from app.supervisor.warming import pieces, reading_ahead

FILL = """INSERT INTO releases.feature_text (geojson)
    SELECT convert_to(repeat(md5(number::text), 30), 'UTF8') FROM generate_series(1, 20000) AS number"""


def found(connection: psycopg.Connection[tuple[object, ...]]) -> list[tuple[str, str, int, int]]:
    """Name, kind, first and last block of what would be read."""
    named = "SELECT relnamespace::regnamespace || '.' || relname, relkind FROM pg_class WHERE oid = %s"
    told = []
    for relation, first, last in pieces(connection):
        name, kind = connection.execute(named, [relation]).fetchone() or ("", "")
        told.append((str(name), str(kind), first, last))
    return told


def test_what_the_public_may_read_is_read_whole_indexes_first(fresh_urls: DatabaseUrls) -> None:
    with psycopg.connect(fresh_urls.owner.conninfo(), autocommit=True) as owner:
        owner.execute(FILL)
        told = found(owner)
        size = owner.execute("SELECT pg_relation_size('releases.feature_text') / 8192").fetchone()
    names = {name for name, *_ in told}
    assert {"releases.feature_text", "releases.pk_feature_text", "releases.ix_run_around"} <= names
    assert {name.partition(".")[0] for name in names} <= {"amdis", "releases", "minerals", "statistics"}
    kinds = [kind for _, kind, *_ in told]
    assert kinds == sorted(kinds)  # "i" before "r"
    texts = [(first, last) for name, _, first, last in told if name == "releases.feature_text"]
    assert len(texts) > 1
    blocks = [block for first, last in texts for block in range(first, last + 1)]
    assert size == (len(blocks),)
    assert blocks == [*range(len(blocks))]


def test_no_more_is_read_than_stays_in_memory(fresh_urls: DatabaseUrls) -> None:
    with psycopg.connect(fresh_urls.owner.conninfo(), autocommit=True) as owner:
        owner.execute(FILL)
        owner.execute("SET effective_cache_size = '8MB'")
        assert sum(last - first + 1 for _, _, first, last in found(owner)) == 1024


def test_drafts_and_accounts_are_not_read(fresh_urls: DatabaseUrls) -> None:
    with psycopg.connect(fresh_urls.owner.conninfo(), autocommit=True) as owner:
        told = {name for name, *_ in found(owner)}
    assert not [name for name in told if "draft" in name or name.startswith(("access.", "audit.", "jobs."))]


def test_it_ends_by_itself_and_when_told_to(
    fresh_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warming, "_WORTH_TELLING", 1)
    with psycopg.connect(fresh_urls.owner.conninfo(), autocommit=True) as owner:
        owner.execute(FILL)
    with caplog.at_level(logging.INFO), reading_ahead(fresh_urls):
        deadline = time.monotonic() + 60
        while "read into memory" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.05)
    assert "read into memory" in caplog.text
    # Hundreds of pieces, of a tenth of a second each.
    monkeypatch.setattr(warming, "_PIECE", 1)
    monkeypatch.setattr(warming, "_READ", f"{warming._READ} FROM pg_sleep(0.1)")
    caplog.clear()
    with caplog.at_level(logging.INFO), reading_ahead(fresh_urls):
        pass
    assert "read into memory" not in caplog.text
    assert not [thread for thread in threading.enumerate() if thread.name == "reading ahead"]


def test_another_server_is_left_alone(fresh_urls: DatabaseUrls) -> None:
    with reading_ahead(replace(fresh_urls, private=False)):
        assert not [thread for thread in threading.enumerate() if thread.name == "reading ahead"]


def test_a_database_that_cannot_be_reached_is_told_of_and_nothing_fails(
    fresh_urls: DatabaseUrls, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = replace(fresh_urls, owner=replace(fresh_urls.owner, database="none-of-this-name"))
    with reading_ahead(nowhere):
        deadline = time.monotonic() + 60
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.05)
    assert "not read into memory ahead" in caplog.text
    assert nowhere.owner.password not in caplog.text
