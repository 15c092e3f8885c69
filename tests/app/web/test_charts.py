"""Charts against the running system: every value again from the rows and the release it cites."""

# SPDX-License-Identifier: Apache-2.0

import csv
import io
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

import pytest

from app.statistics.codes import TOTAL
from app.web.charts.registry import CHARTS
from app.web.charts.shown import SIZES
from tests.running import Running

API = "/api/v1/statistics"
PARAMETERS: dict[str, list[dict[str, str]]] = {
    "series": [
        {"indicator": "mine-production", "commodity": "tin", "content": "contained-metal"},
        {"indicator": "mine-production", "commodity": "tin", "content": "not-stated", "from": "1745", "to": "2012"},
        {"indicator": "mine-production", "commodity": "manganese", "content": "not-stated"},
        {"indicator": "reserves", "commodity": "nickel", "content": "contained-metal", "country": "IDN,PHL"},
        {"indicator": "exports", "commodity": TOTAL, "partner": TOTAL},
        {"indicator": "exports-share"},
    ],
    "trade": [{}, {"country": "THA"}],
    "trade-shares": [{}],
    "world-shares": [{}, {"commodity": "tin"}],
    "investment": [{}],
}

SHARE_OF_GOLD = {"indicator": "world-production-share", "commodity": "gold"}


def _get(server: Running, path: str) -> bytes:
    with urllib.request.urlopen(server.url + path, timeout=120) as answer:
        body: bytes = answer.read()
    return body


def _values(server: Running, chart: str, asked: dict[str, str]) -> list[dict[str, str]]:
    text = _get(server, f"/charts/{chart}.csv?{urlencode(asked)}").decode()
    return list(csv.DictReader(io.StringIO(text)))


def _problem(server: Running, path: str) -> tuple[int, dict[str, Any]]:
    with pytest.raises(urllib.error.HTTPError) as refused:
        _get(server, path)
    with refused.value as answer:
        return answer.code, json.load(answer)


def test_every_chart_is_recomputed_here() -> None:
    assert set(PARAMETERS) == set(CHARTS)


@pytest.mark.parametrize(
    ("chart", "asked"),
    [(chart, asked) for chart, several in PARAMETERS.items() for asked in several],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.values()) or "all",
)
def test_every_value_is_that_of_its_rows_in_the_cited_release(
    server: Running, chart: str, asked: dict[str, str]
) -> None:
    values = _values(server, chart, asked)
    assert bool(values) == (chart != "investment")
    release = json.loads(_get(server, API))["release"]["number"]
    units = {value["unit"] for value in values}
    assert len(units) <= 1
    for value in values[:400]:
        assert int(value["release"]) == release
        told = json.loads(_get(server, value["rows"]))
        rows = [told["observation"]] if "observation" in told else told["observations"]
        assert len(rows) == int(value["observations"])
        assert {(row["country"], row["year"]) for row in rows} == {(value["country"], int(value["year"]))}
        assert {row["content"] for row in rows} == {value["content"]}
        if "observation" in told:
            _same_figure(server, value, rows[0])
        else:
            assert sum(row["value"] for row in rows) == pytest.approx(float(value["value"]), rel=1e-12)
        states = {row["estimated"] for row in rows}
        expected = "estimated" if True in states else "not-stated" if None in states else "reported"
        assert value["state"] == expected


def _same_figure(server: Running, value: dict[str, str], row: dict[str, Any]) -> None:
    """The value is the figure of the row, which the slice it is in gives in the unit of the chart."""
    dimensions = ("indicator", "country", "partner", "commodity", "content")
    asked = {name: row[name] for name in dimensions} | {"from": row["year"], "to": row["year"], "unit": value["unit"]}
    (found,) = json.loads(_get(server, f"{API}/observations?{urlencode(asked)}"))["observations"]
    assert (found["id"], found["value"]) == (row["id"], float(value["value"]))


def test_a_chart_never_adds_ore_and_contained_metal(server: Running) -> None:
    status, told = _problem(server, "/charts/series.csv?indicator=mine-production&commodity=nickel")
    assert status == 409
    assert "ore is not contained metal" in told["detail"]


def test_shares_are_never_added(server: Running) -> None:
    values = _values(server, "series", {"indicator": "exports-share"})
    assert {value["observations"] for value in values} == {"1"}


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_is_drawn_in_both_schemes_and_sizes(server: Running, chart: str) -> None:
    asked = PARAMETERS[chart][0]
    for scheme, ground in (("light", b"#ffffff"), ("dark", b"#131e26")):
        for size in SIZES:
            query = urlencode({**asked, "scheme": scheme, "size": size})
            svg = _get(server, f"/charts/{chart}.svg?{query}")
            assert svg.startswith(b"<svg")
            assert ground in svg
    png = _get(server, f"/charts/{chart}.png?{urlencode({**asked, 'titled': 'true'})}")
    assert png.startswith(b"\x89PNG")


def test_a_titled_chart_names_unit_source_and_release(server: Running) -> None:
    svg = _get(server, f"/charts/trade.svg?{urlencode({'titled': 'true', 'lang': 'id'})}").decode()
    for told in ("Ekspor dan impor mineral", "juta dolar AS", "AMCAP-III", "rilis 1"):
        assert told in svg


@pytest.mark.parametrize(
    ("asked", "language", "shown", "wrong"),
    [
        (PARAMETERS["series"][3], "id", "60.000.000", "60,000,000"),
        (PARAMETERS["series"][3], "en", "60,000,000", "60.000.000"),
        (SHARE_OF_GOLD, "id", ">0,5<", ">0.5<"),
        (SHARE_OF_GOLD, "en", ">0.5<", ">0,5<"),
    ],
)
def test_the_axes_of_a_picture_write_numbers_as_the_language_does(
    server: Running, asked: dict[str, str], language: str, shown: str, wrong: str
) -> None:
    svg = _get(server, f"/charts/series.svg?{urlencode({**asked, 'lang': language})}").decode()
    assert shown in svg
    assert wrong not in svg


def test_the_specification_names_estimates_and_gaps(server: Running) -> None:
    query = urlencode({**PARAMETERS["series"][2], "from": "1920", "to": "2014"})
    told = json.loads(_get(server, f"/charts/series.vl.json?{query}"))
    rows = told["specification"]["data"]["values"]
    assert any(row["value"] is None for row in rows), "a gap is a row without a value, so that a line breaks there"
    assert told["numbers"]["decimal"] == "."


def test_bad_requests_name_what_is_wrong_and_what_is_near(server: Running) -> None:
    for path, status, told in (
        ("/charts/trad.svg", 404, "did you mean 'trade'"),
        ("/charts/trade.gif", 400, "svg, png, csv, vl.json"),
        ("/charts/trade.svg?contry=THA", 400, "did you mean 'country'"),
        ("/charts/trade.svg?country=THI", 404, "did you mean 'THA'"),
        ("/charts/series.svg", 400, "needs the parameter indicator"),
        ("/charts/series.svg?indicator=reserves&from=x", 400, "from: a whole number"),
        ("/charts/series.svg?indicator=reserves&from=2020&to=2010", 400, "from"),
        ("/charts/trade.svg?size=huge", 400, "size"),
        ("/charts/trade.svg?lang=xx", 400, "lang"),
        ("/charts/trade.svg?release=9", 404, "release 9"),
    ):
        code, problem = _problem(server, path)
        assert (code, told in problem["detail"]) == (status, True), (path, problem["detail"])
