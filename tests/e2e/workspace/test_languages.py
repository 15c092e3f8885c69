"""The workspace in the language of the profile once somebody is signed in, and before in the browser's."""

# SPDX-License-Identifier: Apache-2.0

import pytest
from playwright.sync_api import Page, expect

from app.rights.roles import Role
from tests.e2e.conftest import PHONE, OpenPage
from tests.e2e.workspace.conftest import OpenAs, Staff
from tests.e2e.workspace.test_signing_in import accept, sign_in

pytestmark = pytest.mark.browser


def speaks(page: Page, language: str, pages: str, menu: str) -> None:
    """The page, its frame and the application in it are in one language."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator(".masthead nav a").nth(1)).to_have_text(pages)
    expect(page.get_by_role("link", name=menu).first).to_be_visible()


def choose(page: Page, label: str, language: str, save: str) -> None:
    page.get_by_label(label, exact=True).select_option(language)
    page.get_by_role("button", name=save, exact=True).first.click()


def test_frame_and_screens_follow_the_language_chosen_in_the_profile(open_as: OpenAs, staff: Staff) -> None:
    page = open_as(staff.member(Role.CONTRIBUTOR, "IDN"), "/profile", locale="en-GB")
    speaks(page, "en", "Countries", "Inbox")
    choose(page, "Language", "id", "Save")
    speaks(page, "id", "Negara", "Kotak masuk")
    expect(page.locator(".workspace-menu")).to_contain_text("Kontributor")
    expect(page.locator(".masthead .languages")).to_have_count(0)
    page.reload()
    speaks(page, "id", "Negara", "Kotak masuk")
    page.locator(".masthead").get_by_role("link", name="Negara").click()
    expect(page.locator("html")).to_have_attribute("lang", "id")
    page.goto(page.url.split("/countries")[0] + "/workspace/profile")
    choose(page, "Bahasa", "en", "Simpan")
    speaks(page, "en", "Countries", "Inbox")


def test_whoever_is_not_signed_in_is_spoken_to_in_the_language_of_the_browser(open_page: OpenPage) -> None:
    page = open_page("/workspace", locale="id-ID")
    expect(page.get_by_role("heading", level=1)).to_have_text("Masuk")
    expect(page.locator("html")).to_have_attribute("lang", "id")
    page.get_by_role("navigation", name="Bahasa").get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
def test_the_frame_turns_to_the_profile_at_sign_in_and_back_at_sign_out(
    open_page: OpenPage, open_as: OpenAs, staff: Staff, viewport: dict[str, int] | None
) -> None:
    email = f"bahasa{'-phone' if viewport else ''}@example.org"
    options = {"viewport": viewport} if viewport else {}
    page = open_page("/workspace", locale="en-GB", **options)
    accept(page, staff.invitation(email, Role.CONTRIBUTOR, "IDN"), "Contributor")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    page.goto(page.url.split("/workspace")[0] + "/workspace/profile")
    choose(page, "Language", "id", "Save")
    # The frame comes with the page that is loaded anew; what is pressed before would go down with the old one.
    expect(page.locator(".masthead nav a").nth(1)).to_have_text("Negara")
    if viewport:
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Keluar", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.locator(".masthead nav a").nth(1)).to_have_text("Countries")
    sign_in(page, email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Profil")
    expect(page.locator(".masthead nav a").nth(1)).to_have_text("Negara")
