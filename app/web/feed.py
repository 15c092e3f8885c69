"""What programs read of the pages: the feed of releases (Atom), the map of the site, robots.txt."""

from collections.abc import Iterable, Iterator

from lxml import etree
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.web.commodity_pages import read_entries
from app.web.frame import Frame
from app.web.releases import Published, newest_releases

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_MOST = 100

PLACES = (
    "/",
    "/countries",
    "/commodities",
    "/statistics",
    "/statistics/checks",
    "/resources/unfc",
    "/datasets",
    "/publications",
    "/about",
)
"""Pages there always are."""


class Feeds:
    """``/feed.atom``, ``/sitemap.xml`` and ``/robots.txt``"""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._base = frame.pages.site.base_url

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [
            Route("/feed.atom", self.feed),
            Route("/sitemap.xml", self.sitemap),
            Route("/robots.txt", self.robots),
        ]

    async def feed(self, request: Request) -> Response:
        """The releases of all datasets, the newest first (RFC 4287)."""

        async def make() -> bytes:
            return self._atom(newest_releases(self._frame, _MOST))

        return await self._frame.kept.respond(request, None, make, "application/atom+xml; charset=utf-8")

    async def sitemap(self, request: Request) -> Response:
        """Every page of the site in every language (sitemaps.org)."""

        async def make() -> bytes:
            entries = await read_entries(self._frame)
            commodities = [one.code for one in entries if one.sites or one.series]
            return self._sitemap(self._paths(commodities))

        return await self._frame.kept.respond(request, None, make, "application/xml; charset=utf-8")

    async def robots(self, request: Request) -> Response:
        """What search engines may visit: pages and data, not single tiles, maps and rows."""
        closed = ("/api/", "/wms", "/wmts", "/wfs", "/wcs", "/ogc/tiles/", "/workspace")
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "", f"Sitemap: {self._base}/sitemap.xml"]
        return PlainTextResponse("\n".join(lines) + "\n", headers={"Cache-Control": "public, max-age=3600"})

    def _atom(self, releases: list[Published]) -> bytes:
        site = self._frame.pages.site
        updated = max((one.at for one in releases), default=None)
        feed = etree.fromstring(f'<feed xmlns="{_ATOM}"/>')
        _node(feed, "id", f"{self._base}/feed.atom")
        _node(feed, "title", f"{site.title}: releases")
        _node(feed, "updated", updated.isoformat() if updated else "1970-01-01T00:00:00Z")
        _node(_node(feed, "author"), "name", site.contact)
        _node(feed, "link", rel="self", href=f"{self._base}/feed.atom", type="application/atom+xml")
        _node(feed, "link", rel="alternate", href=f"{self._base}/publications", type="text/html")
        _node(feed, "rights", site.licence)
        for one in releases:
            self._entry(_node(feed, "entry"), one)
        return etree.tostring(feed, encoding="utf-8", xml_declaration=True)

    def _entry(self, entry: etree._Element, one: Published) -> None:
        changes = f"{one.added} added, {one.changed} changed, {one.removed} removed; {one.total} in all."
        _node(entry, "id", f"{self._base}/datasets/{one.dataset}#release-{one.number}")
        _node(entry, "title", f"{one.title}, release {one.number}")
        _node(entry, "updated", one.at.isoformat())
        _node(entry, "link", rel="alternate", href=self._base + one.page, type="text/html")
        _node(entry, "summary", f"{one.note}. {changes}" if one.note else changes)

    def _paths(self, commodities: Iterable[str]) -> Iterator[tuple[str, bool]]:
        """Paths of pages, and whether they are there in every language."""
        untranslated = ("/datasets",)
        yield from ((path, path not in untranslated) for path in PLACES)
        yield from ((f"/countries/{member.country}", True) for member in self._frame.region.members)
        yield from ((f"/commodities/{code}", True) for code in commodities)
        yield from ((f"/datasets/{name}", False) for name in self._frame.catalogue.declared)

    def _sitemap(self, paths: Iterable[tuple[str, bool]]) -> bytes:
        languages = [one.code for one in self._frame.pages.languages]
        urls = etree.fromstring(f'<urlset xmlns="{_SITEMAP}" xmlns:xhtml="{_XHTML}"/>')
        for path, translated in paths:
            url = _node(urls, "url")
            _node(url, "loc", self._base + path)
            for code in languages if translated else ():
                href = f"{self._base}{path}?lang={code}"
                etree.SubElement(url, f"{{{_XHTML}}}link", {"rel": "alternate", "hreflang": code, "href": href})
        return etree.tostring(urls, encoding="utf-8", xml_declaration=True)


def _node(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A new element in the namespace of its parent."""
    node = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}", attributes)
    node.text = text
    return node
