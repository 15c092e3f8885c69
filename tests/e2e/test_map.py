"""The map in a browser: draws, switches, identifies, remembers, and can be used by keyboard alone."""

# SPDX-License-Identifier: Apache-2.0

import json
import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, OpenPage, wait_for_map
from tests.running import Running

pytestmark = pytest.mark.browser


def _first_deposit(server: Running) -> dict[str, Any]:
    address = f"{server.url}/ogc/collections/mineral-deposits/items?f=json&limit=20"
    with urllib.request.urlopen(address, timeout=120) as answer:
        features = json.load(answer)["features"]
    return next(feature for feature in features if feature["properties"]["name"])


def _at(feature: dict[str, Any], zoom: float, more: str = "") -> str:
    lng, lat = feature["geometry"]["coordinates"]
    return f"/map#map={zoom}/{lat}/{lng}{more}"


def _click_centre(page: Page) -> None:
    box = page.locator(".maplibregl-canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_the_map_is_drawn(open_page: OpenPage) -> None:
    page = open_page("/map")
    wait_for_map(page)
    picture = page.locator(".maplibregl-canvas").screenshot()
    assert len(picture) > 50_000, "the canvas is blank"


def test_switching_a_layer_changes_the_map_and_the_address(open_page: OpenPage) -> None:
    page = open_page("/map")
    wait_for_map(page)
    before = page.locator(".maplibregl-canvas").screenshot()
    page.get_by_role("checkbox", name="Geologic units").check()
    expect(page).to_have_url(re.compile(r"layers=[^&]*geologic-units"))
    wait_for_map(page)
    assert page.locator(".maplibregl-canvas").screenshot() != before


def test_a_click_tells_name_source_licence_and_accuracy(open_page: OpenPage, server: Running) -> None:
    deposit = _first_deposit(server)
    page = open_page(_at(deposit, 11, "&layers=mineral-deposits"))
    wait_for_map(page)
    _click_centre(page)
    panel = page.get_by_role("complementary", name="Features at this place")
    expect(panel.get_by_role("button", name=deposit["properties"]["name"])).to_be_visible()
    for always in ("Source", "Licence", "Positional accuracy"):
        expect(panel.locator("dt", has_text=re.compile(f"^{always}$"))).to_be_visible()
    expect(panel).to_contain_text(deposit["properties"]["source"])
    expect(page).to_have_url(re.compile(rf"feature=mineral-deposits/{deposit['id']}"))
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_a_link_brings_back_position_layers_opacity_and_feature(open_page: OpenPage, server: Running) -> None:
    deposit = _first_deposit(server)
    link = _at(deposit, 9, f"&layers=mineral-deposits,mines@60&without=relief&feature=mineral-deposits/{deposit['id']}")
    page = open_page(link)
    wait_for_map(page)
    for name, on in (
        ("Mineral deposits", True),
        ("Mines", True),
        ("Mineral occurrences", False),
        ("Shaded relief", False),
    ):
        expect(page.get_by_role("checkbox", name=name)).to_be_checked(checked=on)
    page.get_by_role("button", name="Details of Mines").click()
    expect(page.locator("input[type=range]:visible")).to_have_value("60")
    expect(page.get_by_role("complementary", name="Features at this place")).to_contain_text(
        deposit["properties"]["name"]
    )
    assert "map=9/" in page.url


def test_the_panel_works_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/map")
    wait_for_map(page)
    box = page.get_by_role("checkbox", name="Mines")
    _tab_to(page, box)
    page.keyboard.press("Space")
    expect(box).not_to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    slider = page.locator("input[type=range]:visible")
    expect(slider).to_have_value("100")
    _tab_to(page, slider)
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_value("95")


def test_identify_works_by_keyboard_alone(open_page: OpenPage, server: Running) -> None:
    deposit = _first_deposit(server)
    page = open_page(_at(deposit, 11, "&layers=mineral-deposits"))
    wait_for_map(page)
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("feature"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".maplibregl-canvas")).to_be_focused()


def test_a_hidden_class_is_taken_off_the_map(open_page: OpenPage) -> None:
    page = open_page("/map")
    wait_for_map(page)
    before = page.locator(".maplibregl-canvas").screenshot()
    page.get_by_text("Energy minerals", exact=True).click()
    expect(page.get_by_role("button", name="Show all groups")).to_be_visible()
    wait_for_map(page)
    assert page.locator(".maplibregl-canvas").screenshot() != before


def test_without_the_server_the_map_says_so_and_tries_again(open_page: OpenPage) -> None:
    page = open_page("/map", expect_errors=True)
    page.route("**/api/v1/layers", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute("**/api/v1/layers")
    page.get_by_role("button", name="Try again").click()
    wait_for_map(page)


def test_tiles_that_fail_are_told(open_page: OpenPage) -> None:
    page = open_page("/map", expect_errors=True)
    page.route(re.compile("/tiles/"), lambda route: route.fulfill(status=503))
    page.reload()
    expect(page.get_by_text("Part of the map could not be loaded.")).to_be_visible()
    page.unroute(re.compile("/tiles/"))
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Part of the map could not be loaded.")).to_be_hidden()


def test_on_a_phone_the_layers_rise_from_below(open_page: OpenPage) -> None:
    page = open_page("/map", viewport=PHONE, has_touch=True, is_mobile=True)
    wait_for_map(page)
    expect(page.get_by_role("checkbox", name="Mines")).to_be_hidden()
    page.get_by_role("button", name="Layers and legend").click()
    expect(page.get_by_role("checkbox", name="Mines")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def _tab_to(page: Page, target: Any) -> None:
    for _ in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not reach it")


def test_another_style_changes_map_legend_and_address_and_comes_back_by_link(open_page: OpenPage) -> None:
    page = open_page("/map#map=4/5/115&layers=plate-boundaries")
    wait_for_map(page)
    before = page.locator(".maplibregl-canvas").screenshot()
    select = page.get_by_label("Style of Plate boundaries")
    expect(select).to_have_value("plate-boundaries")
    select.focus()
    page.keyboard.press("ArrowDown")
    expect(select).to_have_value("plate-boundaries-by-type")
    expect(page).to_have_url(re.compile(r"&styles=plate-boundaries-by-type"))
    wait_for_map(page)
    drawn = page.locator(".maplibregl-canvas").screenshot()
    assert drawn != before
    page.get_by_text("By type of boundary · 8 classes").click()
    expect(page.get_by_text("Oceanic spreading ridge")).to_be_visible()
    linked = open_page("/map#" + page.url.partition("#")[2])
    wait_for_map(linked)
    expect(linked.get_by_label("Style of Plate boundaries")).to_have_value("plate-boundaries-by-type")
    select.select_option("plate-boundaries")
    expect(page).not_to_have_url(re.compile("styles="))
    wait_for_map(page)
    assert page.locator(".maplibregl-canvas").screenshot() == before


def test_classes_left_out_come_back_with_another_style(open_page: OpenPage) -> None:
    page = open_page("/map#map=4/5/115&layers=mineral-deposits,mines")
    wait_for_map(page)
    page.locator("fieldset label", has_text="Base metals").click()
    expect(page.get_by_role("button", name="Show all groups")).to_be_visible()
    page.get_by_label("Style of Mines").select_option("mines-by-status")
    wait_for_map(page)
    expect(page.get_by_role("button", name="Show all groups")).to_be_hidden()


def test_the_map_page_leads_to_qgis(open_page: OpenPage, server: Running) -> None:
    page = open_page("/map")
    wait_for_map(page)
    address = page.get_by_role("link", name="Open in QGIS").get_attribute("href")
    with urllib.request.urlopen(f"{server.url}{address}", timeout=120) as answer:
        assert answer.headers["content-type"] == "application/x-qgis-project"
