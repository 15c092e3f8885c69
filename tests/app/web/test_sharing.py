"""Browsers of other sites, and slow lines, at the public services."""

# SPDX-License-Identifier: Apache-2.0

import gzip
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.web.sharing import CompressedTexts
from tests.running import Running

MAP = "/wms?service=WMS&version=1.3.0&request=GetMap&layers=mines&styles=&crs=CRS:84&bbox=90,-12,142,30&width=64"
ANSWERS = {
    "/ogc": 200,
    "/ogc/collections/mines/items?limit=1": 200,
    "/ogc/collections/mines/items?f=csv&limit=1": 200,
    "/ogc/collections/mines/tiles/WebMercatorQuad/3/3/6": 200,
    "/ogc/stac/assets/relief.tif": 200,
    "/ogc/collections/mines/items?limit=x": 400,
    "/ogc/collections/nowhere": 404,
    f"{MAP}&height=48&format=image/png": 200,
    f"{MAP}&height=48&format=image/dxf": 400,
    "/wfs?service=WFS&request=GetCapabilities": 200,
    "/wcs?service=WCS&request=Nothing": 400,
    "/id/icmm-06129": 303,
    "/id/nobody": 404,
    "/qgis/asean.qgs": 200,
}
TEXTS = (
    "/ogc/openapi",
    "/ogc/collections/mines/items?limit=50",
    "/wms?service=WMS&request=GetCapabilities",
    "/wfs?service=WFS&request=GetCapabilities",
)


@pytest.fixture(scope="module")
def http(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(("path", "status"), ANSWERS.items())
def test_any_site_may_read_what_is_answered_and_why_not(http: httpx.Client, path: str, status: int) -> None:
    # Without Origin too: a cache outside keeps one answer for all.
    for headers in ({}, {"Origin": "https://portal.example"}, {"Origin": "https://portal.example", "Cookie": "a=b"}):
        answer = http.get(path, headers=headers)
        assert answer.status_code == status, answer.text[:200]
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert "access-control-allow-credentials" not in answer.headers
    assert "ETag" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", ["/ogc/collections/mines/items", "/wms", "/wfs", "/ogc/collections/nowhere"])
def test_browser_is_told_beforehand_that_it_may_ask(http: httpx.Client, path: str) -> None:
    headers = {"Origin": "https://portal.example", "Access-Control-Request-Method": "GET"}
    answer = http.options(path, headers={**headers, "Access-Control-Request-Headers": "if-none-match"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert "GET" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "*"
    assert http.options(path).status_code in (404, 405)


@pytest.mark.parametrize("path", ["/workspace/ogc", "/api/v1/access/me", "/workspace", "/"])
def test_no_other_site_may_read_what_is_not_for_all(http: httpx.Client, path: str) -> None:
    headers = {"Origin": "https://portal.example", "Access-Control-Request-Method": "GET"}
    assert "access-control-allow-origin" not in http.get(path, headers=headers).headers
    assert "access-control-allow-origin" not in http.options(path, headers=headers).headers


@pytest.mark.parametrize("path", TEXTS)
def test_text_is_compressed_for_who_takes_it_and_is_the_same_text(http: httpx.Client, path: str) -> None:
    plain = http.get(path, headers={"Accept-Encoding": "identity"})
    with http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as packed:
        body = b"".join(packed.iter_raw())
        headers = packed.headers
    assert headers["content-encoding"] == "gzip"
    assert int(headers["content-length"]) == len(body) < len(plain.content) / 2
    assert len(gzip.decompress(body)) == len(plain.content)
    for answer in (headers, plain.headers):
        assert "accept-encoding" in answer["vary"].lower()
    assert headers["etag"].removeprefix("W/") == plain.headers["etag"].removeprefix("W/")
    assert headers["etag"].startswith("W/")


def test_what_an_answer_depends_on_is_named_once(http: httpx.Client) -> None:
    answer = http.get("/ogc/collections/mines/items?f=csv", headers={"Accept-Encoding": "identity"})
    assert answer.headers["vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("path", ["/ogc/stac/assets/relief.tif", f"{MAP}&height=48&format=image/png"])
def test_what_is_packed_already_stays_as_it_is(http: httpx.Client, path: str) -> None:
    assert "content-encoding" not in http.get(path, headers={"Accept-Encoding": "gzip"}).headers
    assert "content-encoding" not in http.get(path, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"}).headers


@pytest.mark.parametrize(
    "path",
    [
        *TEXTS,
        "/ogc/styles",
        "/ogc/collections/records/items",
        "/ogc/stac",
        "/ogc/stac/assets/relief.tif",
        "/ogc/collections/mines/map/tiles/WebMercatorQuad/3/3/6",
        f"{MAP}&height=48&format=image/png",
        "/wfs?service=WFS&version=2.0.0&request=GetFeature&typenames=mines&count=1",
        "/wcs?service=WCS&request=GetCapabilities",
        "/wmts/1.0.0/WMTSCapabilities.xml",
        "/qgis/asean.qgs",
        "/ogc/collections/mines/items?f=csv",
        "/",
        "/countries/IDN",
        "/api/v1/statistics/observations?limit=1",
    ],
)
def test_tag_that_was_made_weak_on_its_way_is_known(http: httpx.Client, path: str) -> None:
    tag = http.get(path).headers["etag"].removeprefix("W/")
    for known in (tag, f"W/{tag}", f'"other", W/{tag}', "*"):
        answer = http.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b""), known
        assert answer.headers["cache-control"]
    assert http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("accepted", ["gzip;q=0", "gzip; q=0.0, identity", "br", ""])
@pytest.mark.parametrize(
    "path", ["/", TEXTS[0], "/ogc/collections/mines/items?f=csv", "/ogc/collections/mines/tiles/WebMercatorQuad/3/3/6"]
)
def test_nothing_is_compressed_for_who_refuses_it(http: httpx.Client, path: str, accepted: str) -> None:
    assert "content-encoding" not in http.get(path, headers={"Accept-Encoding": accepted}).headers
    assert http.get(path, headers={"Accept-Encoding": "gzip;q=0.5"}).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "path", ["/api/v1/layers", "/api/v1/search?q=tin", "/api/v1/statistics", "/api/v1/access/me", "/api/v1/no"]
)
def test_the_api_answers_head_as_it_answers_get(http: httpx.Client, path: str) -> None:
    got, head = http.get(path), http.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    for name in ("content-type", "content-length", "cache-control"):
        assert head.headers.get(name) == got.headers.get(name), name


@pytest.mark.parametrize(
    "path", [*ANSWERS, "/wfs?service=WFS&version=2.0.0&request=GetFeature&typenames=mines&count=1"]
)
def test_head_is_answered_as_get_is(http: httpx.Client, path: str) -> None:
    got, head = http.get(path), http.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers.get("content-type") == got.headers.get("content-type")


def test_texts_a_key_is_written_into_are_not_compressed() -> None:
    """A key in the path is written into links; what is outside of that must not compress it."""
    text = Route("/{path:path}", lambda request: PlainTextResponse("x" * 5000))
    client = TestClient(CompressedTexts(Starlette(routes=[text])))
    assert client.get("/ogc").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/key/amdis_0123/ogc").headers
