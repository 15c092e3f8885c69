"""Pages from their templates, without a server: escaping, no inline style or script, the way back from an error."""

# SPDX-License-Identifier: Apache-2.0

import pytest
from starlette.requests import Request

from app.layers.pictures import preview_address
from app.web.pages import Pages, Site
from app.web.static import Entry

_ENTRY = Entry("/static/x.js", ("/static/x.css",), ())


@pytest.fixture
def pages() -> Pages:
    names = ("ui/site.css", "ui/theme.ts", "map/main.ts", "figures/main.ts", "search/main.ts", "workspace/main.ts")
    entries = dict.fromkeys(names, _ENTRY)
    return Pages(
        Site("AMDIS", "ASEAN", "Words.", "No opinion.", "Terms.", "Us", "", "1.0", "http://here", entries, "asean")
    )


def _error(pages: Pages, status: int, detail: str, query: str = "", accept: str = "") -> str:
    headers = [(b"accept-language", accept.encode())]
    request = Request({"type": "http", "query_string": query.encode(), "headers": headers, "path": "/x"})
    return bytes(pages.error(request, status, detail).body).decode()


def test_no_page_has_inline_style_or_script(pages: Pages) -> None:
    for html in (pages.render("map.html", words={}), _error(pages, 404, "x")):
        assert "style=" not in html
        assert "<style" not in html
        assert "<script>" not in html


def test_an_error_page_names_what_happened_and_escapes_it(pages: Pages) -> None:
    html = _error(pages, 404, "There is no <script>.")
    assert "Not found" in html
    assert "no &lt;script&gt;" in html
    assert "Error 599" in _error(pages, 599, "x")


def test_the_language_of_a_page_is_told_with_its_direction(pages: Pages) -> None:
    assert '<html lang="en" dir="ltr">' in _error(pages, 404, "x")
    assert "Skip to the content" in _error(pages, 404, "x")


def test_preview_keeps_the_shape_of_the_region() -> None:
    address = preview_address((90, -12, 142, 30), ["relief", "mines"], width=520)
    assert address.startswith("/wms?service=WMS")
    assert "layers=relief,mines" in address
    assert "bbox=90,-12,142,30" in address
    assert "width=520&height=420" in address


def test_an_error_is_told_in_the_readers_language_even_if_the_language_is_the_error(pages: Pages) -> None:
    html = _error(pages, 404, "", "lang=id")
    assert "Tidak ada apa pun di /x." in html
    assert 'href="/?lang=id"' in html
    assert "Permintaan tidak sah" in _error(pages, 400, "lang: 'xx' is none of en, id.", "lang=xx", "id")


def test_what_only_the_programs_say_is_marked_as_english(pages: Pages) -> None:
    assert '<p class="lead" lang="en">There is no dataset' in _error(pages, 404, "There is no dataset 'x'.", "lang=id")
