"""The search field with its suggestions: by keyboard, by pointer, without JavaScript, accessible when open."""

# SPDX-License-Identifier: Apache-2.0

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessible import SIZES, accessible, whole_and_accessible
from tests.e2e.conftest import OpenPage, Picture

pytestmark = pytest.mark.browser


def typed(page: Page, text: str) -> None:
    """Write into the field of the masthead and wait for what it suggests.

    Whole, as the suggestions for the letters before may come between key and key, and the next ones in their place.
    """
    page.get_by_role("search", name="Search everything").locator("input").first.click()
    page.get_by_role("combobox", name="Search everything").fill(text)
    expect(page.locator("#suggestions").get_by_role("option").first).to_be_visible()


def test_suggestions_are_chosen_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/datasets")
    field = page.get_by_role("combobox", name="Search everything")
    typed(page, "grasb")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[data-suggestions]")).to_contain_text("suggestions")
    assert field.get_attribute("aria-activedescendant") is None
    options = page.locator("#suggestions").get_by_role("option")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None
    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(page.locator("#suggestions").get_by_role("option", selected=True)).to_have_count(1)
    expect(field).to_be_focused()
    field.press("Enter")
    page.wait_for_url(re.compile(r"/collections/[a-z-]+/items/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Grasberg")


def test_escape_closes_the_list_and_keeps_the_text(open_page: OpenPage) -> None:
    page = open_page("/datasets")
    field = page.get_by_role("combobox", name="Search everything")
    typed(page, "timah")
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("timah")
    field.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    field.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_enter_without_a_choice_searches(open_page: OpenPage) -> None:
    page = open_page("/datasets")
    typed(page, "timah")
    page.get_by_role("combobox", name="Search everything").press("Enter")
    page.wait_for_url("**/search?q=timah")
    expect(page.get_by_role("link", name="tin", exact=True)).to_have_attribute("href", "/commodities/tin")


def test_suggestions_are_chosen_by_pointer(open_page: OpenPage) -> None:
    page = open_page("/datasets")
    typed(page, "processing pl")
    page.get_by_role("option", name=re.compile("Processing plants · Dataset|^Processing plants")).first.click()
    page.wait_for_url("**/datasets/processing-plants**")


def test_the_field_searches_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/datasets", java_script_enabled=False)
    field = page.get_by_role("search", name="Search everything").get_by_role("searchbox")
    field.fill("grasburg")
    field.press("Enter")
    expect(page.get_by_text("Nothing is called “grasburg”")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Grasberg").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Grasberg")


def test_a_mistake_is_told_at_the_field(open_page: OpenPage) -> None:
    page = open_page("/search?q=%00", bypass_csp=True, expect_errors=True)
    field = page.get_by_role("main").get_by_role("searchbox")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("control characters"))
    accessible(page)


def test_the_open_list_is_accessible_and_whole(open_page: OpenPage, picture: Picture) -> None:
    for size, viewport in SIZES.items():
        page = open_page("/datasets", viewport=viewport, bypass_csp=True)
        typed(page, "timah")
        page.get_by_role("combobox", name="Search everything").press("ArrowDown")
        box = page.get_by_role("listbox").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= viewport["width"]
        whole_and_accessible(page, f"suggestions-{size}", picture)
