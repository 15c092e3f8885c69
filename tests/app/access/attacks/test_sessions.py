"""Sessions that were planted or kept, and requests that a browser sent without its owner's meaning to."""

# SPDX-License-Identifier: Apache-2.0

from datetime import timedelta

from fastapi.routing import APIRoute, iter_route_contexts

from app.access.actors import today
from app.access.credentials import SAFE_METHODS
from app.access.doors import Allowed, Anybody, Outside
from tests.app.access.cast import SITE, Cast
from tests.app.access.signin.browser import API, PASSWORD, Browser, with_account, with_generator

COOKIE = "__Host-amdis"
EMAIL = "siti@example.org"


def opens(cast: Cast, token: str) -> bool:
    """Whether a session's token opens anything."""
    browser = Browser(cast)
    browser.cookies.set(COOKIE, token)
    return bool(browser.me()["signedIn"])


# S13: a session that was there before signing in stayed the one after it.
def test_session_has_a_new_token_at_every_proof_and_the_old_one_opens_nothing(cast: Cast) -> None:
    browser = with_account(cast)
    tokens = [browser.cookies[COOKIE]]
    with_generator(browser)
    tokens.append(browser.cookies[COOKIE])
    assert browser.post(f"{API}/prove", json={"password": PASSWORD}).status_code == 200
    tokens.append(browser.cookies[COOKIE])
    browser.me()
    person = browser.me()["person"]["id"]
    given = {"person": person, "organisation": cast["contributor IDN"].organisation, "country": "IDN"}
    days = {"role": "observer", "starts": str(today()), "ends": str(today() + timedelta(days=9))}
    second = cast.client("national-administrator IDN").post(f"{API}/mandates", json=given | days).json()
    assert browser.post(f"{API}/mandate", json={"mandate": second["id"]}).status_code == 200
    tokens.append(browser.cookies[COOKIE])
    browser.me()
    assert browser.post(f"{API}/sign-out").status_code == 204
    assert len(set(tokens)) == 4
    assert not any(opens(cast, token) for token in tokens)


def unsafe(cast: Cast, *doors: type) -> list[tuple[str, str]]:
    """Method and path of the routes with such a door that change something."""
    return [
        (method, route.path)
        for route in iter_route_contexts(cast.app.routes)
        if isinstance(route.original_route, APIRoute)
        and any(isinstance(one.call, doors) for one in route.dependant.dependencies)
        for method in sorted(route.methods - SAFE_METHODS)
    ]


def address(path: str) -> str:
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


# S13: requests that another site made a browser send were taken for its owner's.
def test_nothing_is_changed_by_a_cookie_alone(shared_cast: Cast) -> None:
    routes = unsafe(shared_cast, Allowed)
    assert len(routes) > 20
    token = shared_cast["secretariat region"].token
    client = shared_cast.client()
    headers = {"cookie": f"{COOKIE}={token}"}
    for method, path in routes:
        for more in ({}, {"x-csrf-token": "0" * 64}, {"sec-fetch-site": "cross-site"}):
            answer = client.request(method, address(path), headers=headers | more, json={})
            # A body that is not right may be told first; nothing is done either way.
            assert answer.status_code in (400, 403), (method, path, more, answer.text)
            if answer.status_code == 403:
                assert "X-CSRF-Token" in answer.text or "another site" in answer.text, (path, answer.text)
    assert opens(shared_cast, token)


# S13: the token of one session was good for another.
def test_token_of_one_session_is_not_good_for_another(shared_cast: Cast) -> None:
    one, other = shared_cast.client("contributor IDN"), shared_cast.client("observer IDN")
    one.headers["x-csrf-token"] = other.headers["x-csrf-token"]
    assert one.patch(f"{API}/profile", json={}).status_code == 403


# S13: what needs no session was posted by pages of other sites.
def test_page_of_another_site_signs_nobody_in(shared_cast: Cast) -> None:
    routes = unsafe(shared_cast, Anybody, Outside)
    assert len(routes) >= 8
    asked = {"email": "x@example.org", "password": "x", "token": "x", "name": "x", "code": "x", "credential": {}}
    for method, path in routes:
        schema = shared_cast.app.openapi()["paths"][path][method.lower()].get("requestBody")
        name = schema["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2] if schema else None
        wanted = shared_cast.app.openapi()["components"]["schemas"][name]["properties"] if name else {}
        body = {key: value for key, value in asked.items() if key in wanted}
        for header in ({"origin": "https://evil.example"}, {"sec-fetch-site": "same-site"}, {"origin": "null"}):
            answer = shared_cast.client().request(method, path, headers=header, json=body)
            assert (answer.status_code, "another site" in answer.text) == (403, True), (path, header, answer.text)


# S13: a form of another site can send text, but no JSON.
def test_form_of_another_site_is_not_read(shared_cast: Cast) -> None:
    body = '{"email": "x@example.org", "password": "x"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = shared_cast.client().post(f"{API}/sign-in", content=body, headers={"content-type": kind})
        assert answer.status_code == 400, kind


# S13: a request of somebody who was not signed in switched the protection off for all who came after.
def test_requests_of_nobody_change_nothing_for_those_who_come_after(shared_cast: Cast) -> None:
    for headers in ({"origin": SITE}, {"x-csrf-token": ""}, {"authorization": "Bearer x"}, {"cookie": f"{COOKIE}="}):
        for method, path in unsafe(shared_cast, Allowed):
            shared_cast.client().request(method, address(path), headers=headers, json={})
    member = shared_cast["contributor IDN"]
    forged = shared_cast.client().patch(
        f"{API}/profile", json={"name": "Forged"}, headers={"cookie": f"{COOKIE}={member.token}"}
    )
    assert forged.status_code == 403
