"""The catalogue for people: all datasets, and a page a dataset with its releases, downloads, services and citation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import RecordNotFoundError
from app.layers.distributions import TILES
from app.layers.records import Records
from app.web.kept_pages import KeptPages
from app.web.languages import message
from app.web.pages import Pages
from gis.declaration import nearest
from gis.records import Access, Kind, Record, iso19139, schema_org
from gis.records.search import Found, Search

_MOST = 10_000
RASTERS = message("Rasters")
"""The theme of rasters, as their records name it."""

_HTML = "text/html; charset=utf-8"
METADATA = (
    ("json", "GeoJSON", "application/geo+json"),
    ("iso", "ISO 19139", iso19139.MEDIA_TYPE),
    ("dcat", "DCAT-AP", "application/ld+json"),
    ("schemaorg", "schema.org", "application/ld+json"),
)
"""Formats of a record beside the page: name in a request, title and media type."""


class DatasetPages:
    """Pages of records, for the site's own addresses and for those of the OGC API."""

    def __init__(self, pages: Pages, records: Records) -> None:
        self._pages = pages
        self._records = records
        self._kept = KeptPages(pages.site.version, lambda: records.version)

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/datasets", self.datasets), Route("/datasets/{dataset}", self.dataset)]

    async def datasets(self, request: Request) -> Response:
        """All datasets, or those that hold the words of q."""
        q = request.query_params.get("q", "").strip()
        search = Search(limit=_MOST, types=(Kind.DATASET,), q=(q,) if q else ())
        return await self._respond(request, lambda: self.listing(request, self._records.index.search(search), [], q))

    async def dataset(self, request: Request) -> Response:
        """One dataset."""
        name = request.path_params["dataset"]
        record = self._records.index.record(name)
        if record is None or record.kind is not Kind.DATASET:
            known = [one.id for one in self._records.index.records if one.kind is Kind.DATASET]
            raise RecordNotFoundError(f"There is no dataset {name!r}{nearest(name, known)}.")
        return await self._respond(request, lambda: self.record(request, record))

    def language(self, request: Request) -> str:
        """The language its reader gets a page in."""
        return self._pages.language(request)

    def listing(self, request: Request, found: Found, links: Sequence[Mapping[str, Any]], q: str) -> str:
        """Records, with links of which those to the next page are shown; q: the text searched for."""
        following = next((link["href"] for link in links if link["rel"] == "next"), None)
        themes: dict[str, list[Record]] = {}
        for record in found.records:
            themes.setdefault(record.theme, []).append(record)
        largest_first = dict(sorted(themes.items(), key=lambda one: -len(one[1])))
        return self._pages.page(
            request, "datasets.html", themes=largest_first, matched=found.matched, q=q, following=following
        )

    def record(self, request: Request, record: Record) -> str:
        """The page of a dataset; a release is told on the page of its dataset."""
        shown = self._records.index.record(record.dataset) if record.dataset else record
        shown = shown or record
        return self._pages.page(
            request,
            "dataset.html",
            record=shown,
            releases=self._records.releases(shown.id),
            downloads=[one for one in shown.distributions if one.access is Access.DOWNLOAD],
            services=[one for one in shown.distributions if one.access is Access.SERVICE],
            tiles=TILES,
            metadata=METADATA,
            data=schema_org.dataset(shown, self._records.service, self._records.uri),
        )

    def fields(self, request: Request, title: str, properties: Mapping[str, Any]) -> str:
        """What a filter may name, or what records can be sorted by, as JSON Schema by name."""
        return self._pages.page(request, "record-fields.html", title=title, properties=properties)

    def retired(self, request: Request, retired: object) -> Response:
        """What is known of a feature that is no longer published."""
        return self._pages.respond(request, "retired.html", 410, retired=retired)

    async def _respond(self, request: Request, make: Callable[[], str]) -> Response:
        async def made() -> bytes:
            return (await run_in_threadpool(make)).encode()

        return await self._kept.respond(request, self._pages.languages.of(request), made, _HTML)
