"""OGC API - Tiles (20-057), by the requirements whose ids the names carry, and the tiles against the database."""

# SPDX-License-Identifier: Apache-2.0

import io
import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image, ImageChops, ImageStat

from gis.layer import GeometryType
from gis.tiles import GRIDS, TileGrid
from tests.published import LAYERS, rows
from tests.running import Running

SPEC = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
REGISTERED = "http://www.opengis.net/def/tilematrixset/OGC/1.0"
RESOURCES = (
    "/ogc/tiles",
    *(f"/ogc/collections/{name}/{kind}" for name in LAYERS for kind in ("tiles", "map/tiles")),
    "/ogc/collections/relief/map/tiles",
)
resources = pytest.mark.parametrize("resource", RESOURCES)
grids = pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
layers = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)


def test_conformance_names_the_classes_kept_to(http: httpx.Client) -> None:
    classes = {one for one in http.get("/ogc/conformance").json()["conformsTo"] if one.startswith(SPEC)}
    names = {"core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection"}
    assert classes == {f"{SPEC}/{name}" for name in names | {"mvt", "png", "oas30"}}


def test_tms_sets_are_described_as_they_are_registered(http: httpx.Client) -> None:
    for one in http.get("/ogc/tileMatrixSets").json()["tileMatrixSets"]:
        definition = http.get(one["links"][0]["href"]).json()
        assert (definition["id"], definition["crs"]) == (one["id"], one["crs"])
        grid = GRIDS[one["id"]]
        assert one["uri"] == f"{REGISTERED}/{grid.id}"
        for zoom, matrix in enumerate(definition["tileMatrices"]):
            assert matrix["id"] == str(zoom)
            assert (matrix["matrixWidth"], matrix["matrixHeight"]) == (grid.columns * 2**zoom, grid.rows * 2**zoom)
            west, _, east, north = grid.box(zoom, 0, 0)
            assert matrix["cellSize"] * matrix["tileWidth"] == pytest.approx(east - west)
            assert sorted(map(abs, matrix["pointOfOrigin"])) == pytest.approx(sorted(map(abs, (west, north))))


@resources
def test_tilesets_list_links_to_each_tileset_and_its_tiles(http: httpx.Client, resource: str) -> None:
    tilesets = http.get(resource).json()["tilesets"]
    assert [one["tileMatrixSetURI"] for one in tilesets] == [f"{REGISTERED}/{name}" for name in GRIDS]
    for one in tilesets:
        (address,) = [link["href"] for link in one["links"] if link["rel"] == "self"]
        tileset = http.get(address).json()
        assert tileset["tileMatrixSetURI"] == one["tileMatrixSetURI"]
        assert tileset["crs"] == one["crs"]
        assert tileset["dataType"] == ("map" if "/map/" in resource else "vector")
        (template,) = [link for link in tileset["links"] if link["rel"] == "item"]
        assert template["templated"] is True
        west, south = tileset["boundingBox"]["lowerLeft"]
        east, north = tileset["boundingBox"]["upperRight"]
        assert west < east
        assert south < north
        for limits in tileset["tileMatrixSetLimits"][:3]:
            places = {"tileMatrix": limits["tileMatrix"]}
            corners = [(limits[f"{end}TileRow"], limits[f"{end}TileCol"]) for end in ("min", "max")]
            for row, column in corners:
                answer = http.get(template["href"].format(**places, tileRow=row, tileCol=column))
                assert answer.status_code in (200, 204), answer.text
                if answer.status_code == 200:
                    assert answer.headers["content-type"] == template["type"]


@resources
def test_tilesets_come_as_pages_for_people(http: httpx.Client, resource: str) -> None:
    for address in (resource, f"{resource}/WebMercatorQuad", "/ogc/tileMatrixSets"):
        page = http.get(address, headers={"Accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        assert "WebMercatorQuad" in page.text


@grids
@layers
def test_tc_success_holds_the_features_of_the_place_and_no_others(
    server: Running, http: httpx.Client, grid: TileGrid, layer: Any, tmp_path: Path
) -> None:
    extent = http.get(f"/ogc/collections/{layer.id}/tiles/{grid.id}").json()["boundingBox"]
    box = (*extent["lowerLeft"], *extent["upperRight"])
    zoom = 3
    first_row, last_row, first_column, last_column = grid.tiles_of(box, zoom)
    found: set[str] = set()
    for row in range(first_row, last_row + 1):
        for column in range(first_column, last_column + 1):
            answer = http.get(f"/ogc/collections/{layer.id}/tiles/{grid.id}/{zoom}/{row}/{column}")
            if answer.status_code == 200:
                found |= identifiers(answer.content, layer.id, tmp_path)
    drawn_at = zoom + grid.zoom_ahead
    expected = {identifier for (identifier,) in rows(server, layer, "identifier", f"minzoom <= {drawn_at}")}
    assert found == expected
    if layer.geometry_type is GeometryType.POINT:
        assert len(found) == len(rows(server, layer, "identifier"))


def test_collections_selection_puts_the_layers_asked_for_into_one_tile(http: httpx.Client, tmp_path: Path) -> None:
    address = "/ogc/tiles/WebMercatorQuad/3/3/6"
    assert set(layers_of(http.get(address).content, tmp_path)) <= set(LAYERS)
    chosen = http.get(address, params={"collections": "mines,countries"}).content
    assert set(layers_of(chosen, tmp_path)) == {"mines", "countries"}
    assert identifiers(chosen, "mines", tmp_path) == identifiers(
        http.get("/ogc/collections/mines/tiles/WebMercatorQuad/3/3/6").content, "mines", tmp_path
    )
    assert http.get(address, params={"collections": "minse"}).status_code == 400


def test_tilejson_names_layers_fields_and_tiles(http: httpx.Client) -> None:
    document = http.get("/ogc/tiles/WebMercatorQuad?f=tilejson").json()
    assert document["tilejson"] == "3.0.0"
    assert {one["id"] for one in document["vector_layers"]} == set(LAYERS)
    tile = document["tiles"][0].format(z=3, y=3, x=6)
    assert http.get(tile).status_code == 200


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("path", ["/ogc/tiles", "/ogc/collections/mines/tiles", "/ogc/collections/mines/map/tiles"])
def test_a_tileset_links_to_what_is_there(http: httpx.Client, path: str, grid: str) -> None:
    for link in http.get(f"{path}/{grid}").json()["links"]:
        if not link.get("templated"):
            answer = http.get(link["href"])
            assert answer.status_code == 200, link
            assert answer.headers["content-type"].startswith(link["type"])


@pytest.mark.parametrize("path", ["/ogc/collections/mines", "/ogc"])
def test_tiles_name_whose_data_they_show(http: httpx.Client, path: str) -> None:
    sources = http.get("/ogc/collections/mines").json()["attribution"]
    tileset = f"{path}/tiles/WebMercatorQuad"
    for told in (http.get(f"{tileset}?f=tilejson").json(), http.get(tileset).json()):
        assert sources
        assert sources in told["attribution"]


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/ogc/collections/mines/tiles/WebMercatorQuda/1/0/0", 404, "WebMercatorQuad"),
        ("/ogc/collections/mines/tiles/WebMercatorQuad/1/2/0", 400, "tileRow"),
        ("/ogc/collections/mines/tiles/WebMercatorQuad/1/0/2", 400, "tileCol"),
        ("/ogc/collections/mines/tiles/WebMercatorQuad/23/0/0", 400, "tileMatrix"),
        ("/ogc/collections/mines/tiles/WebMercatorQuad/x/0/0", 400, "tileMatrix"),
        ("/ogc/collections/mines/map/tiles/WebMercatorQuad/1/0/0?style=mines-by-statsu", 404, "Known"),
        ("/ogc/collections/nowhere/map/tiles/WebMercatorQuad/1/0/0", 404, "nowhere"),
        ("/ogc/collections/mines/tiles/WebMercatorQuad?f=xml", 400, "xml"),
    ],
)
def test_tc_error_names_what_is_wrong(http: httpx.Client, address: str, status: int, told: str) -> None:
    answer = http.get(address)
    assert answer.status_code == status
    assert told in answer.text


def test_every_style_of_a_layer_has_its_own_map_tiles(http: httpx.Client) -> None:
    styles = [one["id"] for one in http.get("/ogc/collections/mines/styles").json()["styles"]]
    address = "/ogc/collections/mines/map/tiles/WebMercatorQuad/4/7/12"
    pictures = [http.get(address, params={"style": style}).content for style in styles]
    assert len(styles) > 1
    assert len(set(pictures)) == len(styles)
    assert http.get(address).content == pictures[0]
    picture = Image.open(io.BytesIO(pictures[0])).convert("RGBA")
    assert picture.size == (256, 256)
    assert picture.getpixel((2, 250))[3] == 0


def test_symbols_on_the_edge_of_a_map_tile_go_on_in_the_next(http: httpx.Client) -> None:
    """Put side by side, two tiles are the picture the Web Map Service draws of both at once."""
    tiles = [
        Image.open(io.BytesIO(http.get(f"/ogc/collections/mines/map/tiles/WebMercatorQuad/5/15/{column}").content))
        for column in (24, 25)
    ]
    whole = Image.new("RGBA", (512, 256))
    for number, tile in enumerate(tiles):
        whole.paste(tile.convert("RGBA"), (256 * number, 0))
    west, south, _, north = GRIDS["WebMercatorQuad"].box(5, 15, 24)
    east = GRIDS["WebMercatorQuad"].box(5, 15, 25)[2]
    request = {"service": "WMS", "version": "1.3.0", "request": "GetMap", "layers": "mines", "styles": ""}
    request |= {"crs": "EPSG:3857", "bbox": f"{west},{south},{east},{north}", "width": "512", "height": "256"}
    drawn = http.get("/wms", params=request | {"format": "image/png", "transparent": "true"})
    expected = Image.open(io.BytesIO(drawn.content)).convert("RGBA")
    seam = (248, 0, 264, 256)
    ours, theirs = (np.asarray(picture.crop(seam)) for picture in (whole, expected))
    different = (ours != theirs).any(axis=2).sum()
    assert different < 0.02 * 16 * 256


@pytest.mark.parametrize("layer", ["mines", "relief"])
def test_a_picture_for_dense_screens_has_twice_the_pixels_of_the_same_place(http: httpx.Client, layer: str) -> None:
    address = f"/ogc/collections/{layer}/map/tiles/WebMercatorQuad/5/16/25?f=png"
    plain, same, dense = (
        Image.open(io.BytesIO(http.get(address + more).content)).convert("RGBA")
        for more in ("", "&pixelRatio=1", "&pixelRatio=2")
    )
    assert (plain.size, dense.size) == ((256, 256), (512, 512))
    assert plain.tobytes() == same.tobytes()
    differences = ImageChops.difference(dense.resize((256, 256), Image.Resampling.BOX), plain)
    assert ImageStat.Stat(differences.convert("RGB")).mean < [12, 12, 12]
    refused = http.get(f"{address}&pixelRatio=3")
    assert (refused.status_code, "1 or 2" in refused.json()["detail"]) == (400, True)


def test_a_tile_that_has_not_changed_is_not_sent_again(http: httpx.Client) -> None:
    for address in (
        "/ogc/collections/mines/tiles/WebMercatorQuad/4/7/12",
        "/ogc/collections/mines/map/tiles/WebMercatorQuad/4/7/12",
        "/ogc/tiles/WebMercatorQuad/4/7/12",
        "/ogc/collections/mines/tiles/WebMercatorQuad",
        "/ogc/collections/relief/map/tiles/WebMercatorQuad/4/7/12",
    ):
        first = http.get(address)
        again = http.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert http.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_tag_stands_for_one_spelling_or_is_weak(http: httpx.Client) -> None:
    address = "/ogc/collections/mines/tiles/WebMercatorQuad/0/0/0"
    plain, packed = (http.get(address, headers={"Accept-Encoding": one}) for one in ("identity", "gzip"))
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] == f"W/{plain.headers['etag']}"
    again = http.get(address, headers={"If-None-Match": packed.headers["etag"]})
    assert again.status_code == 304


def test_a_tile_of_another_version_of_the_software_is_another(http: httpx.Client) -> None:
    for kind in ("tiles", "map/tiles"):
        etag = http.get(f"/ogc/collections/mines/{kind}/WebMercatorQuad/4/7/12").headers["etag"]
        assert version("amdis") in etag


def layers_of(tile: bytes, folder: Path) -> list[str]:
    """Names of the layers of a tile, as GDAL reads it."""
    command = ["ogrinfo", "-so", "-q", str(_file(tile, folder))]
    done = subprocess.run(command, capture_output=True, check=True, timeout=300, text=True)
    return re.findall(r"^\d+: (\S+)", done.stdout, re.MULTILINE)


def identifiers(tile: bytes, layer: str, folder: Path) -> set[str]:
    """Identifiers of the features of a tile's layer, as GDAL reads it."""
    path = _file(tile, folder)
    command = ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", str(path), layer, "-oo", "CLIP=NO"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=300)
    return {feature["properties"]["identifier"] for feature in json.loads(done.stdout)["features"]}


def _file(tile: bytes, folder: Path) -> Path:
    path = folder / "0.mvt"
    path.write_bytes(tile)
    return path
