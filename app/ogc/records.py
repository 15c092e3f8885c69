"""OGC API - Records: the catalogue of datasets and releases, held in memory and searched there."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.clients import not_modified
from app.errors import RecordNotFoundError
from app.layers.kept import Kept
from app.layers.records import Records
from app.ogc.links import link_to_next, links_to_formats
from app.ogc.negotiation import negotiated
from app.ogc.parameters import OF_A_DOCUMENT, check_names
from app.ogc.record_query import given_in, read_search
from gis.declaration import nearest
from gis.links import Link, link
from gis.ogcapi.records import CATALOG, FORMATS, catalog, queryables, sortables
from gis.records import Record, dcat, geojson, iso19139, schema_org
from gis.records.search import Found, Search

_JSON = {"json": "application/json", "html": "text/html"}
_SCHEMA = {"json": "application/schema+json", "html": "text/html"}
_ITEMS = {name: FORMATS[name] for name in ("json", "html", "dcat")}
_PATH = f"/collections/{CATALOG}"


class RecordPages(Protocol):
    """Makes pages for people, in the language of a request."""

    def language(self, request: Request) -> str:
        """The code of that language."""

    def listing(self, request: Request, found: Found, links: Sequence[Mapping[str, Any]], q: str) -> str:
        """Records, with links of which those to the next page are shown; q: the text searched for."""

    def record(self, request: Request, record: Record) -> str:
        """One record."""

    def fields(self, request: Request, title: str, properties: Mapping[str, Any]) -> str:
        """What a filter may name, or what records can be sorted by, as JSON Schema by name."""


class RecordCatalogue:
    """The catalogue as a collection of records."""

    def __init__(self, records: Records, pages: RecordPages, release: str) -> None:
        self._records = records
        self._pages = pages
        self._release = release
        self._kept = Kept()
        self._address = f"{records.service.base_url}/ogc{_PATH}"

    def routes(self) -> list[Route]:
        """Paths below /ogc; before those of the layers' collections."""
        return [
            Route(_PATH, self.catalogue),
            Route(f"{_PATH}/queryables", self.queryables),
            Route(f"{_PATH}/sortables", self.sortables),
            Route(f"{_PATH}/schema", self.queryables),
            Route(f"{_PATH}/items", self.items),
            Route(f"{_PATH}/items/{{record}}", self.item),
        ]

    async def catalogue(self, request: Request) -> Response:
        """The catalogue itself, with a link to each record."""
        check_names(request.query_params, OF_A_DOCUMENT)
        asked = negotiated(request, _JSON)
        index, service = self._records.index, self._records.service

        def make() -> str:
            if asked == "html":
                return self._pages.listing(request, index.search(Search(limit=_MOST)), [], "")
            return json.dumps(catalog(index, service, crawlable=True))

        return await self._respond(request, _JSON[asked], asked, make)

    async def queryables(self, request: Request) -> Response:
        """What a filter may name."""
        return await self._fields(request, "Queryables", queryables(self._records.service))

    async def sortables(self, request: Request) -> Response:
        """What records can be sorted by."""
        return await self._fields(request, "Sortables", sortables(self._records.service))

    async def items(self, request: Request) -> Response:
        """Records that match, as GeoJSON, HTML or DCAT-AP."""
        search = read_search(request.query_params)
        given = given_in(request.query_params)
        asked = negotiated(request, _ITEMS)

        def make() -> str:
            found = self._records.index.search(search)
            links = self._page_links(given, search, found, asked)
            if asked == "html":
                return self._pages.listing(request, found, links, given.get("q", ""))
            if asked == "dcat":
                return json.dumps(self._dcat(found))
            return json.dumps(self._collection(found, links))

        return await self._respond(request, _ITEMS[asked], asked, make)

    async def item(self, request: Request) -> Response:
        """One record in any of its formats."""
        check_names(request.query_params, OF_A_DOCUMENT)
        identifier = request.path_params["record"]
        record = self._records.index.record(identifier)
        if record is None:
            known = [one.id for one in self._records.index.records]
            raise RecordNotFoundError(f"The catalogue has no record {identifier!r}{nearest(identifier, known)}.")
        asked = negotiated(request, FORMATS)
        return await self._respond(request, FORMATS[asked], asked, lambda: self._written(request, record, asked))

    def _written(self, request: Request, record: Record, asked: str) -> str | bytes:
        writers: Mapping[str, Callable[[], str | bytes]] = {
            "json": lambda: json.dumps(self._feature(record, asked)),
            "html": lambda: self._pages.record(request, record),
            "dcat": lambda: json.dumps(dcat.dataset(record, self._records.uri)),
            "iso": lambda: iso19139.write(record),
            "schemaorg": lambda: json.dumps(schema_org.dataset(record, self._records.service, self._records.uri)),
        }
        return writers[asked]()

    async def _fields(self, request: Request, title: str, told: dict[str, Any]) -> Response:
        check_names(request.query_params, OF_A_DOCUMENT)
        asked = negotiated(request, _SCHEMA)

        def make() -> str:
            return self._pages.fields(request, title, told["properties"]) if asked == "html" else json.dumps(told)

        return await self._respond(request, _SCHEMA[asked], asked, make)

    async def _respond(
        self, request: Request, media_type: str, asked: str, make: Callable[[], str | bytes]
    ) -> Response:
        """The answer, or 304 to a client that has it; it changes with a publication or a new version of AMDIS."""
        language = self._pages.language(request) if asked == "html" else None
        kind = f"{asked}-{language}" if language else asked
        etag = f'W/"{self._release}-{self._records.version}-{kind}"'
        headers = {"Vary": "Accept, Accept-Language", "ETag": etag, "Cache-Control": "no-cache"}
        if language:
            headers["Content-Language"] = language
        if known := not_modified(request, headers):
            return known
        body = await self._kept.body(self._records.version, f"{kind} {request.url.path}?{request.url.query}", make)
        return Response(body, headers=headers, media_type=media_type)

    def _collection(self, found: Found, links: list[Link]) -> dict[str, Any]:
        return {
            "type": "FeatureCollection",
            "features": [self._feature(record, "json") for record in found.records],
            "numberMatched": found.matched,
            "numberReturned": len(found.records),
            "links": links,
        }

    def _dcat(self, found: Found) -> dict[str, Any]:
        return dcat.catalog(found.records, self._records.service, self._records.uri, self._address)

    def _feature(self, record: Record, asked: str) -> dict[str, Any]:
        made = geojson.feature(record, self._item)
        address = f"{self._address}/items/{quote(record.id)}"
        own = links_to_formats(address, {}, asked, _OFFERS)
        parents = [
            link("collection", "application/json", "The catalogue", f"{self._address}?f=json"),
            link("root", "application/json", "The services", f"{self._records.service.base_url}/ogc?f=json"),
        ]
        return made | {"links": [*own, *parents, *made["links"]]}

    def _item(self, identifier: str) -> str:
        return f"{self._address}/items/{quote(identifier)}?f=json"

    def _page_links(self, given: Mapping[str, str], search: Search, found: Found, asked: str) -> list[Link]:
        address = f"{self._address}/items"
        links = links_to_formats(address, given, asked, _OFFERS_OF_ITEMS)
        if found.next is not None:
            further = {"limit": str(search.limit), "cursor": found.next, "f": asked}
            links.append(link_to_next(address, given, _ITEMS[asked], **further))
        return [*links, link("collection", "application/json", "The catalogue", f"{self._address}?f=json")]


_MOST = 10_000

_TITLES = {"json": "GeoJSON", "html": "a page", "dcat": "DCAT-AP", "iso": "ISO 19139", "schemaorg": "schema.org"}
_OFFERS = {name: (media_type, f"This record as {_TITLES[name]}") for name, media_type in FORMATS.items()}
_OFFERS_OF_ITEMS = {name: (media_type, f"These records as {_TITLES[name]}") for name, media_type in _ITEMS.items()}
