"""From an invitation to a session, and what must not open one."""

# SPDX-License-Identifier: Apache-2.0

import time
from types import SimpleNamespace

import pyotp
import pytest

from app.access.signin import codes
from tests.app.access.cast import Cast
from tests.app.access.signin.browser import (
    API,
    PASSWORD,
    Browser,
    accept,
    invited,
    with_account,
    with_generator,
)

EMAIL = "siti@example.org"


def later(cast: Cast, seconds: int) -> None:
    """Let a code be used that was used before, as if so much time had passed."""
    cast.change("UPDATE access.totp SET last_step = last_step - :steps", steps=seconds // 30 + 1)


def clock_of_codes(monkeypatch: pytest.MonkeyPatch) -> int:
    """Stop the clock by which codes are checked in the middle of a step, however long the test takes; when that is."""
    now = int(time.time()) // codes.STEP * codes.STEP + codes.STEP // 2
    monkeypatch.setattr(codes, "time", SimpleNamespace(time=lambda: now))
    return now


def test_invitation_opens_an_account_once(cast: Cast) -> None:
    token = invited(cast)
    told = Browser(cast).post(f"{API}/invitation/read", json={"token": token}).json()
    assert (told["email"], told["roleTitle"], told["country"]) == (EMAIL, "Contributor", "IDN")
    browser, answer = accept(cast, token)
    assert answer.json() == {"next": "done"}
    assert browser.me()["person"]["name"] == "Siti Rahma"
    _, again = accept(cast, token, "another-good-passphrase")
    assert (again.status_code, again.json()["parameter"]) == (400, "token")
    assert "accepted already" in again.json()["detail"]
    assert Browser(cast).sign_in(EMAIL).json() == {"next": "done"}
    failed = cast.audit("accept")
    assert [(one["outcome"], one["detail"]) for one in failed] == [("failed", {"why": "used"})]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE access.invitation SET expires_at = now() - interval '1 second'", "ran out on"),
        ("UPDATE access.invitation SET revoked_at = now()", "taken back"),
        ("UPDATE access.person SET closed_at = now() WHERE email = 'siti@example.org'", "taken back"),
        ("DELETE FROM access.invitation", "no such invitation"),
    ],
)
def test_invitation_that_is_over_opens_nothing(cast: Cast, change: str, told: str) -> None:
    token = invited(cast)
    cast.change(change)
    browser, answer = accept(cast, token)
    assert answer.status_code == 400
    assert told in answer.json()["detail"]
    assert not browser.me()["signedIn"]
    assert cast.rows("SELECT count(*) FROM access.password") == [(0,)]
    assert cast.audit("accept")[-1]["outcome"] == "failed"


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("short", "12 characters or more, not 5"),
        ("password1234", "easily guessed"),
        ("111111111111", "easily guessed"),
        ("qwertyuiopas", "easily guessed"),
        ("siti@example", "little but names that others know"),
        ("x" * 257, "at most 256"),
    ],
)
def test_password_that_is_weak_is_refused_with_advice(cast: Cast, password: str, told: str) -> None:
    _, answer = accept(cast, invited(cast), password)
    assert (answer.status_code, answer.json()["parameter"]) == (400, "password")
    assert told in answer.json()["detail"]
    assert password not in answer.text or len(password) < 6


@pytest.mark.parametrize(
    "password", ["pässwörter über Zinn", "ดีบุกจากภูเก็ตสวยมาก", "with \t tab and 'quotes'; --", "z" + " ok" * 85]
)
def test_password_may_hold_any_characters(cast: Cast, password: str) -> None:
    _, answer = accept(cast, invited(cast), password)
    assert answer.status_code == 200, answer.text
    assert Browser(cast).sign_in(EMAIL, password).status_code == 200
    assert Browser(cast).sign_in(EMAIL, password[:-1]).status_code == 401


def test_wrong_password_and_unknown_address_look_the_same(cast: Cast) -> None:
    with_account(cast)
    wrong, unknown = Browser(cast).sign_in(EMAIL, "not the password"), Browser(cast).sign_in("nobody@example.org")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert set(wrong.headers) == set(unknown.headers)
    assert [one["outcome"] for one in cast.audit("sign in")][-2:] == ["failed", "failed"]


def test_role_that_needs_a_second_factor_gets_nothing_before_it(cast: Cast) -> None:
    browser = with_account(cast, "national-reviewer")
    me = browser.me()
    assert (me["signedIn"], me["limited"], me["may"]) == (True, True, [])
    for method, path in (("GET", "people"), ("GET", "profile"), ("GET", "sessions"), ("POST", "recovery-codes")):
        assert browser.request(method, f"{API}/{path}").status_code == 403, path
    token = browser.cookies["__Host-amdis"]
    with cast.app.state.access.connections.delegate(token) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM access.person").scalar_one() == 0
    generator, recovery = with_generator(browser)
    assert len(set(recovery)) == 10
    assert browser.cookies["__Host-amdis"] != token, "the session's token changes with its power"
    assert not browser.me()["limited"]
    assert browser.get(f"{API}/people").status_code == 200
    again = Browser(cast)
    again.cookies.set("__Host-amdis", token)
    assert not again.me()["signedIn"]
    assert again.sign_in(EMAIL).json() == {"next": "code"}
    assert not again.me()["signedIn"]
    later(cast, 30)
    assert again.post(f"{API}/sign-in/code", json={"code": generator.now()}).json() == {"next": "done"}
    assert again.me()["signedIn"]


def test_code_is_taken_once(cast: Cast) -> None:
    generator, _ = with_generator(with_account(cast))
    code = generator.now()
    first, second = Browser(cast), Browser(cast)
    for one in (first, second):
        assert one.sign_in(EMAIL).json() == {"next": "code"}
    # A new step of the same person takes the place of the one before.
    assert first.post(f"{API}/sign-in/code", json={"code": code}).status_code == 401
    later(cast, 0)
    assert second.post(f"{API}/sign-in/code", json={"code": code}).status_code == 200
    third = Browser(cast)
    third.sign_in(EMAIL)
    replayed = third.post(f"{API}/sign-in/code", json={"code": code})
    assert (replayed.status_code, replayed.json()["parameter"]) == (400, "code")
    assert cast.audit("sign in")[-1]["outcome"] == "failed"


@pytest.mark.parametrize(("off", "right"), [(-30, True), (0, True), (30, True), (-90, False), (90, False)])
def test_clock_may_be_half_a_minute_off(monkeypatch: pytest.MonkeyPatch, off: int, right: bool) -> None:
    secret = codes.new_secret()
    now = clock_of_codes(monkeypatch)
    assert (codes.step_of(secret, pyotp.TOTP(secret).at(now + off)) is not None) is right


@pytest.mark.parametrize(("off", "status"), [(-1, 200), (1, 200), (-3, 400), (3, 400)])
def test_code_of_the_half_minute_before_or_after_signs_in_and_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, off: int, status: int
) -> None:
    generator, _ = with_generator(with_account(cast))
    later(cast, 300)
    browser = Browser(cast)
    browser.sign_in(EMAIL)
    code = generator.at(clock_of_codes(monkeypatch) + 30 * off)
    answer = browser.post(f"{API}/sign-in/code", json={"code": code})
    assert answer.status_code == status, answer.text
    assert browser.me()["signedIn"] is (status == 200)


def test_step_is_over_after_five_wrong_codes(cast: Cast) -> None:
    generator, _ = with_generator(with_account(cast))
    browser = Browser(cast)
    browser.sign_in(EMAIL)
    answers = [browser.post(f"{API}/sign-in/code", json={"code": "000000"}).status_code for _ in range(5)]
    assert answers == [400] * 5
    later(cast, 30)
    assert browser.post(f"{API}/sign-in/code", json={"code": generator.now()}).status_code in (401, 429)


def test_recovery_code_stands_for_the_generator_once(cast: Cast) -> None:
    _, recovery = with_generator(with_account(cast))
    for given, status in ((recovery[0].upper().replace("-", " "), 200), (recovery[0], 400), (recovery[1], 200)):
        browser = Browser(cast)
        browser.sign_in(EMAIL)
        assert browser.post(f"{API}/sign-in/code", json={"code": given}).status_code == status
    assert browser.me()["secondFactors"]["recoveryCodes"] == 8


def test_secrets_are_kept_in_no_readable_form(cast: Cast) -> None:
    browser = with_account(cast)
    generator, recovery = with_generator(browser)
    dump = "".join(
        str(cast.rows(f"SELECT t::text FROM access.{table} t"))  # noqa: S608
        for table in ("person", "password", "totp", "recovery_code", "session", "challenge", "invitation", "failure")
    )
    dump += str(cast.audit()) + str(cast.rows("SELECT t::text FROM notices.notice t"))
    for secret in (
        PASSWORD,
        generator.secret,
        recovery[0],
        recovery[0].replace("-", ""),
        browser.cookies["__Host-amdis"],
    ):
        assert secret not in dump
    assert cast.rows("SELECT hash FROM access.password")[0][0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.usefixtures("no_time_passes")
def test_guessing_is_slowed_down_but_keeps_the_owner_not_out(cast: Cast) -> None:
    owner = with_account(cast)
    stranger = Browser(cast)
    answers = [stranger.sign_in(EMAIL, f"wrong password {n}").status_code for n in range(7)]
    assert answers == [401] * 5 + [429] * 2
    waiting = stranger.sign_in(EMAIL)
    assert (waiting.status_code, int(waiting.headers["Retry-After"]) > 0) == (429, True)
    assert "Try again in" in waiting.json()["detail"]
    # The owner's browser has signed in before: it is counted apart, and gets in at once.
    owner.post(f"{API}/sign-out")
    assert owner.sign_in(EMAIL).status_code == 200
    cast.change("UPDATE access.failure SET at = at - interval '31 minutes'")
    assert stranger.sign_in(EMAIL).status_code == 200


@pytest.mark.usefixtures("no_time_passes")
def test_forged_device_cookie_counts_as_none(cast: Cast) -> None:
    with_account(cast)
    stranger = Browser(cast)
    stranger.cookies.set("__Host-amdis-device", "x." + "0" * 64)
    assert [stranger.sign_in(EMAIL, "wrong password").status_code for _ in range(6)][-1] == 429


def test_session_that_was_set_by_another_is_not_the_one_after_signing_in(cast: Cast) -> None:
    """Fixation: whoever plants a cookie must not know the session that the victim opens."""
    with_account(cast).post(f"{API}/sign-out")
    victim = Browser(cast)
    planted = "x" * 43
    victim.cookies.set("__Host-amdis", planted, domain="testserver.local", path="/")
    answer = victim.sign_in(EMAIL)
    assert planted not in answer.headers["set-cookie"]
    fixed = Browser(cast)
    fixed.cookies.set("__Host-amdis", planted)
    assert not fixed.me()["signedIn"]


def test_signing_out_ends_the_session_for_everybody_who_has_its_token(cast: Cast) -> None:
    browser = with_account(cast)
    copy = Browser(cast)
    copy.cookies.set("__Host-amdis", browser.cookies["__Host-amdis"])
    assert copy.me()["signedIn"]
    answer = browser.post(f"{API}/sign-out")
    assert (answer.status_code, "Clear-Site-Data" in answer.headers) == (204, True)
    assert copy.me() | {"sso": None} == {**copy.me(), "signedIn": False}
    assert copy.me()["why"] == "You signed out."


def test_session_ends_when_it_is_not_used_and_after_its_longest(cast: Cast) -> None:
    browser = with_account(cast)
    cast.change("UPDATE access.session SET idle_until = now() - interval '1 second'")
    assert "run out" in browser.me()["why"]
    other = Browser(cast)
    other.sign_in(EMAIL)
    cast.change("UPDATE access.session SET expires_at = now() - interval '1 second'")
    assert not other.me()["signedIn"]


def test_use_of_a_session_moves_its_end(cast: Cast) -> None:
    browser = with_account(cast)
    cast.change(
        "UPDATE access.session SET seen_at = now() - interval '30 minutes', idle_until = now() + interval '30 minutes'"
    )
    assert browser.me()["signedIn"]
    rows = cast.rows("SELECT idle_until > now() + interval '59 minutes' FROM access.session ORDER BY id DESC LIMIT 1")
    assert rows == [(True,)]


@pytest.mark.parametrize("header", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_nobody_is_signed_in_by_a_page_of_another_site(cast: Cast, header: dict[str, str]) -> None:
    with_account(cast)
    answer = Browser(cast, **header).sign_in(EMAIL)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_members_that_are_not_asked_for_are_refused(cast: Cast) -> None:
    token = invited(cast)
    asked = {"token": token, "name": "S", "password": PASSWORD, "role": "secretariat", "isAdmin": True}
    answer = Browser(cast).post(f"{API}/invitation/accept", json=asked)
    assert answer.status_code == 400
    assert cast.rows("SELECT count(*) FROM access.password") == [(0,)]
