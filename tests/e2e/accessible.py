"""Whether a page is whole and accessible, by axe-core's rules, in light and in dark."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.e2e.conftest import DESKTOP, PHONE, Picture

SIZES = {"desktop": DESKTOP, "phone": PHONE}

_AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
_RUN = "async rules => (await axe.run({runOnly: rules, resultTypes: ['violations']})).violations"


def accessible(page: Page) -> None:
    """Fail if a page, opened with bypass_csp, breaks a rule."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=_AXE)
    _obeys(page, _RULES)


def whole_and_accessible(page: Page, name: str, picture: Picture) -> None:
    """Fail if a page, opened with bypass_csp, is cut at the side or breaks a rule, or if its colours do in the dark.

    Takes pictures of both.
    """
    picture(page, f"{name}-light")
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}: cut at the side"
    accessible(page)
    page.emulate_media(color_scheme="dark")
    picture(page, f"{name}-dark")
    _obeys(page, _OF_COLOUR)
    page.emulate_media(color_scheme="light")


def settle(page: Page) -> None:
    """Wait until a page has all that it asked for."""
    page.wait_for_load_state("networkidle")


def whole_and_accessible_at_every_size(
    page: Page, name: str, picture: Picture, wait: Callable[[Page], None] = settle
) -> None:
    """The same on a desk and on a phone. wait: until the page has followed a change of its size."""
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        wait(page)
        whole_and_accessible(page, f"{name}-{size}", picture)


def _obeys(page: Page, rules: dict[str, Any]) -> None:
    violations = page.evaluate(_RUN, rules)
    lines = [f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']][:3]}" for one in violations]
    assert not lines, f"{page.url} {page.viewport_size}:\n" + "\n".join(lines)
