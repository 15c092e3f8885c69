"""OGC API - Styles: every style of every layer, in every encoding, found from the landing page."""

# SPDX-License-Identifier: Apache-2.0

from io import BytesIO

import httpx
import pytest
from lxml import etree
from PIL import Image

from app.layers.declarations import read_declarations
from gis.style.shapes import SHAPES

STYLES = [style.id for one in read_declarations().layers.values() for style in one.styles]
MEDIA = {
    "mapbox": "application/vnd.mapbox.style+json",
    "sld11": "application/vnd.ogc.sld+xml;version=1.1",
    "sld10": "application/vnd.ogc.sld+xml;version=1.0",
    "qml": "application/vnd.qgis.qml+xml",
}
REL = "http://www.opengis.net/def/rel/ogc/1.0/styles"
SPEC = "http://www.opengis.net/spec/ogcapi-styles-1/1.0/conf"


def test_landing_page_and_collections_lead_to_the_styles(http: httpx.Client) -> None:
    landing = http.get("/ogc", params={"f": "json"}).json()
    (link,) = [one for one in landing["links"] if one["rel"] == REL]
    assert {one["id"] for one in http.get(link["href"]).json()["styles"]} == set(STYLES)
    mines = http.get("/ogc/collections/mines", params={"f": "json"}).json()
    (link,) = [one for one in mines["links"] if one["rel"] == REL]
    of_mines = http.get(link["href"]).json()
    assert of_mines["default"] == "mines-by-commodity"
    assert [one["id"] for one in of_mines["styles"]] == ["mines-by-commodity", "mines-by-status"]


def test_the_classes_kept_to_are_declared(http: httpx.Client) -> None:
    declared = http.get("/ogc/conformance", params={"f": "json"}).json()["conformsTo"]
    assert {f"{SPEC}/{name}" for name in ("core", "html", "mapbox-styles", "sld-10", "sld-11")} <= set(declared)


def test_every_link_of_every_style_leads_to_what_it_says(http: httpx.Client) -> None:
    for style in http.get("/ogc/styles", params={"f": "json"}).json()["styles"]:
        sheets = [link for link in style["links"] if link["rel"] == "stylesheet"]
        assert {link["type"] for link in sheets} == set(MEDIA.values())
        for link in style["links"]:
            answer = http.get(link["href"])
            assert answer.status_code == 200, link
            media = answer.headers["content-type"].replace("; charset=utf-8", "")
            assert media in (link["type"], "application/geo+json"), link


@pytest.mark.parametrize(("name", "media"), MEDIA.items())
def test_a_style_comes_as_the_accept_header_says(http: httpx.Client, name: str, media: str) -> None:
    path = "/ogc/styles/plate-boundaries-by-type"
    by_header = http.get(path, headers={"Accept": media})
    assert by_header.headers["content-type"] == media
    assert by_header.content == http.get(path, params={"f": name}).content
    below = http.get(f"/ogc/collections/plate-boundaries/styles/{path.rpartition('/')[2]}", params={"f": name})
    assert below.content == by_header.content


def test_browsers_get_a_page_with_the_legend(http: httpx.Client) -> None:
    page = http.get("/ogc/styles/mines-by-status", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "GetLegendGraphic" in page.text
    assert "By status" in http.get("/ogc/styles", params={"f": "html"}).text


@pytest.mark.parametrize("style", STYLES)
def test_documents_are_those_of_their_formats_and_layer(http: httpx.Client, style: str) -> None:
    layer = next(name for name, one in read_declarations().layers.items() if style in [s.id for s in one.styles])
    mapbox = http.get(f"/ogc/styles/{style}", params={"f": "mapbox"}).json()
    assert mapbox["version"] == 8
    assert set(mapbox["sources"]) == {one["source"] for one in mapbox["layers"]} == {layer}
    tile = mapbox["sources"][layer]["tiles"][0].format(z=5, y=15, x=25)
    assert http.get(tile).status_code in (200, 204)
    for name, namespace in (("sld10", "http://www.opengis.net/sld"), ("sld11", "http://www.opengis.net/se")):
        root = etree.fromstring(http.get(f"/ogc/styles/{style}", params={"f": name}).content)
        assert root.findtext(f".//{{http://www.opengis.net/sld}}NamedLayer/{{{namespace}}}Name") == layer
        assert root.findtext(f".//{{http://www.opengis.net/sld}}UserStyle/{{{namespace}}}Name") == style
        assert {e.text for e in root.iter(f"{{{namespace}}}FeatureTypeName")} == {layer}
    qml = etree.fromstring(http.get(f"/ogc/styles/{style}", params={"f": "qml"}).content)
    assert qml.tag == "qgis"
    assert qml.find("renderer-v2") is not None


def test_metadata_tells_layer_fields_and_encodings(http: httpx.Client) -> None:
    told = http.get("/ogc/styles/mines-by-status/metadata").json()
    assert told["id"] == "mines-by-status"
    assert told["title"] == "By status"
    assert told["description"]
    assert {one["link"]["type"] for one in told["stylesheets"]} == set(MEDIA.values())
    (layer,) = told["layers"]
    assert (layer["id"], layer["type"]) == ("mines", "point")
    assert [one["id"] for one in layer["attributes"]] == ["status_uri", "name"]


def test_what_has_not_changed_is_not_sent_again(http: httpx.Client) -> None:
    for path in ("/ogc/styles", "/ogc/styles/countries", "/ogc/styles/countries/metadata", "/qgis/asean.qgs"):
        first = http.get(path)
        again = http.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304, path
        assert again.content == b""
    tags = {http.get("/ogc/styles/countries", params={"f": name}).headers["etag"] for name in MEDIA}
    assert len(tags) == len(MEDIA)


@pytest.mark.parametrize("suffix", ["", "@2x"])
def test_the_sprite_holds_every_shape(http: httpx.Client, suffix: str) -> None:
    index = http.get(f"/ogc/styles/sprite{suffix}.json").json()
    picture = Image.open(BytesIO(http.get(f"/ogc/styles/sprite{suffix}.png").content))
    assert set(index) == set(SHAPES)
    for one in index.values():
        assert one["sdf"]
        assert one["x"] + one["width"] <= picture.width
        assert one["height"] <= picture.height
        middle = picture.getpixel((one["x"] + one["width"] // 2, one["y"] + one["height"] // 2))
        corner = picture.getpixel((one["x"], one["y"]))
        assert isinstance(middle, tuple)
        assert isinstance(corner, tuple)
        assert middle[3] > 191 > corner[3]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/ogc/styles/mines-by-statu", "no style 'mines-by-statu' (did you mean 'mines-by-status'?)"),
        ("/ogc/collections/mines/styles/countries", "no style 'countries' of 'mines'"),
        ("/ogc/collections/mine/styles", "no collection 'mine'"),
        ("/ogc/styles/%3Cscript%3E/metadata", "There is no style"),
        ("/qgis/atlantis.qgs", "the region is 'asean'"),
    ],
)
def test_what_is_not_there_is_told(http: httpx.Client, path: str, told: str) -> None:
    answer = http.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert told in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ogc/styles?f=sld10", 400),
        ("/ogc/styles/countries?f=sld12", 400),
        ("/ogc/styles/countries?version=1", 400),
        ("/ogc/styles/countries/metadata?f=xml", 400),
        ("/qgis/asean.qgs?f=qgz", 400),
    ],
)
def test_bad_parameters_are_refused(http: httpx.Client, path: str, status: int) -> None:
    assert http.get(path, headers={"Accept": "application/json"}).status_code == status


def test_a_style_that_nobody_can_read_is_not_acceptable(http: httpx.Client) -> None:
    assert http.get("/ogc/styles/countries", headers={"Accept": "image/png"}).status_code == 406


def test_the_project_is_named_for_the_program_that_opens_it(http: httpx.Client) -> None:
    project = http.get("/qgis/asean.qgs")
    assert project.headers["content-type"] == "application/x-qgis-project"
    assert 'filename="asean.qgs"' in project.headers["content-disposition"]
    assert etree.fromstring(project.content).tag == "qgis"
