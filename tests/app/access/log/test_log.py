"""The audit log as it is searched and exported: each sees the lines their mandate covers."""

# SPDX-License-Identifier: Apache-2.0

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.access.log.commands import export_log, verify_log
from app.audit.service import Event, Outcome, Who, record
from app.db.roles import DatabaseUrls
from app.errors import InvalidInputError
from app.settings import Settings
from tests.app.access.cast import SECRET, Cast, cast_in, site_in
from tests.conftest import clone

API = "/api/v1/audit"


@pytest.fixture(scope="module")
def cast(template: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """The cast in a log of lines of either member state and of the region."""
    with clone(template, "log") as urls, cast_in(urls, site_in(urls, tmp_path_factory.mktemp("own"))) as cast:
        with cast.application() as connection:
            for number in range(60):
                member = cast[("contributor IDN", "contributor MYS", "regional-reviewer region")[number % 3]]
                who = Who(member.person, member.name, member.role.value, member.country, "127.0.0.1")
                outcome = Outcome.REFUSED if number % 10 == 0 else Outcome.DONE
                detail = {"note": "=1+1" if number == 0 else f"step {number}"}
                record(connection, who, Event("update", "submission", str(number), outcome=outcome, detail=detail))
        yield cast


def lines(cast: Cast, name: str, query: str = "") -> dict[str, Any]:
    answer = cast.client(name).get(f"{API}?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_everybody_sees_the_lines_their_mandate_covers(cast: Cast) -> None:
    mine = lines(cast, "contributor IDN", "action=update&limit=200")
    assert {one["person"] for one in mine["lines"]} == {cast["contributor IDN"].person}
    assert mine["total"] == len(mine["lines"]) == 20
    state = lines(cast, "national-administrator IDN", "action=update&limit=200")
    assert {one["country"] for one in state["lines"]} == {"IDN"}
    region = lines(cast, "secretariat region", "action=update&limit=200")
    assert {one["country"] for one in region["lines"]} == {"IDN", "MYS", None}
    assert region["total"] == 60


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q=STEP 17", 1),
        ("q=step_17", 0),  # what is typed is no pattern
        ("q=%25", 0),
        ("outcome=refused&kind=submission", 6),
        ("kind=submission", 60),
        ("country=MYS&kind=submission", 20),
        ("action=update&to=2020-01-01", 0),
        ("action=update&from=2020-01-01", 60),
    ],
)
def test_search_finds_what_is_asked_for(cast: Cast, query: str, count: int) -> None:
    assert lines(cast, "secretariat region", query)["total"] == count


def test_one_persons_lines(cast: Cast) -> None:
    person = cast["contributor MYS"].person
    assert lines(cast, "secretariat region", f"person={person}&kind=submission")["total"] == 20
    assert lines(cast, "contributor IDN", f"person={person}")["total"] == 0


def test_pages_hold_every_line_once_the_newest_first(cast: Cast) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = lines(cast, "secretariat region", f"kind=submission&limit=7&cursor={cursor}".removesuffix("&cursor="))
        seen += [one["number"] for one in page["lines"]]
        cursor = page["next"]
    assert len(seen) == 60
    assert seen == sorted(set(seen), reverse=True)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("from=2026-02-30", "from"),
        ("from=2026-03-01&to=2026-02-01", "to"),
        ("outcome=maybe", "outcome"),
        ("country=idn", "country"),
        ("cursor=x", "cursor"),
        ("limit=0", "limit"),
    ],
)
def test_wrong_question_names_the_parameter(cast: Cast, query: str, parameter: str) -> None:
    answer = cast.client("secretariat region").get(f"{API}?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


def test_export_holds_what_one_may_see_and_is_itself_logged(cast: Cast) -> None:
    answer = cast.client("national-administrator IDN").get(f"{API}/export?f=csv&kind=submission")
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 20
    assert {row["country"] for row in rows} == {"IDN"}
    assert json.loads(rows[1]["detail"])["note"] == "step 3"
    line = cast.audit("export")[-1]
    assert (line["person_id"], line["detail"]) == (
        cast["national-administrator IDN"].person,
        {"format": "csv", "kind": "submission"},
    )
    answer = cast.client("secretariat region").get(f"{API}/export?f=jsonl&kind=submission")
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["number"] for one in told] == sorted(one["number"] for one in told)
    assert len(told) == 60


def test_names_in_an_exported_table_are_no_formulas(cast: Cast) -> None:
    with cast.application() as connection:
        record(connection, Who(None, '=HYPERLINK("http://x")'), Event("sign in", "formula"))
    rows = csv.DictReader(io.StringIO(cast.client("secretariat region").get(f"{API}/export?kind=formula").text))
    assert [row["name"] for row in rows] == ['\'=HYPERLINK("http://x")']


@pytest.mark.parametrize("name", ["contributor IDN", "national-reviewer IDN", "observer region"])
def test_those_without_the_right_export_nothing(cast: Cast, name: str) -> None:
    assert cast.client(name).get(f"{API}/export").status_code == 403


def test_chain_is_verified_for_those_whose_mandate_covers_the_region(cast: Cast) -> None:
    found = cast.client("secretariat region").get(f"{API}/verify").json()
    assert found["valid"]
    assert found["lines"] >= 60
    assert cast.client("national-administrator IDN").get(f"{API}/verify").status_code == 403


def test_commands_verify_and_export(cast: Cast, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, secret_key=SECRET)
    assert verify_log(settings, cast.urls).valid
    file = tmp_path / "log.jsonl"
    count = export_log(cast.urls, file, None, None)
    assert count == len(file.read_text().splitlines()) >= 60
    with pytest.raises(InvalidInputError, match="give the file one of these suffixes"):
        export_log(cast.urls, tmp_path / "log.txt", None, None)
