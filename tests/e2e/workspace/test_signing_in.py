"""From the invitation on the command line to a session, with a code generator and with a passkey, and by keys alone."""

# SPDX-License-Identifier: Apache-2.0

import re
import time
from contextlib import suppress

import pyotp
import pytest
from playwright.sync_api import Error, Page, Route, expect

from app.rights.roles import Role
from tests.e2e.conftest import OpenPage
from tests.e2e.workspace.conftest import OpenAs, Staff
from tests.running import Running

pytestmark = pytest.mark.browser

PASSWORD = "four tin mines by the river"
_STEP = 30  # seconds a code is shown


def accept(page: Page, link: str, role: str) -> None:
    """Accept an invitation, as far as the choice of a second factor."""
    page.goto(link)
    expect(page.locator("dl")).to_contain_text(role)
    assert "#" not in page.url, "the token stays in the address"
    page.get_by_label("Name").fill("Mali Chai")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Accept").click()


def set_up_generator(page: Page) -> str:
    """Set a code generator up, keep the recovery codes; returns its secret."""
    page.get_by_role("button", name="Code generator").click()
    assert page.get_by_alt_text("QR code").evaluate(
        "async image => { await image.decode(); return image.naturalWidth }"
    )
    page.get_by_text("Type the key instead").click()
    secret = page.locator("details code").inner_text().replace(" ", "")
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn on").click()
    return secret


def sign_in(page: Page, email: str) -> None:
    """Give the address and the password."""
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    """Sign out by the menu."""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_invitation_leads_to_a_session_with_a_code_generator(open_page: OpenPage, staff: Staff) -> None:
    email = "totp@example.org"
    page = open_page("/workspace", expect_errors=True)
    accept(page, staff.invitation(email, Role.SECRETARIAT), "Secretariat")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second factor")
    secret = set_up_generator(page)
    shown = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    sign_out(page)

    sign_in(page, email)
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".error, .form-failure")).to_be_visible()
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).at(int(time.time()) + _STEP))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    sign_out(page)

    sign_in(page, email)
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")


def test_invitation_leads_to_a_session_with_a_passkey(open_page: OpenPage, staff: Staff) -> None:
    page = open_page("/workspace")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**device, "isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    accept(page, staff.invitation("passkey@example.org", Role.REGIONAL_REVIEWER), "Regional reviewer")
    page.get_by_role("button", name="Passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    sign_out(page)

    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    page.get_by_role("link", name="Sessions").click()
    expect(page.get_by_role("row", name="this one")).to_be_visible()


def test_invitation_that_was_used_says_so(open_page: OpenPage, staff: Staff) -> None:
    link = staff.invitation("twice@example.org", Role.OBSERVER)
    page = open_page("/workspace", expect_errors=True)
    accept(page, link, "Observer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    page.goto(link)
    page.reload()
    page.goto(link.replace("/invitation", "/invitation?again"))
    expect(page.get_by_role("alert")).to_contain_text("accepted already")


def test_weak_password_is_refused_at_its_field(open_page: OpenPage, staff: Staff) -> None:
    page = open_page("/workspace", expect_errors=True)
    page.goto(staff.invitation("weak@example.org", Role.OBSERVER))
    field = page.get_by_label("New password", exact=True)
    field.fill("password1234")
    page.get_by_role("button", name="Accept").click()
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("easily guessed"))
    expect(field).to_have_attribute("type", "password")
    page.get_by_role("button", name=re.compile("^Show")).click()
    expect(field).to_have_attribute("type", "text")


def test_password_can_be_pasted(open_page: OpenPage, staff: Staff) -> None:
    page = open_page("/workspace")
    page.goto(staff.invitation("pasted@example.org", Role.OBSERVER))
    page.get_by_label("Name").fill(PASSWORD)
    page.get_by_label("Name").press("Control+a")
    page.keyboard.press("Control+c")
    field = page.get_by_label("New password", exact=True)
    field.press("Control+v")
    expect(field).to_have_value(PASSWORD)
    expect(field).to_have_attribute("autocomplete", "new-password")
    page.get_by_label("Name").fill("Mali Chai")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")


def test_signing_in_by_keys_alone_leads_back_to_the_page(open_page: OpenPage, staff: Staff, server: Running) -> None:
    email = "keys.alone@example.org"
    page = open_page("/workspace")
    accept(page, staff.invitation(email, Role.CONTRIBUTOR, "KHM"), "Contributor")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    sign_out(page)

    page.goto(f"{server.url}/workspace/organisations")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "email":
            break
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Organisations")).to_be_focused()


def test_wrong_password_and_unknown_address_are_told_alike(open_page: OpenPage, staff: Staff) -> None:
    email = "known@example.org"
    page = open_page("/workspace", expect_errors=True)
    accept(page, staff.invitation(email, Role.OBSERVER), "Observer")
    sign_out(page)
    said = []
    for address in (email, "unknown@example.org"):
        page.reload()
        page.get_by_label("E-mail address").fill(address)
        page.get_by_label("Password", exact=True).fill("not the password")
        page.get_by_role("button", name="Sign in", exact=True).click()
        said.append(page.locator(".form-failure, .error").inner_text())
    assert said[0] == said[1]


def test_recovery_codes_are_printed_alone(open_page: OpenPage, staff: Staff) -> None:
    page = open_page("/workspace")
    accept(page, staff.invitation("printed@example.org", Role.SECRETARIAT), "Secretariat")
    set_up_generator(page)
    codes = page.get_by_role("list", name="Recovery codes")
    expect(codes).to_be_visible()
    page.emulate_media(media="print")
    expect(codes).to_be_visible()
    expect(page.get_by_text("printed@example.org")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("button", name="I have kept them")).to_be_hidden()


def test_other_sessions_are_ended_from_one(open_page: OpenPage, open_as: OpenAs, staff: Staff, server: Running) -> None:
    email = "sessions@example.org"
    first = open_page("/workspace", expect_errors=True)
    accept(first, staff.invitation(email, Role.OBSERVER), "Observer")
    expect(first.get_by_role("heading", level=1)).to_have_text("Inbox")
    second = open_page("/workspace/sign-in?to=/workspace/sessions")
    sign_in(second, email)
    expect(second.get_by_role("row").filter(has_text="127.0.0.1")).to_have_count(2)
    second.get_by_role("button", name="End all others").click()
    second.get_by_role("dialog").get_by_role("button", name="End all others").click()
    expect(second.get_by_role("row").filter(has_text="127.0.0.1")).to_have_count(1)
    first.get_by_role("link", name="Organisations").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(first.get_by_role("alert")).to_be_visible()


def test_signing_out_while_a_screen_is_read_is_no_end_that_came_unasked(staff: Staff, open_as: OpenAs) -> None:
    page = open_as(staff.member(Role.SECRETARIAT))
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/access/organisations*", hold)
    with page.expect_request("**/api/v1/access/organisations*"):
        page.get_by_role("link", name="Organisations").click()
    sign_out(page)
    assert held
    for route in held:
        with suppress(Error):  # the page has given it up
            route.continue_()
    page.reload()
    expect(page.get_by_role("alert")).to_have_count(0)
