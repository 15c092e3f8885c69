"""Malformed requests to WMS, WFS and WCS: each gets a clear refusal, nothing of the inside, and soon.

Over a catalogue whose every name and text means something to MapServer, SQL or HTML; ``tests.fuzz`` does the same to a
whole server. FUZZ sets the number of requests of each service (default 150).
"""

# SPDX-License-Identifier: Apache-2.0

import os
import random
import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.ogc.answers import Answers
from app.ogc.wcs import Wcs
from app.ogc.wfs import Wfs
from app.ogc.wms import Wms
from gis.mapserver.downloads import target_namespace
from gis.mapserver.fastcgi import FastCGIClient
from gis.mapserver.stored import BY_ID
from tests.fuzz.requests import bent_document, bent_query
from tests.gis.mapserver.engine import PUBLIC_URL, get_info, get_map, running_cluster, running_engine, service

COUNT = int(os.environ.get("FUZZ", "150"))
LEAKS = re.compile(rb"/tmp/amdis|/usr/lib|SELECT |_timeout|host=|ms[A-Z]\w+\(\)|Traceback|psycopg|_current|hidden")
FILTER = (
    '<Filter xmlns="http://www.opengis.net/ogc"><PropertyIsEqualTo><PropertyName>name</PropertyName>'
    "<Literal>Tin place</Literal></PropertyIsEqualTo></Filter>"
)
SLD = (
    '<StyledLayerDescriptor version="1.0.0" xmlns="http://www.opengis.net/sld"><NamedLayer><Name>places</Name>'
    "<UserStyle>"
    "<FeatureTypeStyle><Rule><PointSymbolizer><Graphic><Mark><WellKnownName>star</WellKnownName></Mark><Size>9</Size>"
    "</Graphic></PointSymbolizer></Rule></FeatureTypeStyle></UserStyle></NamedLayer></StyledLayerDescriptor>"
)
WFS, WCS = "service=WFS&version=2.0.0&request=", "service=WCS&version=2.0.1&request="
GOOD = {
    "/wms": [
        get_map("units,places", width="60", height="60"),
        get_map(width="60", height="60", filter=FILTER, time="2024"),
        get_map(width="60", height="60", sld_body=SLD),
        get_info(),
        "service=WMS&version=1.3.0&request=GetLegendGraphic&layer=places&format=image/png&rule=Gold&width=20&height=20",
        "service=WMS&request=GetCapabilities&updatesequence=1",
    ],
    "/wfs": [
        f"{WFS}GetFeature&typenames=places&count=3&startindex=1&srsname=EPSG:3857&sortby=name DESC&propertyname=name",
        f"{WFS}GetFeature&typenames=(places)(units)&filter=({FILTER})({FILTER})&resulttype=hits",
        f"{WFS}GetFeature&typenames=places&bbox=-1,99,1,101,urn:ogc:def:crs:EPSG::4326&outputformat=csv",
        f"{WFS}GetPropertyValue&typenames=places&valuereference=name&resourceid=places.place-1",
        f"{WFS}GetFeature&storedquery_id={BY_ID}&id=places.place-1",
        f"{WFS}DescribeFeatureType&typenames=amdis:places",
        "service=WFS&request=GetCapabilities&acceptversions=2.0.0&sections=All",
    ],
    "/wcs": [
        f"{WCS}GetCoverage&coverageid=relief&subset=x(100,102)&subset=y(-3,-2)&scalesize=x(9),y(9)&rangesubset=red",
        f"{WCS}GetCoverage&coverageid=relief&outputcrs=EPSG:3857&interpolation=nearest&format=image/png&scalefactor=0.5",
        f"{WCS}DescribeCoverage&coverageid=relief",
    ],
}


@pytest.fixture(scope="module")
def http() -> Iterator[TestClient]:
    with running_cluster() as cluster, running_engine(cluster) as engine:
        answers = Answers(FastCGIClient(engine.pool.socket))
        services = (
            Wms(answers, lambda: engine.catalogue, base_url=PUBLIC_URL),
            Wfs(answers, lambda: engine.catalogue, target_namespace(service())),
            Wcs(answers, lambda: engine.catalogue),
        )
        with TestClient(Starlette(routes=[route for one in services for route in one.routes()])) as http:
            yield http
        assert engine.pool.restarts == 0, "a request ended a map process"


@pytest.mark.parametrize("path", GOOD)
def test_bent_requests_are_answered_without_a_fault(http: TestClient, path: str) -> None:
    draw = random.Random(f"{path} 20261123")
    for number in range(COUNT):
        query = bent_query(draw, draw.choice(GOOD[path]))
        response = http.get(f"{path}?{query}")
        assert response.status_code in {200, 400, 403, 404}, (number, query, response.text[:500])
        if response.status_code != 200 or b"Exception" in response.content[:500]:
            said = re.sub(rb"'[^']{1,61}'", b"", response.content)
            assert not LEAKS.search(said), (number, query, response.text[:500])


@pytest.mark.parametrize("path", ["/wfs", "/wms"])
def test_bent_documents_are_answered_without_a_fault(http: TestClient, path: str) -> None:
    draw = random.Random(f"posted {path} 20261123")
    good = (
        '<wfs:GetFeature xmlns:wfs="http://www.opengis.net/wfs/2.0" service="WFS" version="2.0.0" count="2">'
        f'<wfs:Query typeNames="places">{FILTER}</wfs:Query></wfs:GetFeature>'
    )
    for number in range(COUNT):
        body = bent_document(draw, good)
        response = http.post(path, content=body.encode(), headers={"Content-Type": "text/xml"})
        assert response.status_code in {200, 400}, (number, body, response.text[:500])
