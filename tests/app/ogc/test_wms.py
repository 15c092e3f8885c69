# SPDX-License-Identifier: Apache-2.0

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import pytest
from httpx2 import Response
from lxml import etree
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.ogc.answers import Answers
from app.ogc.wms import Wms
from gis.mapserver.fastcgi import FastCGIClient
from tests.gis.mapserver.engine import (
    PUBLIC_URL,
    TRICKY,
    Engine,
    colour,
    colours,
    get_info,
    get_map,
    picture,
    running_cluster,
    running_engine,
)

WHITE = (255, 255, 255, 255)
NS = {"wms": "http://www.opengis.net/wms", "ogc": "http://www.opengis.net/ogc", "x": "http://www.w3.org/1999/xlink"}
LEAKS = re.compile(r"/tmp/|/usr/|/etc/|SELECT|_timeout|host=|msWMS|msPost|ms[A-Z][a-z]+\(|Traceback|psycopg|fid")  # noqa: S108


@dataclass
class Service:
    http: TestClient
    wms: Wms
    engine: Engine

    def get(self, query: str, **headers: str) -> Response:
        return self.http.get(f"/wms?{query}", headers=headers)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running_cluster() as cluster, running_engine(cluster) as engine:
        wms = Wms(Answers(FastCGIClient(engine.pool.socket)), lambda: engine.catalogue, base_url=PUBLIC_URL)
        with TestClient(Starlette(routes=wms.routes())) as http:
            yield Service(http, wms, engine)


def refused(response: Response, sent: str = "") -> tuple[str | None, str]:
    """Code and text of a service exception report, which says nothing of the inside but may repeat what was sent."""
    assert response.status_code == 400, response.text[:300]
    root = etree.fromstring(response.content)
    error = root[0]
    assert not LEAKS.search((error.text or "").replace(sent[:60] or "\n", "")), error.text
    return error.get("code"), error.text or ""


# Pictures


def test_features_are_where_the_data_say_in_the_colours_the_style_says(service: Service) -> None:
    body = service.get(get_map("units,faults,places")).content
    assert colour(body, (100, 400))[:3] == (0xFF, 0xCC, 0x00)
    assert colour(body, (200, 400))[:3] == (0, 0, 255)
    assert colour(body, (300, 401))[:3] == (0, 0xAA, 0)
    assert colour(body, (400, 400))[:3] == (0x8C, 0x8C, 0x8C)
    assert colour(body, (600, 400))[:3] == (0x33, 0x66, 0x99)
    assert colour(body, (450, 100))[:3] == (0xAA, 0, 0xAA)
    assert colour(body, (700, 650)) == WHITE


def test_names_are_written_in_close_views_only(service: Service) -> None:
    def written(**changes: str) -> bool:
        """Whether there is ink; the thin strokes of small letters hardly reach its full colour."""
        found = colours(service.get(get_map(**changes)).content)
        return any(sum(abs(a - b) for a, b in zip(one, (0x1F, 0x2A, 0x37, 255), strict=True)) < 30 for one in found)

    assert written(bbox="99.99,-0.01,100.01,0.01")
    assert not written()


def test_epsg_4326_has_latitude_first_in_1_3_0_and_longitude_first_in_1_1_1(service: Service) -> None:
    new = service.get(get_map(crs="EPSG:4326", bbox="-4,99,4,107")).content
    old = service.get(get_map(version="1.1.1", srs="EPSG:4326", bbox="99,-4,107,4")).content
    assert colour(new, (100, 400))[:3] == colour(old, (100, 400))[:3] == (0xFF, 0xCC, 0x00)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32647", "EPSG:32648", "CRS:84", "EPSG:4326"])
@pytest.mark.parametrize("layer", ["places", "faults", "units", "relief"])
def test_every_layer_is_served_in_every_coordinate_system(service: Service, layer: str, crs: str) -> None:
    boxes = {
        "EPSG:3857": "11020629,-445640,11911186,445640",
        "EPSG:32647": "500000,-445000,1400000,445000",
        "EPSG:32648": "-170000,-445000,720000,445000",
        "CRS:84": "99,-4,107,4",
        "EPSG:4326": "-4,99,4,107",
    }
    body = service.get(get_map(layer, crs=crs, bbox=boxes[crs], width="200", height="200")).content
    assert len(colours(body)) > 1


@pytest.mark.parametrize("media", ["image/png", "image/png; mode=8bit", "image/jpeg"])
@pytest.mark.parametrize("size", [(8, 5), (1024, 768)])
def test_formats_and_sizes(service: Service, media: str, size: tuple[int, int]) -> None:
    response = service.get(get_map("units", format=media, width=str(size[0]), height=str(size[1])))
    assert response.headers["content-type"] == media
    assert picture(response.content).size == size


def test_background_and_transparency(service: Service) -> None:
    empty = (700, 650)
    assert colour(service.get(get_map(bgcolor="0xFF0000")).content, empty) == (255, 0, 0, 255)
    assert colour(service.get(get_map(transparent="TRUE")).content, empty)[3] == 0
    assert colour(service.get(get_map(transparent="false")).content, empty) == WHITE
    both = service.get(get_map(transparent="TRUE", bgcolor="0xFF0000", format="image/png; mode=8bit")).content
    assert colour(both, empty)[3] == 0


def test_a_raster_is_drawn(service: Service) -> None:
    assert colour(service.get(get_map("relief")).content, (400, 700)) == (255, 128, 0, 255)


def test_parameter_names_in_any_case_and_unknown_ones_do_not_matter(service: Service) -> None:
    plain = service.get(get_map())
    odd = service.get(get_map().replace("layers=", "LaYeRs=") + "&foo=bar&MAP=/etc/passwd&mode=map&layer=x")
    assert odd.content == plain.content


def test_a_posted_form_is_a_request(service: Service) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = service.http.post("/wms", content=get_map(), headers=headers)
    assert response.headers["content-type"] == "image/png"
    assert refused(service.http.post("/wms", content=b"<GetMap/>", headers={"content-type": "text/xml"}))


@pytest.mark.parametrize("layer", ["places", "faults", "units"])
def test_the_legend_shows_every_class(service: Service, layer: str) -> None:
    query = {"service": "WMS", "version": "1.3.0", "request": "GetLegendGraphic", "layer": layer, "format": "image/png"}
    response = service.get(urlencode(query))
    assert response.headers["content-type"] == "image/png"
    found = colours(response.content)
    expected = {"places": (0xFF, 0xCC, 0, 255), "faults": (0xAA, 0, 0xAA, 255), "units": (0x33, 0x66, 0x99, 255)}
    assert expected[layer] in found
    assert len(found) > 5, "text is antialiased, so many shades are expected"


# Capabilities


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("1.3.0", "1.3.0"),
        ("1.1.1", "1.1.1"),
        ("0.0.0", "1.1.1"),
        ("1.2.0", "1.1.1"),
        ("100.0.0", "1.3.0"),
        ("", "1.3.0"),
    ],
)
def test_versions_are_negotiated(service: Service, asked: str, answered: str) -> None:
    response = service.get(urlencode({"service": "WMS", "request": "GetCapabilities", "version": asked}))
    root = etree.fromstring(response.content, etree.XMLParser(load_dtd=False, no_network=True))
    assert root.get("version") == answered
    expected = ("{http://www.opengis.net/wms}WMS_Capabilities", "text/xml")
    if answered == "1.1.1":
        expected = ("WMT_MS_Capabilities", "application/vnd.ogc.wms_xml")
    assert root.tag == expected[0]
    assert response.headers["content-type"].split(";")[0] == expected[1]


def test_the_capabilities_tell_all_that_is_declared(service: Service) -> None:
    response = service.http.get(
        "/wms?service=WMS&request=GetCapabilities&version=1.3.0", headers={"host": "evil.example"}
    )
    assert b"evil.example" not in response.content
    root = etree.fromstring(response.content)
    text = {one.tag.split("}")[1]: one.text for one in root.iter() if isinstance(one.tag, str)}
    names = root.xpath("//wms:Layer[wms:Name]/wms:Name/text()", namespaces=NS)
    assert sorted(names) == ["faults", "places", "relief", "units"]
    assert root.get("updateSequence") == "7"
    assert text["Fees"] == text["AccessConstraints"] == "none"
    assert "OneGeology" in root.xpath(
        "//wms:Layer[wms:Name='places']/wms:KeywordList/wms:Keyword/text()", namespaces=NS
    )
    assert root.xpath("//wms:Layer[wms:Name='places']/@queryable", namespaces=NS) == ["1"]
    assert root.xpath("//wms:Layer[wms:Name='relief']/@queryable", namespaces=NS) in ([], ["0"])
    title = root.xpath("string(//wms:Layer[wms:Name='places']/wms:Title)", namespaces=NS)
    assert title == f"Places {TRICKY}"
    assert all(one.startswith(PUBLIC_URL) for one in root.xpath("//@x:href", namespaces=NS))
    assert root.xpath("//wms:GetFeatureInfo/wms:Format/text()", namespaces=NS)[:4] == [
        "text/plain",
        "text/html",
        "application/json",
        "application/geo+json",
    ]
    assert not LEAKS.search(response.text.replace(TRICKY, "").replace("/etc/passwd", ""))


def test_every_offered_legend_is_there(service: Service) -> None:
    root = etree.fromstring(service.get("service=WMS&request=GetCapabilities").content)
    links = root.xpath("//wms:LegendURL/wms:OnlineResource/@x:href", namespaces=NS)
    assert len(links) == 4
    for link in links:
        assert service.http.get(link.replace(PUBLIC_URL, "")).headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("sequence", "code"), [("7", "CurrentUpdateSequence"), ("100", "InvalidUpdateSequence"), ("0", None), ("", None)]
)
def test_update_sequence(service: Service, sequence: str, code: str | None) -> None:
    query = {"service": "WMS", "request": "GetCapabilities", "version": "1.3.0", "updatesequence": sequence}
    response = service.get(urlencode(query))
    assert (refused(response)[0] if code else response.status_code) == (code or 200)


# Feature information


def test_feature_information_as_geojson(service: Service) -> None:
    for media in ("application/json", "application/geo+json"):
        response = service.get(get_info(info_format=media))
        assert response.headers["content-type"] == media
        (feature,) = response.json()["features"]
        assert feature["id"] == "place-1"
        assert feature["geometry"] == {"type": "Point", "coordinates": [100.0, 0.0]}
        assert feature["properties"] == {
            "identifier": "place-1",
            "name": "Gold place",
            "kindOf": "gold",
            "tonnage": 12.5,
            "visited": "2024-05-01",
            "tags": "a, b",
        }


def test_no_value_is_null_and_zero_is_zero(service: Service) -> None:
    nothing = service.get(get_info(place=(200, 400))).json()["features"][0]["properties"]
    zero = service.get(get_info(place=(300, 400))).json()["features"][0]["properties"]
    assert nothing["tonnage"] is nothing["visited"] is nothing["tags"] is None
    assert zero["tonnage"] == 0
    assert zero["kindOf"] == TRICKY


def test_coordinates_are_degrees_in_any_coordinate_system(service: Service) -> None:
    query = get_info(
        place=(100, 400), crs="EPSG:3857", bbox="11020629,-445640,11911186,445640", width="800", height="800"
    )
    longitude, latitude = service.get(query).json()["features"][0]["geometry"]["coordinates"]
    assert abs(longitude - 100) < 1e-6
    assert abs(latitude) < 1e-6


def test_several_layers_are_asked_at_once(service: Service) -> None:
    query = get_info("units,faults", (500, 400), query_layers="units,faults")
    assert [f["layer"] for f in service.get(query).json()["features"]] == ["units"]


def test_html_is_escaped_and_bears_titles(service: Service) -> None:
    response = service.get(get_info(place=(300, 400), info_format="text/html"))
    assert response.headers["content-type"].startswith("text/html")
    assert "<script>" not in response.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in response.text
    assert '<th scope="row">Identifier</th>' in response.text
    assert f"{PUBLIC_URL}/id/place-3" in response.text
    style = re.search(r"<style>(.*?)</style>", response.text, re.DOTALL)
    assert style
    digest = base64.b64encode(sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in response.headers["content-security-policy"]


def test_plain_text_and_gml(service: Service) -> None:
    text = service.get(get_info(info_format="text/plain"))
    assert "Name: Gold place" in text.text
    gml = service.get(get_info(info_format="application/vnd.ogc.gml"))
    assert b"<name>Gold place</name>" in gml.content
    etree.fromstring(gml.content)


def test_nothing_found_is_an_empty_answer(service: Service) -> None:
    assert service.get(get_info(place=(700, 700))).json()["features"] == []
    assert "No feature here" in service.get(get_info(place=(700, 700), info_format="text/html")).text


# Mistakes

MISTAKES = [
    (get_map("nope"), "LayerNotDefined"),
    (get_map(""), "MissingParameterValue"),
    (get_map(styles="nope"), "StyleNotDefined"),
    (get_map(styles="by-kind,by-kind"), "StyleNotDefined"),
    (get_map(crs="EPSG:99999"), "InvalidCRS"),
    (get_map(version="1.1.1", srs="EPSG:99999"), "InvalidSRS"),
    (get_map(format="image/tiff"), "InvalidFormat"),
    (get_map(width="0"), "InvalidParameterValue"),
    (get_map(width="4097"), "InvalidParameterValue"),
    (get_map(height="1e3"), "InvalidParameterValue"),
    (get_map(bbox="1,1,1,1"), "InvalidParameterValue"),
    (get_map(bbox="2,0,1,1"), "InvalidParameterValue"),
    (get_map(bbox="nan,0,1,1"), "InvalidParameterValue"),
    (get_map(bbox="-inf,0,inf,1"), "InvalidParameterValue"),
    (get_map(bbox="-1e308,0,1e308,1"), "InvalidParameterValue"),
    (get_map(bbox="0,0,1"), "InvalidParameterValue"),
    (get_map(bgcolor="red"), "InvalidParameterValue"),
    (get_map(time="now"), "InvalidDimensionValue"),
    (get_map(time="2024-13"), "InvalidDimensionValue"),
    (get_map(time="2024/2023"), "InvalidDimensionValue"),
    (get_map(time=",".join(["2024"] * 21)), "InvalidDimensionValue"),
    (get_map("units", time="2020"), "InvalidDimensionValue"),
    (get_map(dim_depth="1"), "InvalidDimensionValue"),
    (get_map(sld="http://127.0.0.1:1/x.xml"), "InvalidParameterValue"),
    (get_map(sld="file:///proc/version"), "InvalidParameterValue"),
    (get_map(sld=f"{PUBLIC_URL}/ogc/styles/none?f=sld"), "InvalidParameterValue"),
    (get_map(sld=f"{PUBLIC_URL}/ogc/styles/../../by-name"), "InvalidParameterValue"),
    (get_map(sld_body="<!DOCTYPE x><x/>"), "OperationParsingFailed"),
    (get_map(sld_body="<x/>", sld=f"{PUBLIC_URL}/ogc/styles/by-name"), "InvalidParameterValue"),
    (get_map(filter="<Filter/>"), "InvalidParameterValue"),
    (get_map(filter="()()"), "InvalidParameterValue"),
    (get_map("relief", filter="<Filter/>"), "InvalidParameterValue"),
    (get_map(version="1.0.0"), "InvalidParameterValue"),
    (get_map(version=""), "MissingParameterValue"),
    (get_info(place=(800, 0)), "InvalidPoint"),
    (get_info(i="x"), "InvalidPoint"),
    (get_info(j="-1"), "InvalidPoint"),
    (get_info("relief"), "LayerNotQueryable"),
    (get_info(query_layers="units"), "LayerNotDefined"),
    (get_info(info_format="text/x"), "InvalidFormat"),
    ("service=WMS&request=Nope&version=1.3.0", "OperationNotSupported"),
    ("service=WFS&request=GetCapabilities", "InvalidParameterValue"),
    ("request=GetCapabilities", "MissingParameterValue"),
    ("", "MissingParameterValue"),
    ("service=WMS&request=DescribeLayer&version=1.1.1&layers=places", "OperationNotSupported"),
    ("service=WMS&version=1.3.0&request=GetLegendGraphic&layer=nope&format=image/png", "LayerNotDefined"),
    ("service=WMS&version=1.3.0&request=GetLegendGraphic&layer=places&format=image/gif", "InvalidFormat"),
    ("service=WMS&version=1.3.0&request=GetLegendGraphic&layer=places&format=image/png&style=x", "StyleNotDefined"),
    ("&".join(f"a{n}=1" for n in range(200)), "InvalidParameterValue"),
]


@pytest.mark.parametrize(("query", "code"), MISTAKES, ids=[f"{n}-{code}" for n, (_, code) in enumerate(MISTAKES)])
def test_a_mistake_has_its_code(service: Service, query: str, code: str) -> None:
    assert refused(service.get(query))[0] == code


FILTER = "<Filter><PropertyIsEqualTo><PropertyName>nam</PropertyName><Literal>x</Literal></PropertyIsEqualTo></Filter>"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (get_map("place"), "did you mean 'places'?"),
        (get_map(styles="by-kin"), "did you mean 'by-kind'?"),
        (get_map(filter=FILTER), "did you mean 'name'?"),
        (get_info(info_format="text/x"), "text/plain, text/html, application/json"),
        ("service=WMS&version=1.3.0&request=GetTile", "GetMap, GetFeatureInfo"),
    ],
)
def test_a_mistake_is_told_with_what_is_served_instead(service: Service, query: str, told: str) -> None:
    assert told in refused(service.get(query))[1]


def test_a_plus_sign_that_is_not_escaped_is_understood(service: Service) -> None:
    query = get_info(info_format="application/geo+json").replace("%2B", "+")
    assert "geo+json" in query
    assert service.get(query).headers["content-type"] == "application/geo+json"


def test_a_report_has_the_form_of_its_version(service: Service) -> None:
    new = service.get(get_map("nope"))
    root = etree.fromstring(new.content)
    assert root.tag == "{http://www.opengis.net/ogc}ServiceExceptionReport"
    assert "exceptions_1_3_0.xsd" in root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "")
    assert new.headers["content-type"].startswith("text/xml")
    old = service.get(get_map("nope", version="1.1.1"))
    assert old.headers["content-type"] == "application/vnd.ogc.se_xml"
    assert etree.fromstring(old.content).get("version") == "1.1.1"


@pytest.mark.parametrize(
    ("mode", "version"),
    [
        ("INIMAGE", "1.3.0"),
        ("application/vnd.ogc.se_inimage", "1.1.1"),
        ("BLANK", "1.3.0"),
        ("application/vnd.ogc.se_blank", "1.1.1"),
    ],
)
@pytest.mark.parametrize("media", ["image/png", "image/png; mode=8bit", "image/jpeg"])
def test_an_error_can_be_a_picture(service: Service, mode: str, version: str, media: str) -> None:
    response = service.get(get_map("nope", version=version, exceptions=mode, format=media, bgcolor="0xFFFF00"))
    assert response.status_code == 200
    assert response.headers["content-type"] == media
    assert picture(response.content).size == (800, 800)
    assert (len(colours(response.content)) > 1) == mode.lower().endswith("inimage")


def test_a_blank_picture_is_transparent_if_wanted(service: Service) -> None:
    body = service.get(get_map("nope", exceptions="BLANK", transparent="TRUE")).content
    assert colour(body, (5, 5))[3] == 0


ATTACKS = [
    "' OR 1=1 --",
    "places' UNION SELECT secret FROM geo.place_current --",
    '"; DROP TABLE x; --',
    'a"];x',
    "exec('import os')",
    "__import__('os').system('id')",
    "{{7*7}}",
    "${jndi:ldap://127.0.0.1/x}",
    "%(secret)s",
    "%places%",
    "../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://127.0.0.1:9/canary",
    "<script>alert(1)</script>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    "\x00",
    "a\r\nSet-Cookie: x=1",
    "Ω漢字\u202e",
    "x" * 5000,
    "[shape]",
    "%00",
]
OF_MAPS = ["LAYERS", "STYLES", "CRS", "FORMAT", "VERSION", "REQUEST", "SERVICE", "TIME", "DIM_X", "ELEVATION", "BBOX"]
OF_MAPS += ["WIDTH", "HEIGHT", "BGCOLOR", "TRANSPARENT"]
OF_QUERIES = ["QUERY_LAYERS", "INFO_FORMAT", "I", "FEATURE_COUNT", "SLD", "SLD_BODY", "FILTER"]


@pytest.mark.parametrize("name", OF_MAPS + OF_QUERIES)
@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_no_attack_gets_through(service: Service, name: str, attack: str) -> None:
    build = get_map if name in OF_MAPS else get_info
    code, text = refused(service.get(build(**{name.lower(): attack})), attack)
    assert len(text) < 400
    assert code


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_ignored_parameters_are_not_forwarded(service: Service, attack: str) -> None:
    for name in ("map", "mapext", "layer", "rule", "language", "map_resolution", "dpi", "exceptions", "qstring"):
        response = service.get(get_map(**{name: attack}))
        assert response.status_code == 200, name


# When something breaks


def test_a_restarted_database_is_not_noticed(service: Service) -> None:
    assert service.get(get_map(width="301")).status_code == 200
    service.engine.cluster.stop("fast")
    service.engine.cluster.start()
    for width in range(310, 316):
        assert service.get(get_map(width=str(width))).status_code == 200


def test_a_database_that_is_away_is_an_error_without_details(service: Service) -> None:
    service.engine.cluster.stop("fast")
    try:
        response = service.get(get_map(width="317"))
        info_response = service.get(get_info(width="900"))
    finally:
        service.engine.cluster.start()
    for one in (response, info_response):
        assert one.status_code == 503
        assert one.headers["retry-after"]
        assert not LEAKS.search(one.text)
    assert service.get(get_map(width="317")).status_code == 200


def test_without_a_pool_the_answer_is_503(tmp_path: Path, service: Service) -> None:
    wms = Wms(Answers(FastCGIClient(tmp_path / "none.sock")), lambda: service.engine.catalogue, base_url=PUBLIC_URL)
    with TestClient(Starlette(routes=wms.routes())) as http:
        assert http.get(f"/wms?{get_map()}").status_code == 503


# Memory


def test_an_answer_is_drawn_once_until_the_release_changes(service: Service) -> None:
    query = get_map(width="333")
    first = service.get(query)
    before = service.wms.answers.statistics
    again = service.get("&".join(reversed(query.replace("width", "WIDTH").split("&"))))
    assert service.wms.answers.statistics == before | {"hits": before["hits"] + 1}
    assert again.content == first.content
    assert service.get(query, **{"if-none-match": first.headers["etag"]}).status_code == 304


def test_a_new_release_has_new_answers_for_the_same_query(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    query, before = get_map(width="334"), service.engine.catalogue
    old = service.get(query).headers["etag"]
    layers = {**before.layers, "places": replace(before.layers["places"], mark="new")}
    monkeypatch.setattr(service.engine, "catalogue", replace(before, layers=layers, mark="new"))
    answer = service.get(query, **{"if-none-match": old})
    assert answer.status_code == 200
    assert answer.headers["etag"] != old
    counted = service.wms.answers.statistics
    assert service.get(query, **{"if-none-match": answer.headers["etag"]}).status_code == 304
    assert service.wms.answers.statistics == counted


def test_a_layer_that_is_gone_is_not_drawn_from_memory(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    query, before = get_map("faults", width="335"), service.engine.catalogue
    assert service.get(query).status_code == 200
    layers = {name: layer for name, layer in before.layers.items() if name != "faults"}
    monkeypatch.setattr(service.engine, "catalogue", replace(before, layers=layers))
    assert refused(service.get(query))[0] == "LayerNotDefined"


def test_a_posted_form_is_not_taken_for_the_same_query(service: Service) -> None:
    query = get_map(width="336")
    assert picture(service.get(query).content).width == 336
    form = {"content-type": "application/x-www-form-urlencoded"}
    posted = service.http.post(f"/wms?{query}", content="WIDTH=337", headers=form)
    assert picture(posted.content).width == 337


def test_prepared_capabilities_stay_whatever_else_is_drawn(service: Service) -> None:
    answers = Answers(FastCGIClient(service.engine.pool.socket), cache_bytes=20_000)
    wms = Wms(answers, lambda: service.engine.catalogue, base_url=PUBLIC_URL)
    with TestClient(Starlette(routes=wms.routes())) as http:
        assert http.portal
        http.portal.call(wms.prepare, service.engine.catalogue)
        for width in range(340, 350):
            http.get(f"/wms?{get_map(width=str(width))}")
        misses = answers.statistics["misses"]
        for version in ("1.1.1", "1.3.0"):
            assert http.get(f"/wms?service=WMS&request=GetCapabilities&version={version}").status_code == 200
        assert answers.statistics["misses"] == misses


def test_an_error_is_not_kept(service: Service) -> None:
    assert service.get(get_map("nope")).headers["cache-control"] == "no-store"


def test_answers_are_json_a_program_can_read(service: Service) -> None:
    assert json.loads(service.get(get_info(place=(400, 400))).content)["numberReturned"] == 1


# Styles of a layer


def test_a_layer_comes_in_each_of_its_styles(service: Service) -> None:
    for styles in ("", "default", "by-kind"):
        assert colour(service.get(get_map(styles=styles)).content, (200, 400))[:3] == (0, 0, 255)
    by_name = service.get(get_map(styles="by-name")).content
    assert colour(by_name, (200, 400))[:3] == (0, 255, 255)
    assert colour(by_name, (100, 400))[:3] == colour(by_name, (400, 400))[:3] == (0x10, 0x20, 0x30)


def test_styles_of_several_layers_do_not_mix(service: Service) -> None:
    body = service.get(get_map("units,places,faults", styles="units,by-name,")).content
    assert colour(body, (200, 400))[:3] == (0, 255, 255)
    assert colour(body, (600, 400))[:3] == (0x33, 0x66, 0x99)
    assert colour(body, (450, 100))[:3] == (0xAA, 0, 0xAA)


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
def test_capabilities_tell_title_abstract_and_legend_of_each_style(service: Service, version: str) -> None:
    root = etree.fromstring(service.get(f"service=WMS&version={version}&request=GetCapabilities").content)
    layers = {one.findtext("{*}Name"): one for one in root.iter("{*}Layer")}
    styles = {one.findtext("{*}Name"): one for one in layers["places"].findall("{*}Style")}
    assert list(styles) == ["by-kind", "by-name"]
    assert styles["by-name"].findtext("{*}Title") == "By name"
    assert [etree.QName(part).localname for part in styles["by-name"]] == ["Name", "Title", "Abstract", "LegendURL"]
    assert styles["by-name"].findtext("{*}Abstract") == "Places by their name."
    address = styles["by-name"].find("{*}LegendURL/{*}OnlineResource").get("{http://www.w3.org/1999/xlink}href")
    legend = service.get(address.partition("?")[2]).content
    assert (0, 255, 255, 255) in colours(legend)
    assert (0xFF, 0xCC, 0, 255) not in colours(legend)


@pytest.mark.parametrize("attack", ["kindOf", "secret", 'name" FROM geo.place_current; --', "%name%"])
def test_a_client_cannot_choose_the_field_of_a_style(service: Service, attack: str) -> None:
    plain = service.get(get_map()).content
    assert service.get(get_map(**{"classes-of-places": attack})).content == plain
