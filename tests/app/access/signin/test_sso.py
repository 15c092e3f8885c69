"""Single sign-on against a real provider on this machine: whom it lets in, and what it must not."""

# SPDX-License-Identifier: Apache-2.0

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response

from app.access.signin.sso import is_strong_by
from app.db.bootstrap import connect
from app.db.roles import DatabaseUrls
from tests.app.access.cast import Cast, cast_in, site_in
from tests.app.access.signin.browser import API, Browser, accept, invited
from tests.app.access.signin.provider import CALLBACK, CLIENT, SECRET, Provider, provider
from tests.ports import free_port

EMAIL = "siti@example.org"
PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider(free_port()) as one:
        yield one


@pytest.fixture
def idp(running: Provider) -> Provider:
    running.told(claims={}, deny=False, broken=False, held=False, forged=None, called=None, leads=None, mute=None)
    return running


@pytest.fixture
def cast(fresh_urls: DatabaseUrls, tmp_path: Path, idp: Provider) -> Iterator[Cast]:
    own = {"oidc_issuer": idp.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_name": "The survey"}
    with cast_in(fresh_urls, site_in(fresh_urls, tmp_path / "home", **own)) as cast:
        yield cast


def start(browser: Browser, to: str = "/workspace/people") -> str:
    answer = browser.get(f"{API}/sso/start", params={"to": to}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def signed_on(cast: Cast, idp: Provider, **claims: Any) -> tuple[Browser, Response]:
    """A browser that comes back from the provider, and what it is answered."""
    idp.told(claims=claims)
    browser = Browser(cast)
    back = idp.way_back(start(browser))
    return browser, browser.get(back, headers={**PAGE, "sec-fetch-site": "cross-site"})


def steps(cast: Cast) -> list[tuple[Any, ...]]:
    return cast.rows("SELECT used_at IS NOT NULL FROM access.challenge WHERE purpose = 'single sign-on'")


def test_account_of_a_verified_address_is_signed_in_and_known_by_its_subject_from_then_on(
    cast: Cast, idp: Provider
) -> None:
    accept(cast, invited(cast))
    browser, answer = signed_on(cast, idp, sub="77")
    assert (answer.status_code, 'href="/workspace/people"' in answer.text) == (200, True)
    assert browser.me()["person"]["email"] == EMAIL
    assert cast.rows("SELECT issuer, subject FROM access.identity") == [(idp.issuer, "77")]
    # Another address of the same subject is the same person; an address that is not verified is nobody.
    assert signed_on(cast, idp, sub="77", email="other@example.org")[0].me()["person"]["email"] == EMAIL
    assert signed_on(cast, idp, sub="78", email_verified=False)[1].status_code == 401
    assert signed_on(cast, idp, sub="78", email_verified="true")[1].status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another site"},
        {"aud": []},
        {"iss": "https://evil.example"},
        {"exp": 1_700_000_000},  # past
        {"exp": None},
        {"iat": 4_100_000_000},  # to come
        {"sub": None},
    ],
    ids=str,
)
def test_token_that_is_not_meant_for_this_sign_in_opens_nothing(
    cast: Cast, idp: Provider, claims: dict[str, Any]
) -> None:
    accept(cast, invited(cast))
    browser, answer = signed_on(cast, idp, **claims)
    assert answer.status_code == 401
    assert "did not confirm who you are. Try again, or sign in another way." in answer.text
    assert 'href="/workspace/sign-in"' in answer.text
    assert not browser.me()["signedIn"]
    assert cast.audit("sign in")[-1]["detail"] == {"step": "single sign-on", "why": "token"}


def test_nobody_gets_an_account_by_signing_on(cast: Cast, idp: Provider) -> None:
    before = cast.rows("SELECT count(*) FROM access.person")
    _, answer = signed_on(cast, idp, email="nobody@example.org")
    assert (answer.status_code, "Ask your administrator for an invitation" in answer.text) == (401, True)
    assert cast.rows("SELECT count(*) FROM access.person") == before
    accept(cast, invited(cast))
    cast.change("UPDATE access.person SET closed_at = now() WHERE email = :email", email=EMAIL)
    assert signed_on(cast, idp)[1].status_code == 401


def test_answer_of_the_provider_counts_once_and_in_its_own_browser(cast: Cast, idp: Provider) -> None:
    accept(cast, invited(cast))
    browser, stranger = Browser(cast), Browser(cast)
    back = idp.way_back(start(browser))
    assert stranger.get(back).status_code == 401
    step = browser.cookies["__Host-amdis-sso"]
    assert browser.get(back).status_code == 200
    replay = Browser(cast)
    replay.cookies.set("__Host-amdis-sso", step)
    assert replay.get(back).status_code == 401
    assert cast.audit("sign in")[-1]["detail"]["why"] == "state"


@pytest.mark.parametrize("change", [{"state": "of another"}, {"code": "guessed"}, {"error": "access_denied"}])
def test_step_that_failed_is_closed(cast: Cast, idp: Provider, change: dict[str, str]) -> None:
    accept(cast, invited(cast))
    browser = Browser(cast)
    good = {name: values[0] for name, values in parse_qs(urlsplit(idp.way_back(start(browser))).query).items()}
    failed = browser.get(CALLBACK, params={**good, **change}, headers=PAGE)
    assert (failed.status_code, 'href="/workspace/sign-in"' in failed.text) == (401, True)
    assert steps(cast) == [(True,)]
    assert browser.get(CALLBACK, params=good).status_code == 401


def test_who_is_not_let_in_by_the_provider_is_told_what_to_do(cast: Cast, idp: Provider) -> None:
    idp.told(deny=True)
    browser = Browser(cast)
    answer = browser.get(idp.way_back(start(browser)), headers=PAGE)
    assert (answer.status_code, "The survey did not let you in. Try again" in answer.text) == (401, True)
    assert steps(cast) == [(True,)]
    assert cast.audit("sign in")[-1]["detail"]["why"] == "provider: access_denied"


def test_keys_are_asked_for_again_once_when_the_provider_has_new_ones(cast: Cast, idp: Provider) -> None:
    accept(cast, invited(cast))
    assert signed_on(cast, idp)[1].status_code == 200
    known = idp.told(rotate=True)["key_answers"]
    assert signed_on(cast, idp)[1].status_code == 200
    assert idp.told()["key_answers"] == known + 1
    assert signed_on(cast, idp)[1].status_code == 200
    assert idp.told()["key_answers"] == known + 1


def test_provider_that_does_not_answer_is_told(cast: Cast, idp: Provider) -> None:
    idp.told(broken=True)
    answer = Browser(cast).get(f"{API}/sso/start", follow_redirects=False)
    assert (answer.status_code, "Sign in another way" in answer.json()["detail"]) == (503, True)


@pytest.mark.parametrize(("status", "answered"), [(500, 503), (502, 503), (200, 401), (400, 401)])
def test_provider_that_gives_no_token_opens_nothing_and_breaks_nothing(
    cast: Cast, idp: Provider, status: int, answered: int
) -> None:
    accept(cast, invited(cast))
    idp.told(mute=status)
    browser, answer = signed_on(cast, idp)
    assert answer.status_code == answered, answer.text
    assert "another way" in answer.text
    assert steps(cast) == [(True,)]
    assert not browser.me()["signedIn"]


def test_no_connection_waits_for_the_provider(cast: Cast, idp: Provider) -> None:
    """A provider that does not answer must not use up the connections that everybody else needs."""
    accept(cast, invited(cast))
    browser = Browser(cast)
    back = idp.way_back(start(browser))
    idp.told(held=True)
    waiting = threading.Thread(target=browser.get, args=(back,))
    waiting.start()
    try:
        for _ in range(1000):
            if idp.told()["waits"]:
                break
            time.sleep(0.01)
        with connect(cast.urls.admin) as connection:
            open_ones = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name LIKE 'amdis %' AND state <> 'idle'"
            ).fetchone()
        pool = cast.app.state.access.connections._application.pool
        assert (open_ones, pool.checkedout()) == ((0,), 0)
    finally:
        idp.told(held=False)
        waiting.join()
    assert browser.me()["signedIn"]


@pytest.mark.parametrize(
    ("methods", "strong"),
    [
        (["mfa"], True),
        (["pwd", "otp"], True),
        (["fpt", "hwk"], True),
        (["pwd"], False),
        (["otp"], False),
        (["pwd", "sms"], False),
        (["pwd", "pin"], False),
        ([], False),
        ("mfa", False),
        ([{}, 1, None], False),
        (None, False),
    ],
    ids=str,
)
def test_provider_counts_as_second_factor_only_if_it_says_what_it_asked_for(methods: object, strong: bool) -> None:
    assert is_strong_by(methods) is strong


def test_role_that_needs_a_second_factor_gets_nothing_by_a_password_at_the_provider(cast: Cast, idp: Provider) -> None:
    accept(cast, invited(cast, "national-reviewer"))
    weak, page = signed_on(cast, idp, amr=["pwd"], acr="https://example.org/assurance/high")
    assert ('href="/workspace/enrol"' in page.text, weak.me()["limited"]) == (True, True)
    strong, _ = signed_on(cast, idp, amr=["pwd", "otp"])
    assert strong.me()["limited"] is False


@pytest.mark.parametrize("forged", ["none", "HS256", "another key", "another kid", "embedded key", "cut"])
def test_token_that_is_not_signed_by_the_provider_opens_nothing(cast: Cast, idp: Provider, forged: str) -> None:
    accept(cast, invited(cast))
    idp.told(forged=forged)
    browser, answer = signed_on(cast, idp)
    assert answer.status_code == 401
    assert not browser.me()["signedIn"]


def test_provider_that_calls_itself_another_is_refused(cast: Cast, idp: Provider) -> None:
    idp.told(called="https://evil.example")
    answer = Browser(cast).get(f"{API}/sso/start", follow_redirects=False)
    assert (answer.status_code, "says that it is another" in answer.json()["detail"]) == (503, True)


def test_provider_that_leads_elsewhere_is_not_followed(cast: Cast, idp: Provider) -> None:
    idp.told(leads="/jwks")
    asked = idp.told()["key_answers"]
    assert Browser(cast).get(f"{API}/sso/start", follow_redirects=False).status_code == 503
    assert idp.told()["key_answers"] == asked


def test_step_of_the_sign_on_comes_back_from_the_provider_and_no_further(cast: Cast, idp: Provider) -> None:
    """Its cookie is the only one that is sent on a way from another site; it runs out soon and opens nothing alone."""
    browser = Browser(cast)
    answer = browser.get(f"{API}/sso/start", follow_redirects=False)
    (cookie,) = answer.headers.get_list("set-cookie")
    for part in ("__Host-amdis-sso=", "HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert part in cookie
    assert not browser.me()["signedIn"]


def test_way_on_after_the_sign_on_stays_in_the_workspace(cast: Cast, idp: Provider) -> None:
    accept(cast, invited(cast))
    browser = Browser(cast)
    page = browser.get(idp.way_back(start(browser, to="//evil.example/workspace"))).text
    assert 'url=/workspace"' in page
    assert "evil" not in page
