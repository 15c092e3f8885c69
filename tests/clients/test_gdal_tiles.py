"""GDAL as a client of the tiles: WMTS, a template of addresses (TMS), and vector tiles."""

# SPDX-License-Identifier: Apache-2.0

import io
import math
import shutil
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from PIL import Image

from gis.tiles import EXTENT, GRIDS, WEB_MERCATOR_QUAD, TileGrid
from tests.clients.test_gdal import gdal
from tests.published import LAYERS, rows
from tests.running import Running

pytestmark = pytest.mark.skipif(not shutil.which("gdal_translate"), reason="GDAL's programs (gdal-bin) are absent")

PLACES = {"WebMercatorQuad": (5, 15, 25), "WorldCRS84Quad": (4, 7, 25)}

TEMPLATE = """<GDAL_WMS><Service name="TMS"><ServerUrl>{address}</ServerUrl></Service>
<DataWindow><UpperLeftX>{left}</UpperLeftX><UpperLeftY>{top}</UpperLeftY><LowerRightX>{right}</LowerRightX>
<LowerRightY>{bottom}</LowerRightY><TileLevel>12</TileLevel><TileCountX>1</TileCountX><TileCountY>1</TileCountY>
<YOrigin>top</YOrigin></DataWindow><Projection>EPSG:3857</Projection><BlockSizeX>256</BlockSizeX>
<BlockSizeY>256</BlockSizeY><BandsCount>4</BandsCount></GDAL_WMS>"""


def fetched(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as answer:
        body: bytes = answer.read()
    return body


def tile(server: Running, name: str, grid: TileGrid) -> np.ndarray:
    """The tile of a layer's default style, as bands of rows."""
    address = f"{server.url}/ogc/collections/{name}/map/tiles/{grid.id}/{'/'.join(map(str, PLACES[grid.id]))}?f=png"
    with Image.open(io.BytesIO(fetched(address))) as picture:
        return np.asarray(picture.convert("RGBA")).transpose(2, 0, 1)


def read_by_gdal(source: str, grid: TileGrid, target: Path) -> np.ndarray:
    """What GDAL has where the tile is."""
    west, south, east, north = grid.box(*PLACES[grid.id])
    corners = [repr(side) for side in (west, north, east, south)]
    gdal("gdal_translate", "-of", "GTiff", "-outsize", "256", "256", "-projwin", *corners, source, str(target))
    with rasterio.open(target) as picture:
        pixels: np.ndarray = picture.read()
    return pixels


@pytest.mark.parametrize("grid", GRIDS.values(), ids=lambda grid: grid.id)
@pytest.mark.parametrize("name", ["mines", "geologic-units", "relief"])
def test_wmts_driver_reads_the_tiles(server: Running, tmp_path: Path, name: str, grid: TileGrid) -> None:
    source = f"WMTS:{server.url}/wmts/1.0.0/WMTSCapabilities.xml,layer={name},tilematrixset={grid.id}"
    found, wanted = (
        read_by_gdal(f"{source},extendbeyonddateline=no", grid, tmp_path / "map.tif"),
        tile(server, name, grid),
    )
    assert len(np.unique(wanted.reshape(4, -1), axis=1).T) > 2
    assert np.array_equal(found, wanted)


def test_every_map_is_found_in_wmts(server: Running) -> None:
    listed = gdal("gdalinfo", f"WMTS:{server.url}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities")
    for name in (*LAYERS, "relief"):
        for grid in GRIDS:
            assert f"layer={name},tilematrixset={grid}" in listed


@pytest.mark.parametrize("name", ["mines", "relief"])
def test_tms_driver_reads_the_tiles_by_their_template(server: Running, tmp_path: Path, name: str) -> None:
    left, bottom, right, top = WEB_MERCATOR_QUAD.box(0, 0, 0)
    address = f"{server.url}/ogc/collections/{name}/map/tiles/WebMercatorQuad/${{z}}/${{y}}/${{x}}?f=png"
    source = tmp_path / "tiles.xml"
    source.write_text(TEMPLATE.format(address=address, left=left, bottom=bottom, right=right, top=top))
    found = read_by_gdal(str(source), WEB_MERCATOR_QUAD, tmp_path / "map.tif")
    assert np.array_equal(found, tile(server, name, WEB_MERCATOR_QUAD))


def test_mvt_driver_reads_the_features_of_a_tile_where_they_are(server: Running, tmp_path: Path) -> None:
    zoom, row, column = 14, *_tile_of_the_first_mine(server)
    path = tmp_path / str(zoom) / str(column) / f"{row}.pbf"  # GDAL takes the place from the path
    path.parent.mkdir(parents=True)
    path.write_bytes(fetched(f"{server.url}/ogc/collections/mines/tiles/WebMercatorQuad/{zoom}/{row}/{column}?f=mvt"))
    [(name, kind)] = pyogrio.list_layers(path)
    assert (name, kind) == ("mines", "Point")
    meta, _, geometry, columns = pyogrio.raw.read(path)
    fields: dict[str, Any] = dict(zip(meta["fields"], columns, strict=True))
    west, south, east, north = WEB_MERCATOR_QUAD.box(zoom, row, column)
    inside = "ST_X(p) >= %s AND ST_Y(p) > %s AND ST_X(p) < %s AND ST_Y(p) <= %s".replace(
        "p)", "ST_Transform(shape, 3857))"
    )
    stored = rows(
        server, LAYERS["mines"], "identifier, name, ST_X(shape), ST_Y(shape)", inside, west, south, east, north
    )
    assert stored
    step = (east - west) / EXTENT
    places = {one: shapely.from_wkb(bytes(shape)) for one, shape in zip(fields["identifier"], geometry, strict=True)}
    names = dict(zip(fields["identifier"], fields["name"], strict=True))
    for identifier, title, longitude, latitude in stored:
        x, y = math.radians(longitude) * 6378137, math.asinh(math.tan(math.radians(latitude))) * 6378137
        assert names[identifier] == title
        assert places[identifier].distance(shapely.Point(x, y)) <= step


def _tile_of_the_first_mine(server: Running) -> tuple[int, int]:
    x, y = rows(server, LAYERS["mines"], "ST_X(shape), ST_Y(shape)", "name IS NOT NULL")[0]
    row, _, column, _ = WEB_MERCATOR_QUAD.tiles_of((x, y, x, y), 14)
    return row, column
