"""WFS 2.0: what is asked for comes out, in every format, and nothing else does."""

# SPDX-License-Identifier: Apache-2.0

import csv
import io
import json
import re
import string
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from xml.sax.saxutils import escape

import psycopg
import pytest
from httpx2 import Response
from lxml import etree
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.ogc.answers import Answers
from app.ogc.wfs import Wfs
from gis.mapserver.downloads import target_namespace
from gis.mapserver.fastcgi import FastCGIClient
from gis.mapserver.stored import BY_ID
from tests.gis.mapserver.engine import TRICKY, Engine, running_cluster, running_engine, service

NAMESPACE = target_namespace(service())
NS = {
    "wfs": "http://www.opengis.net/wfs/2.0",
    "gml": "http://www.opengis.net/gml/3.2",
    "ows": "http://www.opengis.net/ows/1.1",
    "xsd": "http://www.w3.org/2001/XMLSchema",
    "a": NAMESPACE,
}
LEAKS = re.compile(r"/tmp/|/usr/|/etc/|SELECT|_timeout|host=|ms[A-Z][a-zA-Z]+\(|Traceback|psycopg|fid|_current")  # noqa: S108
MARKS = [f"x{mark}y" for mark in string.punctuation] + ["x\\", "\\", "[name]", "\\\\", "' OR '1'='1", "x''y", "ຫ \\'"]
FES = (
    '<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0" xmlns:gml="http://www.opengis.net/gml/3.2">{}</fes:Filter>'
)


@dataclass
class Service:
    http: TestClient
    engine: Engine

    def ask(self, request: str, **values: str) -> Response:
        return self.http.get(f"/wfs?{urlencode({'service': 'WFS', 'version': '2.0.0', 'request': request} | values)}")

    def post(self, body: str, media: str = "text/xml") -> Response:
        return self.http.post("/wfs", content=body.encode(), headers={"Content-Type": media})

    def found(self, condition: str, types: str = "places") -> list[str]:
        """Identifiers of what a filter finds."""
        response = self.ask("GetFeature", typenames=types, filter=FES.format(condition), outputformat="csv")
        assert response.status_code == 200, response.text
        return [row["identifier"] for row in csv.DictReader(io.StringIO(response.text))]


@pytest.fixture(scope="module")
def wfs() -> Iterator[Service]:
    with running_cluster() as cluster:
        with psycopg.connect(cluster.conninfo()) as connection:
            insert = "INSERT INTO geo.fault_current VALUES (%s, %s, %s, 'SRID=4326;MULTILINESTRING((99 3, 107 3))')"
            connection.cursor().executemany(insert, [(10 + i, f"m-{i}", name) for i, name in enumerate(MARKS)])
        with running_engine(cluster) as engine:
            one = Wfs(Answers(FastCGIClient(engine.pool.socket)), lambda: engine.catalogue, NAMESPACE)
            with TestClient(Starlette(routes=one.routes())) as http:
                yield Service(http, engine)


def read(response: Response) -> etree._Element:
    assert response.status_code == 200, response.text
    return etree.fromstring(response.content)


def ids(response: Response) -> list[str]:
    """gml:id of every feature of a collection."""
    members = read(response).iterfind(".//wfs:member/a:*", NS)
    return [one.get(f"{{{NS['gml']}}}id", "") for one in members]


def refused(response: Response, status: int = 400) -> tuple[str, str, str]:
    """Code, locator and text of an exception report, which says nothing of the inside."""
    assert response.status_code == status, response.text[:300]
    error = etree.fromstring(response.content).find("ows:Exception", NS)
    assert error is not None
    text = error.findtext("ows:ExceptionText", "", NS)
    assert not LEAKS.search(text), text
    return error.get("exceptionCode", ""), error.get("locator", ""), text


def compare(operator: str, name: str, value: str, **attributes: str) -> str:
    given = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return (
        f"<fes:{operator} {given}><fes:ValueReference>{name}</fes:ValueReference>"
        f"<fes:Literal>{escape(value)}</fes:Literal></fes:{operator}>"
    )


# Capabilities and schema


def test_capabilities_offer_every_feature_type_in_this_version_alone(wfs: Service) -> None:
    root = read(wfs.http.get("/wfs?service=WFS&request=GetCapabilities"))
    assert root.get("version") == "2.0.0"
    assert [one.text for one in root.iterfind(".//wfs:FeatureType/wfs:Name", NS)] == [
        "amdis:places",
        "amdis:faults",
        "amdis:units",
    ]
    assert {one.text for one in root.iterfind(".//ows:ServiceTypeVersion", NS)} == {"2.0.0"}
    assert b"1.1.0</" not in etree.tostring(root.find("ows:OperationsMetadata", NS))
    formats = {one.text for one in root.iterfind(".//wfs:OutputFormats/wfs:Format", NS)}
    assert formats >= {"application/gml+xml; version=3.2", "application/geo+json", "text/csv", "application/zip"}
    assert b"<!--" not in etree.tostring(root)


def test_every_advertised_format_is_served(wfs: Service) -> None:
    root = read(wfs.http.get("/wfs?service=WFS&request=GetCapabilities"))
    for media in {one.text or "" for one in root.iterfind(".//wfs:OutputFormats/wfs:Format", NS)}:
        assert wfs.ask("GetFeature", typenames="places", outputformat=media).status_code == 200, media


def test_capabilities_by_section(wfs: Service) -> None:
    root = read(wfs.http.get("/wfs?service=WFS&request=GetCapabilities&sections=FeatureTypeList"))
    assert root.find("wfs:FeatureTypeList", NS) is not None
    assert root.find("ows:OperationsMetadata", NS) is None


def test_version_negotiation(wfs: Service) -> None:
    assert wfs.http.get("/wfs?service=WFS&request=GetCapabilities&acceptversions=1.1.0,2.0.0").status_code == 200
    code, _, _ = refused(wfs.http.get("/wfs?service=WFS&request=GetCapabilities&acceptversions=1.1.0"))
    assert code == "VersionNegotiationFailed"


def test_namespace_of_features_resolves_to_their_schema(wfs: Service) -> None:
    root = read(wfs.ask("GetFeature", typenames="places"))
    locations = root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "").split()
    address = dict(zip(locations[::2], locations[1::2], strict=True))[NAMESPACE]
    schema = read(wfs.http.get(f"/wfs?{urlsplit(address).query}"))
    assert schema.get("targetNamespace") == NAMESPACE
    declared = {one.get("name") for one in schema.iterfind(".//xsd:sequence/xsd:element", NS)}
    used = {etree.QName(one).localname for one in root.iterfind(".//a:places/a:*", NS)}
    assert used <= declared
    assert declared == {"shape", "identifier", "name", "kindOf", "tonnage", "visited", "tags"}


# Features


def test_gml_has_latitude_first_and_leaves_empty_fields_out(wfs: Service) -> None:
    root = read(wfs.ask("GetFeature", typenames="amdis:places"))
    first, second = root.findall(".//a:places", NS)[:2]
    assert first.findtext(".//gml:pos", "", NS) == "0.0000000 100.0000000"
    assert first.findtext("a:visited", "", NS) == "2024-05-01"
    assert second.find("a:tonnage", NS) is None
    third = root.findall(".//a:places", NS)[2]
    assert third.findtext("a:kindOf", "", NS).split() == TRICKY.split()


def test_geojson_has_longitude_first_and_null_for_nothing(wfs: Service) -> None:
    response = wfs.ask("GetFeature", typenames="places", outputformat="application/geo+json")
    assert response.headers["content-type"] == "application/geo+json"
    features = json.loads(response.content)["features"]
    assert [one["geometry"]["coordinates"] for one in features] == [[100, 0], [101, 0], [102, 0], [103, 0]]
    assert features[3]["properties"]["name"] is None
    assert features[2]["properties"]["kindOf"] == TRICKY


def test_csv_and_shapefile(wfs: Service) -> None:
    response = wfs.ask("GetFeature", typenames="places", outputformat="text/csv")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert rows[0] == {
        "WKT": "POINT (100 0)",
        "identifier": "place-1",
        "name": "Gold place",
        "kindOf": "gold",
        "tonnage": "12.5",
        "visited": "2024-05-01",
        "tags": "a, b",
    }
    assert response.headers["content-disposition"] == 'attachment; filename="places.csv"'
    archive = zipfile.ZipFile(io.BytesIO(wfs.ask("GetFeature", typenames="units", outputformat="shape-zip").content))
    assert {name.rpartition(".")[2] for name in archive.namelist()} >= {"shp", "dbf", "shx", "prj"}


def test_pages_join_to_the_whole_and_link_to_each_other(wfs: Service) -> None:
    seen: list[str] = []
    query = urlencode({"service": "WFS", "version": "2.0.0", "request": "GetFeature", "typenames": "faults"})
    query += "&count=7"
    while query:
        root = read(wfs.http.get(f"/wfs?{query}"))
        assert root.get("numberMatched") == str(len(MARKS) + 1)
        seen += ids(wfs.http.get(f"/wfs?{query}"))
        query = urlsplit(root.get("next", "")).query
    assert len(seen) == len(set(seen)) == len(MARKS) + 1
    assert seen == sorted(seen)


def test_hits_are_counted_without_features(wfs: Service) -> None:
    root = read(wfs.ask("GetFeature", typenames="places", resulttype="hits"))
    assert (root.get("numberMatched"), root.get("numberReturned"), len(root)) == ("4", "0", 0)


def test_properties_order_and_coordinate_system_are_as_asked(wfs: Service) -> None:
    root = read(
        wfs.ask("GetFeature", typenames="places", propertyname="name", sortby="identifier DESC", srsname="EPSG:3857")
    )
    features = root.findall(".//a:places", NS)
    assert [etree.QName(one).localname for feature in features for one in feature] == ["name", "name", "name"]
    assert features[-1].findtext("a:name", "", NS) == "Gold place"
    shaped = read(wfs.ask("GetFeature", typenames="places", count="1", srsname="urn:ogc:def:crs:EPSG::3857"))
    assert shaped.findtext(".//a:shape//gml:pos", "", NS).startswith("11131949.07")


def test_one_feature_by_its_identifier(wfs: Service) -> None:
    stored = read(wfs.ask("GetFeature", storedquery_id=BY_ID, id="places.place-2"))
    assert (etree.QName(stored).localname, stored.get(f"{{{NS['gml']}}}id")) == ("places", "places.place-2")
    assert ids(wfs.ask("GetFeature", resourceid="places.place-2")) == ["places.place-2"]
    assert refused(wfs.ask("GetFeature", storedquery_id=BY_ID, id="places.none"), 404)[0] == "NotFound"
    assert refused(wfs.ask("GetFeature", storedquery_id=BY_ID, id="x' OR 1=1"), 404)[0] == "NotFound"


@pytest.mark.parametrize("identifier", ["", "1", "1e5", "0x1A", "-inf", "NaN", "a.place-2"])
def test_identifier_that_would_be_misread_names_no_feature(wfs: Service, identifier: str) -> None:
    assert refused(wfs.ask("GetFeature", storedquery_id=BY_ID, id=f"places.{identifier}"), 404)[0] == "NotFound"


def test_stored_queries_are_listed_and_described(wfs: Service) -> None:
    assert read(wfs.ask("ListStoredQueries")).find("wfs:StoredQuery", NS).get("id") == BY_ID
    assert read(wfs.ask("DescribeStoredQueries")).find("wfs:StoredQueryDescription", NS).get("id") == BY_ID


def test_values_of_one_property(wfs: Service) -> None:
    root = read(wfs.ask("GetPropertyValue", typenames="places", valuereference="name", count="2"))
    assert [one.text for one in root.iterfind("wfs:member/a:name", NS)] == ["Gold place", "Tin place"]


def test_several_feature_types_in_one_answer(wfs: Service) -> None:
    found = ids(wfs.ask("GetFeature", typenames="(places)(units)", propertyname="(name)(name)"))
    assert "places.place-1" in found
    assert "units.unit-1" in found


# Filters


@pytest.mark.parametrize("value", MARKS)
def test_a_literal_is_compared_letter_by_letter(wfs: Service, value: str) -> None:
    stored = [f"m-{i}" for i, name in enumerate(MARKS) if name == value]
    assert wfs.found(compare("PropertyIsEqualTo", "name", value), "faults") == stored
    others = wfs.found(f"<fes:Not>{compare('PropertyIsEqualTo', 'name', value)}</fes:Not>", "faults")
    assert len(others) == len(MARKS)
    assert not set(stored) & set(others)
    pattern = "".join(f"~{mark}" if mark in "*@~" else mark for mark in value)
    like = compare("PropertyIsLike", "name", pattern, wildCard="*", singleChar="@", escapeChar="~")
    assert wfs.found(like, "faults") == stored


BOX = (
    '<gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>-1 99</gml:lowerCorner>'
    "<gml:upperCorner>1 101.5</gml:upperCorner></gml:Envelope>"
)
POLYGON = (
    '<gml:Polygon srsName="EPSG:3857"><gml:exterior><gml:LinearRing><gml:posList>11020000 -9 11190000 -9 11190000 9 '
    "11020000 9 11020000 -9</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
)
NAME = "<fes:ValueReference>{}</fes:ValueReference>"
NAMED_TIN = (
    f"<fes:And><fes:Not><fes:PropertyIsNull>{NAME.format('name')}</fes:PropertyIsNull></fes:Not>"
    f"{compare('PropertyIsEqualTo', 'kindOf', 'tin')}</fes:And>"
)
BETWEEN = (
    f"<fes:PropertyIsBetween>{NAME.format('tonnage')}<fes:LowerBoundary><fes:Literal>0</fes:Literal>"
    "</fes:LowerBoundary><fes:UpperBoundary><fes:Literal>20</fes:Literal></fes:UpperBoundary></fes:PropertyIsBetween>"
)
DURING = (
    f'<fes:During>{NAME.format("visited")}<gml:TimePeriod gml:id="t"><gml:beginPosition>2024-01-01'
    "</gml:beginPosition><gml:endPosition>2025-01-01</gml:endPosition></gml:TimePeriod></fes:During>"
)
RING = "<gml:LinearRing><gml:posList>{}</gml:posList></gml:LinearRing>"
TRIANGLE = f"<gml:exterior>{RING.format('0 0 0 1 1 1 0 0')}</gml:exterior>"
# What PostgreSQL stops at, as if it had failed.
NO_SHAPES = (
    f"<gml:Polygon><gml:exterior>{RING.format('0 0 1 1 0 0')}</gml:exterior></gml:Polygon>",
    f"<gml:Polygon>{TRIANGLE}<gml:interior>{RING.format('0 0 0 0')}</gml:interior></gml:Polygon>",
    f"<gml:Polygon>{RING.format('0 0 0 1 1 1 0 0')}</gml:Polygon>",
    "<gml:Polygon><gml:pos>0 0</gml:pos></gml:Polygon>",
    "<gml:LineString><gml:posList>0 0</gml:posList></gml:LineString>",
    "<gml:LineString><gml:posList>0 0 1</gml:posList></gml:LineString>",
    "<gml:Point><gml:pos>. -</gml:pos></gml:Point>",
    "<gml:Point><gml:pos>1e999 0</gml:pos></gml:Point>",
)
LINKED = '<gml:Point xmlns:x="http://www.w3.org/1999/xlink" x:href="file:///etc/passwd"/>'
ELSEWHERE = '<gml:Envelope srsName="+init=epsg:4326 +nadgrids=x"><gml:lowerCorner>0 0</gml:lowerCorner></gml:Envelope>'


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (compare("PropertyIsEqualTo", "name", "gold PLACE", matchCase="false"), {1}),
        (compare("PropertyIsEqualTo", "amdis:places/amdis:name", "Gold place"), {1}),
        (compare("PropertyIsNotEqualTo", "name", "Gold place"), {2, 3}),
        (compare("PropertyIsGreaterThan", "tonnage", "1"), {1}),
        (compare("PropertyIsLessThanOrEqualTo", "tonnage", "0"), {3}),
        (compare("PropertyIsGreaterThanOrEqualTo", "visited", "2024-04-30"), {1}),
        (compare("PropertyIsLike", "name", "*place", wildCard="*", singleChar="?", escapeChar="!"), {1, 2}),
        (compare("PropertyIsLike", "name", "*" * 990 + "place", wildCard="*", singleChar="?", escapeChar="!"), {1, 2}),
        (compare("PropertyIsLike", "name", "?in place", wildCard="*", singleChar="?", escapeChar="!"), {2}),
        (f"<fes:PropertyIsNull>{NAME.format('name')}</fes:PropertyIsNull>", {4}),
        (f"<fes:PropertyIsNull>{NAME.format('gml:name')}</fes:PropertyIsNull>", {4}),
        (f"<fes:PropertyIsNull>{NAME.format('gml:description')}</fes:PropertyIsNull>", {1, 2, 3, 4}),
        (NAMED_TIN, {2}),
        (BETWEEN, {1, 3}),
        (DURING, {1}),
        (f"<fes:BBOX>{NAME.format('shape')}{BOX}</fes:BBOX>", {1, 2}),
        (f"<fes:Within>{NAME.format('shape')}{BOX}</fes:Within>", {1, 2}),
        (f"<fes:Intersects>{NAME.format('shape')}{POLYGON}</fes:Intersects>", {1}),
        ('<fes:ResourceId rid="places.place-1"/><fes:ResourceId rid="places.place-4"/>', {1, 4}),
    ],
)
def test_filters_find_what_they_say(wfs: Service, condition: str, expected: set[int]) -> None:
    assert set(wfs.found(condition)) == {f"place-{number}" for number in expected}


def far(operator: str, shape: str, distance: float, unit: str = "m") -> str:
    told = f'<fes:Distance uom="{unit}">{distance}</fes:Distance>'
    return f"<fes:{operator}>{NAME.format('shape')}{shape}{told}</fes:{operator}>"


PLACE = '<gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="p"><gml:pos>0 100</gml:pos></gml:Point>'
IN_METRES = '<gml:Point srsName="EPSG:3857" gml:id="p"><gml:pos>11131949.08 0</gml:pos></gml:Point>'
LINE = (
    '<gml:LineString srsName="urn:ogc:def:crs:EPSG::4326" gml:id="l"><gml:posList>1 101 1 103</gml:posList>'
    "</gml:LineString>"
)
DEGREE = 111_319.49  # metres along the equator


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (far("DWithin", PLACE, DEGREE + 50), {1, 2}),
        (far("DWithin", PLACE, DEGREE - 50), {1}),
        (far("DWithin", PLACE, 2 * DEGREE / 1000 + 1, "km"), {1, 2, 3}),
        (far("DWithin", PLACE, 2.01, "deg"), {1, 2, 3}),
        (far("DWithin", PLACE, DEGREE + 50, "urn:ogc:def:uom:EPSG::9001"), {1, 2}),
        (far("DWithin", IN_METRES, DEGREE + 50), {1, 2}),
        (far("DWithin", LINE, 110_700), {2, 3, 4}),
        (far("DWithin", BOX, 60_000), {1, 2, 3}),
        (far("Beyond", PLACE, DEGREE + 50), {3, 4}),
        (f"<fes:Not>{far('Beyond', PLACE, DEGREE + 50)}</fes:Not>", {1, 2}),
    ],
)
def test_distances_are_measured_on_the_ground(wfs: Service, condition: str, expected: set[int]) -> None:
    assert set(wfs.found(condition)) == {f"place-{number}" for number in expected}


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (far("DWithin", PLACE, 1, "furlong"), "metres, kilometres or degrees"),
        (far("DWithin", PLACE, -1), "more than 0 and at most 2000 km"),
        (far("Beyond", PLACE, 2_001, "km"), "more than 0 and at most 2000 km"),
        (far("DWithin", PLACE.replace("0 100", "0 100 1"), 5), "FILTER"),
        (far("DWithin", LINE.replace("1 101 1 103", "1 101"), 5), "FILTER"),
        (far("DWithin", LINE.replace("1 101 1 103", "1 101 " * 300), 5), "at most 200 coordinates"),
        (f"<fes:And>{far('DWithin', PLACE, 5) * 6}</fes:And>", "at most 5 distances"),
    ],
)
def test_a_distance_that_cannot_be_measured_is_told(wfs: Service, condition: str, told: str) -> None:
    assert told in refused(wfs.ask("GetFeature", typenames="places", filter=FES.format(condition)))[2]


def test_a_box_of_the_parameters(wfs: Service) -> None:
    assert ids(wfs.ask("GetFeature", typenames="places", bbox="-1,99,1,100.5")) == ["places.place-1"]
    metres = "11020000,-9,11190000,9,urn:ogc:def:crs:EPSG::3857"
    assert ids(wfs.ask("GetFeature", typenames="places", bbox=metres)) == ["places.place-1"]


@pytest.mark.parametrize(
    "condition",
    [
        compare("PropertyIsEqualTo", "secret", "hidden"),
        f"<fes:PropertyIsNull>{NAME.format('description')}</fes:PropertyIsNull>",
        compare("PropertyIsEqualTo", 'name" OR 1=1 --', "a"),
        compare("PropertyIsGreaterThan", "tonnage", "1 OR 1=1"),
        compare("PropertyIsGreaterThan", "visited", "now()"),
        compare("PropertyIsLessThan", "name", "x\\"),
        compare("PropertyIsLike", "tonnage", "1*", wildCard="*", singleChar="?", escapeChar="!"),
        compare("PropertyIsLike", "name", "1*", wildCard="**", singleChar="?", escapeChar="!"),
        '<fes:PropertyIsEqualTo><fes:Function name="f"/><fes:Literal>1</fes:Literal></fes:PropertyIsEqualTo>',
        f"<fes:Intersects>{LINKED}</fes:Intersects>",
        f"<fes:Intersects>{NAME.format('name')}{BOX}</fes:Intersects>",
        f"<fes:BBOX>{ELSEWHERE}</fes:BBOX>",
        *(f"<fes:Intersects>{one}</fes:Intersects>" for one in NO_SHAPES),
        *(f'<fes:DWithin>{one}<fes:Distance uom="m">9</fes:Distance></fes:DWithin>' for one in NO_SHAPES),
        "<fes:And/>",
        "<script/>",
        "",
    ],
)
def test_filters_that_cannot_be_are_refused(wfs: Service, condition: str) -> None:
    response = wfs.ask("GetFeature", typenames="places", filter=FES.format(condition))
    assert refused(response)[:2] == ("InvalidParameterValue", "filter")


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><Filter>&x;</Filter>',
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Filter>&b;</Filter>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><Filter/>',
        "<Filter>&undefined;</Filter>",
        "<Filter>" + "<And>" * 60 + "</And>" * 60 + "</Filter>",
        "<Filter>" + "<And/>" * 5000 + "</Filter>",
        "<Filter",
    ],
)
def test_documents_that_reach_out_or_blow_up_are_refused(wfs: Service, document: str) -> None:
    assert refused(wfs.ask("GetFeature", typenames="places", filter=document))[0] == "OperationParsingFailed"


def test_the_box_every_feature_has_cannot_be_compared(wfs: Service) -> None:
    condition = compare("PropertyIsLessThanOrEqualTo", "gml:boundedBy", "1")
    response = wfs.ask("GetFeature", typenames="places", filter=FES.format(condition))
    assert refused(response, 403)[0] == "OperationProcessingFailed"


def test_an_identifier_with_a_point_is_no_name_of_a_layer(wfs: Service) -> None:
    assert ids(wfs.ask("GetFeature", typenames="places", resourceid="elsewhere.place-1")) == []


# Posted requests

GET_FEATURE = (
    '<wfs:GetFeature xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:fes="http://www.opengis.net/fes/2.0" '
    'xmlns:gml="http://www.opengis.net/gml/3.2" service="WFS" version="2.0.0" {attributes}>{inner}</wfs:GetFeature>'
)


def test_posted_query_with_a_prefix_of_its_own(wfs: Service) -> None:
    condition = compare("PropertyIsEqualTo", "ns12:name", "Tin place")
    query = (
        f'<wfs:Query xmlns:ns12="{NAMESPACE}" typeNames="ns12:places" srsName="urn:ogc:def:crs:EPSG::3857">'
        f"<fes:Filter>{condition}</fes:Filter></wfs:Query>"
    )
    response = wfs.post(GET_FEATURE.format(attributes='count="3"', inner=query))
    assert ids(response) == ["places.place-2"]
    assert "EPSG::3857" in response.text


def test_posted_stored_query_and_other_operations(wfs: Service) -> None:
    inner = f'<wfs:StoredQuery id="{BY_ID}"><wfs:Parameter name="id">places.place-3</wfs:Parameter></wfs:StoredQuery>'
    assert read(wfs.post(GET_FEATURE.format(attributes="", inner=inner))).get(f"{{{NS['gml']}}}id") == "places.place-3"
    head = '<wfs:{} xmlns:wfs="http://www.opengis.net/wfs/2.0" service="WFS" {}>{}</wfs:{}>'
    body = head.format("GetCapabilities", "", "", "GetCapabilities")
    assert etree.QName(read(wfs.post(body))).localname == "WFS_Capabilities"
    types = f'<wfs:TypeName xmlns:n="{NAMESPACE}">n:units</wfs:TypeName>'
    body = head.format("DescribeFeatureType", 'version="2.0.0"', types, "DescribeFeatureType")
    assert [one.get("name") for one in read(wfs.post(body)).iterfind("xsd:element", NS)] == ["units"]
    values = head.format(
        "GetPropertyValue",
        'version="2.0.0" valueReference="name"',
        '<wfs:Query typeNames="units"/>',
        "GetPropertyValue",
    )
    assert [one.text for one in read(wfs.post(values)).iterfind(".//a:name", NS)] == ["Unit"]


def test_posted_queries_keep_apart_what_only_looks_like_a_list(wfs: Service) -> None:
    condition = compare("PropertyIsEqualTo", "name", ")(")
    inner = "".join(
        f'<wfs:Query typeNames="{name}"><fes:Filter>{condition}</fes:Filter></wfs:Query>'
        for name in ("places", "units")
    )
    assert ids(wfs.post(GET_FEATURE.format(attributes="", inner=inner))) == []


@pytest.mark.parametrize(
    ("body", "media"),
    [
        ("<a/>", "text/xml"),
        ("", "text/xml"),
        ("{}", "application/json"),
        ('<wfs:Transaction xmlns:wfs="http://www.opengis.net/wfs/2.0" service="WFS" version="2.0.0"/>', "text/xml"),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "text/xml"),
        ("<a>" + "x" * 70_000 + "</a>", "text/xml"),
        (GET_FEATURE.format(attributes="", inner=""), "text/xml"),
        (GET_FEATURE.format(attributes="", inner='<wfs:Query typeNames="places units"/>'), "text/xml"),
    ],
)
def test_posted_nonsense_is_refused(wfs: Service, body: str, media: str) -> None:
    response = wfs.post(body, media)
    refused(response)


# Mistakes


@pytest.mark.parametrize(
    ("changes", "code", "locator"),
    [
        ({"request": ""}, "MissingParameterValue", "request"),
        ({"service": ""}, "MissingParameterValue", "service"),
        ({"service": "WMS"}, "InvalidParameterValue", "service"),
        ({"version": ""}, "MissingParameterValue", "version"),
        ({"version": "1.1.0"}, "InvalidParameterValue", "version"),
        ({"typenames": "nothing"}, "InvalidParameterValue", "typeNames"),
        ({"typenames": "relief"}, "InvalidParameterValue", "typeNames"),
        ({"typenames": "wrong:places"}, "InvalidParameterValue", "typeNames"),
        ({"typenames": ""}, "MissingParameterValue", "typenames"),
        ({"outputformat": "text/plain"}, "InvalidParameterValue", "outputFormat"),
        ({"srsname": "EPSG:2"}, "InvalidParameterValue", "srsName"),
        ({"count": "-1"}, "InvalidParameterValue", "count"),
        ({"startindex": "x"}, "InvalidParameterValue", "startIndex"),
        ({"resulttype": "all"}, "InvalidParameterValue", "resultType"),
        ({"propertyname": "secret"}, "InvalidParameterValue", "propertyName"),
        ({"sortby": "secret"}, "InvalidParameterValue", "sortBy"),
        ({"sortby": "name; DROP TABLE x"}, "InvalidParameterValue", "sortBy"),
        ({"bbox": "1,2,3"}, "InvalidParameterValue", "bbox"),
        ({"bbox": "1,1,0,0"}, "InvalidParameterValue", "bbox"),
        ({"bbox": "0,0,1,1", "resourceid": "places.place-1"}, "InvalidParameterValue", "RESOURCEID"),
        ({"resourceid": "places.\x00"}, "InvalidParameterValue", "RESOURCEID"),
        ({"resourceid": "units.unit-1"}, "InvalidParameterValue", "RESOURCEID"),
        ({"filter": FES.format('<fes:ResourceId rid="units.unit-1"/>')}, "InvalidParameterValue", "RESOURCEID"),
        ({"request": "GetPropertyValue"}, "MissingParameterValue", "valuereference"),
        ({"request": "GetPropertyValue", "valuereference": ""}, "InvalidParameterValue", "valueReference"),
        ({"storedquery_id": "urn:x"}, "InvalidParameterValue", "storedQuery_Id"),
    ],
)
def test_mistakes_are_named(wfs: Service, changes: dict[str, str], code: str, locator: str) -> None:
    values = {"request": "GetFeature", "service": "WFS", "version": "2.0.0", "typenames": "places"} | changes
    response = wfs.http.get(f"/wfs?{urlencode(values)}")
    assert refused(response)[:2] == (code, locator)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"outputformat": "kml"}, "application/geo+json, text/csv, application/zip"),
        ({"filter": FES.format(compare("PropertyIsEqualTo", "nam", "x"))}, "did you mean 'name'?"),
    ],
)
def test_a_mistake_is_told_with_what_is_served_instead(wfs: Service, changes: dict[str, str], told: str) -> None:
    assert told in refused(wfs.ask("GetFeature", typenames="places", **changes))[2]


def test_map_and_other_parameters_of_mapserver_do_not_reach_it(wfs: Service) -> None:
    for name, value in {"map": "/etc/passwd", "mode": "browse", "layers": "all", "map.web.template": "x"}.items():
        query = "service=WFS&version=2.0.0&request=GetFeature&typenames=units"
        assert ids(wfs.http.get(f"/wfs?{query}&{quote(name)}={quote(value)}")) == ["units.unit-1"]


def test_an_answer_is_kept_until_the_next_release(wfs: Service) -> None:
    first = wfs.ask("GetFeature", typenames="units")
    query = urlencode(dict(parse_qsl(urlsplit(str(first.url)).query)))
    again = wfs.http.get(f"/wfs?{query}", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
