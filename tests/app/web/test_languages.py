"""Languages of the pages: who gets which, that catalogues are whole, how numbers and dates are written."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from starlette.requests import Request

from app.web.languages import CATALOGUES, Languages
from gis.errors import InvalidParameterError

ROOT = Path(__file__).parents[3]
REGIONS = [path for path in sorted((ROOT / "data" / "regions").iterdir()) if (path / "locales").is_dir()]
_PLACE = re.compile(r"%\(\w+\)s")


def _request(query: str = "", accept: str = "") -> Request:
    headers = [(b"accept-language", accept.encode())]
    return Request({"type": "http", "query_string": query.encode(), "headers": headers, "path": "/"})


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages(CATALOGUES)


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        ("", "", "en"),
        ("", "id", "id"),
        ("", "id-ID,id;q=0.9,en;q=0.8", "id"),
        ("", "en;q=0.2, id;q=0.7", "id"),
        ("", "id;q=0, en", "en"),
        ("", "id;q=x", "en"),
        ("", "tlh, fr", "en"),
        ("lang=id", "en", "id"),
        ("lang=en", "id", "en"),
    ],
)
def test_a_reader_gets_the_language_asked_for(languages: Languages, query: str, accept: str, expected: str) -> None:
    assert languages.of(_request(query, accept)).code == expected


def test_links_go_on_in_a_language_that_was_chosen(languages: Languages) -> None:
    assert languages.of(_request("lang=id")).to("/about?x=1#y") == "/about?x=1&lang=id#y"
    assert languages.of(_request("", "id")).to("/about") == "/about"


def test_an_unknown_language_is_refused_with_those_there_are(languages: Languages) -> None:
    with pytest.raises(InvalidParameterError, match="'xx' is none of en, id"):
        languages.of(_request("lang=xx"))


def test_numbers_and_days_read_well_in_each_language(languages: Languages) -> None:
    english, indonesian = languages["en"], languages["id"]
    assert (english.number(1234567.5), indonesian.number(1234567.5)) == ("1,234,567.5", "1.234.567,5")
    assert english.day("2026-05-03T23:00:00+00:00") == "3 May 2026"
    assert indonesian.day("2026-05-03T23:00:00+00:00") == "3 Mei 2026"
    assert english.number(0.00012345) == "0.000123"


def test_another_catalogue_is_another_language_written_from_the_right(tmp_path: Path) -> None:
    (tmp_path / "ar.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Home"\nmsgstr "الرئيسية"\n', encoding="utf-8")
    arabic = Languages(CATALOGUES, tmp_path)["ar"]
    assert (arabic.direction, arabic.text("Home"), arabic.text("Map")) == ("rtl", "الرئيسية", "Map")


def _messages(folder: Path, mapping: str) -> Iterator[str | tuple[str, ...]]:
    with (CATALOGUES / mapping).open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {"message": None, "_": None, "gettext": None, "ngettext": (1, 2)}
    for _, _, message, _, _ in extract_from_dir(folder, methods, options, keywords=keywords):
        yield message


@pytest.mark.parametrize("path", sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem)
def test_every_message_of_the_pages_is_translated(path: Path) -> None:
    _whole(path, ROOT, "babel.cfg")


@pytest.mark.parametrize("region", REGIONS, ids=lambda path: path.name)
def test_every_word_of_a_region_is_translated(region: Path) -> None:
    for path in (region / "locales").glob("*.po"):
        _whole(path, region, "region.cfg")


def _whole(path: Path, folder: Path, mapping: str) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    for message in _messages(folder, mapping):
        found = catalogue.get(message[0] if isinstance(message, tuple) else message)
        assert found is not None, f"{message!r} is not in {path.name}: run `make messages` and translate it"
        for text in found.string if isinstance(found.string, tuple) else (found.string,):
            assert text, f"{message!r} is not translated in {path.name}"
            singular = message[0] if isinstance(message, tuple) else message
            assert set(_PLACE.findall(text)) == set(_PLACE.findall(singular)), f"{message!r}: places differ"
        assert not found.fuzzy
