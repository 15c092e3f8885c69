"""The server-rendered pages in a browser: right without JavaScript, accessible, nothing cut, nothing from elsewhere."""

# SPDX-License-Identifier: Apache-2.0

import json
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.accessible import settle, whole_and_accessible_at_every_size
from tests.e2e.conftest import OpenPage, Picture, wait_for_map
from tests.running import Running

pytestmark = pytest.mark.browser

PAGES = {
    "landing": "/",
    "indonesian": "/?lang=id",
    "map": "/map",
    "countries": "/countries",
    "country": "/countries/IDN",
    "country-without-sites": "/countries/TLS",
    "commodities": "/commodities",
    "commodity": "/commodities/tin",
    "statistics": "/statistics",
    "statistics-reasons": "/statistics?indicator=mine-production&commodity=nickel",
    "statistics-empty": "/statistics?indicator=price",
    "checks": "/statistics/checks",
    "unfc": "/resources/unfc",
    "unfc-bridge": "/resources/unfc?commodity=gold&bridge=crirsco-default&lang=id",
    "figure": "/statistics/figures/1",
    "publications": "/publications",
    "about": "/about",
    "datasets": "/datasets",
    "dataset": "/datasets/mineral-deposits",
    "raster": "/datasets/relief",
    "search": "/search?q=timah",
    "search-similar": "/search?q=grasburg",
    "search-help": "/search",
    "records": "/ogc/collections/records/items?q=tectonic",
    "sortables": "/ogc/collections/records/sortables",
    "services": "/ogc",
    "collections": "/ogc/collections",
    "collection": "/ogc/collections/mines",
    "fields": "/ogc/collections/mines/schema",
    "statistics-collection": "/ogc/collections/statistics",
    "statistics-items": "/ogc/collections/statistics/items",
    "queryables": "/ogc/collections/mines/queryables",
    "items": "/ogc/collections/mines/items",
    "conformance": "/ogc/conformance",
    "openapi": "/ogc/openapi",
}


def _layers(server: Running) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{server.url}/api/v1/layers", timeout=120) as answer:
        found: list[dict[str, Any]] = json.load(answer)["layers"]
    return found


def test_landing_page_has_the_counts_without_javascript(open_page: OpenPage, server: Running) -> None:
    page = open_page("/", java_script_enabled=False)
    layers = _layers(server)
    sites = sum(layer["count"] for layer in layers if layer["geometryType"] == "Point")
    expect(page.locator(".figures")).to_contain_text(f"{sites:,}")
    for layer in layers:
        if layer["id"] != "countries":
            card = page.locator(".tiles > li", has=page.get_by_role("heading", name=layer["title"], exact=True))
            expect(card).to_contain_text(f"{layer['count']:,}")
    expect(page.get_by_role("row", name="Brunei Darussalam")).to_contain_text("no site published yet")


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_and_accessible(name: str, open_page: OpenPage, picture: Picture) -> None:
    page = open_page(PAGES[name], bypass_csp=True)
    whole_and_accessible_at_every_size(page, name, picture, wait_for_map if name == "map" else settle)


def test_feature_page_shows_the_feature_and_leads_to_the_map(open_page: OpenPage, server: Running) -> None:
    page = open_page("/ogc/collections/mineral-deposits/items")
    page.locator("tbody th a").first.click()
    expect(page.locator("table.values")).to_contain_text("Positional accuracy")
    expect(page.locator("[data-features-map] canvas")).to_be_visible()
    name = page.locator("h1").inner_text()
    page.get_by_role("link", name="Open on the map").click()
    wait_for_map(page)
    expect(page.get_by_role("complementary", name="Features at this place")).to_contain_text(name)


def test_dataset_page_describes_itself_to_search_engines(open_page: OpenPage) -> None:
    # The policy against inline scripts lets a block of data be; the fixture fails on a complaint of the browser.
    page = open_page("/datasets/mines")
    told = json.loads(page.locator('script[type="application/ld+json"]').inner_text())
    assert (told["@type"], told["name"], told["url"]) == ("Dataset", "Mines", page.url)


def test_dataset_page_shows_a_map_and_its_releases(open_page: OpenPage) -> None:
    page = open_page("/datasets", java_script_enabled=False)
    box = page.get_by_role("main").get_by_role("searchbox")
    box.fill("where ore is dug")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Nothing was found")).to_be_visible()
    box.fill("smelters")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Processing plants").click()
    expect(page.get_by_role("row", name="1 ")).to_contain_text("processing-plants.csv")


def test_pages_lead_to_the_next(open_page: OpenPage) -> None:
    page = open_page("/ogc/collections/mines/items")
    first = page.locator("tbody th").all_inner_texts()
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("tbody th").first).not_to_have_text(first[0])
    assert not set(first) & set(page.locator("tbody th").all_inner_texts())


def test_unknown_address_is_a_page_with_a_way_back(open_page: OpenPage) -> None:
    page = open_page("/nowhere", expect_errors=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
    page.get_by_role("main").get_by_role("link", name="Home").click()
    expect(page).to_have_title("ASEAN Minerals Information System – AMDIS")


def test_operations_are_listed(open_page: OpenPage) -> None:
    page = open_page("/ogc/openapi")
    expect(page.locator(".operation").first).to_be_visible()
    assert page.locator(".operation").count() > 5
