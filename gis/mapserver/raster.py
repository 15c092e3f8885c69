"""A picture or grid on disk that the map engine draws as a layer."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import dataclass
from pathlib import Path

from gis.layer import BBox
from gis.raster.grid import Grid


@dataclass(frozen=True, slots=True)
class RasterLayer:
    """One raster: path of a georeferenced file GDAL reads, best a cloud-optimised GeoTIFF with overviews.

    extent: west, south, east, north in degrees. grid: its cells, without which it is drawn but not handed out.
    """

    id: str
    title: str
    abstract: str
    path: Path
    attribution: str
    extent: BBox
    keywords: tuple[str, ...] = ()
    grid: Grid | None = None
