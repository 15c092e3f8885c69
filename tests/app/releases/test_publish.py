"""The life of published rows: what a publication changes, what it leaves alone, and that it is whole or nothing."""

# SPDX-License-Identifier: Apache-2.0

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from app.db.base import table_of
from app.db.bootstrap import connect
from app.db.roles import DatabaseUrls
from app.errors import InvalidDataError
from app.minerals.models import Mine
from app.releases.datasets import CHANNEL, Publication
from app.releases.service import new_submission, publish
from gis.errors import UnreadableFileError
from gis.layer import Layer
from tests.app.releases.region import UNKNOWN, ask, engine, everything, load, mine
from tests.published import LAYERS

CURRENT = "SELECT identifier, name FROM minerals.mine_current ORDER BY 1"
SUPERSEDED = "SELECT identifier, name FROM minerals.mine_superseded ORDER BY 1, upper(published)"
RELEASES = "SELECT number, added, changed, removed, total FROM releases.release WHERE layer = 'mines' ORDER BY number"
A, B, C = mine("a", 100, 1), mine("b", 110.5, -5.25), mine("c", 120, 20)


def test_first_load_makes_every_row_public_as_release_one(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    loaded = load(fresh_urls, tmp_path / "region", [A, B, C])
    assert loaded.layers["mines"] == Publication(number=1, added=3, changed=0, removed=0, total=3)
    assert ask(fresh_urls, CURRENT) == [("a", "Mine a"), ("b", "Mine b"), ("c", "Mine c")]
    assert ask(fresh_urls, RELEASES) == [(1, 3, 0, 0, 3)]
    open_ended = "SELECT bool_and(upper(published) IS NULL AND lower(published) <= now()) FROM minerals.mine_current"
    assert ask(fresh_urls, open_ended) == [(True,)]
    assert ask(fresh_urls, "SELECT count(*) FROM minerals.mine WHERE state <> 'current'") == [(0,)]


def test_release_has_the_layers_extent_and_the_hash_of_its_rows(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [C, A, B])
    release = "SELECT west, south, east, north, content_hash, published_by FROM releases.release WHERE layer = 'mines'"
    hashes = ask(fresh_urls, "SELECT content_hash FROM minerals.mine_current ORDER BY identifier")
    fingerprint = sha256(b"".join(bytes(row[0]) for row in hashes)).digest()
    assert ask(fresh_urls, release) == [(100, -5.25, 120, 20, fingerprint, "amdis load")]


def test_release_of_the_same_rows_in_another_order_has_the_same_hash(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    for mines in ([A, B, C], [B, C], [C, B, A]):
        load(fresh_urls, tmp_path / "region", mines)
    hashes = ask(fresh_urls, "SELECT content_hash FROM releases.release WHERE layer = 'mines' ORDER BY number")
    assert hashes[0] == hashes[2] != hashes[1]


@pytest.mark.parametrize("force", [False, True])
def test_loading_the_same_again_changes_nothing(fresh_urls: DatabaseUrls, tmp_path: Path, force: bool) -> None:
    load(fresh_urls, tmp_path / "region", [A, B])
    rows = "SELECT t::text FROM minerals.mine t ORDER BY 1"
    before, releases = ask(fresh_urls, rows), ask(fresh_urls, "SELECT t::text FROM releases.release t")
    load(fresh_urls, tmp_path / "region", [A, B], force=force)
    load(fresh_urls, tmp_path / "region", [B, A], force=force)
    assert ask(fresh_urls, rows) == before
    assert ask(fresh_urls, "SELECT t::text FROM releases.release t") == releases


def test_changed_row_takes_the_place_of_the_old_one_which_is_kept(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A, B])
    untouched = ask(fresh_urls, "SELECT t::text FROM minerals.mine_current t WHERE identifier = 'a'")
    load(fresh_urls, tmp_path / "region", [A, {**B, "name": "New"}])
    assert ask(fresh_urls, CURRENT) == [("a", "Mine a"), ("b", "New")]
    assert ask(fresh_urls, SUPERSEDED) == [("b", "Mine b")]
    assert ask(fresh_urls, "SELECT t::text FROM minerals.mine_current t WHERE identifier = 'a'") == untouched
    assert ask(fresh_urls, RELEASES)[1:] == [(2, 0, 1, 0, 2)]
    # What was true until then and what is true from then on meet without a gap.
    times = "SELECT upper(o.published) = lower(n.published), NOT isempty(o.published) FROM minerals.mine_superseded o"
    assert ask(fresh_urls, f"{times} JOIN minerals.mine_current n USING (identifier)") == [(True, True)]


def test_moved_row_is_a_changed_row(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A])
    load(fresh_urls, tmp_path / "region", [{**A, "lon": 100.0000001}])
    assert ask(fresh_urls, RELEASES)[1:] == [(2, 0, 1, 0, 1)]
    assert ask(fresh_urls, "SELECT ST_X(shape) FROM minerals.mine_current") == [(100.0000001,)]


def test_removed_row_is_kept_as_superseded_and_may_come_back(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A, B])
    load(fresh_urls, tmp_path / "region", [A])
    assert ask(fresh_urls, CURRENT) == [("a", "Mine a")]
    assert ask(fresh_urls, SUPERSEDED) == [("b", "Mine b")]
    assert ask(fresh_urls, "SELECT upper(published) <= now() FROM minerals.mine_superseded") == [(True,)]
    load(fresh_urls, tmp_path / "region", [A, B])
    assert ask(fresh_urls, CURRENT) == [("a", "Mine a"), ("b", "Mine b")]
    assert ask(fresh_urls, RELEASES)[1:] == [(2, 0, 0, 1, 1), (3, 1, 0, 0, 2)]


def test_added_changed_and_removed_rows_are_counted_apart(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A, B, C])
    loaded = load(fresh_urls, tmp_path / "region", [{**A, "name": "New"}, B, mine("d"), mine("e")])
    assert loaded.layers["mines"] == Publication(number=2, added=2, changed=1, removed=1, total=4)


def test_layer_that_loses_its_last_row_has_a_release_without_extent(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A])
    load(fresh_urls, tmp_path / "region", [])
    last = "SELECT total, removed, west FROM releases.release WHERE layer = 'mines' ORDER BY number DESC LIMIT 1"
    assert ask(fresh_urls, last) == [(0, 1, None)]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (mine("z", status_uri="http://example.org/no-such-status"), "status_uri"),
        (mine("z", status_uri=""), "status_uri"),
        (mine("z", licence=""), "licence"),
        (mine("a"), "identifier"),
        (mine("z", lon="east"), "lon"),
        (mine("z", lat=91), "globe"),
        (mine(""), "identifier"),
    ],
    ids=["vocabulary", "required", "licence", "twice", "no number", "out of range", "no identifier"],
)
def test_one_wrong_row_leaves_everything_as_it_was(
    fresh_urls: DatabaseUrls, tmp_path: Path, wrong: dict[str, object], told: str
) -> None:
    load(fresh_urls, tmp_path / "region", [A, B])
    before = everything(fresh_urls)
    with pytest.raises((InvalidDataError, UnreadableFileError)) as caught:
        load(fresh_urls, tmp_path / "region", [A, {**B, "name": "New"}, C, wrong])
    assert everything(fresh_urls) == before
    assert "mines.csv" in str(caught.value)
    assert "5" in str(caught.value)  # the line in the file
    assert told in str(caught.value)


def test_failure_at_the_very_end_leaves_everything_as_it_was(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A])
    before = everything(fresh_urls)
    with engine(fresh_urls) as app, app.connect() as connection:
        submission = new_submission(connection, "test")
        release = publish(connection, table_of(Mine), LAYERS["mines"], submission, by="test", note="", complete=True)
        assert release.removed == 1
        connection.rollback()
    assert everything(fresh_urls) == before


def test_partial_submission_leaves_rows_it_does_not_have(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A, B])
    with engine(fresh_urls) as app, app.begin() as connection:
        submission = new_submission(connection, "test")
        release = publish(connection, table_of(Mine), LAYERS["mines"], submission, by="t", note="", complete=False)
    assert release == Publication(number=1, added=0, changed=0, removed=0, total=2)
    assert len(ask(fresh_urls, CURRENT)) == 2


def test_publications_at_once_come_one_after_the_other(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    start, failures = threading.Barrier(4), list[Exception]()

    def one(number: int) -> None:
        start.wait()
        try:
            for turn in range(3):
                load(fresh_urls, tmp_path / f"region{number}", [A, mine("n", name=f"{number} {turn}")])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(ask(fresh_urls, CURRENT)) == 2
    numbers = [row[0] for row in ask(fresh_urls, RELEASES)]
    assert numbers == list(range(1, 13))
    assert len(ask(fresh_urls, "SELECT 1 FROM minerals.mine_superseded WHERE identifier = 'n'")) == 11
    overlapping = (
        "SELECT count(*) FROM minerals.mine a JOIN minerals.mine b USING (identifier) "
        "WHERE a.fid < b.fid AND a.published && b.published"
    )
    assert ask(fresh_urls, overlapping) == [(0,)]


def test_publication_that_began_first_but_came_second_is_the_later_one(
    fresh_urls: DatabaseUrls, tmp_path: Path
) -> None:
    with engine(fresh_urls) as app, app.begin() as slow:
        slow.execute(sa.text("SELECT 1"))
        load(fresh_urls, tmp_path / "region", [A])
        submission = new_submission(slow, "slow")
        publish(slow, table_of(Mine), LAYERS["mines"], submission, by="slow", note="", complete=True)
    assert ask(fresh_urls, SUPERSEDED) == [("a", "Mine a")]
    assert ask(fresh_urls, "SELECT isempty(published) FROM minerals.mine_superseded") == [(False,)]
    in_order = "SELECT published_by FROM releases.release WHERE layer = 'mines' ORDER BY published_at"
    assert ask(fresh_urls, in_order) == [("amdis load",), ("slow",)]


def test_publication_waits_for_the_one_before_it_however_long_that_takes(fresh_urls: DatabaseUrls) -> None:
    def publish_as(connection: sa.Connection, by: str, layer: Layer) -> Publication:
        connection.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        submission = new_submission(connection, by)
        return publish(connection, table_of(Mine), layer, submission, by=by, note="", complete=False)

    def second() -> None:
        with app.begin() as connection:
            publish_as(connection, "second", LAYERS["mines"])

    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with engine(fresh_urls) as app, ThreadPoolExecutor() as pool:
        with app.begin() as first:
            publish_as(first, "first", LAYERS["mines"])
            done = pool.submit(second)
            with app.begin() as other:
                publish_as(other, "other layer", replace(LAYERS["mines"], id="others"))
            while not done.done() and ask(fresh_urls, waiting) == [(0,)]:
                time.sleep(0.01)
            time.sleep(0.3)
            assert not done.done()
        done.result()


def test_each_publication_is_told_once_and_only_when_committed(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    with psycopg.connect(fresh_urls.public.conninfo(), autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        load(fresh_urls, tmp_path / "region", [A])
        load(fresh_urls, tmp_path / "region", [A], force=True)
        with pytest.raises(InvalidDataError):
            load(fresh_urls, tmp_path / "region", [mine("a", status_uri=UNKNOWN + "x")])
        load(fresh_urls, tmp_path / "region", [A, B])
        with connect(fresh_urls.public) as other:
            other.execute(f"NOTIFY {CHANNEL}, 'the end'")
        told = [(one.channel, one.payload) for one in listener.notifies(timeout=60, stop_after=3)]
    assert told == [(CHANNEL, "mines"), (CHANNEL, "mines"), (CHANNEL, "the end")]
