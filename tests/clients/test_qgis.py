"""QGIS without a screen opens the region's project: every layer, its styles, filters, features at a place, the map."""

# SPDX-License-Identifier: Apache-2.0

import json
import math
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.layers.declarations import read_declarations
from app.regions import read_region
from gis.layer import FieldType
from gis.tiles import WEB_MERCATOR_QUAD, WORLD_CRS84_QUAD
from tests.clients.qgis import needs_qgis, run_qgis
from tests.published import LAYERS, count, rows
from tests.running import Running

pytestmark = needs_qgis

SIZE = (900, 750)
EXTENT = (10_000_000, -1_400_000, 15_800_000, 3_433_333)
DRAWN = ("mineral_deposits_features", "geologic_units_features", "countries_features")
FILTER = "\"commodityGroup\" = 'base-metals'"


def mercator(longitude: float, latitude: float) -> tuple[float, float]:
    return 6378137 * math.radians(longitude), 6378137 * math.asinh(math.tan(math.radians(latitude)))


def pixel(x: float, y: float) -> tuple[int, int]:
    west, south, east, north = EXTENT
    return int((x - west) / (east - west) * SIZE[0]), int((north - y) / (north - south) * SIZE[1])


def deposits(server: Running) -> list[tuple[float, float, str]]:
    """Place in Web Mercator and commodity group of each deposit, those that lie alone."""
    found = rows(server, LAYERS["mineral-deposits"], 'ST_X(shape), ST_Y(shape), "commodityGroup"')
    places = [(*mercator(x, y), group) for x, y, group in found]
    return [one for one in places if sum(math.hypot(one[0] - x, one[1] - y) < 150_000 for x, y, _ in places) == 1]


def base_metal_mines(server: Running) -> list[str]:
    return sorted(row[0] for row in rows(server, LAYERS["mines"], "identifier", FILTER))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("qgis")


@pytest.fixture(scope="module")
def opened(server: Running, folder: Path) -> dict[str, Any]:
    x, y, _ = deposits(server)[0]
    told: dict[str, Any] = run_qgis(
        "project",
        folder / "profile",
        address=f"{server.url}/qgis/{server.settings.region}.qgs",
        folder=str(folder),
        filtered={"layer": "amdis_mines_features", "expression": FILTER},
        identified={"layer": "amdis_mineral_deposits_map", "place": [x, y]},
        drawn={
            "layers": [f"amdis_{name}" for name in DRAWN],
            "extent": EXTENT,
            "size": SIZE,
            "picture": str(folder / "map.png"),
        },
    )
    return told


def by_id(opened: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for layers in opened["groups"].values() for one in layers}


def test_the_project_says_what_it_is(opened: dict[str, Any], server: Running) -> None:
    region = read_region(server.settings.region_path)
    assert opened["opened"]
    assert region.title in opened["title"]
    assert opened["abstract"]
    assert opened["crs"] == "EPSG:3857"
    west, south = mercator(*region.bbox[:2])
    assert opened["view"].startswith(f"{west:.2f}"[:10])
    assert f"{south:.2f}"[:9] in opened["view"]


def test_every_layer_is_there_in_its_group_and_valid(opened: dict[str, Any], server: Running) -> None:
    declared = read_declarations().layers
    layers = by_id(opened)
    assert [one["id"] for one in layers.values() if not one["valid"]] == []
    for name, one in declared.items():
        features = f"amdis_{name.replace('-', '_')}_features"
        assert features in [each["id"] for each in opened["groups"][one.group]]
        assert layers[features]["title"] == one.layer.title
        assert layers[features]["attribution"] != []
        assert f"amdis_{name.replace('-', '_')}_map" in layers
    for raster in read_region(server.settings.region_path).rasters:
        assert f"amdis_{raster.id}_tiles" in layers


def test_every_layer_tells_what_it_is_whose_it_is_and_under_what_licence(opened: dict[str, Any]) -> None:
    for one in by_id(opened).values():
        assert one["abstract"], one["id"]
        for told in ("attribution", "licences"):
            assert one[told], one["id"]
            assert "" not in one[told], one["id"]


def test_the_table_of_attributes_has_titles_and_units(opened: dict[str, Any]) -> None:
    for name, layer in LAYERS.items():
        columns = by_id(opened)[f"amdis_{name.replace('-', '_')}_features"]["columns"]
        for one in layer.public_fields:
            assert columns[one.name] == (f"{one.title} ({one.unit})" if one.unit else one.title), name


def test_all_features_come(opened: dict[str, Any], server: Running) -> None:
    for name, layer in LAYERS.items():
        one = by_id(opened)[f"amdis_{name.replace('-', '_')}_features"]
        assert one["count"] == one["read"] == count(server, layer), name
        assert {f.name for f in layer.public_fields} <= set(one["fields"]), name


def test_numbers_of_a_layer_are_real_however_the_first_ones_look(opened: dict[str, Any]) -> None:
    """QGIS looks at the first features only, and shows no value where a later one is of another type."""
    numbers = 0
    for name, layer in LAYERS.items():
        types = by_id(opened)[f"amdis_{name.replace('-', '_')}_features"]["fields"]
        for one in layer.public_fields:
            if one.type is FieldType.NUMBER:
                assert types[one.name] == "Real", f"{name}.{one.name}"
                numbers += 1
    assert numbers > 2


def test_every_style_of_a_layer_is_there_under_its_title(opened: dict[str, Any], server: Running) -> None:
    for name in LAYERS:
        with urllib.request.urlopen(f"{server.url}/ogc/collections/{name}/styles?f=json") as answer:
            served = json.load(answer)
        with urllib.request.urlopen(f"{server.url}/api/v1/layers") as answer:
            styles = next(one["styles"] for one in json.load(answer)["layers"] if one["id"] == name)
        one = by_id(opened)[f"amdis_{name.replace('-', '_')}_features"]["styles"]
        assert one["current"] == styles[0]["title"]
        assert served["default"] == styles[0]["id"]
        assert one["legends"] == {each["title"]: legend(each) for each in styles}


def legend(style: dict[str, Any]) -> list[str]:
    """What QGIS writes beside the symbols: the rest last, and nothing where all features look alike."""
    if style["field"] is None:
        return [""]
    return [entry["title"] for entry in sorted(style["legend"], key=lambda entry: entry["value"] is None)]


def test_a_filter_shows_what_it_lets_through(opened: dict[str, Any], server: Running) -> None:
    """QGIS 3.22 filters an OGC API's features itself (later ones send CQL2); what it shows must be right anyway."""
    wanted = base_metal_mines(server)
    assert sorted(opened["filtered"]["read"]) == wanted
    assert opened["filtered"]["count"] == len(wanted)
    assert any("/collections/mines/items" in one for one in opened["filtered"]["requests"])


def test_wfs_filters_on_the_server(server: Running, folder: Path) -> None:
    found = run_qgis("wfs", folder / "profile", url=f"{server.url}/wfs", name="amdis:mines", expression=FILTER)
    wanted = base_metal_mines(server)
    assert sorted(found["read"]) == wanted
    asked = [one for one in found["requests"] if "REQUEST=GetFeature" in one]
    assert asked
    assert all("FILTER=" in one and "commodityGroup" in one for one in asked)


def test_a_place_on_a_map_of_the_server_tells_its_feature(opened: dict[str, Any], server: Running) -> None:
    x, y, _ = deposits(server)[0]
    found = rows(server, LAYERS["mineral-deposits"], "name, ST_X(shape), ST_Y(shape)")
    nearest = min(found, key=lambda row: math.hypot(*np.subtract(mercator(*row[1:]), (x, y))))
    assert opened["identified"]["valid"]
    assert any(nearest[0] in text for text in opened["identified"]["texts"])


def test_the_map_shows_deposits_in_the_colours_of_their_style(
    opened: dict[str, Any], server: Running, folder: Path
) -> None:
    assert opened["errors"] == []
    picture = Image.open(folder / "map.png").convert("RGB")
    style = read_declarations().layers["mineral-deposits"].styles[0]
    fills = {one.value: one.symbol.fill for one in style.classes}
    looked = 0
    for x, y, group in deposits(server):
        place = pixel(x, y)
        if 5 < place[0] < SIZE[0] - 5 and 5 < place[1] < SIZE[1] - 5:
            red, green, blue = (int((fills[group] or "")[i : i + 2], 16) for i in (1, 3, 5))
            assert np.abs(np.subtract(picture.getpixel(place), (red, green, blue))).max() <= 8, (x, y, group)
            looked += 1
    assert looked > 10


def test_tiles_of_wmts_are_drawn_where_they_belong_and_tell_their_features(server: Running, folder: Path) -> None:
    name, x, y = rows(server, LAYERS["mines"], "name, ST_X(shape), ST_Y(shape)", "name IS NOT NULL")[0]
    places = {"EPSG:3857": mercator(x, y), "EPSG:4326": (x, y)}
    layers: list[dict[str, Any]] = []
    tiles: list[str] = []
    for layer, style in (("mines", "mines-by-commodity"), ("relief", "default")):
        for grid, crs in ((WEB_MERCATOR_QUAD, "EPSG:3857"), (WORLD_CRS84_QUAD, "EPSG:4326")):
            zoom = (12 if layer == "mines" else 6) - grid.zoom_ahead
            row, _, column, _ = grid.tiles_of((x, y, x, y), zoom)
            tiles.append(f"/ogc/collections/{layer}/map/tiles/{grid.id}/{zoom}/{row}/{column}?f=png")
            asked = {"layers": layer, "styles": style, "tileMatrixSet": grid.id, "crs": crs, "place": places[crs]}
            picture = str(folder / f"{layer}-{grid.id}.png")
            layers.append(asked | {"extent": grid.box(zoom, row, column), "picture": picture})
    told = run_qgis("wmts", folder / "wmts", address=f"{server.url}/wmts/1.0.0/WMTSCapabilities.xml", layers=layers)
    for layer, tile in zip(layers, tiles, strict=True):
        found = told[layer["picture"]]
        assert found["valid"]
        assert layer["layers"] != "mines" or any(name in text for text in found["texts"])
        with Image.open(layer["picture"]) as drawn, urllib.request.urlopen(server.url + tile, timeout=60) as answer:
            wanted = np.asarray(Image.open(answer).convert("RGBA")).astype(int)
            differences = np.abs(np.asarray(drawn.convert("RGBA")).astype(int) - wanted)
        assert np.unique(wanted.reshape(-1, 4), axis=0).shape[0] > 2
        # QGIS may draw from the next matrix, made smaller.
        assert differences.mean() < 6, layer["picture"]
