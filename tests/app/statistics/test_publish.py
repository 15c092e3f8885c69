"""The life of figures: each load is a release, what it replaces is kept, and it is whole or nothing."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from app.db.roles import DatabaseUrls
from app.errors import InvalidDataError
from app.loading import load_region
from app.releases.datasets import CHANNEL, Publication
from app.statistics import queries
from app.statistics.selection import Selection
from tests.app.releases.region import REGION, ask, engine
from tests.app.statistics.figures import Row, exports, production

A, B, C = production(year="2021", value="1040"), production(year="2022", value="1580"), production(year="2023")
RELEASES = "SELECT number, added, changed, removed, total FROM releases.release WHERE layer = 'statistics' ORDER BY 1"
CURRENT = "SELECT year, value FROM statistics.observation WHERE replaced IS NULL ORDER BY year"


def load(urls: DatabaseUrls, folder: Path, *rows: Row, name: str = "figures.csv") -> Publication | None:
    """Load a region that has nothing but these figures, as `amdis load` does."""
    folder.mkdir(exist_ok=True)
    region = REGION.split("datasets:", maxsplit=1)[0]
    (folder / "region.yml").write_text(f"{region}datasets: []\nstatistics:\n  - {{file: {name}}}\n")
    with (folder / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(column for row in [production(), *rows] for column in row)))
        writer.writeheader()
        writer.writerows(rows)
    with engine(urls) as app:
        return load_region(app, folder, lambda *_: None).statistics


def test_a_load_is_a_release_and_says_what_changed(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    assert load(fresh_urls, tmp_path, A, B) == Publication(1, added=2, changed=0, removed=0, total=2)
    changed = B | {"value": "1600"}
    assert load(fresh_urls, tmp_path, changed, C) == Publication(2, added=1, changed=1, removed=1, total=2)
    assert ask(fresh_urls, RELEASES) == [(1, 2, 0, 0, 2), (2, 1, 1, 1, 2)]
    assert ask(fresh_urls, CURRENT) == [(2022, 1600.0), (2023, 1800.0)]


def test_the_same_figures_in_another_order_are_no_release(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path, A, B)
    before = ask(fresh_urls, "SELECT id, release FROM statistics.observation ORDER BY 1")
    assert load(fresh_urls, tmp_path, B, A) == Publication(1, added=0, changed=0, removed=0, total=2)
    assert ask(fresh_urls, "SELECT id, release FROM statistics.observation ORDER BY 1") == before


def test_the_hash_is_that_of_the_figures_not_of_their_history(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    for rows in ((A, B), (A, C), (B, A)):
        load(fresh_urls, tmp_path, *rows)
    first, second, third = (
        row[0] for row in ask(fresh_urls, "SELECT content_hash FROM releases.release ORDER BY number")
    )
    assert first == third != second


def test_figures_of_a_past_release_are_read_again(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path, A, B)
    load(fresh_urls, tmp_path, B | {"value": "1600"}, C)
    assert _values(fresh_urls, Selection(release=1)) == {2021: 1040.0, 2022: 1580.0}
    assert _values(fresh_urls, Selection()) == {2022: 1600.0, 2023: 1800.0}
    assert _values(fresh_urls, Selection(first_year=2022, release=1)) == {2022: 1580.0}


def test_codes_in_use_are_counted_anew(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path, A, B)
    load(fresh_urls, tmp_path, B, production(commodity="tin", year="2001"))
    counted = "SELECT code, observations, first_year, last_year FROM statistics.code_use WHERE dimension = 'commodity'"
    assert sorted(ask(fresh_urls, counted)) == [("nickel", 1, 2022, 2022), ("tin", 1, 2001, 2001)]


def test_one_wrong_row_and_nothing_is_loaded(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path, A)
    with pytest.raises(InvalidDataError, match=r"figures\.csv: line 3: value: -5 is negative"):
        load(fresh_urls, tmp_path, A, B | {"value": "-5"})
    assert ask(fresh_urls, CURRENT) == [(2021, 1040.0)]
    assert len(ask(fresh_urls, RELEASES)) == 1


def test_a_wrong_total_is_told_by_file_and_line(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    with pytest.raises(InvalidDataError, match=r"figures\.csv: line 2: partner: the total is 9 USD, its 1 parts"):
        load(fresh_urls, tmp_path, exports("_T", "9"), exports("JPN", "5"))


def test_everybody_is_told_of_a_release(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    with psycopg.connect(fresh_urls.public.conninfo(), autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        load(fresh_urls, tmp_path, A)
        told = [notice.payload for notice in listener.notifies(timeout=60, stop_after=1)]
    assert told == ["statistics"]


@pytest.mark.parametrize("cost", [0, 1e9], ids=["looked up first", "in the order of the index"])
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pages_give_every_figure_once_in_the_order_of_the_dimensions(
    fresh_urls: DatabaseUrls, tmp_path: Path, cost: float, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LOOK_UP_COST", cost)
    rows = [
        A,
        C,
        B,
        production(commodity="copper"),
        exports("JPN", "5"),
        exports("CHN", "4"),
        exports("CHN", "4", year="2020"),
    ]
    load(fresh_urls, tmp_path, *rows)
    found = [
        (row["indicator"], row["partner"], row["commodity"], row["year"])
        for row in _walk(fresh_urls, Selection(), limit)
    ]
    assert found == sorted(found)
    assert len(found) == len(rows)
    some = Selection({"commodity": ("nickel", "tin"), "partner": ("CHN", "_Z")}, first_year=2021)
    assert [row["year"] for row in _walk(fresh_urls, some, limit)] == [2023, 2021, 2022, 2023]


def _values(urls: DatabaseUrls, selection: Selection) -> dict[int, float]:
    return {row["year"]: row["value"] for row in _walk(urls, selection, 1)}


def _walk(urls: DatabaseUrls, selection: Selection, limit: int) -> Iterator[Any]:
    """All rows of a slice, page by page."""

    async def page(after: int | None) -> list[Any]:
        connection = await psycopg.AsyncConnection.connect(
            urls.public.conninfo(), autocommit=True, row_factory=dict_row
        )
        async with connection:
            return await queries.observations(
                connection, selection, await queries.codes_in_use(connection), limit, after
            )

    after = None
    while rows := asyncio.run(page(after)):
        yield from rows
        after = rows[-1]["id"]
