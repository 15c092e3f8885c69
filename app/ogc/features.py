"""OGC API - Features: items and item, straight from PostGIS to the socket."""

import json
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.db.pool import Connection, PublicReads
from app.layers.catalogue import Catalogue
from app.ogc.parameters import check_names, read_query, wanted_format
from gis.layer import Layer
from gis.ogcapi.frame import Frame
from gis.query import FeatureReader, Page, Query

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GEOJSON = "application/geo+json"

_ITEMS = frozenset({"f", "lang", "bbox", "datetime", "limit", "cursor"})
_ITEM = frozenset({"f", "lang"})
_VARY = {"Vary": "Accept"}
_HEADERS = {"Content-Crs": f"<{CRS84}>", **_VARY}


class Features:
    """The items of every layer."""

    def __init__(self, catalogue: Catalogue, reads: PublicReads, frame: Frame, base_url: str) -> None:
        self._catalogue = catalogue
        self._reads = reads
        self._frame = frame
        self._base_url = base_url
        self._readers = {name: FeatureReader(one.layer) for name, one in catalogue.declared.items()}

    def routes(self) -> list[Route]:
        """Paths below /ogc."""
        return [
            Route("/collections/{collection}/items", self.items),
            Route("/collections/{collection}/items/{feature:path}", self.item),
        ]

    async def items(self, request: Request) -> Response:
        """A page of features as GeoJSON or HTML."""
        layer = self._catalogue.layer(request.path_params["collection"])
        check_names(request.query_params, _ITEMS)
        asked = wanted_format(request)
        query = read_query(request.query_params)
        page = await self._page(layer, query)
        links = self._page_links(layer, request, query, page, asked)
        body = _collection(page, links)
        if asked == "html":
            html = await run_in_threadpool(self._frame.items_page, layer, json.loads(body))
            return Response(html, headers=_VARY, media_type="text/html")
        return Response(body, headers=_HEADERS, media_type=GEOJSON)

    async def item(self, request: Request) -> Response:
        """One feature as GeoJSON or HTML."""
        layer = self._catalogue.layer(request.path_params["collection"])
        check_names(request.query_params, _ITEM)
        asked = wanted_format(request)
        identifier = request.path_params["feature"]
        reader = self._readers[layer.id]

        async def read(connection: Connection) -> bytes:
            return await reader.feature(connection, identifier)

        feature = await self._reads(read)
        body = feature[:-1] + b',"links":' + json.dumps(self._item_links(layer, identifier, asked)).encode() + b"}"
        if asked == "html":
            html = await run_in_threadpool(self._frame.item_page, layer, json.loads(body))
            return Response(html, headers=_VARY, media_type="text/html")
        return Response(body, headers=_HEADERS, media_type=GEOJSON)

    async def _page(self, layer: Layer, query: Query) -> Page:
        # The number of all features of a layer stands in its release; only a selection has to be counted.
        total = self._catalogue.state(layer.id).count if query.selects_all else None
        reader = self._readers[layer.id]

        async def read(connection: Connection) -> Page:
            return await reader.page(connection, query, count=total is None)

        page = await self._reads(read)
        return page if total is None else Page(page.features, page.returned, total, page.next)

    def _page_links(self, layer: Layer, request: Request, query: Query, page: Page, asked: str) -> list[dict[str, str]]:
        address = f"{self._base_url}/collections/{layer.id}/items"
        given = {k: v for k, v in request.query_params.items() if k != "f"}
        links = _formats(address, given, asked)
        if page.next is not None:
            following = given | {"limit": str(query.limit), "cursor": str(page.next), "f": asked}
            media_type = "text/html" if asked == "html" else GEOJSON
            links.append(_link("next", media_type, "The next page", f"{address}?{urlencode(following)}"))
        collection = f"{self._base_url}/collections/{layer.id}"
        return [*links, _link("collection", "application/json", layer.title, collection)]

    def _item_links(self, layer: Layer, identifier: str, asked: str) -> list[dict[str, str]]:
        collection = f"{self._base_url}/collections/{layer.id}"
        links = _formats(f"{collection}/items/{quote(identifier, safe='')}", {}, asked)
        return [*links, _link("collection", "application/json", layer.title, collection)]


def _collection(page: Page, links: list[dict[str, str]]) -> bytes:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    tail = f'],"numberMatched":{page.matched},"numberReturned":{page.returned},"timeStamp":"{now}","links":'
    return b"".join(
        (b'{"type":"FeatureCollection","features":[', page.features, tail.encode(), json.dumps(links).encode(), b"}")
    )


def _formats(address: str, given: dict[str, str], asked: str) -> list[dict[str, str]]:
    """Links to a resource itself and to its other format."""
    known = (("json", GEOJSON, "This document as GeoJSON"), ("html", "text/html", "This document as HTML"))
    return [
        _link("self" if name == asked else "alternate", kind, title, f"{address}?{urlencode(given | {'f': name})}")
        for name, kind, title in known
    ]


def _link(rel: str, media_type: str, title: str, href: str) -> dict[str, str]:
    return {"rel": rel, "type": media_type, "title": title, "href": href}
