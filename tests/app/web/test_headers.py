"""Security headers: on every kind of answer all that matter there, and an answer's own word stands."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app.access.doors import Allowed, Anybody, Outside
from app.db.roles import DatabaseUrls
from app.web.headers import CONTENT_SECURITY_POLICY, SecurityHeaders, is_private
from tests.app.access.cast import Cast, cast_in, site_in
from tests.conftest import clone
from tests.running import Running

WMS = "/wms?service=WMS&version=1.3.0"
FEATURE_INFO = f"{WMS}&request=GetFeatureInfo&layers=mines&query_layers=mines&crs=EPSG:4326&bbox=-10,95,25,140"
FEATURE_INFO += "&width=64&height=64&i=32&j=32&info_format=text/html"

DOCUMENTS = (
    *("/", "/map", "/workspace", "/workspace/people", "/datasets", "/countries/IDN", "/statistics", "/search?q=tin"),
    *("/ogc?f=html", "/ogc/collections?f=html", "/ogc/collections/mines/items?f=html&limit=2", FEATURE_INFO),
    *(f"{WMS}&request=GetCapabilities", "/wfs?service=WFS&request=GetCapabilities", f"{WMS}&request=GetMap&layers=no"),
    *("/nowhere", "/workspace/../etc/passwd", "/countries/XXX"),
)
"""What a browser shows as a page, or would run scripts of."""

DATA = (
    *("/ogc?f=json", "/ogc/collections/mines/items?f=json&limit=2", "/ogc/collections/nowhere?f=json"),
    "/ogc/collections/mines/tiles/WebMercatorQuad/3/4/6",
    f"{WMS}&request=GetMap&layers=mines&styles=&crs=EPSG:4326&bbox=-10,95,25,140&width=64&height=64&format=image/png",
    *("/api/v1/openapi.json", "/api/v1/layers", "/api/v1/nowhere", "/healthz", "/readyz", "/metrics"),
    *("/static/nowhere.js", "/static/../app/main.py", "/robots.txt"),
)

PRIVATE = (
    *("/api/v1/access/me", "/api/v1/access/people", "/api/v1/access/sessions", "/api/v1/access/nowhere"),
    *("/api/v1/submissions", "/api/v1/submissions/1", "/api/v1/access/sso/start", "/workspace/ogc"),
    "/workspace/ogc/collections/mines/items",
)


@pytest.fixture(scope="module")
def visitors(template: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """People of the collaboration area, at a site that is reached by HTTPS."""
    with clone(template, "headers") as urls, cast_in(urls, site_in(urls, tmp_path_factory.mktemp("own"))) as cast:
        yield cast


async def _page(request: Request) -> Response:
    return HTMLResponse("")


async def _data(request: Request) -> Response:
    return JSONResponse({})


async def _own(request: Request) -> Response:
    return HTMLResponse("", headers={"Content-Security-Policy": "default-src 'none'"})


@pytest.fixture
def client() -> TestClient:
    app = Starlette(routes=[Route("/page", _page), Route("/data", _data), Route("/own", _own)])
    return TestClient(SecurityHeaders(app))


def test_a_page_runs_nothing_inline_and_nothing_from_elsewhere(client: TestClient) -> None:
    policy = client.get("/page").headers["content-security-policy"]
    assert policy == CONTENT_SECURITY_POLICY
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy


def test_an_answers_own_policy_stands(client: TestClient) -> None:
    assert client.get("/own").headers.get_list("content-security-policy") == ["default-src 'none'"]


def test_browsers_are_told_to_use_https_alone_only_where_it_is_used(client: TestClient) -> None:
    assert "strict-transport-security" not in client.get("/page").headers
    encrypted = TestClient(SecurityHeaders(client.app, encrypted=True))
    for path in ("/page", "/data", "/nowhere"):
        assert encrypted.get(path).headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_site_of_an_https_address_says_so(visitors: Cast) -> None:
    for path in ("/api/v1/access/me", "/healthz", "/workspace"):
        assert "strict-transport-security" in visitors.client().get(path).headers


def asked(server: Running, path: str, accept: str) -> httpx.Response:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        return client.get(path, headers={"accept": accept})


def check_everywhere(headers: httpx.Headers) -> None:
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("strict-origin-when-cross-origin", "no-referrer")
    for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in headers["content-security-policy"], part
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers
    assert "x-powered-by" not in headers
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize("path", DOCUMENTS)
def test_document_has_all_headers(server: Running, path: str) -> None:
    headers = asked(server, path, "text/html").headers
    check_everywhere(headers)
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "geolocation=()" in headers["permissions-policy"]


@pytest.mark.parametrize("path", DATA)
def test_data_have_the_headers_of_data(server: Running, path: str) -> None:
    headers = asked(server, path, "*/*").headers
    check_everywhere(headers)
    assert headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("path", PRIVATE)
def test_answer_of_the_collaboration_area_is_kept_by_nobody(server: Running, path: str) -> None:
    headers = asked(server, path, "application/json").headers
    check_everywhere(headers)
    assert "no-store" in headers["cache-control"]
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("path", [*DOCUMENTS, *DATA])
def test_text_says_its_encoding(server: Running, path: str) -> None:
    answer = asked(server, path, "text/html" if path in DOCUMENTS else "*/*")
    kind = answer.headers.get("content-type", "")
    assert kind or not answer.content
    told_inside = b"encoding=" in answer.content[:100]  # as XML does
    assert not kind.startswith("text/") or "charset=" in kind or told_inside, kind


def test_built_file_may_be_kept_and_has_the_headers(server: Running) -> None:
    page = asked(server, "/", "text/html").text
    path = page.partition('src="/static/')[2].partition('"')[0]
    headers = asked(server, f"/static/{path}", "*/*").headers
    check_everywhere(headers)
    assert "immutable" in headers["cache-control"]


def test_route_with_a_door_is_private(visitors: Cast) -> None:
    """A route that is added must not have its answers kept by caches."""
    with_door = {
        route.path
        for route in iter_route_contexts(visitors.app.routes)
        if isinstance(route.original_route, APIRoute)
        and any(isinstance(one.call, Allowed | Anybody | Outside) for one in route.dependant.dependencies)
    }
    assert len(with_door) > 25
    assert [path for path in sorted(with_door) if not is_private(path)] == []


def test_answer_that_nobody_foresaw_has_the_headers_and_tells_nothing(
    visitors: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("SELECT secret FROM /srv/amdis")

    monkeypatch.setattr("app.access.routes.credential_of", fail)
    answer = visitors.client().get("/api/v1/access/me")
    assert (answer.status_code, answer.headers["cache-control"]) == (500, "no-store")
    check_everywhere(answer.headers)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_signing_out_clears_the_browser_but_neither_the_chosen_colours_nor_cookies_of_others(visitors: Cast) -> None:
    answer = visitors.client("observer IDN").post("/api/v1/access/sign-out")
    assert answer.headers["clear-site-data"] == '"cache"'
    gone = [one.partition("=")[0] for one in answer.headers.get_list("set-cookie") if "Max-Age=0" in one]
    assert gone == ["__Host-amdis", "__Host-amdis-step", "__Host-amdis-sso"]
    visitors.change("UPDATE access.session SET ended_at = NULL, ended_reason = '' WHERE ended_at IS NOT NULL")
