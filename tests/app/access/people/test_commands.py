"""What an operator does for people on the command line, and the lines it leaves in the log."""

# SPDX-License-Identifier: Apache-2.0

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.access.people.commands import HEADINGS, columns, invite_again, listed, reset_password, reset_second_factor
from app.errors import ConflictError, ThingNotFoundError
from app.settings import Settings
from tests.app.access.cast import SECRET, SITE, Cast
from tests.app.access.signin.browser import API, Browser, accept, invited, with_account, with_generator
from tests.running import Running

EMAIL = "siti@example.org"
ROOT = Path(__file__).parents[4]


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, public_url=SITE, secret_key=SECRET)


def test_second_factor_is_set_up_anew_after_it_was_reset(cast: Cast) -> None:
    browser = with_account(cast, "national-reviewer")
    _, recovery = with_generator(browser)
    assert reset_second_factor(cast.urls, EMAIL.upper()) == 1
    assert browser.me()["why"] == "Your second factor was reset. Sign in again."
    again = Browser(cast)
    assert again.sign_in(EMAIL).json() == {"next": "enrol"}
    assert again.me()["limited"] is True
    assert again.post(f"{API}/sign-in/code", json={"code": recovery[0]}).status_code == 401
    line = cast.audit("reset second factor")[0]
    assert (line["name"], line["kind"]) == ("amdis user reset-second-factor", "profile")
    assert line["detail"] == {"totp": 1, "passkey": 0, "recovery_code": 10}
    assert cast.rows("SELECT count(*) FROM notices.notice WHERE title = 'Your second factor was reset'") == [(1,)]
    with pytest.raises(ConflictError, match="has no second factor"):
        reset_second_factor(cast.urls, EMAIL)
    assert len(cast.audit("reset second factor")) == 1


def test_forgotten_password_is_set_anew_where_no_mail_is_sent(cast: Cast, site: Settings) -> None:
    browser = with_account(cast)
    link, _ = reset_password(site, cast.urls, EMAIL.upper())
    assert link.startswith("https://testserver/workspace/reset#")
    body = {"token": link.partition("#")[2], "password": "another wording of mine 7"}
    assert Browser(cast).post(f"{API}/password/reset", json=body).status_code == 204
    assert Browser(cast).post(f"{API}/password/reset", json=body).status_code == 400  # once
    assert not browser.me()["signedIn"]
    assert Browser(cast).sign_in(EMAIL, body["password"]).json()["next"] in ("done", "enrol")
    assert [one["name"] for one in cast.audit("ask for reset")] == ["amdis user reset-password"]
    assert body["token"] not in str(cast.audit())


def test_link_for_a_new_password_is_for_accounts_that_are_set_up(cast: Cast, site: Settings) -> None:
    invited(cast)
    with pytest.raises(ConflictError, match="invite-again"):
        reset_password(site, cast.urls, EMAIL)
    with pytest.raises(ThingNotFoundError, match="Nobody here"):
        reset_password(site, cast.urls, "nobody@example.org")


def test_new_link_takes_the_place_of_the_one_before(cast: Cast, site: Settings) -> None:
    before = invited(cast)
    link, _ = invite_again(site, cast.urls, EMAIL)
    _, refused = accept(cast, before)
    assert (refused.status_code, "taken back" in refused.json()["detail"]) == (400, True)
    browser, answer = accept(cast, link.partition("#")[2])
    assert (answer.status_code, browser.me()["mandate"]["role"]) == (200, "contributor")
    assert [one["name"] for one in cast.audit("create")][-1] == "amdis user invite-again"
    assert link.partition("#")[2] not in str(cast.audit())


def test_link_that_has_run_out_is_replaced(cast: Cast, site: Settings) -> None:
    invited(cast)
    cast.change("UPDATE access.invitation SET expires_at = now() - interval '1 day'")
    link, _ = invite_again(site, cast.urls, EMAIL)
    assert accept(cast, link.partition("#")[2])[1].status_code == 200


def test_no_link_goes_around_a_password_that_is_set(cast: Cast, site: Settings) -> None:
    with_account(cast)
    lines = len(cast.audit())
    with pytest.raises(ConflictError, match="has set up the account already"):
        invite_again(site, cast.urls, EMAIL)
    cast.change("UPDATE access.person SET closed_at = now() WHERE email = :email", email=EMAIL)
    with pytest.raises(ConflictError):
        invite_again(site, cast.urls, EMAIL)
    assert len(cast.audit()) == lines


def test_unknown_address_is_told(cast: Cast, site: Settings) -> None:
    with pytest.raises(ThingNotFoundError, match="Nobody here has the address nobody"):
        invite_again(site, cast.urls, "nobody")
    with pytest.raises(ThingNotFoundError, match="Nobody here has the address nobody"):
        reset_second_factor(cast.urls, "nobody")


def test_everybody_is_listed_with_mandates_and_second_factor(cast: Cast) -> None:
    with_generator(with_account(cast))
    invited(cast, email="later@example.org")
    rows = {row[0]: row for row in listed(cast.urls)}
    assert len(rows) == cast.rows("SELECT count(*) FROM access.person")[0][0]
    assert rows[EMAIL][2:] == ("active", rows[EMAIL][3], "code generator")
    assert rows[EMAIL][3].startswith("contributor IDN until ")
    assert rows["later@example.org"][2] == "invited"
    heading, *lines = columns([HEADINGS, *rows.values()])
    at = heading.index("STATE")
    assert all(line[at:].startswith(row[2]) for line, row in zip(lines, rows.values(), strict=True))


def test_command_says_what_it_did_or_why_not(server: Running) -> None:
    environ = os.environ | {"AMDIS_HOME": str(server.settings.home), "AMDIS_PUBLIC_URL": server.url}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app.cli", "user", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=300, check=False)

    made = run("create", "--email", "cli@example.org", "--name", "Cli", "--organisation", "Secretariat of commands")
    again = run("invite-again", "cli@example.org")
    assert (made.returncode, again.returncode) == (0, 0), again.stderr
    assert made.stdout.splitlines()[1] != again.stdout.splitlines()[1]
    assert re.search(r"^cli@example\.org +Cli +invited +secretariat until ", run("list").stdout, re.MULTILINE)
    for command in ("invite-again", "reset-second-factor"):
        wrong = run(command, "nobody@example.org")
        assert (wrong.returncode, wrong.stderr.startswith("amdis: Nobody here")) == (2, True)
