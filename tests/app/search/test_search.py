"""Search on the region's data: languages, slips, identifiers, order, counts, bad input; on the page and by the API."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.running import Running


@pytest.fixture(scope="module")
def http(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        yield client


def groups(http: httpx.Client, q: str, **more: Any) -> dict[str, dict[str, Any]]:
    answer = http.get("/api/v1/search", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    return {group["kind"]: group for group in answer.json()["groups"]}


def suggested(http: httpx.Client, q: str, **more: Any) -> list[dict[str, Any]]:
    answer = http.get("/api/v1/search/suggest", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["suggestions"]
    return found


@pytest.mark.parametrize(
    ("typed", "language"),
    [("timah", "id"), ("ดีบุก", "th"), ("thiếc", "vi"), ("thiec", "vi"), ("锡", "zh"), ("TIN", "en")],
)
def test_a_commodity_is_found_in_every_language(http: httpx.Client, typed: str, language: str) -> None:
    first = suggested(http, typed)[0]
    assert (first["kind"], first["id"], first["href"]) == ("commodity", "tin", "/commodities/tin")
    assert (first["title"], first["language"], first["similar"]) == ("tin", language, False)


@pytest.mark.parametrize(("typed", "code"), [("Filipina", "PHL"), ("ไทย", "THA"), ("VNM", "VNM"), ("indonesia", "IDN")])
def test_a_country_is_found_in_the_regions_languages_and_by_its_code(http: httpx.Client, typed: str, code: str) -> None:
    found = groups(http, typed)["country"]["results"][0]
    assert (found["id"], found["href"]) == (code, f"/countries/{code}")


@pytest.mark.parametrize(
    ("typed", "title"),
    [("grasburg", "Grasberg"), ("garsberg", "Grasberg"), ("indonsia", "Indonesia"), ("copepr", "copper")],
)
def test_slips_are_forgiven_and_said_to_be_so(http: httpx.Client, typed: str, title: str) -> None:
    found = suggested(http, typed)
    assert found[0]["title"] == title
    assert all(one["similar"] for one in found)
    assert not any(one["similar"] for one in suggested(http, title))


def test_a_site_is_found_by_name_other_name_identifier_and_words_in_any_order(http: httpx.Client) -> None:
    for typed in ("Timah Dermawan", "dermawan timah", "icmm-07378", "ICMM-07378"):
        found = groups(http, typed)["site"]["results"]
        assert ("icmm-07378", "/id/icmm-07378") in [(one["id"], one["href"]) for one in found], typed
    assert http.get("/id/icmm-07378").status_code == 303


def test_exact_comes_before_beginning_before_a_word_inside(http: httpx.Client) -> None:
    names = [one["name"].lower() for one in groups(http, "sepon")["site"]["results"]]
    exact = [name == "sepon" for name in names]
    begins = [name.startswith("sepon") for name in names]
    assert exact[0]
    assert exact == sorted(exact, reverse=True)
    assert begins == sorted(begins, reverse=True)


def test_datasets_releases_and_indicators_are_found(http: httpx.Client) -> None:
    found = groups(http, "mineral deposits")
    assert found["dataset"]["results"][0]["href"] == "/datasets/mineral-deposits"
    assert found["release"]["results"][0]["href"] == "/datasets/mineral-deposits#release-1"
    assert groups(http, "foreign direct investment")["indicator"]["results"][0]["href"].startswith("/statistics")
    for kind in ("dataset", "release"):
        for one in found[kind]["results"]:
            assert http.get(one["href"]).status_code == 200, one


def test_geology_is_found_apart_from_sites_and_counted(http: httpx.Client) -> None:
    found = groups(http, "quaternary", limit=3)
    assert set(found) >= {"feature"}
    assert len(found["feature"]["results"]) == 3
    matched = http.get("/ogc/collections/geologic-units/items", params={"q": "quaternary", "limit": 1}).json()
    assert 3 < found["feature"]["matched"] <= matched["numberMatched"]


def test_one_kind_can_be_asked_for(http: httpx.Client) -> None:
    assert list(groups(http, "timah", kind="site")) == ["site"]


def test_no_kind_takes_all_suggestions(http: httpx.Client) -> None:
    found = suggested(http, "gold", limit=6)
    assert len(found) == 6
    assert found[0]["kind"] == "commodity"
    assert len({one["kind"] for one in found}) > 1


def test_nothing_is_invented(http: httpx.Client) -> None:
    assert groups(http, "xqzwvjk") == {}
    assert suggested(http, "!!!") == []


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/search/suggest"])
@pytest.mark.parametrize(
    ("q", "told"),
    [(None, "q"), ("", "empty"), ("   ", "empty"), ("x" * 201, "200"), ("a\x00b", "control"), ("\x1b[2J", "control")],
)
def test_bad_input_is_told(http: httpx.Client, path: str, q: str | None, told: str) -> None:
    answer = http.get(path, params={} if q is None else {"q": q})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.json()["detail"]
    assert answer.json()["parameter"] == "q"


@pytest.mark.parametrize("query", ["kind=mine", "limit=0", "limit=101"])
def test_other_parameters_are_checked(http: httpx.Client, query: str) -> None:
    assert http.get(f"/api/v1/search?q=tin&{query}").status_code == 400


@pytest.mark.parametrize(
    "typed",
    ["'; DROP TABLE x --", "%", "_", "\\", "%%%", "a' OR '1'='1", "{}", "\u202e", "🜚", "x " * 99, "تیمه\u200cها"],
)
def test_odd_input_is_looked_for_as_it_is(http: httpx.Client, typed: str) -> None:
    assert http.get("/api/v1/search", params={"q": typed}).status_code == 200
    assert http.get("/search", params={"q": typed}).status_code == 200


def test_the_page_has_the_results_without_javascript(http: httpx.Client) -> None:
    page = http.get("/search", params={"q": "timah"}).text
    assert re.search(r'<a href="/commodities/tin">\s*tin', page)
    assert "<mark>timah</mark></span> in Indonesian" in page
    assert 'href="/id/icmm-07378"' in page


def test_the_page_helps_when_nothing_is_found_or_asked(http: httpx.Client) -> None:
    for path in ("/search", "/search?q=", "/search?q=xqzwvjk"):
        page = http.get(path)
        assert page.status_code == 200
        assert "What can be found" in page.text
    assert "Nothing was found for “xqzwvjk”" in page.text


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("q=%00", 400, "control characters"),
        (f"q={'x' * 300}", 400, "300 characters"),
        ("q=tin&kind=mines", 400, "no kind of result"),
        ("q=%3Cscript%3Ealert(1)%3C/script%3E", 200, "&lt;script&gt;alert(1)"),
    ],
)
def test_the_page_tells_mistakes_and_repeats_no_markup(http: httpx.Client, query: str, status: int, told: str) -> None:
    page = http.get(f"/search?{query}", headers={"Accept": "text/html"})
    assert page.status_code == status
    assert told in page.text
    assert "<script>alert" not in page.text


def test_the_page_speaks_the_readers_language_and_goes_on_in_it(http: httpx.Client) -> None:
    page = http.get("/search", params={"q": "tin", "lang": "id"})
    assert page.headers["content-language"] == "id"
    assert "Hasil untuk “tin”" in page.text
    assert re.search(r'<a href="/commodities/tin\?lang=id">\s*timah', page.text)
    assert re.search(r"<mark>tin</mark></span> dalam bahasa \w+", page.text)
    assert http.get("/search", params={"q": "tin"}, headers={"Accept-Language": "id"}).text.count("Hasil untuk") == 1
    assert http.get("/search?q=tin&lang=xx").status_code == 400
