"""OGC API - Features: items and item, straight from PostGIS to the socket."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.clients import not_modified
from app.db.pool import Connection, PublicReads
from app.layers.catalogue import Catalogue
from app.ogc.downloads import Downloads
from app.ogc.freshness import headers_of
from app.ogc.item_query import ItemQueries
from app.ogc.links import link_to_next, links_to_formats
from app.ogc.negotiation import negotiated
from app.ogc.pages import HTML, ServicePages
from app.regions import Region
from gis.crs import CoordinateSystem, systems
from gis.filters import Concepts
from gis.formats import WRITERS
from gis.layer import Layer
from gis.links import Link, link
from gis.moments import utc
from gis.ogcapi.openapi import GEOJSON
from gis.query import FeatureReader, Page, Query

_ITEM = {"json": GEOJSON, "html": HTML}
_OFFERS = {"json": (GEOJSON, "This document as GeoJSON"), "html": (HTML, "This document as HTML")}
_ITEMS = _ITEM | {name: writer.media_type for name, writer in WRITERS.items()}

_UNKNOWN_TO_POSTGIS = frozenset({9470})  # SRGI2013: not among the systems PostGIS 3.3 is delivered with


def item_systems(region: Region) -> Mapping[str, CoordinateSystem]:
    """The coordinate systems items of a region come in, by URI; what is stored first."""
    return systems(code for code in (4326, 3857, *region.epsg) if code not in _UNKNOWN_TO_POSTGIS)


class Features:
    """The items of every layer.

    downloads: of what is published. Without them the rows are drafts, which change without a release: they come as
    pages only, every one of them is counted, and nothing is told of how long an answer is true.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        reads: PublicReads,
        pages: ServicePages,
        base_url: str,
        systems: Mapping[str, CoordinateSystem],
        concepts: Concepts,
        downloads: Downloads | None,
    ) -> None:
        self._catalogue = catalogue
        self._reads = reads
        self._pages = pages
        self._base_url = base_url
        self._downloads = downloads
        layers = {name: one.layer for name, one in catalogue.declared.items()}
        self._readers = {name: FeatureReader(layer) for name, layer in layers.items()}
        self._queries = {name: ItemQueries(layer, systems, concepts) for name, layer in layers.items()}

    def routes(self) -> list[Route]:
        """Paths below /ogc."""
        return [
            Route("/collections/{collection}/items", self.items),
            Route("/collections/{collection}/items/{feature:path}", self.item),
        ]

    async def items(self, request: Request) -> Response:
        """A page of features as GeoJSON or HTML, or all of them as a file."""
        layer = self._catalogue.layer(request.path_params["collection"])
        asked = negotiated(request, _ITEMS if self._downloads else _ITEM)
        state = self._catalogue.state(layer.id)
        query = self._queries[layer.id].read(request.query_params, state, paged=asked not in WRITERS)
        if self._downloads and asked in WRITERS:
            return await self._downloads.respond(request, layer, query, WRITERS[asked])
        headers = headers_of(request, query.edition, asked, self._language(request, asked))
        if known := not_modified(request, headers):
            return known
        page = await self._page(layer, query)
        links = self._page_links(layer, request, query, page, asked)
        body = _collection(page, query, links)
        if asked == "html":
            return await self._shown(request, "ogc/collections/items/index.html", layer, body, headers)
        return Response(body, headers=headers | _content_crs(query), media_type=GEOJSON)

    async def item(self, request: Request) -> Response:
        """One feature as GeoJSON or HTML."""
        layer = self._catalogue.layer(request.path_params["collection"])
        asked = negotiated(request, _ITEM)
        query = self._queries[layer.id].read_item(request.query_params)
        identifier = request.path_params["feature"]
        release = str(self._catalogue.state(layer.id).release)
        headers = headers_of(request, release, asked, self._language(request, asked))
        if known := not_modified(request, headers):
            return known
        reader = self._readers[layer.id]

        async def read(connection: Connection) -> bytes:
            return await reader.feature(connection, identifier, query)

        feature = await self._reads(read)
        members = {**_operations(query.output.crs), "links": self._item_links(layer, identifier, request, asked)}
        body = feature[:-1] + b"," + _text(members)[1:]
        if asked == "html":
            return await self._shown(request, "ogc/collections/items/item.html", layer, body, headers)
        return Response(body, headers=headers | _content_crs(query), media_type=GEOJSON)

    def _language(self, request: Request, asked: str) -> str:
        return self._pages.language(request) if asked == "html" else ""

    async def _shown(
        self, request: Request, template: str, layer: Layer, body: bytes, headers: dict[str, str]
    ) -> Response:
        """A page of features, or of one. body: the same as GeoJSON."""
        told = {"document": json.loads(body), "layer": layer, "services": self._base_url}
        page = await run_in_threadpool(lambda: self._pages.page(request, template, **told))
        return Response(page, headers=headers, media_type=HTML)

    async def _page(self, layer: Layer, query: Query) -> Page:
        # The number of all features of a layer stands in its release; only a selection has to be counted.
        counted = self._downloads is not None and query.selects_all
        total = self._catalogue.state(layer.id).count if counted else None
        reader = self._readers[layer.id]

        async def read(connection: Connection) -> Page:
            return await reader.page(connection, query, count=total is None)

        is_laborious = query.filters or query.sort
        page = await (self._reads.laborious(read) if is_laborious else self._reads(read))
        return page if total is None else Page(page.features, page.returned, total, page.next)

    def _page_links(self, layer: Layer, request: Request, query: Query, page: Page, asked: str) -> list[Link]:
        address = f"{self._base_url}/collections/{layer.id}/items"
        given = dict(request.query_params)
        links = links_to_formats(address, given, asked, _OFFERS)
        if page.next is not None:
            further = {"limit": str(query.limit), "cursor": page.next, "f": asked}
            links.append(link_to_next(address, given, _ITEM[asked], **further))
        collection = f"{self._base_url}/collections/{layer.id}"
        return [*links, link("collection", "application/json", layer.title, collection)]

    def _item_links(self, layer: Layer, identifier: str, request: Request, asked: str) -> list[Link]:
        collection = f"{self._base_url}/collections/{layer.id}"
        item = f"{collection}/items/{quote(identifier, safe='')}"
        links = links_to_formats(item, dict(request.query_params), asked, _OFFERS)
        return [*links, link("collection", "application/json", layer.title, collection)]


def _collection(page: Page, query: Query, links: list[Link]) -> bytes:
    counted = {"numberMatched": page.matched} | ({"numberMatchedIsEstimate": True} if page.estimated else {})
    members: Mapping[str, Any] = {
        **counted,
        "numberReturned": page.returned,
        "timeStamp": utc(datetime.now(UTC)),
        **_operations(query.output.crs),
        "links": links,
    }
    return b"".join((b'{"type":"FeatureCollection","features":[', page.features, b"],", _text(members)[1:]))


def _text(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode()


def _operations(system: CoordinateSystem) -> dict[str, Any]:
    """How the coordinates came to be, where they are not those stored."""
    used = [{"name": one.name, "accuracy": one.accuracy} for one in system.operations]
    return {"coordinateOperations": used} if used else {}


def _content_crs(query: Query) -> dict[str, str]:
    return {"Content-Crs": f"<{query.output.crs.uri}>"}
