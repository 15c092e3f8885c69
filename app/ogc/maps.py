"""What the map engine is told: the mapfile of the layers as published now, and the catalogue that goes with it."""

from collections.abc import Sequence
from pathlib import Path

from app.layers.catalogue import Snapshot
from app.regions import Region
from app.settings import Settings
from gis.layer import Service
from gis.mapserver.catalogue import Catalogue, catalogue
from gis.mapserver.downloads import NAME as DOWNLOADS
from gis.mapserver.downloads import downloads_mapfile
from gis.mapserver.mapfile import mapfile, write
from gis.mapserver.raster import RasterLayer
from gis.raster.extent import extent_of
from gis.raster.grid import grid_of
from gis.service import ServiceMetadata

NATIONAL_SYSTEMS = (
    3405, 3406, 3375, 3376, 3414, 4131, 4147, 4211, 4238, 4239, 4240, 4245, 4253, 4257, 4298, 4675, 4678, 4683, 4742,
    4755, 4756, 4757, 5246, 9470, 23830, 23831, 23832, 23833, 23834, 23835, 23836, 23837, 23838, 23839, 23840, 23841,
    23842, 23843, 23844, 23845, 24047, 24048, 29850, 3121, 3122, 3123, 3124, 3125,
)  # fmt: skip
"""EPSG codes of the national systems of the region."""

UTM = (*range(32646, 32655), *range(32746, 32755))
"""EPSG codes of the UTM zones of the region."""


class Maps:
    """Writes the mapfile for each snapshot; the engine reads it anew at each request."""

    def __init__(self, settings: Settings, region: Region, service: ServiceMetadata, connection: str) -> None:
        self._folder = settings.mapfile_path.parent
        self._service = service
        self._connection = connection
        self._rasters = rasters(region, settings.region_path)
        self._catalogue: Catalogue | None = None

    def swap(self, snapshot: Snapshot) -> None:
        """Write the mapfile of a snapshot and describe it."""
        pairs = [(layer, snapshot.styles[name]) for name, layer in snapshot.layers.items()]
        releases = {name: state.release for name, state in snapshot.states.items()}
        version = sum(releases.values())
        epsg = (*UTM, *NATIONAL_SYSTEMS)
        extents = {name: state.extent for name, state in snapshot.states.items() if state.extent}
        downloads = downloads_mapfile(
            [layer for layer in snapshot.layers.values() if Service.FEATURES in layer.services],
            self._rasters,
            self._service,
            connection=self._connection,
            epsg=epsg,
            extents=extents,
            version=version,
        )
        maps = mapfile(
            pairs,
            self._rasters,
            self._service,
            connection=self._connection,
            epsg=epsg,
            extents=extents,
            times=snapshot.times,
            version=version,
        )
        write(self._folder, downloads, DOWNLOADS)
        write(self._folder, maps)
        self._catalogue = catalogue(
            pairs,
            self._rasters,
            title=self._service.title,
            epsg=epsg,
            releases=releases,
            version=version,
            base_url=self._service.base_url,
        )

    def catalogue(self) -> Catalogue:
        """The layers the engine knows now."""
        if self._catalogue is None:
            raise RuntimeError("no mapfile has been written yet")
        return self._catalogue


def rasters(region: Region, folder: Path) -> Sequence[RasterLayer]:
    """The region's rasters as map layers."""
    found = []
    for one in region.rasters:
        path = folder / one.file
        found.append(RasterLayer(one.id, one.title, one.title, path, one.source, extent_of(path), grid=grid_of(path)))
    return found
