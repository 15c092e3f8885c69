"""Pictures of a raster."""

# SPDX-License-Identifier: Apache-2.0

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_bounds

from gis.raster.description import describe
from gis.raster.tiles import RasterTiles
from gis.tiles import SHARP, SIZE

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raster over 100 to 110 E, 0 to 10 N: its western half red, its eastern half blue."""
    path = tmp_path_factory.mktemp("raster") / "halves.tif"
    colours = np.zeros((3, 200, 200), dtype="uint8")
    colours[0, :, :100], colours[2, :, 100:] = 255, 255
    profile = {"driver": "GTiff", "width": 200, "height": 200, "count": 3, "dtype": "uint8", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", **profile, transform=from_bounds(100, 0, 110, 10, 200, 200)) as file:
        file.write(colours)
    return path


def test_colours_stand_where_the_raster_has_them(picture: Path) -> None:
    tile = Image.open(io.BytesIO(RasterTiles(picture).png("WebMercatorQuad", 5, 15, 25))).convert(
        "RGBA"
    )  # 101.25-112.5 E, 0-11 N
    assert tile.size == (SIZE, SIZE)
    at = {degree: tile.getpixel((int((degree - 101.25) / 11.25 * SIZE), SIZE - 20)) for degree in (102, 108, 112)}
    assert at[102][:3] == (255, 0, 0)  # type: ignore[index]
    assert at[108][:3] == (0, 0, 255)  # type: ignore[index]
    assert at[112][3] == 0  # type: ignore[index]


def test_a_tile_outside_is_empty(picture: Path) -> None:
    assert RasterTiles(picture).png("WebMercatorQuad", 5, 2, 2) == b""


def test_a_file_that_has_changed_has_another_mark(picture: Path) -> None:
    before = RasterTiles(picture).mark
    assert RasterTiles(picture).mark == before
    os.utime(picture, ns=(1, 1))
    assert RasterTiles(picture).mark != before


def test_extent_is_in_degrees(picture: Path) -> None:
    assert describe(picture).bbox == pytest.approx((100, 0, 110, 10))


@pytest.mark.parametrize("ratio", [1, SHARP])
def test_tiles_past_the_last_level_of_a_raster_show_nothing_new(picture: Path, ratio: int) -> None:
    last = describe(picture).maxzoom(ratio)
    degrees_a_pixel = 10 / 200
    of_tiles = [360 / 2**zoom / (SIZE * ratio) for zoom in (last - 1, last)]
    assert of_tiles[0] > degrees_a_pixel >= of_tiles[1]


def test_the_first_tiles_may_be_asked_for_at_the_same_time(picture: Path) -> None:
    """The library is imported at the first tile; a browser asks for a dozen at once."""
    code = (
        "import sys; from concurrent.futures import ThreadPoolExecutor; from pathlib import Path;"
        "from gis.raster.tiles import RasterTiles; tiles = RasterTiles(Path(sys.argv[1]));"
        "list(ThreadPoolExecutor(12).map(lambda n: tiles.png('WebMercatorQuad', 5, 15, 25), range(24)))"
    )
    subprocess.run([sys.executable, "-c", code, str(picture)], check=True, cwd=Path(__file__).parents[2], timeout=300)
