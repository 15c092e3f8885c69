"""Hostile strings in every parameter and path segment: a clear answer each, and nothing of the inside."""

# SPDX-License-Identifier: Apache-2.0

import http.client
import json
from urllib.parse import quote, urlsplit

import pytest

from tests.fuzz.judge import INSIDE
from tests.running import Running

ATTACKS = (
    "'",
    "''",
    '"',
    "';--",
    "' OR '1'='1",
    "' OR 1=1--",
    "1; DROP TABLE mine",
    "x'; SELECT pg_sleep(20)--",
    "1 UNION SELECT 1",
    "') UNION SELECT rolname FROM pg_roles--",
    "$$;SELECT 1;$$",
    "/**/OR/**/1=1",
    "\\'; SELECT 1--",
    "E'\\x27'",
    "0x27",
    "%(limit)s",
    "%s%s%s%n",
    "%%",
    "%",
    "{0}",
    "{identifier}",
    "{{7*7}}",
    "${7*7}",
    "<%= 7*7 %>",
    "#{7*7}",
    "${jndi:ldap://127.0.0.1/a}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "....//....//etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data",
    "|id",
    "`id`",
    "$(id)",
    "; cat /etc/passwd",
    "&& id",
    "\x00",
    "a\x00b",
    "\r\nSet-Cookie: a=b",
    "\n",
    "\t",
    "\x1b[31m",
    "\x7f",
    "\ufeff",
    "\u202e",
    "\ud7ff",
    "\U0001f4a5",
    "\u0130\u0131",
    "\uff07 OR 1=1",
    "A" * 300,
    "A" * 5000,
    "(" * 1000,
    "[" * 1000,
    "-1",
    "-0",
    "1e309",
    "NaN",
    "Infinity",
    "9" * 30,
    "9223372036854775808",
    "2147483648",
    "1.0.0",
    "0b1",
    "null",
    "undefined",
    "true",
    "[]",
    "{}",
    "[object Object]",
    "*",
    ",,,",
    ",",
    " ",
    "",
    "1,1,1,1,1,1,1,1,1,1",
    "msPostGISLayer",
    ".",
    "..",
    "%2e%2e",
    "index",
    "__class__.__mro__",
)
RAW = ("%ff", "%c0%af", "%ed%a0%80", "%00", "%", "%zz", "%u0041", "%252e%252e", "a%0d%0aB:%20c", "+", "%26x=1", "%3B")
"""Percent-encodings that are no UTF-8, or no encodings at all."""

ITEMS, TILES = "/ogc/collections/mines/items", "/ogc/collections/mines/tiles/WebMercatorQuad"
MAP = "service=WMS&version=1.3.0&request=GetMap&layers=mines&styles=&crs=CRS:84&bbox=90,-12,142,30&width=9&height=9"
INFO = MAP.replace("GetMap", "GetFeatureInfo") + "&query_layers=mines&i=1&j=1&info_format=text/plain"
TILED = (
    "service=WMTS&version=1.0.0&request=GetTile&layer=mines&style=&format=image/png&tilematrixset=WebMercatorQuad"
    "&tilematrix=5&tilerow=16&tilecol=25"
)
PLACES = (
    *(f"{ITEMS}?{name}=@" for name in ("bbox", "datetime", "limit", "cursor", "f", "lang")),
    *(f"{ITEMS}?{name}=@" for name in ("filter", "sortby", "properties", "skipGeometry", "q", "asOf", "crs")),
    *(f"{ITEMS}?{name}=@" for name in ("commodity", "country", "commodityCodes", "status_uri")),
    f"{ITEMS}?bbox=1,2,3,4&bbox-crs=@",
    f"{ITEMS}?filter=name='x'&filter-crs=@",
    f"{ITEMS}?filter=name='x'&filter-lang=@",
    f"{ITEMS}?filter=@&filter-lang=cql2-json",
    f"{ITEMS}?filter=name='@'",
    f"{ITEMS}?filter=@='x'",
    f"{ITEMS}?filter=name%20LIKE%20'@'",
    f"{ITEMS}?filter=S_INTERSECTS(shape,@)",
    f"{ITEMS}?filter=T_AFTER(@,DATE('@'))",
    f"{ITEMS}?sortby=name&cursor=@",
    f"{ITEMS}/icmm-06129?crs=@",
    f"{ITEMS}/icmm-06129?asOf=@",
    f"{ITEMS}?@=1",
    f"{ITEMS}?limit=1&f=html&cursor=@",
    f"{ITEMS}?bbox=@,0,1,1",
    f"{ITEMS}?datetime=2020-01-01/@",
    f"{ITEMS}/@",
    f"{ITEMS}/@?f=html",
    f"{ITEMS}/icmm-06129?f=@",
    f"{ITEMS}/icmm-06129?@=1",
    "/ogc/collections/@",
    "/ogc/collections/@/items",
    "/ogc/collections/@/items/x",
    "/ogc/collections/@/queryables",
    "/ogc/collections/@/tiles/WebMercatorQuad/0/0/0",
    "/ogc/collections/@/map/tiles/WebMercatorQuad/0/0/0",
    "/ogc/collections/mines?f=@",
    "/ogc/collections/mines?lang=@",
    "/ogc/collections/mines/queryables?lang=@",
    "/ogc/collections/mines/schema?@=1",
    "/ogc/collections/mines/@",
    f"{TILES}/@/0/0",
    f"{TILES}/0/@/0",
    f"{TILES}/0/0/@",
    f"{TILES}/0/0/0?f=@",
    f"{TILES}/0/0/0?release=@",
    "/ogc/collections/relief/map/tiles/WebMercatorQuad/@/0/0",
    *(f"/ogc{path}?{name}=@" for path in ("", "/conformance", "/collections", "/openapi") for name in ("f", "lang")),
    "/ogc/@",
    "/@",
    "/static/@",
    "/api/v1/@",
    "/api/v1/layers?@=@",
    "/map?@=@",
    *(f"/wms?{MAP}&{name}=@" for name in ("exceptions", "transparent", "bgcolor", "time", "map", "@")),
    *(f"/wms?{MAP}".replace(was, "@") for was in ("=mines", "styles=", "CRS:84", "90,-12,142,30", "width=9")),
    *(f"/wms?{MAP}&format=image/png".replace(was, "@") for was in ("image/png", "1.3.0", "GetMap", "WMS")),
    *(f"/wms?{INFO.replace(was, '@')}" for was in ("i=1", "j=1", "text/plain", "query_layers=mines")),
    "/wms?@",
    *(
        f"/wmts?{TILED}".replace(was, f"{was}@")
        for was in ("=WMTS", "GetTile", "1.0.0", "=mines", "style=", "Quad", "=5", "=16")
    ),
    *(f"/wmts?{TILED.replace('GetTile', 'GetFeatureInfo')}&i=@&j=@&infoformat=@", f"/wmts?{TILED}&@=@", "/wmts/@"),
)


def raw_get(connection: http.client.HTTPConnection, path: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Send a path as it is, without the tidying a client does."""
    connection.putrequest("GET", path, skip_accept_encoding=True)
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


@pytest.mark.parametrize("place", PLACES)
def test_hostile_text_is_answered_clearly_and_tells_nothing_of_the_inside(server: Running, place: str) -> None:
    assert len(ATTACKS) >= 60
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)
    for attack in (*(quote(one, safe="") for one in ATTACKS), *RAW):
        status, headers, body = raw_get(connection, place.replace("@", attack))
        assert status < 500, (attack, body[:500])
        assert status < 300 or status in (307, 400, 404, 405, 406, 414, 431), (attack, status)
        assert "set-cookie" not in headers, attack
        assert "B" not in headers, attack
        kind = headers.get_content_type()
        text = body.decode("utf-8", errors="strict" if kind != "image/png" else "replace") if kind != MVT else ""
        # What was sent may be repeated, so only what is not of the attack itself counts.
        found = {match[0] for match in INSIDE.finditer(text)}
        assert {one for one in found if one not in place} == set(), (attack, text[:500])
        if kind == "text/html":
            assert "<script>alert" not in text
            assert "<img src=x" not in text
        if status >= 400 and kind == "application/problem+json":
            problem = json.loads(text)
            assert problem["status"] == status
            assert problem["title"]
            assert problem["detail"]
    connection.close()


MVT = "application/vnd.mapbox-vector-tile"


@pytest.mark.parametrize("path", ["/" + "a" * 70_000, "/ogc?" + "a" * 70_000, "/ogc?" + "&".join(["f=json"] * 5000)])
def test_absurdly_long_address_is_refused(server: Running, path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)
    status, _, body = raw_get(connection, path)
    assert 400 <= status < 500
    assert not INSIDE.search(body.decode())
    connection.close()


def test_server_still_answers_after_all_of_it(server: Running) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)
    for path in ("/readyz", "/ogc", ITEMS, f"/wms?{MAP}&format=image/png"):
        assert raw_get(connection, path)[0] == 200
    connection.close()
