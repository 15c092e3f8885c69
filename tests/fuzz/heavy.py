"""Requests that would cost much if they were read: each is to be refused, and soon."""

# SPDX-License-Identifier: Apache-2.0

from urllib.parse import quote

from tests.fuzz.requests import Request

_ITEMS = "/ogc/collections/mines/items"
_FES = 'xmlns="http://www.opengis.net/fes/2.0" xmlns:g="http://www.opengis.net/gml/3.2"'
_RING = (
    "<Intersects><g:Polygon><g:exterior><g:LinearRing><g:posList>{}</g:posList></g:LinearRing></g:exterior>"
    "</g:Polygon></Intersects>"
)
_NOTS = '{"op":"not","args":[' * 1_500 + "]}" * 1_500
_LINE = f"S_INTERSECTS(shape,POLYGON(({','.join(['1 1'] * 9_000)})))"
_BOMB = (
    '<!DOCTYPE a [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "&a{i - 1};&a{i - 1};">' for i in range(1, 40)) + "]>"
)


def _features(condition: str, start: str = "") -> bytes:
    query = f'<Query typeNames="mines"><Filter {_FES}>{condition}</Filter></Query>'
    head = '<GetFeature xmlns="http://www.opengis.net/wfs/2.0" service="WFS" version="2.0.0" count="1">'
    return f"{start}{head}{query}</GetFeature>".encode()


HEAVY = {
    "10 MB of XML": Request("/wfs", _features("<And>" + "<x/>" * 2_600_000 + "</And>")),
    "10 MB of text": Request("/wms", b"x" * 10_000_000),
    "10 MB posted to items": Request(_ITEMS, b"x" * 10_000_000),
    "10 MB posted to the landing page": Request("/", b"x" * 10_000_000),
    "a polygon of 1,000,000 vertices": Request("/wfs", _features(_RING.format("1 1 " * 1_000_000))),
    "elements 100,000 deep": Request("/wfs", _features("<And>" * 100_000 + "</And>" * 100_000)),
    "elements 5,000 deep": Request("/wfs", _features("<Not>" * 5_000 + "</Not>" * 5_000)),
    "entities that double 39 times": Request("/wfs", _features("&a39;", _BOMB)),
    "an entity from a file": Request(
        "/wfs", _features("&f;", '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>')
    ),
    "a style with entities that double": Request(
        "/wms", f"{_BOMB}<StyledLayerDescriptor>&a39;</StyledLayerDescriptor>".encode()
    ),
    "CQL2 in 10,000 parentheses": Request(f"{_ITEMS}?filter={'(' * 10_000}name='a'{')' * 10_000}"),
    "CQL2 of 5,000 conditions": Request(f"{_ITEMS}?filter={quote(' OR '.join(['name=1'] * 5_000))}"),
    "CQL2 JSON 1,500 deep": Request(f"{_ITEMS}?filter-lang=cql2-json&filter={quote(_NOTS)}"),
    "CQL2 polygon in a long address": Request(f"{_ITEMS}?filter={quote(_LINE, safe='(),')}"),
    "an address of 1 MB": Request(f"{_ITEMS}?filter={'x' * 1_000_000}"),
}
"""By what is heavy about them."""
