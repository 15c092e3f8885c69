"""What a raster file says of itself: its grid, bands and tags."""

import math
from dataclasses import dataclass
from pathlib import Path

from gis.layer import BBox
from gis.tiles import SIZE


@dataclass(frozen=True, slots=True)
class Band:
    """One band. data_type: as numpy names it; colour: what it is shown as, '' for values; nodata: None without."""

    data_type: str
    colour: str
    nodata: float | None


@dataclass(frozen=True, slots=True)
class RasterDescription:
    """A raster file. bounds: in its own coordinate system; transform: six numbers from pixels to it, row by row.

    bbox: in degrees. overviews: how many times smaller each is. block: pixels of a tile's sides. size: bytes.
    """

    width: int
    height: int
    bands: tuple[Band, ...]
    epsg: int | None
    transform: tuple[float, ...]
    bounds: tuple[float, float, float, float]
    bbox: BBox
    overviews: tuple[int, ...]
    block: tuple[int, int]
    size: int

    def maxzoom(self, ratio: int = 1) -> int:
        """The Web Mercator zoom level from which on tiles of that pixel ratio show nothing new."""
        west, _, east, _ = self.bbox
        return max(0, math.ceil(math.log2(360 / (east - west) * self.width / (SIZE * ratio))))


def describe(path: Path) -> RasterDescription:
    """Read the head of a raster file; its pixels are not touched."""
    import rasterio  # noqa: PLC0415
    from rasterio.warp import transform_bounds  # noqa: PLC0415

    with rasterio.open(path) as source:
        colours = [colour.name for colour in source.colorinterp]
        west, south, east, north = transform_bounds(source.crs, "EPSG:4326", *source.bounds)
        height, width = source.block_shapes[0]
        return RasterDescription(
            width=source.width,
            height=source.height,
            bands=tuple(
                Band(kind, "" if colour in ("undefined", "gray") else colour, nodata)
                for kind, colour, nodata in zip(source.dtypes, colours, source.nodatavals, strict=True)
            ),
            epsg=source.crs.to_epsg(),
            transform=tuple(source.transform)[:6],
            bounds=tuple(source.bounds),
            bbox=(west, south, east, north),
            overviews=tuple(source.overviews(1)),
            block=(width, height),
            size=path.stat().st_size,
        )
