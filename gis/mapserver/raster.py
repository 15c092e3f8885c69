"""A picture or grid on disk that the map engine draws as a layer."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import dataclass
from pathlib import Path

from gis.layer import BBox


@dataclass(frozen=True, slots=True)
class RasterLayer:
    """One raster: path of a georeferenced file GDAL reads, best a cloud-optimised GeoTIFF with overviews.

    extent: west, south, east, north in degrees.
    """

    id: str
    title: str
    abstract: str
    path: Path
    attribution: str
    extent: BBox
    keywords: tuple[str, ...] = ()
