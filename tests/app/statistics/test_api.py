"""The statistics over HTTP, with the region's own figures."""

# SPDX-License-Identifier: Apache-2.0

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.statistics.schemas import SliceOut, TotalsOut
from tests.running import Running

NICKEL = {"indicator": "mine-production", "commodity": "nickel", "content": "contained-metal"}


@pytest.fixture(scope="module")
def api(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=120) as client:
        yield client


def figures(api: httpx.Client, path: str = "/statistics/observations", **asked: Any) -> Any:
    answer = api.get(path, params=asked or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_cube_tells_its_codes_years_and_release(api: httpx.Client) -> None:
    cube = figures(api, "/statistics")
    assert cube["observations"] == cube["release"]["total"] > 3000
    assert cube["release"]["number"] == 1
    assert cube["release"]["citation"].endswith("/api/v1/statistics?release=1")
    indicators = {code["code"]: code for code in cube["dimensions"][0]["codes"]}
    assert indicators["mine-production"]["observations"] > 2000
    assert "production" not in indicators
    countries = {code["code"]: code["observations"] for code in cube["dimensions"][1]["codes"]}
    assert countries["TLS"] == 0 < countries["IDN"]


def test_an_empty_series_says_what_would_fill_it(api: httpx.Client) -> None:
    indicators = {code["code"]: code for code in figures(api, "/statistics")["dimensions"][0]["codes"]}
    for name in ("price", "foreign-direct-investment", "value-added", "exploration-spending"):
        assert indicators[name]["observations"] == 0
        assert indicators[name]["fill"]


def test_indonesian_nickel_is_1_8_million_tonnes_of_metal(api: httpx.Client) -> None:
    asked = {**NICKEL, "country": "IDN", "from": 2023, "to": 2023}
    (figure,) = figures(api, **asked, unit="Mt")["observations"]
    assert (figure["value"], figure["unit"], figure["estimated"]) == (1.8, "Mt", True)
    assert (figure["publishedValue"], figure["publishedUnit"]) == (1_800_000, "t")
    why = figures(api, figure["why"].removeprefix("/api/v1"))
    assert why["observation"]["value"] == 1_800_000
    assert why["citation"]


def test_pages_lead_through_the_whole_slice(api: httpx.Client) -> None:
    whole = figures(api, indicator="mine-production", country="IDN,PHL", limit=10_000)["observations"]
    found: list[Any] = []
    page = figures(api, indicator="mine-production", country="IDN,PHL", limit=300)
    while True:
        found += page["observations"]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        page = httpx.get(str(api.base_url).removesuffix("/api/v1/") + following[0], timeout=120).json()
    assert found == whole
    assert len(whole) > 600


def test_every_total_is_the_sum_of_the_rows_it_links_to(api: httpx.Client) -> None:
    told = figures(api, "/statistics/totals", **NICKEL, **{"from": 2021}, unit="kt")
    assert [one["year"] for one in told["totals"]] == [2021, 2022, 2023]
    for total in told["totals"]:
        rows = figures(api, total["rows"].removeprefix("/api/v1"))["observations"]
        assert sum(row["value"] for row in rows) == pytest.approx(total["value"])
        assert len(rows) == total["observations"]
        assert sorted({row["country"] for row in rows}) == total["countries"]
        assert "release=1" in total["rows"]
    assert "VNM" in told["coverage"][0]["missing"]


def test_shares_are_by_country(api: httpx.Client) -> None:
    told = figures(api, "/statistics/totals", **NICKEL, **{"from": 2023}, by="country")
    shares = {one["codes"]["country"]: one["share"] for one in told["totals"]}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["IDN"] > 0.8


@pytest.mark.parametrize(
    ("path", "asked", "status", "told"),
    [
        ("observations", {"commodity": "nikel"}, 404, "did you mean 'nickel'?"),
        ("observations", {"indicator": "mine_production"}, 404, "did you mean 'mine-production'?"),
        ("observations", {"country": "indonesia"}, 404, "country: there is no code"),
        ("observations", {"hs": "260401"}, 404, "hs: there is no code"),
        ("observations", {"from": "2023", "to": "2020"}, 400, "from: 2023 is after to: 2020"),
        ("observations", {"from": "x"}, 400, "from: "),
        ("observations", {"from": "20230"}, 400, "from: "),
        ("observations", {"limit": "10001"}, 400, "limit: "),
        ("observations", {"f": "xlsx"}, 400, "f: 'xlsx' is none of json, csv"),
        ("observations", {"comodity": "nickel"}, 400, "did you mean 'commodity'?"),
        ("observations", {"unit": "tonnes", **NICKEL}, 400, "unit: 'tonnes' is not in the vocabulary unit"),
        ("observations", {"unit": "USD", **NICKEL}, 409, "does not convert into USD"),
        ("observations", {"release": "99"}, 404, "the newest is 1"),
        ("observations", {"after": "999999"}, 404, "no figure of number 999999"),
        ("observations/999999", {}, 404, "no figure of number 999999"),
        ("observations/99999999999999999999", {}, 400, "number: "),
        ("totals", {"indicator": "mine-production", "commodity": "nickel"}, 409, "ore is not contained metal"),
        ("totals", {"indicator": "gdp-share"}, 409, "are never added"),
        ("totals", {"by": "contry", **NICKEL}, 400, "did you mean 'country'?"),
        ("totals", {"unit": "TWh", **NICKEL}, 409, "does not convert into TWh"),
    ],
)
def test_bad_input_is_told_in_a_problem_document(
    api: httpx.Client, path: str, asked: dict[str, str], status: int, told: str
) -> None:
    answer = api.get(f"/statistics/{path}", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert told in answer.json()["detail"]


def test_a_conflict_lists_its_reasons(api: httpx.Client) -> None:
    problem = api.get("/statistics/totals", params={"commodity": "coal,nickel"}).json()
    assert len(problem["reasons"]) > 1
    assert problem["detail"] == " ".join(problem["reasons"])


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("csv", "text/csv"),
        ("sdmx-csv", "application/vnd.sdmx.data+csv"),
        ("sdmx-json", "application/vnd.sdmx.data+json"),
        ("json-stat", "application/json"),
    ],
)
def test_formats_have_their_media_type_and_the_whole_slice(api: httpx.Client, name: str, media_type: str) -> None:
    answer = api.get("/statistics/observations", params={**NICKEL, "f": name})
    assert answer.headers["content-type"].startswith(media_type)
    count = len(figures(api, **NICKEL)["observations"])
    if "csv" in name:
        assert len(list(csv.DictReader(io.StringIO(answer.text)))) == count
    elif name == "json-stat":
        assert len(answer.json()["value"]) == count
    else:
        assert len(answer.json()["data"]["dataSets"][0]["observations"]) == count


def test_an_answer_is_fresh_until_the_next_release(api: httpx.Client) -> None:
    first = api.get("/statistics/observations", params=NICKEL)
    again = api.get("/statistics/observations", params=NICKEL, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = api.get("/statistics/observations", params={**NICKEL, "f": "csv"})
    assert other.headers["etag"] != first.headers["etag"]


def test_a_commodity_is_known_with_all_its_names_codes_figures_and_sites(api: httpx.Client) -> None:
    nickel = figures(api, "/commodities/nickel")
    assert nickel["labels"]["id"] == "nikel"
    assert [one["code"] for one in nickel["broader"]] == ["base-metal"]
    assert {"260400", "750120"} <= {one["code"] for one in nickel["hs"]}
    assert {one["code"] for one in nickel["isic"]} == {"0729", "2420"}
    series = {(one["indicator"], one["content"]): one for one in nickel["series"]}
    linked = figures(api, series["mine-production", "contained-metal"]["href"].removeprefix("/api/v1"))
    assert linked["numberReturned"] == series["mine-production", "contained-metal"]["observations"]
    assert {one["layer"]: one["count"] for one in nickel["sites"]}["mineral-deposits"] > 20
    wider = {one["layer"]: one["count"] for one in figures(api, "/commodities/base-metal")["sites"]}
    assert wider["mineral-deposits"] > {one["layer"]: one["count"] for one in nickel["sites"]}["mineral-deposits"]


def test_an_unknown_commodity_is_told_with_the_nearest(api: httpx.Client) -> None:
    answer = api.get("/commodities/nikel")
    assert answer.status_code == 404
    assert "did you mean 'nickel'?" in answer.json()["detail"]


def test_the_checks_tell_doubts_with_their_figures_and_what_they_could_not_compare(api: httpx.Client) -> None:
    told = figures(api, "/statistics/checks", commodity="bauxite")
    found = {one["id"]: one for one in told["checks"]}
    assert told["release"] == 1
    assert list(found) == ["mirror-trade", "mass-balance", "hs-editions", "outliers"]
    assert found["mirror-trade"]["compared"] == 0 < found["outliers"]["compared"]
    doubts = found["outliers"]["doubts"]
    ban = next(one for one in doubts if one["told"].startswith("bauxite, Mine production of Indonesia, 2014: 2,555 kt"))
    (figure,) = ban["figures"]
    assert figures(api, figure["why"].removeprefix("/api/v1"))["observation"]["value"] == 2555
    weights = [one["weight"] for one in doubts]
    assert weights == sorted(weights, reverse=True)
    assert found["outliers"]["matched"] == len(doubts)


def test_the_checks_are_a_file_of_all_doubts(api: httpx.Client) -> None:
    answer = api.get("/statistics/checks", params={"check": "outliers", "f": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert [row["rank"] for row in rows] == [str(place) for place in range(1, len(rows) + 1)]
    assert len(rows) == figures(api, "/statistics/checks", limit=1)["checks"][-1]["matched"]


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ({"check": "mirror"}, 400, "did you mean 'mirror-trade'?"),
        ({"f": "xlsx"}, 400, "none of json, csv"),
        ({"commodity": "bauxit"}, 404, "did you mean 'bauxite'?"),
        ({"comodity": "bauxite"}, 400, "There is no parameter"),
        ({"limit": "0"}, 400, "limit"),
    ],
)
def test_wrong_checks_are_refused_with_what_would_be_right(
    api: httpx.Client, asked: dict[str, str], status: int, told: str
) -> None:
    answer = api.get("/statistics/checks", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert told in answer.json()["detail"]


def test_what_is_written_at_once_is_what_the_description_promises(api: httpx.Client) -> None:
    for path, model, asked in (
        ("/statistics/observations", SliceOut, {**NICKEL, "unit": "kt"}),
        ("/statistics/totals", TotalsOut, {**NICKEL, "by": "country"}),
    ):
        told = figures(api, path, **asked)
        assert model.model_validate(told, strict=True).model_dump() == told
