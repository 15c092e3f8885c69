"""The Web Map Tile Service: what its capabilities name is served, by its address and by key-value pairs."""

# SPDX-License-Identifier: Apache-2.0

import math
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
import xmlschema
from lxml import etree

from gis.tiles import GRIDS, WEB_MERCATOR_QUAD
from tests.gis.formats.schemas import JAR
from tests.published import LAYERS, rows
from tests.running import Running

NAMES = {
    "": "http://www.opengis.net/wmts/1.0",
    "ows": "http://www.opengis.net/ows/1.1",
    "xlink": "http://www.w3.org/1999/xlink",
}
DOCUMENT = "/wmts/1.0.0/WMTSCapabilities.xml"
TILE = {
    "service": "WMTS",
    "request": "GetTile",
    "version": "1.0.0",
    "layer": "mines",
    "style": "",
    "format": "image/png",
    "tilematrixset": "WebMercatorQuad",
    "tilematrix": "5",
    "tilerow": "16",
    "tilecol": "25",
}
PLACES = {"WebMercatorQuad": ("4", "7", "13"), "WorldCRS84Quad": ("3", "3", "13")}


@pytest.fixture(scope="module")
def root(http: httpx.Client) -> Any:
    return etree.fromstring(http.get(DOCUMENT).content)


def texts(root: Any, path: str) -> list[str]:
    return [one if isinstance(one, str) else one.text for one in root.iterfind(path, NAMES)]


def layer(root: Any, name: str) -> Any:
    return next(one for one in root.iterfind("Contents/Layer", NAMES) if texts(one, "ows:Identifier") == [name])


def test_capabilities_name_every_map_with_its_styles(root: Any, server: Running) -> None:
    assert sorted(texts(root, "Contents/Layer/ows:Identifier")) == sorted([*LAYERS, "relief"])
    assert texts(root, "Contents/TileMatrixSet/ows:Identifier") == list(GRIDS)
    for name, one in LAYERS.items():
        found = layer(root, name)
        assert texts(found, "ows:Title") == [one.title]
        styles = found.findall("Style", NAMES)
        assert [style.get("isDefault") for style in styles] == ["true"] + ["false"] * (len(styles) - 1)
        west, south = map(float, texts(found, "ows:WGS84BoundingBox/ows:LowerCorner")[0].split())
        east, north = map(float, texts(found, "ows:WGS84BoundingBox/ows:UpperCorner")[0].split())
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90
    [address] = {one.get(f"{{{NAMES['xlink']}}}href") for one in root.iterfind(".//ows:Get", NAMES)}
    assert address == f"{server.url}/wmts?"


@pytest.mark.skipif(
    not JAR.is_file(), reason="mvn dependency:get -Dartifact=org.jvnet.ogc:ogc-schemas:2.6.1 has not been run"
)
def test_capabilities_are_valid(http: httpx.Client, tmp_path: Path) -> None:
    with zipfile.ZipFile(JAR) as archive:
        folders = ("ogc/wmts/", "ogc/ows/", "ogc/gml/3.1.1/", "ogc/xlink/")
        archive.extractall(tmp_path, [name for name in archive.namelist() if name.startswith(folders)])
    schema = xmlschema.XMLSchema10(
        tmp_path / "ogc/wmts/1.0/wmtsGetCapabilities_response.xsd",
        uri_mapper=lambda uri: uri.replace("http://schemas.opengis.net", (tmp_path / "ogc").as_uri()),
        allow="local",
        # GML 3.1.1 restricts types in ways that a strict reading of XML Schema does not allow.
        validation="lax",
    )
    document = http.get(DOCUMENT).text
    assert [str(one) for one in schema.iter_errors(etree.fromstring(document.encode()))] == []
    broken = document.replace('isDefault="true"', 'isDefault="of course"', 1)
    assert not schema.is_valid(etree.fromstring(broken.encode()))


def test_capabilities_come_by_pairs_too_and_are_kept_by_their_tag(http: httpx.Client) -> None:
    found = http.get("/wmts", params={"SERVICE": "WMTS", "Request": "GetCapabilities", "AcceptVersions": "2.0.0,1.0.0"})
    assert found.content == http.get(DOCUMENT).content
    assert http.get(DOCUMENT, headers={"if-none-match": found.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("name", [*LAYERS, "relief"])
def test_tile_of_pairs_is_that_of_the_address(http: httpx.Client, root: Any, server: Running, name: str) -> None:
    found = layer(root, name)
    template = found.find("ResourceURL", NAMES).get("template")
    styles = texts(found, "Style/ows:Identifier")
    pictures = []
    for style in styles:
        for grid, (matrix, row, column) in PLACES.items():
            address = template.replace("{TileMatrixSet}", grid).replace("{TileMatrix}", matrix)
            address = address.replace("{TileRow}", row).replace("{TileCol}", column).replace("{Style}", style)
            place = {"tilematrixset": grid, "tilematrix": matrix, "tilerow": row, "tilecol": column}
            by_pairs = http.get("/wmts", params=TILE | place | {"layer": name, "style": style})
            by_address = http.get(address.removeprefix(server.url))
            assert (by_pairs.status_code, by_pairs.headers["content-type"]) == (200, "image/png")
            assert by_pairs.content == by_address.content
            assert by_pairs.headers["etag"] == by_address.headers["etag"]
            pictures.append(by_pairs.content)
    assert len(set(pictures)) > 1
    for default in ("", "default"):
        given = {"layer": name, "style": default, "tilematrix": "4", "tilerow": "7", "tilecol": "13"}
        assert http.get("/wmts", params=TILE | given).content == pictures[0]


def test_features_at_a_pixel(http: httpx.Client, server: Running) -> None:
    name, x, y = rows(server, LAYERS["mines"], "name, ST_X(shape), ST_Y(shape)", "name IS NOT NULL")[0]
    zoom = 12
    row, _, column, _ = WEB_MERCATOR_QUAD.tiles_of((x, y, x, y), zoom)
    west, south, east, north = WEB_MERCATOR_QUAD.box(zoom, row, column)
    place = math.radians(x) * 6378137, math.asinh(math.tan(math.radians(y))) * 6378137
    pixel = {
        "i": str(int((place[0] - west) / (east - west) * 256)),
        "j": str(int((north - place[1]) / (north - south) * 256)),
    }
    asked = TILE | pixel | {"request": "GetFeatureInfo", "tilematrix": "12", "tilerow": str(row)}
    asked |= {"tilecol": str(column), "infoformat": "application/geo+json"}
    found = http.get("/wmts", params=asked).json()
    assert name in [one["properties"]["name"] for one in found["features"]]
    asked = {key: value for key, value in asked.items() if key != "format"} | {"infoformat": "text/plain"}
    assert name in http.get("/wmts", params=asked).text


@pytest.mark.parametrize(
    ("changes", "code", "locator"),
    [
        ({"service": "WMS"}, "InvalidParameterValue", "service"),
        ({"request": "GetTiles"}, "OperationNotSupported", "request"),
        ({"request": ""}, "MissingParameterValue", "request"),
        ({"version": "2.0.0"}, "InvalidParameterValue", "version"),
        ({"layer": "mine"}, "InvalidParameterValue", "layer"),
        ({"style": "mines-by-colour"}, "InvalidParameterValue", "style"),
        ({"format": "image/gif"}, "InvalidParameterValue", "format"),
        ({"tilematrixset": "GoogleMapsCompatible"}, "InvalidParameterValue", "tilematrixset"),
        ({"tilematrix": "five"}, "InvalidParameterValue", "tilematrix"),
        ({"tilematrix": "23"}, "InvalidParameterValue", "tilematrix"),
        ({"tilerow": "32"}, "TileOutOfRange", "tilerow"),
        ({"tilecol": "-1"}, "InvalidParameterValue", "tilecol"),
        ({"request": "GetFeatureInfo", "i": "256", "j": "0"}, "PointIJOutOfRange", "i"),
        (
            {"request": "GetFeatureInfo", "i": "0", "j": "0", "infoformat": "text/xml"},
            "InvalidParameterValue",
            "infoformat",
        ),
        ({"request": "GetFeatureInfo", "i": "0", "j": "0", "layer": "relief"}, "InvalidParameterValue", "layer"),
        ({"request": "GetCapabilities", "acceptversions": "0.9.0"}, "VersionNegotiationFailed", "acceptversions"),
    ],
)
def test_mistakes_have_their_codes(http: httpx.Client, changes: dict[str, str], code: str, locator: str) -> None:
    answer = http.get(
        "/wmts", params={name: value for name, value in (TILE | changes).items() if value or name == "style"}
    )
    assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
    [error] = etree.fromstring(answer.content).findall("ows:Exception", NAMES)
    assert (error.get("exceptionCode"), error.get("locator")) == (code, locator)
    assert error.findtext("ows:ExceptionText", namespaces=NAMES)


def test_a_style_has_to_be_asked_for(http: httpx.Client) -> None:
    answer = http.get("/wmts", params={name: value for name, value in TILE.items() if name != "style"})
    assert b'exceptionCode="MissingParameterValue" locator="style"' in answer.content
