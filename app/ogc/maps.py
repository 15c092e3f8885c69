"""What the map engine is told: the mapfiles of the layers as published now, and the catalogue that goes with it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from app.layers.catalogue import Snapshot
from app.regions import Region
from app.settings import Settings
from gis.mapserver.catalogue import Catalogue, catalogue
from gis.mapserver.raster import RasterLayer
from gis.mapserver.writer import MapfileWriter
from gis.raster.description import describe
from gis.raster.grid import grid_of
from gis.service import ServiceMetadata

log = structlog.get_logger(__name__)

Preparation = Callable[[Catalogue], Awaitable[None]]

_PATIENCE = 20.0  # seconds for the capabilities, after which a catalogue counts without them


class Maps:
    """Writes the mapfiles of each snapshot and gives the catalogue that goes with them.

    A new catalogue counts once its files are there and its capabilities are made; until then the one before counts,
    whose files do not change. So nobody waits for either.
    """

    def __init__(self, settings: Settings, region: Region, service: ServiceMetadata, connection: str) -> None:
        self._service = service
        self._epsg = region.epsg
        self._rasters = rasters(region, settings.region_path)
        folder = settings.mapfile_path.parent
        self._writer = MapfileWriter(folder, self._rasters, service, connection=connection, epsg=self._epsg)
        self._preparations: list[Preparation] = []
        self._wanted: Snapshot | None = None
        self._working: asyncio.Task[None] | None = None
        self._catalogue: Catalogue | None = None

    def before_each(self, preparation: Preparation) -> None:
        """Have something done with every new catalogue before it counts."""
        self._preparations.append(preparation)

    def swap(self, snapshot: Snapshot) -> None:
        """Take the snapshot as the one to serve, from the next prepare() on."""
        self._wanted = snapshot

    def prepare(self) -> None:
        """Begin, in the background, to serve the snapshot that was taken last."""
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._follow())
            self._working.add_done_callback(_log_failure)

    async def ready(self) -> None:
        """Wait until the snapshot is served. Raises InvalidDeclarationError if a layer or style cannot be drawn."""
        if self._working:
            await asyncio.shield(self._working)

    def catalogue(self) -> Catalogue:
        """The layers the engine knows now."""
        if self._catalogue is None:
            raise RuntimeError("no mapfile has been written yet")
        return self._catalogue

    async def _follow(self) -> None:
        while self._wanted is not None:
            snapshot, self._wanted = self._wanted, None
            offered = await asyncio.to_thread(self._write, snapshot)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    # One after the other, so that map processes remain for those who ask for maps.
                    for prepare in self._preparations:
                        await prepare(offered)
            self._catalogue = offered

    def _write(self, snapshot: Snapshot) -> Catalogue:
        pairs = [(layer, snapshot.styles[name]) for name, layer in snapshot.layers.items()]
        releases = {name: state.release for name, state in snapshot.states.items()}
        version = sum(releases.values())
        extents = {name: state.extent for name, state in snapshot.states.items() if state.extent}
        return catalogue(
            pairs,
            self._rasters,
            self._writer.write(pairs, extents=extents, times=snapshot.times, version=version),
            title=self._service.title,
            epsg=self._epsg,
            releases=releases,
            version=version,
            base_url=self._service.base_url,
        )


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("what is published cannot be drawn; maps stay as they were", error=str(error))


def rasters(region: Region, folder: Path) -> Sequence[RasterLayer]:
    """The region's rasters as map layers."""
    found = []
    for one in region.rasters:
        path = folder / one.file
        extent, grid = describe(path).bbox, grid_of(path)
        found.append(RasterLayer(one.id, one.title, one.abstract, path, one.source, extent, (one.topic,), grid))
    return found
