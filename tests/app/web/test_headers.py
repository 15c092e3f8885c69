"""Security headers: on pages all of them, on data those that matter there, and an answer's own word stands."""

# SPDX-License-Identifier: Apache-2.0

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app.web.headers import CONTENT_SECURITY_POLICY, SecurityHeaders


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


def test_data_are_not_sniffed_and_carry_no_page_headers(client: TestClient) -> None:
    headers = client.get("/data").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" not in headers


def test_an_answers_own_policy_stands(client: TestClient) -> None:
    assert client.get("/own").headers.get_list("content-security-policy") == ["default-src 'none'"]


def test_errors_of_routing_carry_them_too(client: TestClient) -> None:
    assert client.get("/nowhere").headers["x-content-type-options"] == "nosniff"
