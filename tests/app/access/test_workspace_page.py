"""The page of the workspace: in whose language its frame is, and who may keep it."""

# SPDX-License-Identifier: Apache-2.0

import pytest
from httpx import Response

from app.access.credentials import COOKIE
from tests.app.access.cast import Cast
from tests.app.access.signin.browser import API, Browser

MINE = "contributor IDN"
INDONESIAN, ENGLISH = '<html lang="id" dir="ltr">', '<html lang="en" dir="ltr">'


def page(cast: Cast, browser: str, token: str = "", path: str = "/workspace") -> Response:
    cookie = {"cookie": f"{COOKIE}={token}"} if token else {}
    return Browser(cast, **{"accept-language": browser, **cookie}).get(path)


def speaks(cast: Cast, language: str) -> str:
    """Somebody whose profile is in a language; the token of their session."""
    assert cast.client(MINE).patch(f"{API}/profile", json={"language": language}).status_code == 200
    return cast[MINE].token


def test_the_profile_goes_before_browser_and_address(cast: Cast) -> None:
    token = speaks(cast, "id")
    for path in ("/workspace", "/workspace/people", "/workspace?lang=en"):
        answer = page(cast, "en", token, path)
        assert INDONESIAN in answer.text, path
        assert "data-of-profile" in answer.text
        assert 'href="/countries?lang=id"' in answer.text, "the public pages follow the browser unless they are told"
        assert 'class="languages"' not in answer.text


@pytest.mark.parametrize(("browser", "expected"), [("id", INDONESIAN), ("en", ENGLISH)])
def test_the_browsers_language_counts_for_whoever_is_not_signed_in(cast: Cast, browser: str, expected: str) -> None:
    token = speaks(cast, "id")
    cast.change("UPDATE access.session SET ended_at = now() WHERE person_id = :p", p=cast[MINE].person)
    for known in ("", "guessed", token):
        answer = page(cast, browser, known)
        assert expected in answer.text
        assert "data-of-profile" not in answer.text
        assert 'class="languages"' in answer.text


def test_a_profile_in_a_language_without_a_catalogue_leaves_the_browsers(cast: Cast) -> None:
    answer = page(cast, "id", speaks(cast, "fr"))
    assert INDONESIAN in answer.text
    assert "data-of-profile" in answer.text, "else the application would ask for the frame again and again"


def test_no_cache_gives_the_page_of_one_person_to_another(cast: Cast) -> None:
    headers = page(cast, "en", speaks(cast, "id")).headers
    assert "private" in headers["cache-control"]
    assert {"accept-language", "cookie"} <= {one.strip().lower() for one in headers["vary"].split(",")}
