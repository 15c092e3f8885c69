"""Guessing is slowed down, and whoever guesses keeps nobody out."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator

import pytest
from httpx import Response

from app.access.sessions import Browser as Place
from app.access.signin.slowdown import Guess, counters
from tests.app.access.cast import SECRET, Cast
from tests.app.access.signin.browser import API, PASSWORD, Browser, reset_tokens, with_account, with_generator

EMAIL = "siti@example.org"
OTHER = "nine-quolls-sift-sand"


def networks() -> Iterator[str]:
    """Addresses that no attempt has come from."""
    return (f"10.{a}.{b}.1" for a in range(200) for b in range(200))


def guess(cast: Cast, times: int, seen: Iterator[str]) -> set[int]:
    """Guess the password, each time from another network; the statuses."""
    return {Browser(cast, address=next(seen)).sign_in(EMAIL, "a wrong password").status_code for _ in range(times)}


def as_failures(cast: Cast, times: int, kind: Guess, email: str = EMAIL) -> None:
    """Let there have been as many failures from networks far away, without the time that they take."""
    places = (Place(f"203.0.{number // 250}.{number % 250}") for number in range(times))
    keys = [one.key for place in places for one in counters(SECRET.encode(), kind, email, place)]
    cast.change("INSERT INTO access.failure (key) SELECT unnest(CAST(:keys AS bytea[]))", keys=keys)


def test_owner_in_a_new_browser_does_not_wait_for_what_others_guess_from_elsewhere(cast: Cast) -> None:
    with_account(cast)
    as_failures(cast, 400, Guess.PASSWORD)
    answer = Browser(cast, address="198.51.100.7").sign_in(EMAIL)
    assert (answer.status_code, answer.json()) == (200, {"next": "done"})


def test_owner_is_told_once_of_many_guesses_from_many_networks(cast: Cast) -> None:
    with_account(cast)
    told = "SELECT title FROM notices.notice WHERE title LIKE 'Many attempts%'"
    seen = networks()
    as_failures(cast, 28, Guess.PASSWORD)
    assert guess(cast, 1, seen) == {401}
    assert cast.rows(told) == []
    assert guess(cast, 3, seen) == {401}
    assert cast.rows(told) == [("Many attempts to sign in to your account have failed",)]
    assert [one["detail"].get("owner") for one in cast.audit("sign in")][-3:] == ["told", None, None]


@pytest.mark.usefixtures("no_time_passes")
def test_unknown_address_is_slowed_down_like_a_known_one(cast: Cast) -> None:
    """That one is slowed down and the other not would tell which is known."""
    with_account(cast)
    for email in (EMAIL, "nobody@example.org"):
        statuses = [Browser(cast, address=f"{email}").sign_in(email, "wrong").status_code for _ in range(7)]
        assert statuses == [401] * 5 + [429] * 2


@pytest.mark.usefixtures("no_time_passes")
def test_one_network_is_slowed_down_over_all_accounts(cast: Cast) -> None:
    statuses = [Browser(cast).sign_in(f"somebody{n}@example.org", "wrong").status_code for n in range(32)]
    assert statuses == [401] * 30 + [429] * 2


@pytest.mark.usefixtures("no_time_passes")
def test_subscriber_of_a_whole_ipv6_network_counts_once(cast: Cast) -> None:
    with_account(cast)
    statuses = [Browser(cast, address=f"2001:db8::{n}").sign_in(EMAIL, "wrong").status_code for n in range(1, 8)]
    assert statuses == [401] * 5 + [429] * 2


def code(browser: Browser, given: str) -> Response:
    return browser.post(f"{API}/sign-in/code", json={"code": given})


def test_codes_are_slowed_down_from_everywhere_but_not_in_the_owners_browser(cast: Cast) -> None:
    """Codes have but a million values; only who knows the password is asked for one."""
    owner = with_account(cast)
    generator, recovery = with_generator(owner)
    owner.post(f"{API}/sign-out")
    as_failures(cast, 25, Guess.CODE)
    stranger = Browser(cast, address="198.51.100.7")
    stranger.sign_in(EMAIL)
    refused = code(stranger, recovery[0])
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    # The known browser's cookie counts for the code as for the password.
    assert owner.sign_in(EMAIL).json() == {"next": "code"}
    assert code(owner, recovery[0]).json() == {"next": "done"}
    assert generator


def test_new_password_lets_the_owner_in_whose_codes_were_guessed(cast: Cast) -> None:
    owner = with_account(cast)
    _, recovery = with_generator(owner)
    as_failures(cast, 25, Guess.CODE)
    Browser(cast, address="192.0.2.8").post(f"{API}/password/forgotten", json={"email": EMAIL})
    asked = {"token": reset_tokens(cast)[0], "password": OTHER}
    assert Browser(cast).post(f"{API}/password/reset", json=asked).status_code == 204
    browser = Browser(cast, address="198.51.100.7")
    browser.sign_in(EMAIL, OTHER)
    assert code(browser, recovery[0]).json() == {"next": "done"}


def test_owner_is_told_that_somebody_knows_the_password(cast: Cast) -> None:
    with_generator(with_account(cast))
    as_failures(cast, 9, Guess.CODE)
    stranger = Browser(cast, address="198.51.100.7")
    stranger.sign_in(EMAIL)
    assert code(stranger, "000000").status_code == 400
    assert cast.rows("SELECT count(*) FROM notices.notice WHERE title = 'Somebody knows your password'") == [(1,)]


def test_links_that_others_ask_for_do_not_make_the_owners_void(cast: Cast) -> None:
    with_account(cast)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        Browser(cast, address=address).post(f"{API}/password/forgotten", json={"email": EMAIL})
    first, second, _ = reset_tokens(cast)
    reset = f"{API}/password/reset"
    assert Browser(cast).post(reset, json={"token": first, "password": OTHER}).status_code == 204
    assert Browser(cast).post(reset, json={"token": second, "password": PASSWORD}).status_code == 400


@pytest.mark.parametrize("cookie", ["", "x", "x.", ".", "x." + "0" * 64, "é.é"])
def test_cookie_that_is_not_ours_makes_no_browser_known(cookie: str) -> None:
    plain = counters(SECRET.encode(), Guess.PASSWORD, EMAIL, Place("192.0.2.1"))
    assert counters(SECRET.encode(), Guess.PASSWORD, EMAIL, Place("192.0.2.1", device=cookie)) == plain
