"""All geospatial services over one catalogue: the OGC API, WMS, WMTS, WFS, WCS and the addresses beside them."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from app.db.pool import PublicReads
from app.db.roles import DatabaseUrl
from app.layers.catalogue import Catalogue, Snapshot
from app.layers.declarations import Declarations
from app.layers.records import Records
from app.metrics import Metrics
from app.ogc.answers import Answers
from app.ogc.documents import Documents
from app.ogc.downloads import Downloads
from app.ogc.features import Features, item_systems
from app.ogc.figure_query import CUBE
from app.ogc.figures import FigureCollection
from app.ogc.identifiers import PersistentAddresses, Retired
from app.ogc.item_query import CONCEPTS
from app.ogc.maps import Maps
from app.ogc.maptiles import MapTiles
from app.ogc.pages import ServicePages
from app.ogc.qgis import QgisProject
from app.ogc.records import RecordCatalogue, RecordPages
from app.ogc.stac import StacCatalogue
from app.ogc.styles import Styles
from app.ogc.tiles import Tiles
from app.ogc.tilesets import Tilesets
from app.ogc.wcs import Wcs
from app.ogc.wfs import Wfs
from app.ogc.wms import Wms
from app.ogc.wmts import Wmts
from app.regions import Region
from app.settings import Settings
from app.statistics.figures import Figures
from gis.filters import Concepts
from gis.layer import Layer
from gis.mapserver.downloads import target_namespace
from gis.mapserver.fastcgi import FastCGIClient
from gis.ogcapi.addresses import addresses
from gis.ogcapi.blocks import Block
from gis.ogcapi.common import COMMON
from gis.ogcapi.features import features
from gis.ogcapi.frame import Frame
from gis.ogcapi.neighbours import neighbours
from gis.ogcapi.records import records
from gis.ogcapi.stac import stac
from gis.ogcapi.styles import styles
from gis.ogcapi.tables import tables
from gis.ogcapi.tiles import tiles
from gis.service import ServiceMetadata


@dataclass(frozen=True, slots=True)
class Published:
    """What the services serve, and where it is read from. public: the database as the public role sees it."""

    settings: Settings
    region: Region
    declarations: Declarations
    service: ServiceMetadata
    catalogue: Catalogue
    records: Records
    reads: PublicReads
    public: DatabaseUrl
    figures: Figures


@dataclass(frozen=True, slots=True)
class PagesForPeople:
    """What people see of the services. services: pages of the OGC API. records: of its catalogue. retired: answers with
    the page of a feature that is no more.
    """

    services: ServicePages
    records: RecordPages
    retired: Callable[[Request, Retired], Response]


class Services:
    """The services of what is published."""

    def __init__(self, published: Published, pages: PagesForPeople) -> None:
        self._published = published
        settings, region, service = published.settings, published.region, published.service
        self._frame = Frame(_layers(published), service, region.box, _blocks(published))
        self._maps = Maps(settings, region, service, published.public.conninfo())
        self._answers = Answers(FastCGIClient(settings.mapserv_socket), attempts=settings.mapserv_processes + 1)
        self._wms = Wms(self._answers, self._maps.catalogue, base_url=service.base_url)
        self._wfs = Wfs(self._answers, self._maps.catalogue, target_namespace(service))
        self._wcs = Wcs(self._answers, self._maps.catalogue)
        for one in (self._wms, self._wfs, self._wcs):
            self._maps.before_each(one.prepare)
        drawn = MapTiles(self._answers, self._maps.catalogue)
        files = {one.id: settings.region_path / one.file for one in region.rasters}
        self._tiles = Tiles(published.catalogue, published.reads, files, drawn)
        self._downloads = Downloads(published.public, settings.home_path / "downloads", published.catalogue, service)
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        """Paths of the site."""
        published, pages, release = self._published, self._pages, version("amdis")
        catalogue, reads, service = published.catalogue, published.reads, published.service
        address = f"{service.base_url}/ogc"
        documents = Documents(catalogue, self._frame, pages.services, address)
        concepts = Concepts(published.declarations.vocabularies)
        systems = item_systems(published.region)
        items = Features(catalogue, reads, pages.services, address, systems, concepts, self._downloads)
        rasters = published.records.rasters
        ogc_api = (
            RecordCatalogue(published.records, pages.records, release),
            StacCatalogue(rasters, published.settings.region_path, service),
            FigureCollection(published.figures, pages.services, service.base_url, concepts),
            documents,
            items,
            self._downloads,
            self._tiles,
            Tilesets(catalogue, pages.services, service.base_url, published.region.box, rasters),
            Styles(catalogue, pages.services, service.base_url, release),
        )
        beside = (
            PersistentAddresses(catalogue, reads, published.records, pages.retired),
            QgisProject(catalogue, published.region, rasters, service, release),
            self._wms,
            self._wfs,
            self._wcs,
            Wmts(catalogue, rasters, self._tiles, self._wms, service, published.region.box),
        )
        return [
            Route("/ogc", documents.landing),
            Mount("/ogc", routes=[route for one in ogc_api for route in one.routes()]),
            *(route for one in beside for route in one.routes()),
        ]

    def watch(self, metrics: Metrics) -> None:
        """Let the metrics tell how well the caches do."""
        metrics.watch("tile cache", lambda: self._tiles.statistics)
        metrics.watch("map cache", lambda: self._answers.statistics)
        metrics.watch("downloads", lambda: self._downloads.statistics)

    def publish(self, snapshot: Snapshot) -> None:
        """Serve what is published now; maps follow with prepare()."""
        self._maps.swap(snapshot)
        self._frame.swap(snapshot.states)

    def prepare(self) -> None:
        """Write the mapfiles and make the capabilities in the background, which take long where there are many
        layers."""
        self._maps.prepare()

    async def ready(self) -> None:
        """Wait until maps are served of what is published."""
        await self._maps.ready()


def _layers(published: Published) -> dict[str, Layer]:
    return {name: one.layer for name, one in published.declarations.layers.items()}


def _blocks(published: Published) -> tuple[Block, ...]:
    """The standards of the OGC API that are served."""
    service, region = published.service, published.region
    layers = _layers(published)
    return (
        COMMON,
        features(service.base_url, layers, list(item_systems(region)), CONCEPTS),
        tables((CUBE,), service.base_url),
        tiles(service.base_url),
        records(service, lambda: published.records.index),
        stac(service.base_url, {one.id: one.title for one in region.rasters}),
        styles(service.base_url, [s.id for one in published.declarations.layers.values() for s in one.styles]),
        addresses(service.base_url),
        neighbours(service.base_url, region.id),
    )
