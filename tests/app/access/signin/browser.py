"""A browser for the tests of signing in: it keeps its cookies, and sends the token that a page of ours would send."""

# SPDX-License-Identifier: Apache-2.0

from datetime import timedelta
from typing import Any

import pyotp
from httpx import Response
from starlette.testclient import TestClient

from app.access.actors import today
from app.access.credentials import CSRF_HEADER
from tests.app.access.cast import SITE, Cast

API = "/api/v1/access"
PASSWORD = "seven-otters-dig-tin"


class Browser(TestClient):
    """A browser of somebody. address: of the network it is in."""

    def __init__(self, cast: Cast, address: str = "testclient", **headers: str) -> None:
        where = (address, 50000)
        super().__init__(cast.app, base_url=SITE, headers=headers, raise_server_exceptions=False, client=where)

    def me(self) -> dict[str, Any]:
        """Who is signed in; what changes something is sent with the token of this session from now on."""
        found: dict[str, Any] = self.get(f"{API}/me").json()
        self.headers[CSRF_HEADER] = found["csrf"]
        return found

    def sign_in(self, email: str, password: str = PASSWORD) -> Response:
        return self.post(f"{API}/sign-in", json={"email": email, "password": password})


def invited(cast: Cast, role: str = "contributor", country: str | None = "IDN", email: str = "siti@example.org") -> str:
    """The token of an invitation that waits."""
    asked = {
        "email": email,
        "name": "Siti",
        "organisation": cast["contributor IDN" if country == "IDN" else "secretariat region"].organisation,
        "country": country,
        "role": role,
        "starts": str(today()),
        "ends": str(today() + timedelta(days=100)),
    }
    answer = cast.client("secretariat region").post(f"{API}/invitations", json=asked)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["link"]).partition("#")[2]


def accept(cast: Cast, token: str, password: str = PASSWORD, name: str = "Siti Rahma") -> tuple[Browser, Response]:
    browser = Browser(cast)
    asked = {"token": token, "name": name, "password": password}
    return browser, browser.post(f"{API}/invitation/accept", json=asked)


def with_account(cast: Cast, role: str = "contributor", country: str | None = "IDN") -> Browser:
    """A browser in which somebody new has accepted an invitation and is signed in."""
    browser, answer = accept(cast, invited(cast, role, country))
    assert answer.status_code == 200, answer.text
    browser.me()
    return browser


def reset_tokens(cast: Cast) -> list[str]:
    """The tokens of the links to set a new password that wait to be mailed, the oldest first."""
    rows = cast.rows("SELECT text FROM notices.mail WHERE subject LIKE 'A new password%' ORDER BY id")
    return [row[0].partition("#")[2].split()[0] for row in rows]


def with_generator(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Set a code generator up; it and the recovery codes."""
    made = browser.post(f"{API}/totp")
    assert made.status_code == 201, made.text
    generator = pyotp.TOTP(made.json()["secret"])
    answer = browser.post(f"{API}/totp/confirm", json={"code": generator.now()})
    assert answer.status_code == 200, answer.text
    browser.me()
    return generator, answer.json()["recoveryCodes"]
