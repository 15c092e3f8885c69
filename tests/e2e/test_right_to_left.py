"""Pages and map in a language that is written from the right: one catalogue beside a region's data is all it takes."""

# SPDX-License-Identifier: Apache-2.0

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import DESKTOP, PHONE, OpenPage, wait_for_map
from tests.running import Running, running

pytestmark = pytest.mark.browser

REGION = Path(__file__).parents[2] / "data" / "regions" / "eco"
PERSIAN = 'msgid ""\nmsgstr ""\n"Language: fa\\n"\n\nmsgid "English"\nmsgstr "فارسی"\n\nmsgid "Home"\nmsgstr "خانه"\n'
PAGES = ("/", "/about", "/publications", "/countries", "/countries/IRN", "/commodities/chromium", "/statistics")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of a region whose folder has a few words of Persian, which the system itself has none of."""
    folder = tmp_path_factory.mktemp("region") / "eco"
    shutil.copytree(REGION, folder)
    (folder / "locales" / "fa.po").write_text(PERSIAN, encoding="utf-8")
    with running(tmp_path_factory.mktemp("home") / "home", {"AMDIS_REGION": str(folder)}) as server:
        yield server


def _middle(part: Locator) -> float:
    """Where the middle of a part is, from the left edge of the window in pixels."""
    box = part.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_begins_at_the_right_and_nothing_is_cut(
    open_page: OpenPage, path: str, viewport: dict[str, int]
) -> None:
    page = open_page(f"{path}?lang=fa", viewport=viewport)
    root = page.locator("html")
    expect(root).to_have_attribute("dir", "rtl")
    expect(root).to_have_attribute("lang", "fa")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert _middle(page.locator(".masthead .system")) > viewport["width"] / 2
    heading = page.get_by_role("heading", level=1)
    assert heading.evaluate("one => getComputedStyle(one).direction") == "rtl"


def test_a_bar_grows_from_the_side_a_line_begins_at(open_page: OpenPage) -> None:
    page = open_page("/?lang=fa")
    bar = page.locator(".groups .bar").nth(4)
    whole, filled = bar.bounding_box(), bar.locator("rect").bounding_box()
    assert whole is not None
    assert filled is not None
    assert filled["width"] < whole["width"] / 2
    assert filled["x"] + filled["width"] == pytest.approx(whole["x"] + whole["width"], abs=2)


def test_the_map_has_its_layers_where_a_line_begins_and_its_tools_where_it_ends(open_page: OpenPage) -> None:
    page = open_page("/map?lang=fa")
    wait_for_map(page)
    middle = DESKTOP["width"] / 2
    assert _middle(page.locator(".panel.layers")) > middle
    tools = (".toolbar", ".maplibregl-ctrl-zoom-in", ".maplibregl-ctrl-attrib", ".maplibregl-ctrl-scale")
    assert all(_middle(page.locator(one)) < middle for one in tools)
    assert _middle(page.locator(".position")) == pytest.approx(middle, abs=8)
    assert page.locator(".position bdi").evaluate("one => getComputedStyle(one).direction") == "ltr", "N and E are"


def test_the_map_of_a_phone_keeps_its_tools_apart(open_page: OpenPage) -> None:
    page = open_page("/map?lang=fa", viewport=PHONE)
    wait_for_map(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert _middle(page.locator(".position")) > PHONE["width"] / 2 > _middle(page.locator(".toolbar"))
    page.locator(".panel-toggle").click()
    expect(page.locator(".panel-body")).to_be_visible()
