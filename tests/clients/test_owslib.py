"""OWSLib as a client: it reads every collection and draws every layer without an exception."""

# SPDX-License-Identifier: Apache-2.0

import io
import json
from urllib.request import urlopen

import pytest
from owslib.ogcapi.features import Features
from owslib.ogcapi.records import Records
from owslib.wms import WebMapService
from owslib.wmts import WebMapTileService
from PIL import Image

from tests.published import LAYERS, count, rows
from tests.running import Running

VERSIONS = ("1.1.1", "1.3.0")
MAPS = (*LAYERS, "relief")
WORLD = (90.0, -12.0, 142.0, 30.0)


@pytest.fixture
def features(server: Running) -> Features:
    return Features(f"{server.url}/ogc/")


@pytest.fixture(params=VERSIONS)
def wms(server: Running, request: pytest.FixtureRequest) -> WebMapService:
    return WebMapService(f"{server.url}/wms", version=request.param)


def axes(wms: WebMapService) -> dict[str, str]:
    """CRS84 longitude first under the name the version has for it."""
    return {"srs": "EPSG:4326" if wms.version == "1.1.1" else "CRS:84"}


def colours(body: bytes) -> int:
    """Number of different colours in a picture."""
    with Image.open(io.BytesIO(body)) as picture:
        found = picture.convert("RGBA").getcolors(picture.width * picture.height)
    assert found is not None
    return len(found)


def test_landing_page_and_definition_are_read(features: Features) -> None:
    rels = {link["rel"] for link in features.links}
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= rels
    assert features.api()["openapi"].startswith("3.0")
    assert any(one.endswith("ogcapi-features-1/1.0/conf/core") for one in features.conformance()["conformsTo"])


def test_every_collection_is_listed_as_features(features: Features) -> None:
    assert sorted(features.feature_collections()) == sorted([*LAYERS, "statistics"])


@pytest.mark.parametrize("name", LAYERS)
def test_collection_is_described_and_read_whole(server: Running, features: Features, name: str) -> None:
    assert features.collection(name)["title"] == LAYERS[name].title
    page = features.collection_items(name, limit=10_000)
    assert page["numberMatched"] == page["numberReturned"] == len(page["features"]) == count(server, LAYERS[name])
    one = page["features"][0]
    assert features.collection_item(name, one["id"])["properties"] == one["properties"]


@pytest.mark.parametrize("name", LAYERS)
def test_fields_are_told_as_queryables_and_schema(features: Features, name: str) -> None:
    public = {field.name for field in LAYERS[name].public_fields}
    assert public < set(features.collection_queryables(name)["properties"])
    assert public < set(features.collection_schema(name)["properties"])


def test_every_record_of_the_catalogue_is_read(server: Running) -> None:
    records = Records(f"{server.url}/ogc/")
    assert records.records() == ["records"]
    assert "title" in records.collection_queryables("records")["properties"]
    page = records.collection_items("records", limit=10_000)
    assert page["numberMatched"] == page["numberReturned"] == len(page["features"]) > len(LAYERS)
    for one in page["features"]:
        assert records.collection_item("records", one["id"]) == one
    found = records.collection_items("records", q="mine", bbox=[95, -11, 141, 20], type="dataset", sortby="-title")
    assert "mines" in [one["id"] for one in found["features"]]


def test_every_layer_is_in_the_capabilities(wms: WebMapService) -> None:
    assert sorted(wms.contents) == sorted(MAPS)
    for name in LAYERS:
        west, south, east, north = wms[name].boundingBoxWGS84
        assert west < east
        assert south < north
        assert wms[name].title == LAYERS[name].title


@pytest.mark.parametrize("name", MAPS)
def test_map_of_the_layer_is_not_blank(wms: WebMapService, name: str) -> None:
    for media_type in ("image/png", "image/jpeg"):
        answer = wms.getmap(
            layers=[name], styles=[""], bbox=WORLD, size=(400, 323), format=media_type, transparent=False, **axes(wms)
        )
        assert answer.info()["Content-Type"].startswith(media_type)
        assert colours(answer.read()) > 2


@pytest.mark.parametrize("name", ["mineral-deposits", "mineral-occurrences", "mines", "processing-plants"])
def test_a_click_on_a_site_tells_its_name(server: Running, wms: WebMapService, name: str) -> None:
    columns = "identifier, name, ST_X(shape), ST_Y(shape)"
    identifier, title, x, y = rows(server, LAYERS[name], columns, "name IS NOT NULL")[0]
    around = (x - 0.01, y - 0.01, x + 0.01, y + 0.01)
    asked = {"layers": [name], "query_layers": [name], "styles": [""], "bbox": around, "size": (101, 101)}
    asked |= {"xy": (50, 50), "format": "image/png", "feature_count": 50, **axes(wms)}
    for media_type in ("text/plain", "text/html"):
        assert title in wms.getfeatureinfo(info_format=media_type, **asked).read().decode()
    found = json.loads(wms.getfeatureinfo(info_format="application/geo+json", **asked).read())
    assert identifier in [one["properties"]["identifier"] for one in found["features"]]


@pytest.mark.parametrize("name", LAYERS)
def test_legend_named_in_the_capabilities_is_a_picture(wms: WebMapService, name: str) -> None:
    styles = wms[name].styles
    assert styles
    for style in styles.values():
        with urlopen(style["legend"], timeout=120) as answer:
            assert answer.headers["Content-Type"] == "image/png"
            assert colours(answer.read()) > 1


def test_tiles_of_every_layer_are_read_by_wmts(server: Running) -> None:
    wmts = WebMapTileService(f"{server.url}/wmts")
    assert sorted(wmts.contents) == sorted(MAPS)
    assert wmts.identification.type == "OGC WMTS"
    for name in MAPS:
        layer = wmts[name]
        [default] = [style for style, one in layer.styles.items() if one["isDefault"]]
        place = {"tilematrixset": "WebMercatorQuad", "tilematrix": "4", "row": 7, "column": 13}
        answer = wmts.gettile(layer=name, style=default, format="image/png", **place)
        assert colours(answer.read()) > 2
        if name in LAYERS:
            assert layer.title == LAYERS[name].title
            with urlopen(layer.styles[default]["legend"], timeout=120) as legend:
                assert legend.headers["Content-Type"] == "image/png"
