"""The public pages in a browser: quick, steady, right without JavaScript, charts that can be explored."""

# SPDX-License-Identifier: Apache-2.0

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import DESKTOP, PHONE, OpenPage

pytestmark = pytest.mark.browser

MOST_BYTES = 200_000
"""Of the first view of the landing page, compressed, with all that it loads until it is still."""

_VITALS = """() => new Promise(done => {
  const told = {shift: 0, moved: [], largest: "", painted: 0};
  const place = one => [one.x, one.y, one.width, one.height].join(" ");
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) {
      if (one.hadRecentInput) continue;
      told.shift += one.value;
      for (const {node, previousRect, currentRect} of one.sources)
        told.moved.push([node?.outerHTML?.slice(0, 200) ?? node?.nodeName, place(previousRect), place(currentRect)]);
    }
  }).observe({type: "layout-shift", buffered: true});
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) {
      told.largest = one.element?.outerHTML.slice(0, 200) ?? "";
      told.painted = one.startTime;
    }
  }).observe({type: "largest-contentful-paint", buffered: true});
  const look = () => (told.painted || performance.now() > 60_000 ? done(told) : setTimeout(look, 50));
  setTimeout(look, 500);
})"""


def _scroll_through(page: Page) -> None:
    page.evaluate(
        """async () => {
          for (let y = 0; y < document.body.scrollHeight; y += 400) {
            scrollTo(0, y);
            await new Promise(done => setTimeout(done, 60));
          }
        }"""
    )
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_first_view_is_small(open_page: OpenPage, viewport: dict[str, int]) -> None:
    page = open_page("/", viewport=viewport)
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate(
        """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
          .map(one => [one.name, one.encodedBodySize])"""
    )
    total = sum(size for _, size in sizes)
    assert 0 < total <= MOST_BYTES, sizes
    assert not any("/draw-" in name for name, _ in sizes), "the engine of charts is fetched only when it is asked for"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", ["/", "/countries/IDN", "/commodities/tin", "/statistics"])
def test_nothing_moves_while_a_page_loads(open_page: OpenPage, path: str, viewport: dict[str, int]) -> None:
    page = open_page(path, viewport=viewport)
    _scroll_through(page)
    found = page.evaluate(_VITALS)
    assert found["shift"] == pytest.approx(0, abs=0.001), found["moved"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_largest_part_waits_for_styles_and_colours_alone(open_page: OpenPage, viewport: dict[str, int]) -> None:
    page = open_page("/", viewport=viewport)
    whole = page.evaluate(_VITALS)
    print(f"the largest part was painted after {whole['painted']:.0f} ms")
    held: list[str] = []

    def hold(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if route.request.resource_type in ("document", "stylesheet") or name.startswith("theme-"):
            route.continue_()
        else:
            held.append(name)

    page.route("**/*", hold)
    page.reload(wait_until="commit")
    found = page.evaluate(_VITALS)
    assert found["painted"] > 0
    assert found["largest"] == whole["largest"] != ""
    assert any(name.endswith(".js") for name in held)


def test_a_chart_can_be_explored_without_eval(open_page: OpenPage) -> None:
    page = open_page("/statistics?indicator=mine-production&commodity=tin&content=contained-metal")
    page.get_by_role("button", name="Explore this chart").click()
    chart = page.locator(".plot svg.marks")
    expect(chart).to_be_visible()
    expect(page.get_by_role("button", name="Explore this chart")).to_have_count(0)
    chart.locator(".mark-rect path").first.hover()
    expect(page.locator("#vg-tooltip-element.visible")).to_contain_text("Indonesia")


def test_pictures_of_charts_are_drawn(open_page: OpenPage) -> None:
    page = open_page("/")
    pictures = page.locator(".plot img")
    assert pictures.count() >= 6
    widths = pictures.evaluate_all(
        """images => Promise.all(images.map(async image => {
          image.loading = "eager";
          await image.decode();
          return image.naturalWidth;
        }))"""
    )
    assert min(widths) > 0


def test_every_chart_has_title_unit_source_and_a_why(open_page: OpenPage) -> None:
    page = open_page("/", java_script_enabled=False)
    for chart in page.locator("figure.chart:has(picture)").all():
        expect(chart.get_by_role("heading")).not_to_be_empty()
        expect(chart).to_contain_text("Unit:")
        expect(chart).to_contain_text("Source:")
        expect(chart).to_contain_text("Release 1 of")
        assert chart.locator("tbody a").count() > 0


def test_a_number_leads_to_its_rows_and_their_source(open_page: OpenPage) -> None:
    page = open_page("/commodities/tin", java_script_enabled=False)
    chart = page.locator("figure.chart", has_text="Tin: mine production, contained metal")
    chart.locator("summary").click()
    link = chart.locator("tbody a").first
    value = link.inner_text()
    link.click()
    expect(page.get_by_role("main").locator("table").last).to_contain_text(value)
    page.locator("#rows ~ .scroll-x tbody a").first.click()
    expect(page.get_by_role("main")).to_contain_text("USGS Mineral Commodity Summaries")


def test_the_explorer_works_as_a_form_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/statistics", java_script_enabled=False)
    page.get_by_label("Indicator").select_option("reserves")
    page.get_by_label("Commodity").select_option("nickel")
    page.get_by_label("Content").select_option("contained-metal")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("main")).to_contain_text("55,000,000 t")
    assert "indicator=reserves" in page.url


def test_the_language_is_changed_in_place(open_page: OpenPage) -> None:
    page = open_page("/countries/PHL")
    page.get_by_role("navigation", name="Language").get_by_role("link", name="Indonesia").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Filipina")
    page.get_by_role("navigation", name="Utama").get_by_role("link", name="Komoditas").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Komoditas")


def test_a_page_is_printed_without_what_only_a_screen_needs(open_page: OpenPage) -> None:
    page = open_page("/countries/IDN")
    page.emulate_media(media="print")
    expect(page.get_by_role("search")).to_be_hidden()
    expect(page.get_by_role("button", name=re.compile("Explore"))).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_doubt_leads_to_its_figure_and_the_figure_to_its_source(open_page: OpenPage) -> None:
    page = open_page("/statistics", java_script_enabled=False)
    page.get_by_role("main").get_by_role("link", name="Checks of the statistics").click()
    page.get_by_label("Commodity").select_option("bauxite")
    page.get_by_role("button", name="Show").click()
    row = page.get_by_role("row", name="Bauxite, mine production of Indonesia, 2014")
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why this number")
    expect(page.get_by_role("main")).to_contain_text("2,555 kt")


def test_the_matrix_is_chosen_by_a_form_and_says_what_is_not_added(open_page: OpenPage) -> None:
    page = open_page("/commodities/gold", java_script_enabled=False)
    page.get_by_role("main").get_by_role("link", name="Resources and reserves").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("8 estimates at 8 deposits")
    expect(main).to_contain_text("without a place in the UNFC")
    page.get_by_label("Country").select_option("IDN")
    page.get_by_label("Bridge").select_option("crirsco-default")
    page.get_by_role("button", name="Show").click()
    expect(main).to_contain_text("has not been checked against its source")
    expect(main.get_by_role("row", name="Bone")).to_contain_text("Indonesia")
    cell = main.locator(".unfc td.filled")
    expect(cell).to_have_count(1)
    expect(cell).to_contain_text("G not assessed")
