"""Search in the catalogue, one mistake a test."""

# SPDX-License-Identifier: Apache-2.0

import time
from datetime import UTC, datetime

import pytest

from gis.errors import InvalidParameterError
from gis.records.filter import Filter
from gis.records.search import QUERYABLES, Index, Interval, Search, read_order
from tests.gis.records.examples import BARE, RELEASE, record

EAST = record("east", title="Eastern quarries", bbox=(150.0, 0.0, 160.0, 5.0), count=3, keywords=("stone  pit",))
INDEX = Index([RELEASE, EAST, BARE, record()])


def ids(search: Search) -> list[str]:
    return [one.id for one in INDEX.search(search).records]


def test_datasets_come_before_releases_by_title() -> None:
    assert ids(Search()) == ["east", "mines", "relief", "mines.release.1"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        (("quarries",), ["east"]),
        (("QUARRIES",), ["east"]),
        (("quarries", "relief"), ["east", "relief"]),
        (("stone pit",), ["east"]),
        (("pit stone",), []),
        (("<&>",), ["mines"]),
        ((".*",), []),
    ],
)
def test_text_is_found_as_it_stands_but_for_case_and_spaces(q: tuple[str, ...], found: list[str]) -> None:
    assert ids(Search(q=q)) == found


@pytest.mark.parametrize(
    ("box", "found"),
    [
        ((155.0, 1.0, 156.0, 2.0), ["east"]),
        ((139.0, 24.0, 140.0, 25.0), ["mines", "mines.release.1"]),
        ((140.0, 24.1, 145.0, 25.0), []),
        ((155.0, -90.0, -170.0, 90.0), ["east"]),
    ],
)
def test_box_meets_extents_and_never_a_record_without(box: tuple[float, float, float, float], found: list[str]) -> None:
    assert ids(Search(bbox=box)) == found


def moment(month: int) -> datetime:
    return datetime(2026, month, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "release"),
    [
        ((moment(2), moment(2)), True),
        ((None, moment(1)), True),
        ((moment(6), moment(6)), False),  # replaced at that very moment
        ((moment(5), None), True),
        ((moment(7), None), False),
    ],
)
def test_time_finds_the_release_that_was_the_truth_then(interval: Interval, release: bool) -> None:
    found = ids(Search(interval=interval))
    assert ("mines.release.1" in found) is release
    assert "relief" in found  # without time


def test_ids_types_and_addresses_select() -> None:
    assert ids(Search(ids=("mines", "nowhere"))) == ["mines"]
    assert ids(Search(types=("release",))) == ["mines.release.1"]
    assert ids(Search(external_ids=(EAST.uri,))) == ["east"]


def test_pages_hold_every_record_once() -> None:
    seen: list[str] = []
    after: str | None = None
    for _ in range(4):
        page = INDEX.search(Search(limit=1, after=after))
        assert page.matched == 4
        seen += [one.id for one in page.records]
        after = page.next
    assert seen == ids(Search())
    assert after is None
    with pytest.raises(InvalidParameterError):
        INDEX.search(Search(after="nowhere"))


def test_order_is_kept_and_what_is_not_known_comes_last() -> None:
    assert ids(Search(order=read_order("numberOfFeatures,-id"))) == ["east", "mines.release.1", "mines", "relief"]
    assert ids(Search(order=read_order("-numberOfFeatures")))[-1] == "relief"
    assert ids(Search(order=read_order("+title")))[0] == "east"
    with pytest.raises(InvalidParameterError, match="did you mean 'title'"):
        read_order("titel")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("type = 'release'", ["mines.release.1"]),
        ("casei(title) LIKE casei('EAST%')", ["east"]),
        ("release < 2", ["mines.release.1"]),
        ("NOT release < 2", ["east", "mines"]),
        ("release IS NULL", ["relief"]),
        ("release = 2 OR title = 'Relief'", ["east", "mines", "relief"]),
        ("numberOfFeatures BETWEEN 2 AND 4", ["east"]),
        (
            "updated BETWEEN TIMESTAMP('2026-05-01T00:00:00Z') AND TIMESTAMP('2026-07-01T00:00:00Z')",
            ["east", "mines"],
        ),
        ("S_INTERSECTS(geometry, BBOX(151, 1, 152, 2))", ["east"]),
        ("A_CONTAINS(keywords, ('ore'))", ["mines", "mines.release.1"]),
        ('{"op": "=", "args": [{"property": "id"}, "east"]}', ["east"]),
    ],
)
def test_filter_decides(text: str, found: list[str]) -> None:
    assert ids(Search(filter=Filter(text, QUERYABLES))) == found


_TWO = '{"op": "between", "args": [{"property": "title"}, 1]}'


@pytest.mark.parametrize(
    "text", ["titel = 'x'", "= =", "", "{", '{"op": "="}', "title = 'a' AND nothing IS NULL", _TWO]
)
def test_filter_that_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(InvalidParameterError):
        Filter(text, QUERYABLES)


@pytest.mark.parametrize("text", ["title = 1", "title", "soundex(title) = 'M'"])
def test_filter_that_cannot_be_decided_is_told(text: str) -> None:
    with pytest.raises(InvalidParameterError):
        INDEX.search(Search(filter=Filter(text, QUERYABLES)))


@pytest.mark.parametrize(
    "text", ["(" * 50, "(" * 5000, "(" * 24 + "type dataset" + ")" * 24, '{"op":"not","args":[' * 600]
)
def test_hostile_filter_is_refused_before_it_is_parsed(text: str) -> None:
    started = time.process_time()
    with pytest.raises(InvalidParameterError):
        Filter(text, {"type": {}})
    assert time.process_time() - started < 1  # a hundredth of it is usual; this is about not hanging
