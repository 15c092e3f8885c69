"""Map, catalogue and errors in Bahasa Indonesia, as a browser of that language gets them."""

# SPDX-License-Identifier: Apache-2.0

import urllib.request

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, OpenPage, wait_for_map
from tests.running import Running

pytestmark = pytest.mark.browser


def test_the_map_speaks_the_language_of_the_browser(open_page: OpenPage) -> None:
    page = open_page("/map", locale="id-ID")
    wait_for_map(page)
    expect(page.get_by_role("checkbox", name="Tambang")).to_be_checked()
    expect(page.get_by_role("heading", name="Sumber daya mineral")).to_be_visible()
    expect(page.get_by_role("button", name="Perbesar", exact=True)).to_be_visible()
    expect(page.locator(".position")).to_contain_text("BT")
    page.get_by_role("button", name="Rincian Tambang").click()
    expect(page.locator(".details:visible dt").first).to_have_text("Rilis")


def test_the_language_chosen_goes_on_to_map_and_catalogue(open_page: OpenPage) -> None:
    page = open_page("/datasets?lang=id", java_script_enabled=False)
    page.get_by_role("main").get_by_role("link", name="Tambang", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tambang")
    expect(page.get_by_role("link", name="Di peta")).to_have_attribute("href", "/map?lang=id#layers=mines")
    page.get_by_role("navigation", name="Bahasa").get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mines")


def test_the_other_language_is_in_sight_on_a_phones_map(open_page: OpenPage) -> None:
    page = open_page("/map", viewport=PHONE)
    wait_for_map(page)
    link = page.get_by_role("link", name="Indonesia")
    expect(link).to_be_in_viewport(ratio=1)
    link.click()
    wait_for_map(page)
    expect(page.get_by_role("button", name="Lapisan dan legenda")).to_be_visible()


def test_nothing_is_cut_where_a_page_is_read_from_the_right(open_page: OpenPage) -> None:
    page = open_page("/datasets/mines", viewport=PHONE)
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    heading = page.get_by_role("heading", level=1).bounding_box()
    assert heading is not None
    assert heading["x"] + heading["width"] == pytest.approx(PHONE["width"], abs=24)


@pytest.mark.parametrize("path", ["/datasets", "/datasets/mines", "/map", "/ogc/collections/records/items?f=html"])
def test_caches_tell_the_languages_of_a_page_apart(server: Running, path: str) -> None:
    tags = []
    for language in ("en", "id"):
        request = urllib.request.Request(server.url + path, headers={"Accept-Language": language})
        with urllib.request.urlopen(request, timeout=120) as answer:
            assert answer.headers["Content-Language"] == language
            assert "Accept-Language" in answer.headers["Vary"]
            tags.append(answer.headers["ETag"])
    assert tags[0] != tags[1]
