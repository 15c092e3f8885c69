"""People and mandates in the browser: inviting, renewing, ending, and what somebody without the right is told."""

# SPDX-License-Identifier: Apache-2.0

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.access.actors import today
from app.rights.roles import Role
from tests.e2e.workspace.conftest import OpenAs, Staff

pytestmark = pytest.mark.browser


def test_invitation_tells_its_link_once_and_the_person_is_listed(staff: Staff, open_as: OpenAs) -> None:
    administrator = staff.member(Role.NATIONAL_ADMINISTRATOR, "THA")
    page = open_as(administrator, "/people")
    page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Kanya Srisai")
    dialog.get_by_label("E-mail address").fill("kanya@example.org")
    dialog.get_by_label("Role").select_option(label="Contributor")
    name = f"Survey {administrator.name.split()[-1]}"
    dialog.get_by_role("combobox", name="Organisation").fill(name)
    options = dialog.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_count(1)
    expect(options).to_contain_text(name)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Send the invitation").click()
    expect(dialog.get_by_role("status")).to_contain_text("Kanya Srisai is invited")
    expect(dialog.locator("code")).to_have_text(re.compile(r"/workspace/invitation#\S{20,}"))
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("row", name="Kanya Srisai")).to_contain_text("invited")


def test_what_the_server_refuses_stands_at_its_field(staff: Staff, open_as: OpenAs) -> None:
    administrator = staff.member(Role.NATIONAL_ADMINISTRATOR, "THA")
    page = open_as(administrator, "/people", expect_errors=True)
    page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Kanya Srisai")
    dialog.get_by_label("E-mail address").fill("no address")
    dialog.get_by_label("Role").select_option(label="Contributor")
    dialog.get_by_role("combobox", name="Organisation").click()
    dialog.get_by_role("listbox").get_by_role("option").first.click()
    dialog.get_by_role("button", name="Send the invitation").click()
    field = dialog.get_by_label("E-mail address")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("email|address", re.IGNORECASE))


def test_administrator_offers_only_roles_they_may_give(staff: Staff, open_as: OpenAs) -> None:
    page = open_as(staff.member(Role.NATIONAL_ADMINISTRATOR, "THA"), "/people")
    page.get_by_role("button", name="Invite").click()
    roles = page.get_by_role("dialog").get_by_label("Role")
    expect(roles.locator("option", has_text="Contributor")).to_have_count(1)
    expect(roles.locator("option", has_text="Secretariat")).to_have_count(0)
    expect(roles.locator("option", has_text="National administrator")).to_have_count(0)


def test_contributor_is_told_why_they_cannot_invite(staff: Staff, open_as: OpenAs) -> None:
    page = open_as(staff.member(Role.CONTRIBUTOR, "THA"), "/people")
    expect(page.get_by_role("button", name="Invite", exact=True)).to_have_count(0)
    why = page.get_by_role("button", name="Why can't I invite?")
    why.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("A contributor may not create invitations.")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(why).to_be_focused()


def test_renewal_can_be_taken_back(staff: Staff, open_as: OpenAs) -> None:
    member = staff.member(Role.CONTRIBUTOR, "VNM", days=120)
    page = open_as(staff.member(Role.SECRETARIAT), f"/people/{member.person}")
    row = page.get_by_role("row", name="Contributor")
    expect(row).to_contain_text("ends soon")
    row.get_by_role("button", name="Renew").click()
    later = (today() + timedelta(days=300)).isoformat()
    page.get_by_role("dialog").get_by_label("New last day").fill(later)
    page.get_by_role("dialog").get_by_role("button", name="Renew").click()
    expect(row).to_contain_text("running")
    page.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("ends soon")


def test_mandate_that_ends_signs_its_holder_out_and_says_so(staff: Staff, open_as: OpenAs) -> None:
    member = staff.member(Role.CONTRIBUTOR, "MMR")
    theirs = open_as(member, "/keys", expect_errors=True)
    expect(theirs.get_by_role("heading", level=1)).to_have_text("API keys")

    ours = open_as(staff.member(Role.SECRETARIAT), f"/people/{member.person}")
    ours.get_by_role("button", name="End now").click()
    dialog = ours.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Moved to another post")
    dialog.get_by_role("button", name="End now").click()
    expect(ours.get_by_role("row", name="Contributor")).to_contain_text("ended")

    theirs.get_by_role("link", name="Organisations").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(theirs.get_by_role("alert")).to_contain_text("mandate")
    expect(theirs).to_have_url(re.compile(r"/workspace/sign-in\?to=%2Fworkspace%2Forganisations"))


def test_filters_stay_in_the_address(staff: Staff, open_as: OpenAs) -> None:
    member = staff.member(Role.NATIONAL_REVIEWER, "BRN")
    page = open_as(staff.member(Role.SECRETARIAT), "/people")
    page.get_by_label("Member state").select_option("BRN")
    page.get_by_label("Role").select_option(label="National reviewer")
    expect(page.get_by_role("row", name=member.email)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)
    page.reload()
    expect(page.get_by_label("Member state")).to_have_value("BRN")
    expect(page.get_by_role("row")).to_have_count(2)


def test_expiring_mandates_are_listed_soonest_first(staff: Staff, open_as: OpenAs) -> None:
    soon, later = (staff.member(Role.CONTRIBUTOR, "SGP", days) for days in (103, 130))
    page = open_as(staff.member(Role.NATIONAL_ADMINISTRATOR, "SGP"), "/people/expiring")
    rows = page.get_by_role("row").filter(has_text="@")
    expect(rows.first).to_contain_text(soon.email)
    expect(rows.last).to_contain_text(later.email)
    expect(rows.first).to_contain_text("days left: 3")


def test_language_of_the_profile_is_that_of_the_page(staff: Staff, open_as: OpenAs) -> None:
    page = open_as(staff.member(Role.CONTRIBUTOR, "IDN"), "/profile")
    page.get_by_role("combobox", name="Language").select_option("id")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Profil")
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.locator(".masthead nav a").nth(1)).to_have_text("Negara")
    page.reload()
    expect(page.get_by_role("link", name="Kotak masuk")).to_be_visible()
