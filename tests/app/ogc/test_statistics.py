"""The statistics as a collection without geometry: what is asked for is what comes, page by page and as a file."""

# SPDX-License-Identifier: Apache-2.0

import csv
import io
import re
from typing import Any

import httpx
import pytest

PATH = "/ogc/collections/statistics"


def items(http: httpx.Client, **asked: Any) -> Any:
    answer = http.get(f"{PATH}/items", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    return answer.json()


def ids(found: Any) -> list[int]:
    return [feature["id"] for feature in found["features"]]


def test_the_collection_is_listed_as_it_tells_of_itself(http: httpx.Client) -> None:
    listed = {one["id"]: one for one in http.get("/ogc/collections").json()["collections"]}
    told = http.get(PATH).json()
    assert listed["statistics"] == told
    assert re.search(r"1\d\d\d to 20\d\d, without geometry", http.get(PATH, params={"f": "html"}).text)
    for link in told["links"]:
        answer = http.get(link["href"].removeprefix(str(http.base_url)))
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, link["type"])


def test_the_description_of_the_api_has_its_items_and_fields(http: httpx.Client) -> None:
    document = http.get("/ogc/openapi").json()
    asked = document["paths"][f"{PATH.removeprefix('/ogc')}/items"]["get"]["parameters"]
    names = {document["components"]["parameters"][one["$ref"].split("/")[-1]]["name"] for one in asked if "$ref" in one}
    assert {"indicator", "country", "partner", "commodity", "hs", "isic", "year", "limit", "cursor", "filter"} <= names


def test_queryables_are_the_fields_without_a_geometry(http: httpx.Client) -> None:
    told = http.get(f"{PATH}/queryables").json()
    assert {"indicator", "country", "commodity", "year", "value", "unit"} <= told["properties"].keys()
    assert not any("geometry" in one.get("format", "") for one in told["properties"].values())
    assert told["additionalProperties"] is False
    assert told["$id"].endswith(f"{PATH}/queryables")


def test_a_figure_is_what_the_statistics_say(http: httpx.Client) -> None:
    asked = {"indicator": "mine-production", "country": "IDN", "commodity": "nickel", "content": "contained-metal"}
    (feature,) = items(http, **asked, year=2023)["features"]
    same = http.get(f"/api/v1/statistics/observations/{feature['id']}").json()["observation"]
    assert feature["geometry"] is None
    assert feature["properties"]["value"] == same["value"] == 1_800_000
    assert http.get(f"{PATH}/items/{feature['id']}").json()["properties"] == feature["properties"]


def test_pages_lead_through_the_whole_slice_once(http: httpx.Client) -> None:
    both = "country IN ('IDN', 'PHL')"
    whole = items(http, filter=both, limit=10_000)
    page = items(http, filter=both, limit=250)
    found = ids(page)
    while href := next((link["href"] for link in page["links"] if link["rel"] == "next"), None):
        page = http.get(href.removeprefix(str(http.base_url))).json()
        assert page["numberMatched"] == whole["numberMatched"]
        found += ids(page)
    assert found == ids(whole)
    assert len(found) == len(set(found)) == whole["numberMatched"] > 500


SAME = [
    ({"country": "IDN"}, "country = 'IDN'"),
    ({"country": "IDN", "commodity": "tin,lead"}, "country = 'IDN' AND commodity IN ('tin', 'lead')"),
    ({"commodity": "base-metal"}, "commodity = 'base-metal'"),
    ({"year": "2020,2021"}, "year IN (2020, 2021)"),
    ({"datetime": "2020-05-01/2021-03-01"}, "year BETWEEN 2020 AND 2021"),
    ({"datetime": "2020-05-01/.."}, "year >= 2020"),
    ({"estimated": "true", "country": "MYS"}, "estimated = true AND country = 'MYS'"),
]


@pytest.mark.parametrize(("asked", "text"), SAME)
def test_parameters_and_filters_mean_the_same(http: httpx.Client, asked: dict[str, str], text: str) -> None:
    found = items(http, **asked, limit=10_000)
    assert found["features"]
    assert ids(found) == ids(items(http, filter=text, limit=10_000))


@pytest.mark.parametrize(
    "text", ["NOT (country = 'IDN')", "country <> 'IDN'", "country = 'IDN' OR value > 1000", "country LIKE 'I%'"]
)
def test_any_condition_is_answered_as_the_rows_say(http: httpx.Client, text: str) -> None:
    rows = items(http, limit=10_000)["features"]
    country = {row["id"]: row["properties"]["country"] for row in rows}
    value = {row["id"]: row["properties"]["value"] for row in rows}
    wanted = {
        "NOT (country = 'IDN')": lambda one: country[one] != "IDN",
        "country <> 'IDN'": lambda one: country[one] != "IDN",
        "country = 'IDN' OR value > 1000": lambda one: country[one] == "IDN" or value[one] > 1000,
        "country LIKE 'I%'": lambda one: country[one].startswith("I"),
    }[text]
    assert ids(items(http, filter=text, limit=10_000)) == [one for one in country if wanted(one)]


def test_conditions_on_one_field_must_all_hold(http: httpx.Client) -> None:
    assert items(http, filter="country = 'IDN' AND country = 'PHL'")["numberMatched"] == 0
    assert items(http, country="IDN", filter="country = 'PHL'")["numberMatched"] == 0
    assert items(http, country="IDN", filter="country IN ('IDN', 'PHL')", limit=10_000)["numberMatched"] > 0


def test_core_fc_bbox_response_matches_figures_as_they_have_no_geometry(http: httpx.Client) -> None:
    assert items(http, bbox="0,0,1,1")["numberMatched"] == items(http)["numberMatched"]


def test_a_figure_lies_nowhere(http: httpx.Client) -> None:
    assert items(http, filter="S_INTERSECTS(geometry, BBOX(-180,-90,180,90))")["numberMatched"] == 0
    assert items(http, filter="geometry IS NULL")["numberMatched"] == items(http)["numberMatched"]


def test_the_file_has_the_whole_slice_under_one_head(http: httpx.Client) -> None:
    answer = http.get(f"{PATH}/items", params={"f": "csv", "country": "IDN"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert [int(row["id"]) for row in rows] == ids(items(http, country="IDN", limit=10_000))
    short = http.get(f"{PATH}/items", params={"f": "csv", "country": "IDN", "limit": 7})
    assert len(list(csv.DictReader(io.StringIO(short.text)))) == 7


def test_people_get_a_page_and_are_led_from_a_figure_to_its_source(http: httpx.Client) -> None:
    page = http.get(f"{PATH}/items", params={"f": "html", "commodity": "tin"})
    assert "<html" in page.text
    assert "data-features-map" not in page.text
    led = http.get(f"{PATH}/items/5", params={"f": "html"})
    assert (led.status_code, led.headers["location"]) == (303, f"{str(http.base_url).rstrip('/')}/statistics/figures/5")


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("items?contry=IDN", 400, "did you mean 'country'?"),
        ("items?year=x", 400, "year is a number"),
        ("items?cursor=abc", 400, "no cursor of this collection"),
        ("items?cursor=99999999", 404, "no figure of number 99999999"),
        ("items?filter=contry='IDN'", 400, "did you mean 'country'?"),
        ("items?filter=year='x'", 400, "year is"),
        ("items?filter-lang=sql", 400, "filter-lang must be one of"),
        ("items?limit=0", 400, "limit"),
        ("items?bbox=1,2,3", 400, "bbox"),
        ("items?datetime=yesterday", 400, "datetime"),
        ("items?f=xlsx", 400, "f"),
        ("items/0", 404, "no figure of number"),
        ("items/99999999999999999999", 404, "no figure of number"),
        ("items/x", 404, "no figure of number"),
    ],
)
def test_wrong_questions_are_told_by_their_name(http: httpx.Client, path: str, status: int, told: str) -> None:
    answer = http.get(f"{PATH}/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert told in answer.json()["detail"]


def test_who_has_a_page_is_not_sent_it_again(http: httpx.Client) -> None:
    answer = http.get(f"{PATH}/items")
    assert http.get(f"{PATH}/items", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
