"""The routes of the pages: the public ones, the map, the workspace, and ``/static``."""

from pathlib import Path

from starlette.requests import Request
from starlette.routing import Route

from app.web.about import AboutPage
from app.web.briefs import Briefs
from app.web.checks import ChecksPage
from app.web.commodity_pages import CommodityPages
from app.web.countries import CountryPages
from app.web.emblems import Emblems
from app.web.explorer import ExplorerPages
from app.web.feed import Feeds
from app.web.frame import Frame
from app.web.home import HomePage
from app.web.map_page import MapPage
from app.web.missing import Missing
from app.web.pages import Pages
from app.web.publications import PublicationsPage
from app.web.static import StaticFiles
from app.web.workspace import ProfileLanguage, WorkspacePage

DIST = Path(__file__).resolve().parents[2] / "frontend" / "dist"


def public_routes(frame: Frame) -> list[Route]:
    """The routes of the pages made from what is published."""
    missing = Missing(frame)
    pages = (
        HomePage(frame),
        Briefs(frame, missing),
        CountryPages(frame, missing),
        CommodityPages(frame, missing),
        ExplorerPages(frame),
        ChecksPage(frame),
        PublicationsPage(frame),
        AboutPage(frame),
        Feeds(frame),
        Emblems(frame),
        MapPage(frame.pages, frame.region, frame.catalogue, frame.vocabularies),
        frame.charts,
    )
    return [route for one in pages for route in one.routes()]


def routes(pages: Pages, profile_language: ProfileLanguage, dist: Path = DIST) -> list[Route]:
    """The page of the workspace, and the built files."""
    files = Route("/static/{path:path}", StaticFiles(dist).serve)
    return [*WorkspacePage(pages, profile_language).routes(), files]


def wants_page(request: Request) -> bool:
    """Whether the client is a person's browser: it names HTML, and no format of data before it."""
    accept = request.headers.get("accept", "")
    return "text/html" in accept and request.query_params.get("f", "html") == "html"
