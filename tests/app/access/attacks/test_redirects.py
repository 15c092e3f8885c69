"""Links that others led away: addresses to go on to, and hosts that a request claimed."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from app.access.signin.sso import own_path
from tests.app.access.cast import SITE, Cast
from tests.app.access.signin.browser import API, Browser, reset_tokens, with_account
from tests.running import Running

AWAY = (
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:\\\\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "ftp://evil.example",
    "file:///etc",
    "/workspace//evil.example",
    "/workspace/..//evil.example",
    "/workspace/../../evil",
    "/workspace/%2e%2e//evil.example",
    "/workspace@evil.example",
    "/workspace.evil.example",
    "/workspaceevil",
    "/workspace/\\evil.example",
    "/workspace/\r\nLocation: https://evil.example",
    "/workspace/\x00",
    "/workspace?to=//evil.example",
    "/workspace#//evil",
    "@evil.example",
    "evil.example",
    ".evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "/%2f%2fevil.example",
    "/ogc",
    "/",
    "",
    " /workspace",
    "/workspace/\u2025evil",
    "/workspace/\uff0f\uff0fevil.example",
    "/workspace/;@evil.example",
)


# S15: next= led to pages that looked like the site's own.
@pytest.mark.parametrize("to", AWAY, ids=range(len(AWAY)))
def test_way_on_after_signing_in_never_leaves_the_workspace(to: str) -> None:
    path = own_path(to)
    parts = urlsplit(urljoin(f"{SITE}/api/v1/access/sso/callback", path))
    assert f"{parts.scheme}://{parts.netloc}" == SITE
    assert parts.path == "/workspace" or parts.path.startswith("/workspace/")
    assert (parts.query, parts.fragment) == ("", "")
    assert not set(path) & set('\\"<>%@:;\r\n\x00')
    assert len(AWAY) >= 40


# S15: mails with a link to a new password led to the host that the attacker's request had named.
@pytest.mark.parametrize("header", ["host", "x-forwarded-host", "x-host", "forwarded", "x-original-url"])
def test_link_in_a_mail_leads_to_the_configured_site(cast: Cast, header: str) -> None:
    with_account(cast)
    told = "host=evil.example" if header == "forwarded" else "evil.example"
    asked = Browser(cast, **{header: told}).post(f"{API}/password/forgotten", json={"email": "siti@example.org"})
    assert asked.status_code == 202
    assert len(reset_tokens(cast)) == 1
    text = str(cast.rows("SELECT text FROM notices.mail"))
    assert f"{SITE}/workspace/reset#" in text
    assert "evil" not in text


# S15: links in documents that caches keep named the host of whoever had asked first.
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/datasets", "/ogc?f=json", "/ogc/collections?f=json", "/ogc/collections/mines/items?f=json&limit=1"),
        *("/wms?service=WMS&request=GetCapabilities", "/wfs?service=WFS&request=GetCapabilities", "/ogc/collections/"),
        *("/wcs?service=WCS&request=GetCapabilities", "/api/v1/layers", "/api/v1/openapi.json", "/robots.txt", "/id/x"),
        *("/map/", "/datasets/", "/static", "/workspace/ogc/", "/api/v1/access/me/"),
    ],
)
def test_links_never_name_the_host_that_a_request_claims(server: Running, path: str) -> None:
    claims = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        answer = client.get(path, headers={**claims, "x-forwarded-proto": "gopher"})
    assert "evil.example" not in answer.text
    assert "evil.example" not in str(answer.headers)
    assert "gopher" not in answer.text


# S15: a path that begins with two slashes is a host to a browser.
@pytest.mark.parametrize(
    "path", ["//evil.example/map/", "//evil.example/..;/", "/\\evil.example/map/", "///evil.example/"]
)
def test_path_is_never_taken_for_a_host(shared_cast: Cast, path: str) -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", b"testserver")], "query_string": b""}
    scope |= {"client": ("192.0.2.1", 1), "scheme": "https", "server": ("testserver", 443)}
    asyncio.run(shared_cast.app(scope, receive, send))
    location = dict(sent[0]["headers"]).get(b"location", b"/nowhere").decode()
    assert urlsplit(urljoin(f"{SITE}/", location)).netloc == "testserver"
    assert not location.startswith(("//", "/\\", "https:"))
