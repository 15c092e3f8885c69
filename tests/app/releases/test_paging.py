"""A walk through all pages while rows are published under it."""

# SPDX-License-Identifier: Apache-2.0

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import psycopg
import pytest
import shapely
import sqlalchemy as sa

from app.db.base import fields_of, table_of
from app.db.roles import DatabaseUrls
from app.layers.declarations import read_declarations
from app.minerals.models import Mine
from app.releases.service import StagedRow, new_submission, publish, stage
from app.releases.states import State
from app.releases.texts import DICTIONARIES, TEXTS
from gis.errors import FeatureNotFoundError
from gis.paging import read_cursor
from gis.query import FeatureReader, Query, feature_text
from gis.texts import Unpacker
from tests.app.releases.region import UNKNOWN, engine

TABLE = table_of(Mine)
LAYER = read_declarations().layers["mines"].layer
STAY = [f"stay-{number:03}" for number in range(300)]
COME_AND_GO = [f"stay-{number:03}-x" for number in range(0, 300, 3)]
NAMES = [field.name for field in fields_of(TABLE)]
BOX = (100.0, -10.0, 110.0, 10.0)


def row(identifier: str, random: Random) -> StagedRow:
    """A mine somewhere in the box, different each time, as a republished row is."""
    values = dict.fromkeys(NAMES) | {"identifier": identifier, "status_uri": UNKNOWN, "licence": "CC0"}
    values["name"] = f"{random.random()} {'long ' * random.randrange(40)}"
    return StagedRow(values, shapely.Point(random.uniform(101, 109), random.uniform(-9, 9)))


def release(app: sa.Engine, identifiers: list[str], random: Random, *, complete: bool) -> None:
    with app.begin() as connection:
        submission = new_submission(connection, "test")
        rows = [row(one, random) for one in random.sample(identifiers, len(identifiers))]
        stage(connection, TABLE, submission, rows)
        publish(connection, TABLE, LAYER, submission, by="test", note="", complete=complete)


@contextmanager
def publishing(app: sa.Engine) -> Iterator[list[int]]:
    """Publish again and again in another thread until the block ends; its list grows by one each time."""
    done, failures, stop = list[int](), list[Exception](), threading.Event()

    def work() -> None:
        random = Random(1)
        try:
            while not stop.is_set():
                visitors = random.sample(COME_AND_GO, random.randrange(len(COME_AND_GO)))
                release(app, STAY + visitors, random, complete=True)
                release(app, random.sample(STAY, 50), random, complete=False)
                done.append(1)
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()
    assert failures == []


def walk(reader: FeatureReader, connection: psycopg.Connection[tuple[object, ...]], query: Query) -> list[str]:
    """Identifiers of all pages of a query."""
    found: list[str] = []
    after = None
    while True:
        page = reader.page_sync(connection, Query(query.limit, query.bbox, after), count=False)
        features = page.features.decode().split('{"type":"Feature","id":"')[1:]
        found += [one.split('"', 1)[0] for one in features]
        assert len(features) == page.returned <= query.limit
        if page.next is None:
            return found
        after = read_cursor(page.next, ())


@pytest.mark.parametrize("box", [None, BOX], ids=["all", "box"])
@pytest.mark.parametrize("plan", ["seqscan", "indexscan", "bitmapscan"])
def test_every_row_that_was_there_all_along_is_seen_exactly_once(
    fresh_urls: DatabaseUrls, box: tuple[float, float, float, float] | None, plan: str
) -> None:
    reader = FeatureReader(LAYER)
    with engine(fresh_urls) as app, psycopg.connect(fresh_urls.public.conninfo(), autocommit=True) as connection:
        for other in {"seqscan", "indexscan", "bitmapscan"} - {plan}:
            connection.execute(f"SET enable_{other} = off")
        release(app, STAY, Random(0), complete=True)
        with publishing(app) as done:
            for limit in (7, 11, 50, 299):
                before = len(done)
                while len(done) < before + 2:
                    seen = Counter(walk(reader, connection, Query(limit, box)))
                    assert [one for one in STAY if seen[one] != 1] == []
                    assert [one for one, times in seen.items() if times > 1] == []
                    assert seen.keys() <= {*STAY, *COME_AND_GO}


def test_pages_keep_their_order_when_rows_are_published_again(fresh_urls: DatabaseUrls) -> None:
    reader = FeatureReader(LAYER)
    with engine(fresh_urls) as app, psycopg.connect(fresh_urls.public.conninfo(), autocommit=True) as connection:
        release(app, STAY, Random(0), complete=True)
        before = walk(reader, connection, Query(300))
        assert sorted(before) == STAY
        release(app, STAY[:200], Random(1), complete=True)
        release(app, STAY, Random(2), complete=True)
        for limit in (1, 7, 300, 301):
            assert walk(reader, connection, Query(limit)) == before
            assert walk(reader, connection, Query(limit, BOX)) == before


def test_texts_are_those_of_the_current_rows_and_no_others(fresh_urls: DatabaseUrls) -> None:
    with engine(fresh_urls) as app:
        release(app, STAY, Random(0), complete=True)
        release(app, STAY[10:150], Random(1), complete=True)
        release(app, STAY[100:200], Random(2), complete=False)
        with app.connect() as connection:
            rows = TABLE.alias("row")
            text, properties = feature_text(LAYER, rows)
            current = sa.select(rows.c.number, text).select_from(rows.join(properties, sa.true()))
            expected = connection.execute(current.where(rows.c.state == State.CURRENT)).all()
            stored = dict(map(tuple, connection.execute(sa.select(TEXTS.c.number, TEXTS.c.geojson)).all()))
            [known] = connection.execute(sa.select(DICTIONARIES.c.number, DICTIONARIES.c.content)).all()
    unpacker = Unpacker()
    unpacker.learn(*known)
    assert len(stored) == 190
    assert dict(zip(stored, map(bytes, unpacker.unpack([*stored.values()])), strict=True)) == dict(map(tuple, expected))
    assert sum(map(len, stored.values())) < sum(len(text) for _, text in expected) / 4


@pytest.mark.parametrize("count", [20, 199, 678])
def test_a_layer_of_twenty_features_has_a_dictionary(fresh_urls: DatabaseUrls, count: int) -> None:
    with engine(fresh_urls) as app:
        release(app, [f"mine-{number}" for number in range(count)], Random(0), complete=True)
        with app.connect() as connection:
            [number] = connection.execute(sa.select(DICTIONARIES.c.number)).scalars()
            texts = connection.execute(sa.select(TEXTS.c.geojson)).scalars().all()
    assert len(texts) == count
    assert Unpacker().unknown(texts) == [number]


def test_number_matched_is_of_the_same_moment_as_the_page(fresh_urls: DatabaseUrls) -> None:
    reader = FeatureReader(LAYER)
    with engine(fresh_urls) as app, psycopg.connect(fresh_urls.public.conninfo(), autocommit=True) as connection:
        release(app, STAY, Random(0), complete=True)
        with publishing(app) as done:
            while len(done) < 4:
                page = reader.page_sync(connection, Query(10_000, BOX), count=True)
                assert page.matched == page.returned


def test_the_public_reads_the_past_and_never_what_was_not_public(fresh_urls: DatabaseUrls) -> None:
    reader = FeatureReader(LAYER)
    with engine(fresh_urls) as app, psycopg.connect(fresh_urls.public.conninfo(), autocommit=True) as connection:
        release(app, STAY, Random(0), complete=True)
        between = datetime.now(UTC)
        release(app, STAY[:200], Random(1), complete=True)
        with app.begin() as draft:
            submission = new_submission(draft, "test")
            stage(draft, TABLE, submission, [row("draft-1", Random(3))])
        now = datetime.now(UTC)
        everything = (None, now, between, now - timedelta(days=1))
        numbers = {}
        for moment in everything:
            page = reader.page_sync(connection, Query(1000, as_of=moment), count=True)
            assert b"draft-1" not in page.features
            numbers[moment] = (page.matched, page.returned)
            with pytest.raises(FeatureNotFoundError):
                reader.feature_sync(connection, "draft-1", Query(None, as_of=moment))
        assert [numbers[one] for one in everything] == [(200, 200), (200, 200), (300, 300), (0, 0)]
        later = json.loads(reader.feature_sync(connection, STAY[0], Query(None, as_of=now)))
        before = json.loads(reader.feature_sync(connection, STAY[0], Query(None, as_of=between)))
        assert before["properties"]["name"] != later["properties"]["name"]
        assert later == json.loads(reader.feature_sync(connection, STAY[0]))
