"""The pages of the OGC API in the reader's language, and the documents that stay as they are."""

# SPDX-License-Identifier: Apache-2.0

import re
from html.parser import HTMLParser

import httpx
import pytest

PAGES = (
    "/ogc",
    "/ogc/conformance",
    "/ogc/openapi",
    "/ogc/collections",
    "/ogc/collections/mines",
    "/ogc/collections/mines/queryables",
    "/ogc/collections/geologic-units/schema",
    "/ogc/collections/statistics",
    "/ogc/collections/statistics/queryables",
    "/ogc/collections/statistics/schema",
    "/ogc/styles",
    "/ogc/collections/mines/styles",
    "/ogc/styles/mines-by-status",
    "/ogc/tiles",
    "/ogc/collections/mines/map/tiles",
    "/ogc/collections/mines/tiles/WebMercatorQuad",
    "/ogc/tileMatrixSets",
)
OF_FEATURES = (
    "/ogc/collections/mineral-deposits/items",
    "/ogc/collections/mineral-deposits/items/usgs-laterite-54",
    "/ogc/collections/statistics/items",
)
_SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")


class _Texts(HTMLParser):
    """The texts of a page that a person reads, besides code and what says itself that it is English."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("code", "script"):
            self._skipped += 1
        given = dict(attrs)
        if given.get("lang") != "en":
            self.found |= {
                text for name in ("aria-label", "alt", "placeholder", "content") if (text := given.get(name))
            }

    def handle_endtag(self, tag: str) -> None:
        if tag in ("code", "script"):
            self._skipped -= 1

    def handle_data(self, data: str) -> None:
        if not self._skipped and data.strip():
            self.found.add(data.strip())


def page(http: httpx.Client, path: str, language: str, **headers: str) -> httpx.Response:
    return http.get(path, headers={"Accept": "text/html", "Accept-Language": language, **headers})


def texts(answer: httpx.Response) -> set[str]:
    parser = _Texts()
    parser.feed(answer.text)
    return parser.found


@pytest.mark.parametrize("path", PAGES)
def test_nothing_of_a_page_is_left_in_the_other_language(http: httpx.Client, path: str) -> None:
    english, indonesian = texts(page(http, path, "en")), texts(page(http, path, "id"))
    left = {text for text in english & indonesian if _SENTENCE.search(text)}
    # The tile matrix sets are named by their standard.
    assert {text for text in left if not text.endswith("for the World")} == set()


@pytest.mark.parametrize("path", [*PAGES, *OF_FEATURES])
def test_caches_tell_the_languages_of_a_page_apart(http: httpx.Client, path: str) -> None:
    english, indonesian = page(http, path, "en"), page(http, path, "id-ID, en;q=0.5")
    assert '<html lang="en" dir="ltr">' in english.text
    assert '<html lang="id" dir="ltr">' in indonesian.text
    assert (english.headers["content-language"], indonesian.headers["content-language"]) == ("en", "id")
    assert "accept-language" in indonesian.headers["vary"].lower()
    tag = english.headers["etag"]
    assert page(http, path, "en", **{"If-None-Match": tag}).status_code == 304
    assert page(http, path, "id", **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, *OF_FEATURES])
def test_the_language_chosen_goes_on_and_the_other_is_a_link(http: httpx.Client, path: str) -> None:
    html = page(http, f"{path}?lang=id", "en").text
    assert '<html lang="id"' in html
    assert f'href="{path}?lang=en" lang="en"' in html
    assert 'href="/countries?lang=id"' in html
    assert f'href="{http.base_url}/ogc?lang=id"' in html or 'href="/ogc?lang=id"' in html


@pytest.mark.parametrize("path", [*PAGES, *OF_FEATURES])
def test_documents_for_programs_are_the_same_in_every_language(http: httpx.Client, path: str) -> None:
    headers = {"Accept": "application/json"}
    english = http.get(path, headers=headers)
    other = http.get(path, headers={**headers, "Accept-Language": "id"})
    assert {**english.json(), "timeStamp": 0} == {**other.json(), "timeStamp": 0}
    assert english.headers["etag"] == other.headers["etag"]


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_page_without_features_or_without_a_next_one_is_a_page(http: httpx.Client, language: str) -> None:
    nothing = page(http, "/ogc/collections/mines/items?bbox=0,80,1,81", language)
    assert ("No feature answers" in nothing.text) is (language == "en")
    last = page(http, "/ogc/collections/mines/items?limit=10000", language)
    assert (nothing.status_code, last.status_code) == (200, 200)
    assert 'rel="next"' not in nothing.text + last.text


def test_an_unknown_language_is_refused_with_those_there_are(http: httpx.Client) -> None:
    for path in ("/ogc", "/ogc/collections/mines/items", "/ogc/styles", "/ogc/tiles", "/ogc/collections/statistics"):
        answer = http.get(path, params={"lang": "xx", "f": "html"})
        assert answer.status_code == 400, path
        assert "none of en, id" in answer.json()["detail"]


def test_terms_and_numbers_of_features_are_said_in_the_language(http: httpx.Client) -> None:
    listed = page(http, "/ogc/collections/mineral-deposits/items", "id").text
    assert "<td>tembaga, emas</td>" in listed
    one = page(http, "/ogc/collections/geologic-units/items/usgs-geo3bl-1", "id").text
    assert "<td>201,4 Ma</td>" in one
    assert "<td>201.4 Ma</td>" in page(http, "/ogc/collections/geologic-units/items/usgs-geo3bl-1", "en").text
