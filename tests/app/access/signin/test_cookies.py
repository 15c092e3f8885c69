"""Cookies: of this host alone, over HTTPS alone, out of the reach of scripts, and not sent along from other sites."""

# SPDX-License-Identifier: Apache-2.0

from http.cookies import SimpleCookie

from httpx import Response

from tests.app.access.cast import Cast
from tests.app.access.signin.browser import API, Browser, accept, invited, with_generator

EMAIL = "siti@example.org"


def check(answer: Response) -> list[str]:
    """Check the cookies of an answer; their names."""
    given = answer.headers.get_list("set-cookie")
    names = []
    for header in given:
        ((name, cookie),) = SimpleCookie(header).items()
        names.append(name)
        assert name.startswith("__Host-amdis"), name
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", ""), header
        assert cookie["samesite"].lower() == "strict"
        assert len(header) < 4096
    return names


def test_no_cookie_is_for_scripts_or_other_sites(cast: Cast) -> None:
    browser, accepted = accept(cast, invited(cast))
    assert set(check(accepted)) == {"__Host-amdis", "__Host-amdis-device", "__Host-amdis-step"}
    browser.me()
    with_generator(browser)
    again = Browser(cast)
    assert check(again.sign_in(EMAIL)) == ["__Host-amdis-step"]
    assert check(again.post(f"{API}/sign-in/passkey/options")) == ["__Host-amdis-step"]
    assert check(browser.post(f"{API}/sign-out")) == ["__Host-amdis"]


def test_token_of_a_session_stands_in_its_cookie_alone(cast: Cast) -> None:
    browser, accepted = accept(cast, invited(cast))
    token = browser.cookies["__Host-amdis"]
    assert len(token) >= 43  # 256 bits in base 64
    for answer in (accepted, browser.get(f"{API}/me"), browser.get(f"{API}/sessions"), browser.get(f"{API}/profile")):
        assert token not in answer.text
