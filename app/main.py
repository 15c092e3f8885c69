"""The web application: a list of what the server is."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from app.db.pool import PublicReads
from app.db.roles import DatabaseUrls, database_urls
from app.errors import DatabaseUnavailableError
from app.layers.catalogue import Catalogue, Snapshot
from app.layers.declarations import read_declarations, read_service
from app.layers.records import PublishedRaster, Records
from app.layers.routes import router as layers_router
from app.metrics import MeasureRequests, Metrics
from app.ogc.answers import Answers
from app.ogc.documents import Documents
from app.ogc.downloads import Downloads
from app.ogc.features import SYSTEMS, Features
from app.ogc.identifiers import PersistentAddresses
from app.ogc.item_query import CONCEPTS
from app.ogc.maps import Maps
from app.ogc.maptiles import MapTiles
from app.ogc.qgis import QgisProject
from app.ogc.records import RecordCatalogue
from app.ogc.stac import StacCatalogue
from app.ogc.styles import Styles
from app.ogc.tiles import Tiles
from app.ogc.tilesets import Tilesets
from app.ogc.wcs import Wcs
from app.ogc.wfs import Wfs
from app.ogc.wms import Wms
from app.problems import Problems, problem
from app.regions import Region, read_region
from app.settings import Settings, load_settings
from app.web.datasets import DatasetPages
from app.web.headers import SecurityHeaders
from app.web.overview import BOUNDARIES, Overview, read_overview
from app.web.pages import OGC_TEMPLATES, Pages, Site
from app.web.routes import DIST, routes, wants_page
from app.web.static import read_entries
from gis.filters import Concepts
from gis.mapserver.downloads import target_namespace
from gis.mapserver.fastcgi import FastCGIClient
from gis.ogcapi.addresses import addresses as addresses_block
from gis.ogcapi.common import COMMON
from gis.ogcapi.features import features as features_block
from gis.ogcapi.frame import Frame
from gis.ogcapi.neighbours import neighbours
from gis.ogcapi.records import records as records_block
from gis.ogcapi.stac import stac as stac_block
from gis.ogcapi.styles import styles as styles_block
from gis.ogcapi.tiles import tiles as tiles_block
from gis.raster.description import describe


def create_app_from_environment() -> FastAPI:
    """The application as the environment's settings say; what uvicorn's processes call."""
    return create_app(load_settings())


def create_app(settings: Settings, urls: DatabaseUrls | None = None) -> FastAPI:
    """The application. urls: the database, by default the one the settings name."""
    urls = urls or database_urls(settings)
    region, declarations = read_region(settings.region_path), read_declarations()
    service = read_service(settings.public_url, region.title)
    reads = PublicReads(urls.public)
    catalogue = Catalogue(declarations, reads)
    layers = {name: one.layer for name, one in declarations.layers.items()}
    west, south, east, north = region.bbox
    site = _site(settings, region)
    pages = Pages(site)
    rasters = [PublishedRaster(one, describe(settings.region_path / one.file)) for one in region.rasters]
    background = [*(one.id for one in region.rasters if one.topic == "elevation"), BOUNDARIES]
    records = Records(declarations.layers, rasters, service, background=background)
    blocks = (
        COMMON,
        features_block(service.base_url, layers, list(SYSTEMS), CONCEPTS),
        tiles_block(service.base_url),
        records_block(service, lambda: records.index),
        stac_block(service.base_url, {one.id: one.title for one in region.rasters}),
        styles_block(service.base_url, [s.id for one in declarations.layers.values() for s in one.styles]),
        addresses_block(service.base_url),
        neighbours(service.base_url, region.id),
    )
    frame = Frame(layers, service, OGC_TEMPLATES, (west, south, east, north), blocks, site)
    maps = Maps(settings, region, service, urls.public.conninfo())
    answers = Answers(FastCGIClient(settings.mapserv_socket), attempts=settings.mapserv_processes + 1)
    wms = Wms(answers, maps.catalogue, base_url=service.base_url)
    wfs = Wfs(answers, maps.catalogue, target_namespace(service))
    drawn = MapTiles(answers, maps.catalogue)
    tiles = Tiles(catalogue, reads, {one.id: settings.region_path / one.file for one in region.rasters}, drawn)
    extents = {one.declared.id: (one.declared.title, one.file.bbox) for one in rasters}
    tilesets = Tilesets(catalogue, pages.render, service.base_url, (west, south, east, north), extents)
    downloads = Downloads(urls.public, settings.home_path / "downloads", catalogue, service)
    concepts = Concepts(declarations.vocabularies)
    features = Features(catalogue, reads, frame, f"{service.base_url}/ogc", concepts, downloads)
    documents = Documents(catalogue, frame)
    project = QgisProject(catalogue, region, service, version("amdis"))
    styles = Styles(catalogue, pages.render, service.base_url, version("amdis"))
    datasets = DatasetPages(pages, records)
    record_catalogue = RecordCatalogue(records, datasets, version("amdis"))
    stac = StacCatalogue(records.rasters, settings.region_path, service)
    addresses = PersistentAddresses(catalogue, reads, records, datasets.retired)
    metrics = Metrics()
    metrics.watch("database pool", lambda: reads.statistics)
    metrics.watch("tile cache", lambda: {"hits": tiles.hits, "misses": tiles.misses})
    metrics.watch("downloads", lambda: downloads.statistics)
    metrics.watch("map cache", lambda: {"hits": answers.hits, "misses": answers.misses})

    def publish(snapshot: Snapshot) -> None:
        maps.swap(snapshot)
        records.swap(snapshot)
        frame.swap(snapshot.states)

    preparing: set[asyncio.Task[None]] = set()

    def prepare_services(snapshot: Snapshot) -> None:
        for make in (wms.prepare, wfs.prepare):
            task = asyncio.create_task(make())
            preparing.add(task)
            task.add_done_callback(preparing.discard)

    async def overview() -> Overview:
        groups = declarations.vocabularies["commodity-group"]
        return await reads(lambda connection: read_overview(connection, catalogue, region, groups))

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await reads.open()
        publish(catalogue.snapshot)
        catalogue.watch(publish)
        with contextlib.suppress(DatabaseUnavailableError):
            await catalogue.refresh()
        prepare_services(catalogue.snapshot)
        catalogue.watch(prepare_services)
        listening = asyncio.create_task(catalogue.keep_fresh(urls.public))
        yield
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        await reads.close()

    app = FastAPI(
        title="AMDIS",
        version=version("amdis"),
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        exception_handlers=Problems(pages.error, wants_page).handlers(),
    )
    app.state.catalogue, app.state.region = catalogue, region
    api = APIRouter(prefix="/api/v1")
    api.include_router(layers_router)
    app.include_router(api)
    app.router.routes += [
        Route("/healthz", _alive),
        Route("/readyz", _Ready(catalogue, reads).serve),
        Route("/metrics", metrics.serve),
        Route("/ogc", documents.landing),
        Mount(
            "/ogc",
            routes=[
                *record_catalogue.routes(),
                *stac.routes(),
                *documents.routes(),
                *features.routes(),
                *downloads.routes(),
                *tiles.routes(),
                *tilesets.routes(),
                *styles.routes(),
            ],
        ),
        *addresses.routes(),
        *datasets.routes(),
        *project.routes(),
        *wms.routes(),
        *wfs.routes(),
        *Wcs(answers, maps.catalogue).routes(),
        *routes(pages, overview, lambda: catalogue.snapshot.version),
    ]
    app.add_middleware(MeasureRequests, metrics=metrics)
    app.add_middleware(SecurityHeaders)
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


def _site(settings: Settings, region: Region) -> Site:
    service = read_service(settings.public_url, region.title)
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
