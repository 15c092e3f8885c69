"""The shaded relief under the maps: web Mercator, cloud-optimised GeoTIFF."""

import math
from pathlib import Path

import numpy as np
import rasterio
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import Affine
from rasterio.warp import Resampling, calculate_default_transform, reproject

from data.compile.tables import Row, read_rules

CRS = "EPSG:3857"
SOURCE = "shaded-relief"


def compile_relief(path: Path, target: Path, title: str) -> int:
    """Write relief.tif (red, green, blue; pixels of about 3.7 km at the equator); returns the number of overviews."""
    source = next(row for row in read_rules("sources") if row["id"] == SOURCE)
    with rasterio.open(path) as published, MemoryFile() as memory:
        transform, width, height = calculate_default_transform(
            published.crs, CRS, published.width, published.height, *published.bounds
        )
        profile = {"driver": "GTiff", "dtype": "uint8", "count": 3, "width": width, "height": height}
        with memory.open(**profile, crs=CRS, transform=transform) as warped:
            warped.write(_warped(published, transform, width, height))
            warped.update_tags(**_tags(title, source))
        levels = max(0, math.ceil(math.log2(max(width, height) / 256)))
        with memory.open() as warped:
            copy(
                warped,
                target / "relief.tif",
                driver="COG",
                compress="JPEG",
                quality=85,
                blocksize=256,
                overview_count=levels,
            )
    return levels


def _warped(published: rasterio.DatasetReader, transform: Affine, width: int, height: int) -> np.ndarray:
    pixels = np.zeros((3, height, width), dtype=np.uint8)
    reproject(
        published.read(),
        pixels,
        src_transform=published.transform,
        src_crs=published.crs,
        dst_transform=transform,
        dst_crs=CRS,
        resampling=Resampling.bilinear,
    )
    return pixels


def _tags(title: str, source: Row) -> dict[str, str]:
    return {"TITLE": title, "SOURCE": source["citation"], "LICENCE": source["licence"]}
