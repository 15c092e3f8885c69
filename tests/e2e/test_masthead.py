"""The masthead in both languages at the widths of desks, tablets and phones."""

# SPDX-License-Identifier: Apache-2.0

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser


def _middle(one: Locator) -> float:
    box = one.bounding_box()
    assert box is not None
    return box["y"] + box["height"] / 2


def _height(one: Locator) -> float:
    box = one.bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.parametrize("locale", ["en-GB", "id-ID"])
@pytest.mark.parametrize("path", ["/countries", "/ogc", "/map"])
@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_the_masthead_is_one_line_on_a_desk(open_page: OpenPage, path: str, locale: str, width: int) -> None:
    page = open_page(path, locale=locale, viewport={"width": width, "height": 900})
    masthead = page.locator(".masthead")
    parts = masthead.locator(".system, nav a, .find input, .languages a, .languages li > span")
    assert parts.count() == 12
    assert _height(masthead) < 60, "the name wraps"
    lines = {round(_middle(one) / 8) for one in parts.all()}
    assert max(lines) - min(lines) <= 1, "some of it wraps"


@pytest.mark.parametrize("width", [1279, 1024, 768, 640, PHONE["width"], 320])
def test_nothing_of_the_masthead_is_cut_off_or_out_of_reach(open_page: OpenPage, width: int) -> None:
    page = open_page("/countries", locale="id-ID", viewport={"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    languages = page.get_by_role("navigation", name="Bahasa")
    expect(languages.get_by_role("link", name="English")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first).to_be_in_viewport(ratio=1)
    last = page.get_by_role("navigation", name="Utama").get_by_role("link").last
    last.focus()
    expect(last).to_be_in_viewport(ratio=1)
