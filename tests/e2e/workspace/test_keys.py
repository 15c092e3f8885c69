"""API keys in the browser: made, shown once, used, revoked."""

# SPDX-License-Identifier: Apache-2.0

import json
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.access.actors import today
from app.rights.roles import Role
from tests.e2e.workspace.conftest import OpenAs, Staff
from tests.running import Running

pytestmark = pytest.mark.browser


def ask(server: Running, path: str, secret: str) -> int:
    """The status of a request with a key."""
    request = urllib.request.Request(server.url + path, headers={"Authorization": f"Bearer {secret}"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            json.load(answer)
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_key_is_shown_once_works_and_is_shut_out_when_revoked(staff: Staff, open_as: OpenAs, server: Running) -> None:
    page = open_as(staff.member(Role.CONTRIBUTOR, "LAO"), "/keys")
    expect(page.get_by_role("heading", name="No keys yet")).to_be_visible()
    page.get_by_role("button", name="Make a key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("QGIS at the office")
    dialog.get_by_label("Mines").check()
    dialog.get_by_label("Expires").fill((today() + timedelta(days=30)).isoformat())
    dialog.get_by_role("button", name="Make a key").click()
    expect(dialog.get_by_role("status")).to_contain_text("only time")
    secret = dialog.locator("code").first.inner_text()
    for tab in ("GDAL", "QGIS", "curl"):
        dialog.get_by_role("tab", name=tab).click()
        expect(dialog.get_by_role("tabpanel")).to_contain_text(secret)
    assert ask(server, "/api/v1/submissions", secret) == 200
    dialog.get_by_role("button", name="I have kept it").click()

    row = page.get_by_role("row", name="QGIS at the office")
    expect(row).to_contain_text("running")
    expect(row).to_contain_text("Mines")
    assert secret not in page.content()
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("revoked")
    assert ask(server, "/api/v1/submissions", secret) == 401


def test_key_needs_a_fresh_proof_of_who_makes_it(staff: Staff, open_as: OpenAs) -> None:
    member = staff.member(Role.CONTRIBUTOR, "LAO")
    staff.age(member)
    page = open_as(member, "/keys", expect_errors=True)
    page.get_by_role("button", name="Make a key").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Script")
    page.get_by_role("dialog").get_by_role("button", name="Make a key").click()
    prove = page.get_by_role("dialog", name="Confirm that it is you")
    expect(prove).to_be_visible()
    page.keyboard.press("Escape")
    expect(prove).to_have_count(0)
    expect(page.locator(".form-failure")).to_contain_text("Prove once more")
