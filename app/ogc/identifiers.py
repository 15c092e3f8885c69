"""Persistent addresses: /id/ names a thing and sends to what is known of it, in the format the client prefers.

Answers are 303 See Other: a mine is no document, and its address stays when the addresses of documents change. One
document then has one address, under which it is cached.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.db.pool import PublicReads
from app.errors import IdentifierNotFoundError
from app.layers.catalogue import Catalogue
from app.layers.identifiers import Holder, Identifiers
from app.layers.records import Records, release_id
from app.ogc.negotiation import negotiated
from app.ogc.parameters import OF_A_DOCUMENT, check_names
from app.problems import problem
from gis.declaration import nearest
from gis.moments import utc_exactly
from gis.ogcapi.records import CATALOG, FORMATS

_FEATURE = {"json": "application/geo+json", "html": "text/html", "gml": "application/gml+xml"}
_HEADERS = {"Vary": "Accept", "Cache-Control": "public, max-age=60"}


@dataclass(frozen=True, slots=True)
class Retired:
    """A feature that was published and is no more. release: number of the last release that had it, None if unknown.

    last_state: address of the feature as it was then. successors: persistent addresses of what took its place.
    """

    identifier: str
    layer: str
    title: str
    release: int | None
    until: datetime
    last_state: str
    successors: tuple[str, ...] = ()


class PersistentAddresses:
    """Redirects from /id/ to features, datasets and releases."""

    def __init__(
        self, catalogue: Catalogue, reads: PublicReads, records: Records, page: Callable[[Request, Retired], Response]
    ) -> None:
        self._catalogue = catalogue
        self._reads = reads
        self._records = records
        self._page = page
        self._identifiers = Identifiers(catalogue.declared.values())
        self._ogc = f"{records.service.base_url}/ogc"

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [
            Route("/id/dataset/{dataset}", self.dataset),
            Route("/id/dataset/{dataset}/release/{number:int}", self.release),
            Route("/id/{identifier:path}", self.feature),
        ]

    async def dataset(self, request: Request) -> Response:
        """To the record of a dataset."""
        return self._to_record(request, request.path_params["dataset"])

    async def release(self, request: Request) -> Response:
        """To the record of a release."""
        return self._to_record(request, release_id(request.path_params["dataset"], request.path_params["number"]))

    async def feature(self, request: Request) -> Response:
        """To a feature; 410 with its last state when it is retired."""
        check_names(request.query_params, OF_A_DOCUMENT)
        identifier = request.path_params["identifier"]
        holder = await self._holder(identifier)
        items = f"{self._ogc}/collections/{holder.layer}/items"
        item = f"{items}/{quote(identifier, safe='')}"
        if holder.until is not None:
            retired = self._retired(identifier, holder, holder.until, item)
            return await self._gone(request, replace(retired, successors=await self._successors(identifier)))
        asked = negotiated(request, _FEATURE)
        if asked == "gml":
            # The item itself is GeoJSON or a page; its GML is a download of the one feature.
            only = {self._catalogue.layer(holder.layer).id_field: identifier, "f": asked}
            return RedirectResponse(f"{items}?{urlencode(only)}", 303, _HEADERS)
        return RedirectResponse(f"{item}?f={asked}", 303, _HEADERS)

    async def _holder(self, identifier: str) -> Holder:
        if not identifier or "\x00" in identifier:
            raise IdentifierNotFoundError("Nothing has that identifier.")
        holder = await self._reads(lambda connection: self._identifiers.holder(connection, identifier))
        if holder is None:
            known = await self._reads(lambda connection: self._identifiers.neighbours(connection, identifier))
            raise IdentifierNotFoundError(
                f"Nothing has the identifier {identifier[:200]!r}{nearest(identifier, known)}."
            )
        return holder

    async def _successors(self, identifier: str) -> tuple[str, ...]:
        found = await self._reads(lambda connection: self._identifiers.successors(connection, identifier))
        base_url = self._records.service.base_url
        return tuple(f"{base_url}/id/{quote(one, safe='')}" for one in found)

    def _retired(self, identifier: str, holder: Holder, until: datetime, item: str) -> Retired:
        releases = self._catalogue.snapshot.releases.get(holder.layer, ())
        had = [one.number for one in releases if one.published_at < until]
        title = self._catalogue.layer(holder.layer).title
        return Retired(
            identifier, holder.layer, title, had[-1] if had else None, until, f"{item}?asOf={utc_exactly(holder.since)}"
        )

    async def _gone(self, request: Request, retired: Retired) -> Response:
        links = [f'<{retired.last_state}>; rel="predecessor-version"']
        links += [f'<{one}>; rel="successor-version"' for one in retired.successors]
        headers = {**_HEADERS, "Link": ", ".join(links)}
        if negotiated(request, _FEATURE) == "html":
            answer = await run_in_threadpool(self._page, request, retired)
            headers["Vary"] = answer.headers["Vary"]
        else:
            answer = problem(410, _sentence(retired), _members(retired))
        answer.headers.update(headers)
        return answer

    def _to_record(self, request: Request, identifier: str) -> Response:
        check_names(request.query_params, OF_A_DOCUMENT)
        record = self._records.index.record(identifier)
        if record is None:
            close = nearest(identifier, [one.id for one in self._records.index.records])
            raise IdentifierNotFoundError(f"There is no dataset or release {identifier!r}{close}.")
        asked = negotiated(request, FORMATS)
        address = f"{self._ogc}/collections/{CATALOG}/items/{quote(identifier)}?f={asked}"
        return RedirectResponse(record.page if asked == "html" else address, 303, _HEADERS)


def _sentence(retired: Retired) -> str:
    last = f" Its last release was number {retired.release} of {retired.title}." if retired.release else ""
    after = f" {', '.join(retired.successors)} took its place." if retired.successors else ""
    return f"{retired.identifier} is no longer published.{last}{after} asOf is its last state."


def _members(retired: Retired) -> Mapping[str, Any]:
    return {
        "identifier": retired.identifier,
        "collection": retired.layer,
        "lastRelease": retired.release,
        "retiredAt": utc_exactly(retired.until),
        "asOf": retired.last_state,
        "successors": list(retired.successors),
    }
