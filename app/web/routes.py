"""The routes of the pages: ``/``, ``/map``, ``/workspace`` and ``/static``."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.web.overview import Overview
from app.web.pages import Pages
from app.web.static import StaticFiles

DIST = Path(__file__).resolve().parents[2] / "frontend" / "dist"

# A page may be kept, but its figures change with every release.
_PAGE_CACHE = {"Cache-Control": "no-cache"}


def routes(
    pages: Pages, overview: Callable[[], Awaitable[Overview]], version: Callable[[], str], dist: Path = DIST
) -> list[Route]:
    """The routes of the public pages.

    overview: counts what is published. version: changes with every publication, so that the landing page is made
    once for each.
    """
    landing = _Landing(pages, overview, version)

    async def map_page(request: Request) -> Response:
        return HTMLResponse(pages.render("map.html"), headers=_PAGE_CACHE)

    async def workspace_page(request: Request) -> Response:
        return HTMLResponse(pages.render("workspace.html"), headers=_PAGE_CACHE)

    return [
        Route("/", landing.serve),
        Route("/map", map_page),
        Route("/workspace", workspace_page),
        Route("/workspace/{path:path}", workspace_page),
        Route("/static/{path:path}", StaticFiles(dist).serve),
    ]


class _Landing:
    """The landing page, kept as it was made for the newest publication."""

    def __init__(self, pages: Pages, overview: Callable[[], Awaitable[Overview]], version: Callable[[], str]) -> None:
        self._pages = pages
        self._overview = overview
        self._version = version
        self._kept: tuple[str, str] | None = None

    async def serve(self, request: Request) -> Response:
        """The landing page as HTML."""
        version = self._version()
        etag = f'W/"{self._pages.site.version}-{version}"'
        headers = {**_PAGE_CACHE, "ETag": etag}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        if self._kept is None or self._kept[0] != version:
            figures = await self._overview()
            self._kept = version, await run_in_threadpool(self._pages.render, "landing.html", overview=figures)
        return HTMLResponse(self._kept[1], headers=headers)


def wants_page(request: Request) -> bool:
    """Whether the client is a person's browser: it names HTML, and no format of data before it."""
    accept = request.headers.get("accept", "")
    return "text/html" in accept and request.query_params.get("f", "html") == "html"
