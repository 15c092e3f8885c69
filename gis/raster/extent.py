"""Where a raster lies."""

from pathlib import Path

from gis.layer import BBox


def extent_of(path: Path) -> BBox:
    """West, south, east, north of a raster file in degrees."""
    import rasterio  # noqa: PLC0415
    from rasterio.warp import transform_bounds  # noqa: PLC0415

    with rasterio.open(path) as source:
        west, south, east, north = transform_bounds(source.crs, "EPSG:4326", *source.bounds)
    return west, south, east, north
