"""What the test suite of OGC for WMS 1.3.0 demands of everything that is advertised, asked of the whole service.

test_wms has the single rules: versions, update sequence, codes of exceptions, backgrounds, sizes, order of axes.
"""

# SPDX-License-Identifier: Apache-2.0

import io
import zipfile
from pathlib import Path

import httpx
import numpy as np
import pytest
import xmlschema
from lxml import etree
from PIL import Image
from pyproj import CRS, Transformer

from gis.layer import GeometryType
from tests.gis.formats.schemas import JAR
from tests.published import LAYERS

NS = {"w": "http://www.opengis.net/wms"}
CAPABILITIES = "/wms?service=WMS&version=1.3.0&request=GetCapabilities"
GET_MAP = {"service": "WMS", "version": "1.3.0", "request": "GetMap", "styles": ""}
REGION = (85.0, -17.0, 147.0, 35.0)


@pytest.fixture(scope="module")
def capabilities(http: httpx.Client) -> etree._Element:
    return etree.fromstring(http.get(CAPABILITIES).content)


def test_root_names_the_schema_it_keeps_to(capabilities: etree._Element) -> None:
    location = capabilities.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "").split()
    assert dict(zip(location[::2], location[1::2], strict=True))["http://www.opengis.net/wms"].startswith(
        "http://schemas.opengis.net/wms/1.3.0/capabilities_1_3_0.xsd"
    )


@pytest.mark.skipif(
    not JAR.is_file(), reason="no schemas of OGC: mvn dependency:get -Dartifact=org.jvnet.ogc:ogc-schemas:2.6.1"
)
def test_capabilities_are_valid(capabilities: etree._Element, tmp_path: Path) -> None:
    with zipfile.ZipFile(JAR) as archive:
        wanted = ("ogc/wms/1.3.0/", "ogc/sld/1.1.0/")
        archive.extractall(tmp_path, [name for name in archive.namelist() if name.startswith(wanted)])
    remote, local = "http://schemas.opengis.net", (tmp_path / "ogc").as_uri()
    # The legend and what a client's style may do are extensions of WMS by the standard for styled layers.
    schema = xmlschema.XMLSchema10(
        tmp_path / "ogc/sld/1.1.0/sld_capabilities.xsd",
        uri_mapper=lambda uri: uri.replace(remote, local),
        allow="local",
    )
    assert [str(error) for error in schema.iter_errors(capabilities)] == []


@pytest.mark.skipif(
    not JAR.is_file(), reason="no schemas of OGC: mvn dependency:get -Dartifact=org.jvnet.ogc:ogc-schemas:2.6.1"
)
def test_capabilities_of_wms_1_1_1_keep_to_their_document_type(http: httpx.Client) -> None:
    with zipfile.ZipFile(JAR) as archive, archive.open("ogc/wms/1.1.1/WMS_MS_Capabilities.dtd") as file:
        # The document declares this element itself.
        declared = file.read() + b"<!ELEMENT VendorSpecificCapabilities EMPTY>"
    answer = http.get("/wms?service=WMS&version=1.1.1&request=GetCapabilities")
    document = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False, no_network=True))
    doctype = etree.DTD(io.BytesIO(declared))
    assert doctype.validate(document), doctype.error_log.filter_from_errors()


def offered(capabilities: etree._Element, path: str) -> list[str]:
    return [str(text).strip() for text in capabilities.xpath(f"{path}/text()", namespaces=NS)]


def resources(capabilities: etree._Element, kind: str) -> list[tuple[etree._Element, str, str]]:
    """The elements of a kind with an address and the format told of it."""
    found = capabilities.iterfind(f".//w:{kind}", NS)
    href = "w:OnlineResource/@xlink:href"
    names = {**NS, "xlink": "http://www.w3.org/1999/xlink"}
    return [(one, str(one.xpath(href, namespaces=names)[0]), str(one.findtext("w:Format", "", NS))) for one in found]


@pytest.mark.parametrize("kind", ["MetadataURL", "DataURL"])
def test_getcapabilities_metadataurls_and_dataurls_answer_in_the_format_told(
    http: httpx.Client, capabilities: etree._Element, kind: str
) -> None:
    found = resources(capabilities, kind)
    assert len(found) >= len(LAYERS)
    for _, address, media_type in found:
        answer = http.get(address)
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, media_type), address


def test_getcapabilities_style_legendurls_have_the_size_told(http: httpx.Client, capabilities: etree._Element) -> None:
    found = resources(capabilities, "LegendURL")
    assert len(found) > len(LAYERS)  # alternative styles among them
    for element, address, media_type in found:
        answer = http.get(address)
        assert answer.headers["content-type"] == media_type
        told = int(element.get("width", "0")), int(element.get("height", "0"))
        assert Image.open(io.BytesIO(answer.content)).size == told, address


def test_recommendations_of_every_named_layer(capabilities: etree._Element) -> None:
    layers = capabilities.xpath("//w:Layer[w:Name]", namespaces=NS)
    assert len(layers) == len(LAYERS) + 1
    for layer in layers:
        for wanted in ("Abstract", "KeywordList", "MetadataURL"):
            assert layer.find(f"w:{wanted}", NS) is not None, (layer.findtext("w:Name", "", NS), wanted)
        assert layer.xpath("ancestor-or-self::w:Layer/w:BoundingBox", namespaces=NS)
    (relief,) = [one for one in layers if one.findtext("w:Name", "", NS) == "relief"]
    assert relief.findtext("w:Abstract", "", NS) != relief.findtext("w:Title", "", NS)


def test_map_of_one_pixel_is_refused_and_no_fault_of_the_server(http: httpx.Client) -> None:
    for width, height in (("1", "1"), ("1", "50"), ("50", "1")):
        size = {"width": width, "height": height, "format": "image/png"}
        answer = http.get("/wms", params=GET_MAP | asked("mines", "CRS:84") | size)
        assert (answer.status_code, "from 2 to" in answer.text) == (400, True)
    least = {"width": "2", "height": "2", "format": "image/png"}
    assert http.get("/wms", params=GET_MAP | asked("mines", "CRS:84") | least).status_code == 200


def test_every_layer_comes_in_every_advertised_format(http: httpx.Client, capabilities: etree._Element) -> None:
    formats = offered(capabilities, "//w:GetMap/w:Format")
    assert {"image/png", "image/jpeg"} <= set(formats)
    for layer in (*LAYERS, "relief"):
        for media in formats:
            answer = http.get("/wms", params=GET_MAP | asked(layer, "CRS:84") | {"format": media})
            assert answer.headers["content-type"] == media


@pytest.mark.slow
def test_all_layers_come_in_every_advertised_coordinate_system(
    http: httpx.Client, capabilities: etree._Element
) -> None:
    systems = set(offered(capabilities, "//w:CRS"))
    assert {"CRS:84", "EPSG:4326", "EPSG:3857"} <= systems
    layers = ",".join(("relief", *LAYERS))
    for system in sorted(systems):
        answer = http.get("/wms", params=GET_MAP | asked(layers, system) | {"format": "image/png"})
        assert answer.headers["content-type"] == "image/png", (system, answer.text[:300])
        assert Image.open(io.BytesIO(answer.content)).size == (40, 30)


def asked(layers: str, system: str) -> dict[str, str]:
    """Parameters of a map of the middle of a coordinate system's area, as far as it is in the region."""
    known = CRS.from_user_input("OGC:CRS84" if system == "CRS:84" else system)
    area = known.area_of_use
    assert area is not None
    west, east = max(area.west, REGION[0]), min(area.east, REGION[2])
    south, north = max(area.south, REGION[1]), min(area.north, REGION[3])
    assert west < east, system
    assert south < north, system
    # Corners in the order of axes of the system, as WMS 1.3.0 has it.
    transformer = Transformer.from_crs("OGC:CRS84", known, always_xy=False)
    box = transformer.transform_bounds(west, south, east, north)
    return {
        "layers": layers,
        "crs": system,
        "bbox": ",".join(map(repr, box)),
        "width": "40",
        "height": "30",
    }


def test_a_place_is_where_its_coordinates_say_in_both_orders_of_axes(http: httpx.Client) -> None:
    feature = http.get("/ogc/collections/mines/items?limit=1").json()["features"][0]
    x, y = feature["geometry"]["coordinates"]
    for system, box in (
        ("CRS:84", (x - 0.01, y - 0.01, x + 0.01, y + 0.01)),
        ("EPSG:4326", (y - 0.01, x - 0.01, y + 0.01, x + 0.01)),
    ):
        query = {"layers": "mines", "crs": system, "bbox": ",".join(map(repr, box)), "width": "101", "height": "101"}
        answer = http.get("/wms", params=GET_MAP | query | {"format": "image/png", "transparent": "true"})
        alpha = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))[:, :, 3]
        assert alpha[50, 50] > 0, system
        assert alpha[5, 5] == 0, system


def test_a_map_of_the_box_a_layer_tells_cuts_no_marker(http: httpx.Client, capabilities: etree._Element) -> None:
    """QGIS and others ask for nothing beyond that box: the outermost sites were half drawn or not at all."""
    points = [name for name, layer in LAYERS.items() if layer.geometry_type is GeometryType.POINT]
    for name in points:
        (box,) = capabilities.xpath(f"//w:Layer[w:Name='{name}']/w:EX_GeographicBoundingBox", namespaces=NS)
        west, east, south, north = (float(side.text) for side in box)
        height = round(800 * (north - south) / (east - west))
        query = {"layers": name, "crs": "CRS:84", "bbox": f"{west},{south},{east},{north}", "format": "image/png"}
        size = {"width": "800", "height": str(height), "transparent": "true"}
        answer = http.get("/wms", params=GET_MAP | query | size)
        drawn = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))[:, :, 3] > 0
        edge = [drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]]
        assert not any(side.any() for side in edge), name
        margins = [drawn[:60], drawn[-60:], drawn[:, :60], drawn[:, -60:]]
        assert all(side.any() for side in margins), name
