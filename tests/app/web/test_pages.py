"""Pages from their templates, without a server: figures, gaps, escaping, caching by publication."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.layers.pictures import preview_address
from app.web.overview import CountryFigures, GroupFigures, LayerFigures, Overview, SourceFigures, StatisticsFigures
from app.web.pages import Pages, Site
from app.web.routes import routes
from app.web.static import Entry

_ENTRY = Entry("/static/x.js", ("/static/x.css",), ())
_MINES = LayerFigures("mines", "Mines", "About mines.", "Sites", "points", 1234, 3, "2026-05-03T09:00:00+00:00")
_PLANTS = LayerFigures("plants", "Plants", "About plants.", "Sites", "points", 0, 0, None)

OVERVIEW = Overview(
    bbox=(90, -12, 142, 30),
    layers=(_MINES, _PLANTS),
    site_layers=(_MINES, _PLANTS),
    countries=(CountryFigures("LAO", "Lao PDR", (1234, 0)), CountryFigures("BRN", "Brunei <b>", (0, 0))),
    groups=(GroupFigures("Base metals", 1234), GroupFigures("Gemstones", 0)),
    sources=(SourceFigures("A survey", "", 1234),),
    statistics=StatisticsFigures(0, None, None),
)


@pytest.fixture
def pages() -> Pages:
    entries = dict.fromkeys(("ui/site.css", "ui/theme.ts", "map/main.ts", "workspace/main.ts"), _ENTRY)
    return Pages(
        Site("AMDIS", "ASEAN", "Words.", "No opinion.", "Terms.", "Us", "", "1.0", "http://here", entries, "asean")
    )


def test_landing_page_tells_figures_and_shows_gaps_as_gaps(pages: Pages) -> None:
    html = pages.render("landing.html", overview=OVERVIEW)
    assert "1,234" in html
    assert "3 May 2026" in html
    assert "no site published yet" in html
    assert "Nothing published yet" in html
    assert "Brunei &lt;b&gt;" in html


def test_landing_page_of_an_empty_system_is_whole(pages: Pages) -> None:
    nothing = replace(OVERVIEW, layers=(), site_layers=(), countries=(), groups=(), sources=())
    assert "Nothing published yet." in pages.render("landing.html", overview=nothing)


def test_no_page_has_inline_style_or_script(pages: Pages) -> None:
    for html in (pages.render("landing.html", overview=OVERVIEW), pages.render("map.html"), pages.error(404, "x")):
        assert "style=" not in html
        assert "<style" not in html
        assert "<script>" not in html


def test_an_error_page_names_what_happened_and_escapes_it(pages: Pages) -> None:
    html = pages.error(404, "There is nothing at /<script>.")
    assert "Not Found" in html
    assert "/&lt;script&gt;" in html
    assert "Error 599" in pages.error(599, "x")


def test_landing_page_is_made_once_a_publication(pages: Pages) -> None:
    made = []
    version = ["1"]

    async def overview() -> Overview:
        made.append(version[0])
        return OVERVIEW

    client = TestClient(Starlette(routes=list(routes(pages, overview, lambda: version[0]))))
    first = client.get("/")
    assert client.get("/").text == first.text
    assert client.get("/", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    version[0] = "2"
    assert client.get("/", headers={"If-None-Match": first.headers["etag"]}).status_code == 200
    assert made == ["1", "2"]


def test_preview_keeps_the_shape_of_the_region() -> None:
    address = preview_address((90, -12, 142, 30), ["relief", "mines"], width=520)
    assert address.startswith("/wms?service=WMS")
    assert "layers=relief,mines" in address
    assert "bbox=90,-12,142,30" in address
    assert "width=520&height=420" in address


def test_numbers_and_days_read_well_in_each_language(pages: Pages) -> None:
    english, indonesian = pages.languages["en"], pages.languages["id"]
    assert (english.number(1234567.5), indonesian.number(1234567.5)) == ("1,234,567.5", "1.234.567,5")
    assert english.day("2026-05-03T23:00:00+00:00") == "3 May 2026"
    assert indonesian.day("2026-05-03T23:00:00+00:00") == "3 Mei 2026"
    assert english.number(0.00012345) == "0.000123"
