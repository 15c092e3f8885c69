"""The statistics as a collection of the OGC API: figures as features without geometry."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from app.clients import not_modified
from app.errors import ObservationNotFoundError
from app.ogc.figure_query import CUBE, FigureQueries, FigureQuery
from app.ogc.freshness import document, headers_of
from app.ogc.links import link_to_next, links_to_formats
from app.ogc.negotiation import negotiated
from app.ogc.pages import HTML, ServicePages
from app.ogc.parameters import OF_A_DOCUMENT, check_names, read_file_limit
from app.statistics.figures import Figures, Page
from app.statistics.formats import to_csv
from app.statistics.queries import Row
from gis.crs import CRS84
from gis.filters import Concepts
from gis.links import Link, link
from gis.moments import utc
from gis.ogcapi.openapi import GEOJSON, SCHEMA
from gis.ogcapi.tables import CSV, collection, row_queryables, row_schema

_PATH = f"/collections/{CUBE.id}"
_DOCUMENT = {"json": "application/json", "html": HTML}
_FIELDS = {"json": SCHEMA, "html": HTML}
_ITEM = {"json": GEOJSON, "html": HTML}
_OFFERS = {"json": (GEOJSON, "This page as GeoJSON"), "html": (HTML, "This page as HTML")}
_ITEMS = {**_ITEM, "csv": CSV}
_CRS84 = {"Content-Crs": f"<{CRS84.uri}>"}
_AT_ONCE = 10_000
_MOST_NUMBER = 2**63 - 1


class FigureCollection:
    """The collection and its items. base_url: of the system, without a slash at the end."""

    def __init__(self, figures: Figures, pages: ServicePages, base_url: str, concepts: Concepts) -> None:
        self._figures = figures
        self._pages = pages
        self._site = base_url
        self._base_url = f"{base_url}/ogc"
        self._queries = FigureQueries(concepts)

    def routes(self) -> list[Route]:
        """Paths below /ogc; before those of the layers' collections."""
        return [
            Route(_PATH, self.collection),
            Route(f"{_PATH}/queryables", self.queryables),
            Route(f"{_PATH}/schema", self.schema),
            Route(f"{_PATH}/items", self.items),
            Route(f"{_PATH}/items/{{figure}}", self.item),
        ]

    async def collection(self, request: Request) -> Response:
        """The collection itself."""
        asked = _checked(request, _DOCUMENT)
        told = collection(CUBE, self._site)
        if asked == "html":
            years = await self._figures.years()
            return await self._page(request, "ogc/collections/collection.html", told, years=years)
        return document(request, json.dumps(told).encode(), _DOCUMENT[asked])

    async def queryables(self, request: Request) -> Response:
        """What a filter may name."""
        return await self._schema(request, "queryables", row_queryables(CUBE, f"{self._base_url}{_PATH}/queryables"))

    async def schema(self, request: Request) -> Response:
        """What a figure holds."""
        return await self._schema(request, "schema", row_schema(CUBE))

    async def items(self, request: Request) -> Response:
        """A page of figures as GeoJSON or HTML, or all of a slice as CSV."""
        asked = negotiated(request, _ITEMS)
        query = self._queries.read(request.query_params)
        release = await self._figures.release(None)
        language = self._pages.language(request) if asked == "html" else ""
        headers = headers_of(request, str(release.number if release else 0), asked, language)
        if known := not_modified(request, headers):
            return known
        if asked == "csv":
            headers["Content-Disposition"] = f'attachment; filename="{CUBE.id}.csv"'
            limit = read_file_limit(request.query_params.get("limit"))
            return StreamingResponse(self._csv(query, limit), headers=headers, media_type=f"{CSV}; charset=utf-8")
        page = await self._read(query)
        told = {
            "type": "FeatureCollection",
            "features": [_feature(row) for row in page.rows],
            **await self._matched(query),
            "numberReturned": len(page.rows),
            "timeStamp": utc(datetime.now(UTC)),
            "links": self._page_links(request, query, page, asked),
        }
        if asked == "html":
            shown = await self._rendered(request, "ogc/collections/items/index.html", told)
            return Response(shown, headers=headers, media_type=HTML)
        return Response(to_json(told), headers=headers | _CRS84, media_type=GEOJSON)

    async def item(self, request: Request) -> Response:
        """One figure as GeoJSON; people are led to its page."""
        asked = _checked(request, _ITEM)
        text = request.path_params["figure"]
        if not (text.isascii() and text.isdigit() and 0 < int(text) <= _MOST_NUMBER):
            raise ObservationNotFoundError(f"There is no figure of number {text[:40]!r}.")
        row = await self._figures.observation(int(text))
        if asked == "html":
            return RedirectResponse(f"{self._site}/statistics/figures/{row['id']}", 303)
        address = f"{self._base_url}{_PATH}"
        links = [
            link("self", GEOJSON, "This figure as GeoJSON", f"{address}/items/{row['id']}?f=json"),
            link("alternate", "text/html", "This figure as a page", f"{address}/items/{row['id']}?f=html"),
            link("collection", "application/json", CUBE.title, address),
        ]
        answer = document(request, to_json({**_feature(row), "links": links}), GEOJSON)
        answer.headers.update(_CRS84)
        return answer

    async def _read(self, query: FigureQuery) -> Page:
        return await self._figures.page(query.selection, query.limit, query.after, None)

    async def _matched(self, query: FigureQuery) -> Mapping[str, Any]:
        """How many figures match, as far as that is known: exactly up to 100,000."""
        found, exact = await self._figures.count(query.selection)
        if found is None:
            return {}
        return {"numberMatched": found} | ({} if exact else {"numberMatchedIsEstimate": True})

    async def _csv(self, query: FigureQuery, limit: int | None) -> AsyncIterator[bytes]:
        """The rows of a slice, some thousands at a time, under one head."""
        left, part = limit, query
        while True:
            page = await self._read(replace(part, limit=min(_AT_ONCE, left or _AT_ONCE)))
            text = to_csv(page.rows)
            yield (text if part is query else text.partition("\r\n")[2]).encode()
            left = left - len(page.rows) if left is not None else None
            if page.next is None or left == 0:
                return
            part = replace(part, after=page.next)

    async def _schema(self, request: Request, kind: str, told: Mapping[str, Any]) -> Response:
        asked = _checked(request, _FIELDS)
        if asked == "html":
            return await self._page(request, f"ogc/collections/{kind}.html", told)
        return document(request, json.dumps(told).encode(), _FIELDS[asked])

    async def _page(self, request: Request, template: str, told: Mapping[str, Any], **values: object) -> Response:
        page = await self._rendered(request, template, told, **values)
        return document(request, page, HTML, self._pages.language(request))

    async def _rendered(self, request: Request, template: str, told: Mapping[str, Any], **values: object) -> bytes:
        known = {"document": told, "layer": CUBE, "services": self._base_url, **values}
        return (await run_in_threadpool(lambda: self._pages.page(request, template, **known))).encode()

    def _page_links(self, request: Request, query: FigureQuery, page: Page, asked: str) -> list[Link]:
        address = f"{self._base_url}{_PATH}/items"
        given = dict(request.query_params)
        links = links_to_formats(address, given, asked, _OFFERS)
        if page.next is not None:
            further = {"limit": str(query.limit), "cursor": str(page.next), "f": asked}
            links.append(link_to_next(address, given, _ITEMS[asked], **further))
        return [*links, link("collection", "application/json", CUBE.title, f"{self._base_url}{_PATH}")]


def _checked(request: Request, formats: Mapping[str, str]) -> str:
    check_names(request.query_params, OF_A_DOCUMENT)
    return negotiated(request, formats)


def _feature(row: Row) -> dict[str, Any]:
    properties = {field.name: row[field.name] for field in CUBE.public_fields}
    return {"type": "Feature", "id": row["id"], "geometry": None, "properties": properties}
