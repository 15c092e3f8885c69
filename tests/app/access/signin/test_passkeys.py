"""Passkeys at the API: one opens an account as long as all that it signs is right."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import replace
from typing import Any

import pytest
from httpx import Response

from tests.app.access.cast import Cast
from tests.app.access.signin.authenticator import PRESENT, Authenticator
from tests.app.access.signin.browser import API, Browser, with_account


def register(browser: Browser, device: Authenticator) -> Response:
    options = browser.post(f"{API}/passkeys/options").json()
    answer = browser.post(f"{API}/passkeys", json={"name": "Laptop", "credential": device.make(options)})
    browser.me()
    return answer


def sign_in(browser: Browser, device: Authenticator) -> Response:
    options = browser.post(f"{API}/sign-in/passkey/options").json()
    return browser.post(f"{API}/sign-in/passkey", json={"credential": device.use(options)})


def test_passkey_signs_in_without_a_password(cast: Cast) -> None:
    browser, device = with_account(cast, "national-reviewer"), Authenticator()
    before = browser.cookies["__Host-amdis"]
    made = register(browser, device)
    assert (made.status_code, len(made.json()["recoveryCodes"])) == (201, 10)
    assert browser.cookies["__Host-amdis"] != before
    assert browser.me()["limited"] is False
    other = Browser(cast)
    assert sign_in(other, device).json() == {"next": "done"}
    assert other.me()["limited"] is False
    assert cast.rows("SELECT sign_count, last_used_at IS NOT NULL FROM access.passkey") == [(1, True)]
    assert cast.audit("sign in")[-1]["detail"] == {"methods": ["passkey"]}


def test_copied_passkey_whose_counter_goes_back_opens_nothing(cast: Cast) -> None:
    device = Authenticator()
    register(with_account(cast), device)
    copy = replace(device)
    for _ in range(3):
        assert sign_in(Browser(cast), device).status_code == 200
    browser = Browser(cast)
    assert sign_in(browser, copy).status_code == 401
    assert not browser.me()["signedIn"]
    assert cast.audit("sign in")[-1]["outcome"] == "failed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://testserver.evil.example"},
        {"origin": "http://testserver"},
        {"site": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"key": Authenticator().key},
        {"id": b"\x00" * 32},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}",
)
def test_passkey_that_was_used_for_something_else_opens_nothing(cast: Cast, wrong: dict[str, Any]) -> None:
    device = Authenticator()
    register(with_account(cast), device)
    browser = Browser(cast)
    refused = sign_in(browser, replace(device, **wrong))
    assert (refused.status_code, refused.json()["detail"]) == (401, "This passkey is not one of an account here.")
    assert not browser.me()["signedIn"]


@pytest.mark.parametrize("wrong", [{"origin": "https://evil.example"}, {"site": "evil.example"}, {"flags": PRESENT}])
def test_passkey_that_is_made_elsewhere_is_not_kept(cast: Cast, wrong: dict[str, Any]) -> None:
    browser = with_account(cast)
    refused = register(browser, replace(Authenticator(), **wrong))
    assert (refused.status_code, refused.json()["parameter"]) == (400, "credential")
    assert cast.rows("SELECT count(*) FROM access.passkey") == [(0,)]


def test_answer_of_a_passkey_counts_once(cast: Cast) -> None:
    device = Authenticator()
    register(with_account(cast), device)
    browser = Browser(cast)
    credential = device.use(browser.post(f"{API}/sign-in/passkey/options").json())
    step = browser.cookies["__Host-amdis-step"]
    assert browser.post(f"{API}/sign-in/passkey", json={"credential": credential}).status_code == 200
    replay = Browser(cast)
    replay.cookies.set("__Host-amdis-step", step)
    assert replay.post(f"{API}/sign-in/passkey", json={"credential": credential}).status_code == 401


def test_challenge_of_one_browser_is_not_answered_in_another(cast: Cast) -> None:
    device = Authenticator()
    register(with_account(cast), device)
    one, other = Browser(cast), Browser(cast)
    credential = device.use(one.post(f"{API}/sign-in/passkey/options").json())
    other.post(f"{API}/sign-in/passkey/options")
    assert other.post(f"{API}/sign-in/passkey", json={"credential": credential}).status_code == 401


def test_removed_passkey_opens_nothing(cast: Cast) -> None:
    browser, device = with_account(cast), Authenticator()
    number = register(browser, device).json()["passkey"]["id"]
    assert browser.delete(f"{API}/passkeys/{number}").status_code == 204
    assert sign_in(Browser(cast), device).status_code == 401
    assert browser.get(f"{API}/passkeys").json() == []


def test_passkey_is_removed_by_its_owner_alone(cast: Cast) -> None:
    browser = with_account(cast)
    number = register(browser, Authenticator()).json()["passkey"]["id"]
    assert cast.client("contributor IDN").delete(f"{API}/passkeys/{number}").status_code == 404
    assert len(browser.get(f"{API}/passkeys").json()) == 1


def test_passkey_of_an_ended_mandate_or_closed_account_opens_nothing(cast: Cast) -> None:
    device = Authenticator()
    register(with_account(cast), device)
    cast.change("UPDATE access.mandate SET ended_at = now() WHERE id = (SELECT max(id) FROM access.mandate)")
    assert "Your mandate ended" in sign_in(Browser(cast), device).json()["detail"]
    cast.change("UPDATE access.person SET closed_at = now() WHERE email = 'siti@example.org'")
    assert sign_in(Browser(cast), device).status_code == 401


@pytest.mark.parametrize("credential", [{}, {"rawId": "?"}, {"rawId": None, "response": 3}, {"id": "x" * 5000}])
def test_nonsense_for_a_passkey_is_refused(cast: Cast, credential: dict[str, Any]) -> None:
    browser = Browser(cast)
    browser.post(f"{API}/sign-in/passkey/options")
    assert browser.post(f"{API}/sign-in/passkey", json={"credential": credential}).status_code == 401
