"""The web application: a list of what the server is."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.access.doors import profile_language
from app.access.inbox.routes import router as inbox_router
from app.access.keys.paths import PathKeys
from app.access.keys.routes import router as keys_router
from app.access.log.routes import router as log_router
from app.access.people.routes import router as people_router
from app.access.routes import router as access_router
from app.access.setup import Access
from app.access.signin.account_routes import router as account_router
from app.access.signin.routes import router as signin_router
from app.access.signin.sso import Provider
from app.db.connections import Connections
from app.db.delegates import DelegateReads
from app.db.pool import PublicReads
from app.db.roles import DatabaseUrls, database_urls
from app.errors import DatabaseError, DatabaseUnavailableError
from app.layers.catalogue import Catalogue, Snapshot
from app.layers.declarations import Declarations, read_declarations, read_service
from app.layers.records import Records, read_rasters
from app.layers.routes import router as layers_router
from app.metrics import MeasureRequests, Metrics
from app.ogc.drafts import Drafts
from app.ogc.figure_records import published_figures
from app.ogc.services import PagesForPeople, Published, Services
from app.problems import Problems, problem
from app.regions import Region, read_region
from app.releases.submissions import submission_thing
from app.resources.resources import Resources
from app.resources.routes import router as resources_router
from app.rights.policies import Kind
from app.search.finder import Search
from app.search.routes import router as search_router
from app.search.vocabulary import declared_terms
from app.settings import Settings, load_settings
from app.statistics.check_routes import router as checks_router
from app.statistics.checks import read_cube
from app.statistics.figures import Figures
from app.statistics.routes import router as statistics_router
from app.submissions.routes import router as submissions_router
from app.successions import SUCCESSIONS
from app.web.bodies import BodyLimit
from app.web.commodities import Commodities
from app.web.commodities import router as commodities_router
from app.web.cooperation import read_cooperation
from app.web.datasets import DatasetPages
from app.web.frame import Sources, public_frame
from app.web.headers import SecurityHeaders
from app.web.heads import HeadsOfApi
from app.web.home import HomePage
from app.web.languages import CATALOGUES, TERMS, Languages
from app.web.overview import BOUNDARIES
from app.web.pages import Pages, Site
from app.web.redirects import OwnRedirects
from app.web.routes import DIST, public_routes, routes, wants_page
from app.web.search import SearchPage
from app.web.sharing import CompressedTexts, SharedServices
from app.web.static import read_entries
from app.web.terms import Terms
from app.web.unfc import UnfcPage
from gis.service import ServiceMetadata


def create_app_from_environment() -> FastAPI:
    """The application as the environment's settings say; what uvicorn's processes call."""
    return create_app(load_settings())


def create_app(settings: Settings, urls: DatabaseUrls | None = None) -> FastAPI:
    """The application. urls: the database, by default the one the settings name."""
    urls = urls or database_urls(settings)
    region, declarations = read_region(settings.region_path), read_declarations()
    service = read_service(settings.public_url, region.title)
    cube = read_cube(region, declarations.vocabularies)
    reads = PublicReads(urls.public)
    catalogue = Catalogue(declarations, reads)
    site = _site(settings, region, service)
    pages = _pages(settings, site, declarations)
    figures = Figures(reads, cube, service)
    records = Records(
        declarations.layers,
        read_rasters(settings, region),
        service,
        tables=(published_figures(service.base_url),),
        background=_background(region),
    )
    datasets = DatasetPages(pages, records)
    services = Services(
        Published(settings, region, declarations, service, catalogue, records, reads, urls.public, figures),
        PagesForPeople(pages, datasets, datasets.retired),
    )
    cooperation = read_cooperation(settings.region_path, region)
    search = Search(
        reads,
        catalogue,
        (*declared_terms(region, declarations.vocabularies), *cooperation.terms(pages.languages)),
        skipped=BOUNDARIES,
    )
    connections, delegates = Connections(urls), DelegateReads(urls.delegate, size=4, name="delegates")
    access = _access(settings, region, site, connections)
    drafts = Drafts(access, delegates, declarations, region, service, pages)
    metrics, problems = _metrics(reads, services), Problems(pages.error, wants_page)

    def publish(snapshot: Snapshot) -> None:
        records.swap(snapshot)
        services.publish(snapshot)
        search.publish(snapshot, records)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await reads.open()
        await delegates.open()
        publish(catalogue.snapshot)
        catalogue.watch(publish)
        with contextlib.suppress(DatabaseError):
            await catalogue.refresh()
        services.prepare()
        await services.ready()
        catalogue.watch(lambda _: services.prepare())
        preparing = asyncio.create_task(HomePage(frame).prepare())
        listening = asyncio.create_task(catalogue.keep_fresh(urls.public))
        yield
        for task in (listening, preparing):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, DatabaseError):
                await task
        await reads.close()
        await delegates.close()
        connections.close()

    app = FastAPI(
        title="AMDIS",
        version=version("amdis"),
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        middleware=[
            # Outside what writes into texts on their way.
            Middleware(CompressedTexts),
            Middleware(PathKeys, base_url=settings.public_url),
            Middleware(SecurityHeaders, encrypted=settings.public_url.startswith("https:")),
            Middleware(SharedServices),
            Middleware(MeasureRequests, metrics=metrics),
            Middleware(OwnRedirects),
            Middleware(problems.within),
            Middleware(BodyLimit),
            Middleware(HeadsOfApi),
        ],
        exception_handlers=problems.handlers(),
        generate_unique_id_function=lambda route: f"{route.tags[0]}-{route.name}",
    )
    app.state.catalogue, app.state.region = catalogue, region
    commodities = app.state.commodities = Commodities(reads, catalogue, declarations.vocabularies, cube.crosswalk)
    resources = app.state.resources = Resources(reads, catalogue, region, declarations.vocabularies, cube.units)
    frame = public_frame(
        Sources(pages, region, catalogue, reads, declarations.vocabularies, figures, commodities, cooperation)
    )
    app.state.figures, app.state.access, app.state.search = figures, access, search
    _add_api(app)
    app.router.routes += [
        Route("/healthz", _alive),
        Route("/readyz", _Ready(catalogue, reads).serve),
        Route("/metrics", metrics.serve),
        *services.routes(),
        *drafts.routes(),
        *datasets.routes(),
        *SearchPage(pages, search).routes(),
        *UnfcPage(frame, resources).routes(),
        *public_routes(frame),
        *routes(pages, profile_language),
    ]
    return app


async def _alive(request: Request) -> Response:
    return PlainTextResponse("alive\n")


class _Ready:
    """Whether requests can be answered: the database answers and the published layers are known."""

    def __init__(self, catalogue: Catalogue, reads: PublicReads) -> None:
        self._catalogue = catalogue
        self._reads = reads

    async def serve(self, request: Request) -> Response:
        """200 when ready, a problem document with 503 when not."""
        try:
            await self._reads(lambda connection: connection.execute("SELECT 1"))
            await self._catalogue.refresh()
        except DatabaseUnavailableError as error:
            return problem(503, str(error))
        return PlainTextResponse("ready\n")


def _metrics(reads: PublicReads, services: Services) -> Metrics:
    metrics = Metrics()
    metrics.watch("database pool", lambda: reads.statistics)
    services.watch(metrics)
    return metrics


def _add_api(app: FastAPI) -> None:
    """Add the JSON API: what everybody may read, and the collaboration area, each route of which has a door."""
    public = (layers_router, statistics_router, checks_router, resources_router, commodities_router, search_router)
    access = (access_router, signin_router, account_router, people_router, keys_router, inbox_router, log_router)
    for one in (*public, *access, submissions_router):
        app.include_router(one, prefix="/api/v1")


def _access(settings: Settings, region: Region, site: Site, connections: Connections) -> Access:
    return Access(
        connections=connections,
        secret=settings.secret(),
        base_url=settings.public_url,
        site=site.title,
        region=site.region,
        members={one.country: one.name for one in region.members},
        successions=SUCCESSIONS,
        things={Kind.SUBMISSION: submission_thing},
        mails=bool(settings.smtp_url),
        sso=_provider(settings),
    )


def _provider(settings: Settings) -> Provider | None:
    if not settings.oidc_issuer:
        return None
    issuer, secret = settings.oidc_issuer.rstrip("/"), settings.oidc_client_secret
    return Provider(issuer, settings.oidc_client_id, settings.oidc_name, secret)


def _background(region: Region) -> list[str]:
    """What pictures of a dataset are drawn on."""
    return [*(one.id for one in region.rasters if one.topic == "elevation"), BOUNDARIES]


def _pages(settings: Settings, site: Site, declarations: Declarations) -> Pages:
    languages = Languages(TERMS, CATALOGUES, settings.region_path / "locales")
    return Pages(site, languages, Terms(declarations.vocabularies))


def _site(settings: Settings, region: Region, service: ServiceMetadata) -> Site:
    return Site(
        name="AMDIS",
        region=region.title,
        description=region.description,
        disclaimer=region.disclaimer,
        licence=service.licence,
        contact=service.contact.organisation,
        email=service.contact.email,
        version=version("amdis"),
        base_url=settings.public_url,
        entries=read_entries(DIST),
        region_id=region.id,
    )
