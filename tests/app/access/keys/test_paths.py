"""A key in the path: hidden from what is behind it, and in the links of what comes back."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from app.access.credentials import credential_of
from app.access.keys.paths import PathKeys

BASE = "https://testserver"
KEY = "amdis_secret-of-somebody"
KEYED = f"{BASE}/key/{KEY}"


def client(answer: Response | None = None) -> TestClient:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        credential = credential_of(request)
        told = JSONResponse(
            {"path": scope["path"], "raw": scope["raw_path"].decode(), "key": credential and credential.token}
        )
        await (answer or told)(scope, receive, send)

    return TestClient(PathKeys(serve, BASE), base_url=BASE)


@pytest.mark.parametrize(
    ("asked", "path", "raw"),
    [
        (f"/key/{KEY}/ogc/collections", "/ogc/collections", "/ogc/collections"),
        (f"/key/{KEY}/ogc/a%20b?f=json", "/ogc/a b", "/ogc/a%20b"),
        (f"/key/{KEY}/", "/", "/"),
        (f"/key/{KEY}", "/", "/"),
    ],
)
def test_what_is_behind_sees_the_path_without_the_key(asked: str, path: str, raw: str) -> None:
    assert client().get(asked).json() == {"path": path, "raw": raw, "key": KEY}


def test_path_without_a_key_is_left_alone() -> None:
    assert client().get("/key/other/ogc").json() == {"path": "/key/other/ogc", "raw": "/key/other/ogc", "key": None}


def test_next_request_is_without_the_key_of_the_one_before() -> None:
    used = client()
    used.get(f"/key/{KEY}/ogc")
    assert used.get("/ogc").json()["key"] is None


@pytest.mark.parametrize("size", [1, 2, 7, 20, 1000])
def test_links_lead_through_the_key_however_the_answer_is_cut(size: int) -> None:
    text = f'{{"next": "{BASE}/ogc/items?cursor=a", "id": "{BASE}/id/mine/1", "other": "{BASE}.org/ogc"}} {BASE}/og'

    def parts() -> Iterator[bytes]:
        yield from (text[at : at + size].encode() for at in range(0, len(text), size))

    answer = client(StreamingResponse(parts(), media_type="application/json", headers={"Content-Length": "5"}))
    found = answer.get(f"/key/{KEY}/ogc")
    assert found.text == text.replace(f'"{BASE}/ogc/', f'"{KEYED}/ogc/')


def test_link_in_a_header_leads_through_the_key() -> None:
    answer = client(Response(status_code=303, headers={"Location": f"{BASE}/ogc/x"}))
    assert answer.get(f"/key/{KEY}/ogc", follow_redirects=False).headers["location"] == f"{KEYED}/ogc/x"


def test_file_that_is_kept_holds_no_key() -> None:
    headers = {"Content-Disposition": "attachment"}
    answer = client(Response(f"{BASE}/ogc/x", media_type="application/json", headers=headers))
    assert answer.get(f"/key/{KEY}/ogc").text == f"{BASE}/ogc/x"
