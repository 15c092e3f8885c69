"""Runs of following features: what is found by them is what plain SQL finds, and only what is public is in them."""

# SPDX-License-Identifier: Apache-2.0

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import psycopg
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import app.releases.lists
import app.releases.runs
import app.releases.tallies
import gis.query
import gis.tallies
from app.db.base import fields_of, table_of
from app.db.roles import DatabaseUrls
from app.layers.declarations import read_declarations
from app.layers.service import refresh_layers
from app.minerals.models import Mine
from app.minerals.vocabularies import read_vocabularies
from app.ogc.drafts import drafts_of
from app.releases.models import Run, Tally, TallyRun
from app.releases.service import StagedRow, new_submission, publish, stage
from app.releases.states import State
from gis.asked import columns
from gis.filters import Concepts, Filter, FilterCompiler, parse_text
from gis.layer import BBox
from gis.paging import read_cursor
from gis.query import FeatureReader, Query
from tests.app.releases.region import UNKNOWN, ask, engine

TABLE = table_of(Mine)
PUBLISHED = read_declarations().layers["mines"]
LAYER = PUBLISHED.layer
BY_RUNS, PLAIN = (
    FeatureReader(LAYER),
    FeatureReader(replace(LAYER, run_table=None, tally_table=None, keyed_fields=frozenset())),
)
_VOCABULARIES = read_vocabularies()
_COMMODITIES = _VOCABULARIES["commodity-code"]
_HIERARCHY = Concepts(_VOCABULARIES)
COMPILER = FilterCompiler(
    LAYER, columns(LAYER), lambda field, value: ("a", "b") if value == "ab" else _HIERARCHY(field, value)
)
FILTERS = {
    text: COMPILER.compile(parse_text(text), prefix=f"f{number}_")
    for number, text in enumerate(
        (
            "country = 'IDN'",
            "country IN ('IDN', 'LAO') AND name LIKE '%7%'",
            "commodityGroup = 'ab' AND country = 'IDN'",
            "commodityGroup = 'a' OR country = 'LAO'",
            "A_CONTAINS(commodityCodes, ('gold'))",
            "A_CONTAINS(('gold', 'copper'), commodityCodes)",
            "A_CONTAINS(commodityCodes, ('base-metal'))",
            "A_CONTAINS(commodityCodes, ('base-metal', 'gold')) AND country = 'IDN'",
            "country = 'IDN' AND A_CONTAINS(commodityCodes, ('gold')) AND name LIKE '%7%'",
            "A_OVERLAPS(commodityCodes, ('gold', 'base-metal')) AND country IN ('IDN', 'LAO')",
            "NOT A_CONTAINS(commodityCodes, ('gold'))",
            "commodityCodes = 'gold'",
            "commodityCodes IN ('gold', 'copper')",
            "name LIKE '%1%'",
            "identifier = 'm-0007'",
            "commodityCodes IN ('gold')",
            "commodityCodes IN ('base-metal')",
            "commodityCodes <> 'base-metal'",
            f"commodityCodes = '{_COMMODITIES.terms['base-metal'].uri}'",
            "commodityCodes = 'unobtainium'",
            "A_EQUALS(commodityCodes, ('gold', 'copper'))",
        )
    )
}
FILTERS["all contain nothing"] = COMPILER.compile({"op": "a_contains", "args": [{"property": "commodityCodes"}, []]})
_NAMES = [field.name for field in fields_of(TABLE)]
_COUNT = 400
_VALUES = ["gold", "gold", "copper", "copper", "zinc", "unobtainium", "base-metal", None]


def row(number: int, random: Random) -> StagedRow:
    """A mine somewhere between 100 and 110 E, 5 S and 5 N, on a grid, so that boxes have features on their sides."""
    values = dict.fromkeys(_NAMES) | {"identifier": f"m-{number:04}", "status_uri": UNKNOWN, "licence": "CC0"}
    values["name"] = f"Mine {random.randrange(100)}"
    values["country"] = random.choice(["IDN", "LAO", None])
    values["commodityGroup"] = random.choice(["a", "b", "c"])
    values["commodityCodes"] = random.choices(_VALUES, k=random.randrange(4))
    return StagedRow(values, shapely.Point(100 + random.randrange(41) / 4, random.randrange(41) / 4 - 5))


def release(urls: DatabaseUrls, rows: list[StagedRow], *, complete: bool) -> None:
    with engine(urls) as connected, connected.begin() as connection:
        submission = new_submission(connection, "test")
        stage(connection, TABLE, submission, rows)
        publish(connection, TABLE, LAYER, submission, by="test", note="", complete=complete)


@pytest.fixture(autouse=True)
def short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of at most sixteen features; a layer of a hundred is large, and little is looked at to count."""
    monkeypatch.setattr(app.releases.runs, "KEYS", 16)
    for one in (app.releases.lists, gis.tallies):
        monkeypatch.setattr(one, "KEYS", 16)
    for one in (app.releases.lists, app.releases.tallies, gis.tallies):
        monkeypatch.setattr(one, "STRETCH", 64)
    monkeypatch.setattr(gis.query, "_FEW", 40)
    monkeypatch.setattr(gis.query, "_LARGE", 100)
    monkeypatch.setattr(gis.query, "_LOOKED_AT", 60)
    monkeypatch.setattr(gis.query, "_TELLING", 5)


@pytest.fixture
def public(fresh_urls: DatabaseUrls) -> Iterator[psycopg.Connection[Any]]:
    """The public role's connection to mines that were published, changed, removed and published again."""
    random = Random(5)
    release(fresh_urls, [row(number, random) for number in range(_COUNT)], complete=True)
    release(fresh_urls, [row(number, random) for number in range(0, _COUNT, 3)], complete=False)
    release(fresh_urls, [row(number, random) for number in range(50, _COUNT + 50)], complete=True)
    with psycopg.connect(fresh_urls.public.conninfo(), autocommit=True) as connection:
        yield connection


def walk(
    reader: FeatureReader, connection: psycopg.Connection[Any], query: Query
) -> tuple[list[str], set[tuple[int | None, bool]]]:
    """Identifiers of all pages of a query, and the numbers that were told."""
    found, numbers = list[str](), set[tuple[int | None, bool]]()
    while True:
        page = reader.page_sync(connection, query, count=True)
        found += [one["id"] for one in json.loads(b"[" + page.features + b"]")]
        numbers.add((page.matched, page.estimated))
        if page.next is None:
            return found, numbers
        query = replace(query, after=read_cursor(page.next, query.sort))


def _box(sides: tuple[int, int, int, int]) -> BBox:
    west, east = sorted((sides[0], sides[2]))
    south, north = sorted((sides[1], sides[3]))
    return 100 + west / 4, south / 4 - 5, 100 + east / 4, north / 4 - 5


_side = st.integers(-2, 42)
_boxes = st.tuples(_side, _side, _side, _side).map(_box)
_somewhere = st.one_of(st.none(), _boxes, st.just((109.0, -5.0, 103.0, 5.0)))
_filters = st.lists(st.sampled_from(sorted(FILTERS)), max_size=2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=200)
@given(box=_somewhere, chosen=_filters, limit=st.integers(3, 90), total=st.sampled_from([None, _COUNT]))
def test_any_walk_by_runs_finds_what_plain_sql_finds_in_the_same_order(
    public: psycopg.Connection[Any], box: BBox | None, chosen: list[str], limit: int, total: int | None
) -> None:
    filters: tuple[Filter, ...] = tuple(FILTERS[text] for text in chosen)
    query = Query(limit=limit, bbox=box, filters=filters, edition="3", total=total)
    wanted, _ = walk(PLAIN, public, replace(query, total=None))
    found, numbers = walk(BY_RUNS, public, query)
    assert found == wanted
    assert len(numbers) == 1
    matched, estimated = numbers.pop()
    assert matched is not None
    if estimated:
        assert total is not None
        assert len(wanted) / 2 < matched < 2 * len(wanted)
    else:
        assert matched == len(wanted)


@pytest.mark.parametrize(
    "text", ["country = 'IDN'", "country IN ('IDN', 'LAO')", "commodityCodes = 'gold'", "commodityCodes = 'base-metal'"]
)
def test_a_filter_that_tallies_tell_of_has_its_exact_number_without_being_counted(
    public: psycopg.Connection[Any], fresh_urls: DatabaseUrls, text: str
) -> None:
    query = Query(limit=5, filters=(FILTERS.get(text) or COMPILER.compile(parse_text(text)),), edition="3")
    wanted = PLAIN.page_sync(public, query, count=True)
    assert BY_RUNS.page_sync(public, replace(query, total=_COUNT), count=True) == wanted
    assert not wanted.estimated
    with engine(fresh_urls) as connected, connected.begin() as connection:
        connection.execute(sa.update(table_of(Tally)).values(features=77))
    found = BY_RUNS.page_sync(public, replace(query, total=_COUNT), count=True)
    assert found.matched in (77, 154)


def test_tallies_are_those_of_the_current_rows_after_each_publication(
    public: psycopg.Connection[Any], fresh_urls: DatabaseUrls
) -> None:
    made = """SELECT 'country', country, count(*) FROM minerals.mine_current GROUP BY country
        UNION ALL SELECT 'commodityCodes', code, count(DISTINCT number) FROM minerals.mine_current
        LEFT JOIN unnest("commodityCodes") code ON true GROUP BY code ORDER BY 1, 2"""
    kept = """SELECT field, value, features FROM releases.tally
        WHERE layer = 'mines' AND field IN ('country', 'commodityCodes') ORDER BY 1, 2"""
    assert ask(fresh_urls, kept) == public.execute(made).fetchall()
    shares = """SELECT stretch, round(sum(share)::numeric, 5) FROM releases.tally_part
        JOIN releases.tally ON tally = number WHERE field = 'country' GROUP BY stretch ORDER BY stretch"""
    assert {share for _, share in ask(fresh_urls, shares)} == {1}
    assert len(ask(fresh_urls, shares)) > 4
    release(fresh_urls, [], complete=True)
    assert ask(fresh_urls, kept) == [("commodityCodes", None, 0), ("country", None, 0)]
    assert ask(fresh_urls, shares) == []


def _by_value(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for value, number in rows:
        found.setdefault(value, []).append(number)
    return found


def test_the_keys_of_a_list_are_those_of_the_current_rows_after_each_publication(
    public: psycopg.Connection[Any], fresh_urls: DatabaseUrls
) -> None:
    made = """SELECT DISTINCT code, number FROM minerals.mine_current, unnest("commodityCodes") code
        WHERE code IS NOT NULL ORDER BY 1, 2"""
    kept = """SELECT value, run * 16::bigint + unnest(keys) FROM releases.tally_run
        JOIN releases.tally ON tally = number WHERE (field = 'commodityCodes') = %s ORDER BY 1, 2"""
    by_code, values, concepts = (
        _by_value(rows)
        for rows in (public.execute(made), *(ask(fresh_urls, kept % of_value) for of_value in ("true", "false")))
    )
    assert values == by_code
    assert concepts["base-metal"] == sorted({*by_code["copper"], *by_code["zinc"], *by_code["base-metal"]})
    assert concepts["precious-metal"] == by_code["gold"]
    assert {*concepts} <= {"base-metal", "precious-metal", "metal", "produced-commodity", "direct-use-commodity"}
    release(fresh_urls, [], complete=True)
    assert ask(fresh_urls, "SELECT * FROM releases.tally_run") == []


def test_runs_are_those_of_the_current_rows_after_each_publication(
    public: psycopg.Connection[Any], fresh_urls: DatabaseUrls
) -> None:
    made = """SELECT min(number), max(number), count(*), min(place[0]), min(place[1]), max(place[0]), max(place[1])
        FROM minerals.mine_current GROUP BY number / 16 ORDER BY 1"""
    kept = "SELECT first, last, features, west, south, east, north FROM releases.run WHERE layer = 'mines' ORDER BY 1"
    assert ask(fresh_urls, kept) == public.execute(made).fetchall()
    assert ask(fresh_urls, "SELECT DISTINCT release FROM releases.run WHERE layer = 'mines'") == [(3,)]
    release(fresh_urls, [], complete=True)
    assert ask(fresh_urls, kept) == []
    assert BY_RUNS.page_sync(public, Query(10, (100, -5, 110, 5)), count=True).matched == 0


@pytest.mark.parametrize("state", [State.DRAFT, State.EMBARGOED, State.WITHDRAWN])
def test_no_run_tells_of_a_row_that_is_not_public(
    public: psycopg.Connection[Any], fresh_urls: DatabaseUrls, state: State
) -> None:
    copied = [c.name for c in TABLE.columns if c.computed is None and c.name not in ("fid", "state", "shape")]
    hidden = sa.select(
        *(TABLE.c[name] for name in copied),
        sa.literal(state.value),
        sa.func.ST_SetSRID(sa.func.ST_Point(150, 60), 4326),
    ).where(TABLE.c.state == State.CURRENT)
    with engine(fresh_urls) as connected, connected.begin() as connection:
        connection.execute(sa.insert(TABLE).from_select([*copied, "state", "shape"], hidden))
    release(fresh_urls, [row(number, Random(9)) for number in range(50, 60)], complete=False)
    features, east, north = ask(fresh_urls, "SELECT sum(features), max(east), max(north) FROM releases.run")[0]
    assert (features, east <= 110.25, north <= 5.25) == (_COUNT, True, True)
    assert ask(fresh_urls, "SELECT sum(features) FROM releases.tally WHERE field = 'country'") == [(_COUNT,)]
    with_one = "SELECT count(*) FROM minerals.mine_current WHERE 'gold' = ANY(\"commodityCodes\")"
    keys = "SELECT sum(cardinality(keys)) FROM releases.tally_run JOIN releases.tally ON tally = number"
    assert ask(fresh_urls, f"{keys} WHERE value = 'gold'") == ask(fresh_urls, with_one)
    page = BY_RUNS.page_sync(public, Query(10, (140, 50, 160, 70), total=_COUNT), count=True)
    assert (page.matched, page.returned) == (0, 0)


def test_drafts_are_not_sought_by_the_runs_of_what_is_public(
    public: psycopg.Connection[Any], fresh_urls: DatabaseUrls
) -> None:
    draft = row(7, Random(1))
    with engine(fresh_urls) as connected, connected.begin() as connection:
        stage(connection, TABLE, new_submission(connection, "test"), [replace(draft, shape=shapely.Point(150, 60))])
    reader = FeatureReader(drafts_of(PUBLISHED).layer)
    with psycopg.connect(fresh_urls.app.conninfo(), autocommit=True) as connection:
        for total in (None, 1000):
            page = reader.page_sync(connection, Query(10, (140, 50, 160, 70), total=total), count=True)
            assert (page.matched, page.returned) == (1, 1)


_KEPT = (
    "SELECT r::text FROM releases.run r ORDER BY 1",
    """SELECT layer, field, value, features, release, stretch, share FROM releases.tally
        LEFT JOIN releases.tally_part ON tally = number ORDER BY 1, 2, 3, 6""",
    """SELECT layer, field, value, run, keys FROM releases.tally
        JOIN releases.tally_run ON tally = number ORDER BY 1, 2, 3, 4""",
)
_RUNS, _TALLIES, _KEYS = table_of(Run), table_of(Tally), table_of(TallyRun)


@pytest.mark.parametrize(
    "change",
    [
        sa.delete(_RUNS),
        sa.update(_RUNS).values(release=2, west=109),
        sa.delete(_TALLIES),
        sa.update(_TALLIES).values(release=2, features=9),
        sa.delete(_TALLIES).where(_TALLIES.c.field == "status_uri"),
        sa.delete(_KEYS),
    ],
)
def test_what_another_version_kept_of_a_release_is_written_anew_at_the_start(
    public: psycopg.Connection[Any], fresh_urls: DatabaseUrls, change: sa.Executable
) -> None:
    before = [ask(fresh_urls, kept) for kept in _KEPT]
    assert "mines" not in refresh_layers(fresh_urls)
    with engine(fresh_urls) as connected, connected.begin() as connection:
        connection.execute(change)
    assert "mines" in refresh_layers(fresh_urls)
    assert [ask(fresh_urls, kept) for kept in _KEPT] == before
    orphans = "SELECT count(*) FROM releases.tally_run WHERE tally NOT IN (SELECT number FROM releases.tally)"
    assert ask(fresh_urls, orphans) == [(0,)]
