"""Sorted walks, output, moments of the past and large selections, read from a real PostGIS table."""

# SPDX-License-Identifier: Apache-2.0

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pyproj
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gis.query
import gis.selection
from app.db.roles import DatabaseUrls
from gis.asked import columns
from gis.crs import systems
from gis.errors import FeatureNotFoundError, InvalidParameterError
from gis.filters import FilterCompiler, parse_text
from gis.geojson import Output
from gis.layer import Field, FieldType, GeometryType, Layer
from gis.paging import Cursor, SortKey, read_cursor
from gis.query import FeatureReader, Page, Query
from tests.gis.test_query import layer as scratch_layer

FIELDS = (
    Field("identifier", FieldType.STRING, "Identifier"),
    Field("name", FieldType.STRING, "Name"),
    Field("depth", FieldType.NUMBER, "Depth"),
    Field("holes", FieldType.INTEGER, "Holes"),
    Field("active", FieldType.BOOLEAN, "Active"),
    Field("opened", FieldType.DATE, "Opened"),
    Field("updated", FieldType.DATETIME, "Updated"),
    Field("place", FieldType.STRING, "A field named as an index column of other layers"),
)
LAYER: Layer = replace(
    scratch_layer(GeometryType.POINT, "walked"), fields=FIELDS, title="Sites", past_table="walked_before"
)
NAMES = ["ore", "Ore", "\u00d6re", "", "z", "z", None, "\u1019\u103c", "a'b", '"']
RELEASES = [datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)]


def row(i: int) -> dict[str, Any]:
    return {
        "number": i * 7 % 211,
        "identifier": f"s-{i:03}",
        "name": NAMES[i % len(NAMES)],
        "depth": None if i % 9 == 0 else (i % 13) / 3,
        "holes": None if i % 7 == 0 else i % 4,
        "active": (True, False, None)[i % 3],
        "opened": None if i % 8 == 0 else date(2020, 1, 1) + timedelta(days=i % 11),
        "updated": None if i % 5 == 0 else datetime(2020, 1, 1, 1, 2, 3, 456789, UTC) + timedelta(hours=i % 17),
        "place": str(i % 3),
        "x": 100 + i % 20,
        "y": i // 20,
    }


ROWS = [row(i) for i in range(1, 200)]


@pytest.fixture(scope="module")
def connection(urls: DatabaseUrls) -> Iterator[psycopg.Connection[Any]]:
    """Rows as they are since 2025, and as half of them were in 2024: named otherwise, and three that are gone."""
    with psycopg.connect(urls.admin.conninfo()) as connection:
        for table in ("walked", "walked_before"):
            connection.execute(
                f"CREATE TABLE public.{table} (number bigint, identifier text, name text, depth float8, holes int, "
                "active bool, opened date, updated timestamptz, place text, shape geometry(Point, 4326), "
                "published tstzrange)"
            )
        for one in ROWS:
            insert(connection, "walked", one, f"[{RELEASES[1].isoformat()},)")
        for one in (*ROWS[::2], *({**row(i), "number": 1000 + i} for i in (300, 301, 302))):
            period = f"[{RELEASES[0].isoformat()},{RELEASES[1].isoformat()})"
            insert(connection, "walked_before", {**one, "name": "before"}, period)
        yield connection
        connection.rollback()


def insert(connection: psycopg.Connection[Any], table: str, one: dict[str, Any], published: str) -> None:
    connection.execute(
        f"INSERT INTO {table} VALUES (%(number)s, %(identifier)s, %(name)s, %(depth)s, %(holes)s, %(active)s, "  # noqa: S608
        "%(opened)s, %(updated)s, %(place)s, ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 4326), %(published)s)",
        {**one, "published": published},
    )


READER = FeatureReader(LAYER)
COMPILER = FilterCompiler(LAYER, columns(LAYER))


def features(page: Page) -> list[dict[str, Any]]:
    return list(json.loads(b"[" + page.features + b"]"))


def walk(connection: psycopg.Connection[Any], query: Query, *, count: bool = True) -> Iterator[Page]:
    while True:
        page = READER.page_sync(connection, query, count=count)
        yield page
        if page.next is None:
            return
        query = replace(query, after=read_cursor(page.next, query.sort))


def sort_keys(text: str) -> tuple[SortKey, ...]:
    keys = []
    for part in text.split(","):
        field = LAYER.field(part.lstrip("-"))
        assert field
        keys.append(SortKey(field, descending=part.startswith("-")))
    return tuple(keys)


def in_order(sort: tuple[SortKey, ...]) -> list[str]:
    """Identifiers as Python sorts them: missing values last whatever the direction."""
    found = sorted(ROWS, key=lambda one: one["number"])
    for key in reversed(sort):
        name = key.field.name
        there = [one for one in found if one[name] is not None]
        there.sort(key=lambda one: one[name], reverse=key.descending)
        if key.descending:  # sorted() keeps equals in their order also when reversed
            there = sorted(there, key=lambda one: one[name], reverse=True)
        found = there + [one for one in found if one[name] is None]
    return [one["identifier"] for one in found]


ORDERS = [
    "name",
    "-name",
    "depth",
    "-depth,name",
    "active,-opened",
    "updated",
    "-updated,holes,-depth",
    "holes,-active,name",
    "identifier",
    "place,-name",
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("box", [None, (100.0, 0.0, 119.0, 9.0)], ids=["all", "box"])
@pytest.mark.parametrize("limit", [1, 17, 198, 199, 500])
def test_a_sorted_walk_is_the_sorted_table(
    connection: psycopg.Connection[Any], order: str, box: Any, limit: int
) -> None:
    sort = sort_keys(order)
    pages = list(walk(connection, Query(limit=limit, sort=sort, bbox=box)))
    assert [one["id"] for page in pages for one in features(page)] == in_order(sort)
    assert {page.matched for page in pages} == {len(ROWS)}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from([f.name for f in FIELDS]), min_size=1, max_size=4, unique=True),
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.integers(1, 60),
)
def test_any_order_is_walked_without_loss(
    connection: psycopg.Connection[Any], names: list[str], descending: list[bool], limit: int
) -> None:
    sort = sort_keys(",".join(("-" if down else "") + name for name, down in zip(names, descending, strict=False)))
    found = [one["id"] for page in walk(connection, Query(limit=limit, sort=sort)) for one in features(page)]
    assert found == in_order(sort)


def test_filters_sort_and_box_hold_together(connection: psycopg.Connection[Any]) -> None:
    chosen = COMPILER.compile(parse_text("active = true AND depth > 1"))
    query = Query(limit=5, bbox=(100, 0, 110, 9), filters=(chosen,), sort=sort_keys("-depth"))
    found = [one["id"] for page in walk(connection, query) for one in features(page)]
    wanted = {
        one["identifier"]
        for one in ROWS
        if one["active"] and one["depth"] is not None and one["depth"] > 1 and one["x"] <= 110
    }
    assert found == [one for one in in_order(query.sort) if one in wanted]


def test_a_cursor_is_of_its_order_only() -> None:
    sort = sort_keys("name,-depth")
    text = Cursor(7, ("x", 1.5), 12, False, "3").text(sort)
    assert read_cursor(text, sort) == Cursor(7, ("x", 1.5), 12, False, "3")
    for other in ((), sort_keys("name"), sort_keys("-depth,name"), sort_keys("name,depth")):
        with pytest.raises(InvalidParameterError, match="another order"):
            read_cursor(text, other)


moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda t: t.replace(tzinfo=UTC))  # noqa: DTZ001


@given(st.text(), st.floats(allow_nan=False, allow_infinity=False), st.dates(), moments, st.integers(-(2**62), 2**62))
def test_any_value_comes_back_from_a_cursor(text: str, number: float, day: date, moment: datetime, key: int) -> None:
    sort = sort_keys("name,depth,opened,updated,active")
    cursor = Cursor(key, (text.replace("\x00", ""), number, day, moment, None))
    if all(not 0xD800 <= ord(letter) < 0xE000 for letter in text):
        assert read_cursor(cursor.text(sort), sort) == cursor


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60).map(lambda b: base64.urlsafe_b64encode(b).decode())))
def test_any_text_is_a_cursor_or_is_refused(text: str) -> None:
    for sort in ((), sort_keys("depth")):
        try:
            read_cursor(text, sort)
        except InvalidParameterError as error:
            assert error.parameter == "cursor"  # noqa: PT017


@pytest.mark.parametrize(
    "content",
    [
        [1, [], [], None, False],
        [1.5, [], [], None, False, ""],
        [True, [], [], None, False, ""],
        [2**63, [], [], None, False, ""],
        [1, [1], ["depth"], -5, False, ""],
        [1, ["x"], ["depth"], None, False, ""],
        [1, [True], ["depth"], None, False, ""],
        [1, [1e400], ["depth"], None, False, ""],
        [1, {}, [], None, False, ""],
        {"a": 1},
        [1, [], [], None, 1, ""],
    ],
)
def test_a_forged_cursor_is_refused(content: Any) -> None:
    text = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidParameterError):
        read_cursor(text, sort_keys("depth"))


# Output


def test_output_holds_what_was_asked_for_and_nothing_else(connection: psycopg.Connection[Any]) -> None:
    output = Output(properties=("name", "place"), geometry=False)
    first = features(READER.page_sync(connection, Query(limit=1, output=output), count=False))[0]
    assert first["geometry"] is None
    assert list(first["properties"]) == ["name", "place"]
    assert list(first) == ["type", "id", "geometry", "properties"]
    none = Output(properties=())
    assert features(READER.page_sync(connection, Query(limit=1, output=none), count=False))[0]["properties"] == {}


def test_coordinates_are_in_the_order_of_the_register(connection: psycopg.Connection[Any]) -> None:
    uri = "http://www.opengis.net/def/crs/EPSG/0/"
    known = systems((4326, 3857, 3414))
    found = {}
    for name, system in known.items():
        query = Query(limit=None, output=Output(crs=system))
        found[name] = json.loads(READER.feature_sync(connection, "s-004", query))["geometry"]["coordinates"]
    assert found[f"{uri}4326"] == found[next(iter(known))][::-1] == [0, 104]
    assert found[f"{uri}3857"] == pytest.approx([11577227.04, 0], abs=0.01)
    easting, northing = pyproj.Transformer.from_crs(4326, 3414, always_xy=True).transform(104, 0)
    assert found[f"{uri}3414"] == pytest.approx([northing, easting], abs=0.01)


def test_a_place_a_system_cannot_express_is_told(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("UPDATE walked SET shape = ST_SetSRID(ST_MakePoint(100, 90), 4326) WHERE number = 7")
        system = systems((3857,))["http://www.opengis.net/def/crs/EPSG/0/3857"]
        try:
            with connection.transaction():
                page = READER.page_sync(connection, Query(limit=500, output=Output(crs=system)), count=False)
        except InvalidParameterError as error:
            assert error.parameter == "crs"  # noqa: PT017
        else:  # newer PROJ puts the pole far away instead
            assert b"inf" not in page.features.lower()


# The past


def at(year: int, month: int = 6) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)


def test_a_moment_of_the_past_is_what_was_public_then(connection: psycopg.Connection[Any]) -> None:
    def names(moment: datetime, **more: Any) -> dict[str, Any]:
        pages = walk(connection, Query(limit=20, as_of=moment, **more))
        return {one["id"]: one["properties"]["name"] for page in pages for one in features(page)}

    assert names(at(2023)) == {}
    before = names(at(2024))
    assert set(before.values()) == {"before"}
    assert set(before) == {one["identifier"] for one in ROWS[::2]} | {"s-300", "s-301", "s-302"}
    assert names(at(2025)) == {one["identifier"]: one["name"] for one in ROWS}
    # The moment of a release belongs to it, not to the one before.
    assert set(names(RELEASES[1])) == set(names(at(2025)))
    some = COMPILER.compile(parse_text("active"))
    assert set(names(at(2024), filters=(some,), bbox=(100, 0, 110, 9))) == {
        one["identifier"]
        for one in (*ROWS[::2], *map(row, (300, 301, 302)))
        if one["active"] and one["x"] <= 110 and one["y"] <= 9
    }


def test_the_number_of_a_moment_is_of_that_moment(connection: psycopg.Connection[Any]) -> None:
    for moment, number in ((at(2023), 0), (at(2024), 103), (at(2025), 199)):
        page = READER.page_sync(connection, Query(limit=3, as_of=moment), count=True)
        assert (page.matched, page.estimated) == (number, False)


def test_one_feature_of_the_past(connection: psycopg.Connection[Any]) -> None:
    def name(identifier: str, moment: datetime | None) -> Any:
        text = READER.feature_sync(connection, identifier, Query(limit=None, as_of=moment))
        return json.loads(text)["properties"]["name"]

    assert (name("s-001", at(2024)), name("s-001", at(2025)), name("s-001", None)) == ("before", "Ore", "Ore")
    assert name("s-300", at(2024)) == "before"
    for identifier, moment in (("s-300", at(2025)), ("s-300", None), ("s-002", at(2024)), ("s-001", at(2023))):
        with pytest.raises(FeatureNotFoundError):
            name(identifier, moment)


# Large selections


@pytest.fixture(params=[1000, 100], ids=["counts first", "samples first"])
def small_bound(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeatureReader]:
    """A reader for which fifty features are many, two hundred very many, and a stretch is thirty rows."""
    monkeypatch.setattr(gis.selection, "BOUND", 50)
    monkeypatch.setattr(gis.query, "BOUND", 50)
    monkeypatch.setattr(gis.query, "_LARGE", request.param)
    monkeypatch.setattr(gis.selection, "STRETCH", 30)
    monkeypatch.setattr(gis.query, "STRETCH", 30)
    return FeatureReader(LAYER)


@pytest.mark.parametrize("condition", ["depth > 1", "S_INTERSECTS(shape, BBOX(100, 3, 119, 9))", "holes IS NOT NULL"])
@pytest.mark.parametrize("box", [None, (100.0, 0.0, 119.0, 8.0)], ids=["all", "box"])
@pytest.mark.parametrize("order", ["", "-name"])
@pytest.mark.parametrize("limit", [3, 20, 29, 40])
def test_a_walk_through_more_than_the_bound_loses_nothing(
    connection: psycopg.Connection[Any], small_bound: FeatureReader, condition: str, box: Any, order: str, limit: int
) -> None:
    chosen = COMPILER.compile(parse_text(condition))
    sort = sort_keys(order) if order else ()
    query = Query(limit=limit, bbox=box, filters=(chosen,), sort=sort, edition="1", total=len(ROWS))
    exact = FeatureReader(LAYER).page_sync(connection, replace(query, limit=None, as_of=at(2025)), count=True)
    wanted = [one["id"] for one in features(exact)]
    found: list[str] = []
    numbers = set()
    while True:
        page = small_bound.page_sync(connection, query, count=True)
        found += [one["id"] for one in features(page)]
        numbers.add((page.matched, page.estimated))
        if page.next is None:
            break
        query = replace(query, after=read_cursor(page.next, sort))
    assert found == wanted
    # Of so few rows the sample is all: the estimate is right, to two digits.
    assert len(numbers) == 1
    matched, estimated = numbers.pop()
    assert estimated is (len(wanted) > 50)
    assert matched is not None
    assert abs(matched - len(wanted)) < (10 if estimated else 1)


def test_a_number_counted_for_another_edition_is_not_taken_from_the_cursor(
    connection: psycopg.Connection[Any],
) -> None:
    chosen = COMPILER.compile(parse_text("holes IS NOT NULL"))
    true = sum(one["holes"] is not None for one in ROWS)
    query = Query(limit=5, filters=(chosen,), edition="2")
    for edition, number in (("1", true), ("2", 44)):
        after = replace(query, after=Cursor(50, (), 44, False, edition))
        assert READER.page_sync(connection, after, count=True).matched == number
