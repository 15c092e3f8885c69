"""The cells of a raster file: where they lie, how many there are and what they hold."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import dataclass
from pathlib import Path

_COLOURS = {"red", "green", "blue", "gray", "alpha"}


@dataclass(frozen=True, slots=True)
class Grid:
    """A raster's cells.

    epsg: code of its coordinate system. bounds: minx, miny, maxx, maxy in it. width, height: number of cells.
    bands: their names. kind: type of their values, as numpy names it; least, greatest: its range. nothing: the value
    that stands for none.
    """

    epsg: int
    bounds: tuple[float, float, float, float]
    width: int
    height: int
    bands: tuple[str, ...]
    kind: str
    least: float
    greatest: float
    nothing: float | None = None


def grid_of(path: Path) -> Grid | None:
    """The grid of a raster file; None if its coordinate system is none of the EPSG register."""
    import rasterio  # noqa: PLC0415
    from rasterio.dtypes import dtype_ranges  # noqa: PLC0415

    with rasterio.open(path) as source:
        epsg = source.crs.to_epsg() if source.crs else None
        if epsg is None:
            return None
        colours = [one.name for one in source.colorinterp]
        named = len(set(colours)) == len(colours) and set(colours) <= _COLOURS
        bands = tuple(colours) if named else tuple(f"band{index}" for index in source.indexes)
        kind = source.dtypes[0]
        least, greatest = map(float, dtype_ranges[kind])
        return Grid(
            epsg, tuple(source.bounds), source.width, source.height, bands, kind, least, greatest, source.nodata
        )
