"""Every screen of the workspace: whole, accessible, light and dark, on a desk and on a phone."""

# SPDX-License-Identifier: Apache-2.0

import pytest
from playwright.sync_api import Page, expect

from app.rights.roles import Role
from tests.e2e.accessible import whole_and_accessible, whole_and_accessible_at_every_size
from tests.e2e.conftest import PHONE, OpenPage, Picture
from tests.e2e.workspace.conftest import OpenAs, Staff

pytestmark = pytest.mark.browser

OPEN = {"sign-in": "/sign-in", "forgotten": "/forgotten", "reset": "/reset#x", "nowhere": "/nowhere"}
SCREENS = {
    "inbox": "",
    "datasets": "/datasets",
    "people": "/people",
    "expiring": "/people/expiring",
    "person": "/people/{person}",
    "organisations": "/organisations",
    "keys": "/keys",
    "sessions": "/sessions",
    "audit": "/audit",
    "profile": "/profile",
}


@pytest.mark.parametrize("name", OPEN)
def test_screen_before_signing_in_is_accessible(name: str, open_page: OpenPage, picture: Picture) -> None:
    check(open_page(f"/workspace{OPEN[name]}", bypass_csp=True), name, picture)


@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_accessible(name: str, staff: Staff, open_as: OpenAs, picture: Picture) -> None:
    member = staff.member(Role.SECRETARIAT)
    staff.member(Role.CONTRIBUTOR, "LAO", days=120)
    path = SCREENS[name].format(person=member.person)
    check(open_as(member, path, bypass_csp=True), name, picture)


def test_dialog_is_accessible_on_a_phone(staff: Staff, open_as: OpenAs, picture: Picture) -> None:
    page = open_as(staff.member(Role.SECRETARIAT), "/people", viewport=PHONE, bypass_csp=True)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("dialog", name="Invite a person")).to_be_visible()
    whole_and_accessible(page, "workspace-invite-phone", picture)


def check(page: Page, name: str, picture: Picture) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    whole_and_accessible_at_every_size(page, f"workspace-{name}", picture)


def test_menu_of_a_phone_opens_and_leads_on(staff: Staff, open_as: OpenAs) -> None:
    page = open_as(staff.member(Role.SECRETARIAT), viewport=PHONE)
    menu = page.get_by_role("navigation", name="Workspace")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Sessions").click()
    expect(page.get_by_role("heading", level=1, name="Sessions")).to_be_focused()
    expect(menu).to_be_hidden()


def test_chosen_colours_are_there_before_the_first_paint(open_page: OpenPage) -> None:
    page = open_page("/", color_scheme="light")
    page.get_by_label("Colours").select_option("dark")
    page.goto(page.url)
    # The head alone has been read when the body begins: the choice was applied by a script ahead of the style sheets.
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.get_by_label("Colours").select_option("system")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"


def test_chosen_colours_outlast_signing_out(staff: Staff, open_as: OpenAs) -> None:
    page = open_as(staff.member(Role.OBSERVER), "/profile", color_scheme="light")
    page.get_by_label("Colours").select_option("dark")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_workspace_needs_no_inline_style(staff: Staff, open_as: OpenAs) -> None:
    # The policy against inline styles would complain on the console, at which open_as fails.
    page = open_as(staff.member(Role.SECRETARIAT), "/people")
    expect(page.get_by_role("table")).to_be_visible()
    assert page.locator("[style]").count() == 0
