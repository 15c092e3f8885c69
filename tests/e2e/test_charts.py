"""Charts in a browser: they use the width of their page, and write numbers as the reader's language does."""

# SPDX-License-Identifier: Apache-2.0

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, OpenPage

pytestmark = pytest.mark.browser

NICKEL = "/commodities/nickel"
SHARE_OF_GOLD = "/statistics?indicator=world-production-share&commodity=gold"
TABLET = {"width": 1024, "height": 900}
PAPER = {"width": 718, "height": 1000}  # what is left of A4 between margins of a centimetre


def _width(one: Locator) -> float:
    box = one.bounding_box()
    assert box is not None
    return box["width"]


def _explored(page: Page) -> None:
    buttons = page.locator("[data-explore]")
    for left in reversed(range(buttons.count())):
        buttons.first.click()
        expect(buttons).to_have_count(left)


@pytest.mark.parametrize("explored", [False, True], ids=["picture", "explored"])
@pytest.mark.parametrize("viewport", [DESKTOP, TABLET, PHONE], ids=["desk", "tablet", "phone"])
def test_charts_fill_the_width_of_their_cards(open_page: OpenPage, viewport: dict[str, int], *, explored: bool) -> None:
    page = open_page(NICKEL, viewport=viewport)
    if explored:
        _explored(page)
    charts = page.locator("figure.chart").all()
    assert len(charts) == 3
    for chart in charts:
        drawn = chart.locator(".plot svg.marks" if explored else ".plot img")
        assert 0.93 * _width(chart.locator(".plot")) <= _width(drawn) <= _width(chart.locator(".plot"))
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_charts_stand_two_beside_each_other_on_a_desk_and_the_last_has_the_page(open_page: OpenPage) -> None:
    boxes = [one.bounding_box() for one in open_page(NICKEL).locator("figure.chart").all()]
    first, second, third = (box for box in boxes if box)
    assert first["y"] == second["y"] < third["y"]
    assert third["width"] == pytest.approx(second["x"] + second["width"] - first["x"])
    assert third["width"] == 1200


def test_a_picture_is_neither_shrunk_nor_blown_up_until_its_letters_do_not_read_well(open_page: OpenPage) -> None:
    for width in (360, 390, 640, 703, 704, 900, 1024, 1151, 1152, 1279, 1280, 1440, 1920):
        page = open_page(NICKEL, viewport={"width": width, "height": 900})
        for picture in page.locator("figure.chart .plot img").all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", value=True)
            scale = _width(picture) / float(picture.evaluate("image => image.naturalWidth"))
            assert 0.79 <= scale <= 1.9, width


def test_charts_fill_the_width_of_paper(open_page: OpenPage) -> None:
    page = open_page(NICKEL, viewport=PAPER)
    page.emulate_media(media="print")
    for chart in page.locator("figure.chart").all():
        assert _width(chart) > 0.95 * (PAPER["width"] - 32)
        assert _width(chart.locator(".plot img")) > 0.9 * (PAPER["width"] - 32)


@pytest.mark.parametrize(("locale", "axis", "told"), [("id-ID", "0,5", r"\d,\d"), ("en-GB", "0.5", r"\d\.\d")])
def test_axes_and_tooltips_write_numbers_as_the_language_does(
    open_page: OpenPage, locale: str, axis: str, told: str
) -> None:
    page = open_page(SHARE_OF_GOLD, locale=locale)
    _explored(page)
    expect(page.locator(".plot svg.marks .role-axis-label").get_by_text(axis, exact=True)).to_be_visible()
    page.locator(".plot svg.marks .mark-rect path").first.hover()
    value = page.locator("#vg-tooltip-element.visible tr", has_text="Nilai" if locale == "id-ID" else "Value")
    expect(value.locator(".value")).to_have_text(re.compile(told))
