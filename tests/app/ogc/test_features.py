"""Items and item, by the requirements of OGC API - Features Part 1 (17-069r4) whose ids the names carry.

``test_core_fc_bbox_response_...`` proves /req/core/fc-bbox-response, and so on; PostGIS is asked beside the service.
"""

# SPDX-License-Identifier: Apache-2.0

import itertools
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
import shapely

from app.ogc.parameters import MAX_LIMIT, read_file_limit, read_limit
from gis.ogcapi.features import LARGEST_LIMIT
from tests.published import LAYERS, count, rows
from tests.running import Running

GEOJSON = "application/geo+json"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MEETS = "ST_Intersects(shape, ST_GeomFromText(%s, 4326))"
WORLD = "-180,-90,180,90"


def items(http: httpx.Client, name: str, **parameters: Any) -> dict[str, Any]:
    answer = http.get(f"/ogc/collections/{name}/items", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == GEOJSON
    document: dict[str, Any] = answer.json()
    return document


def identifiers(document: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in document["features"]]


def link(document: dict[str, Any], rel: str) -> dict[str, Any] | None:
    return next((one for one in document["links"] if one["rel"] == rel), None)


def walk(http: httpx.Client, name: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    """All pages, by their links to the next one."""
    page = items(http, name, **parameters)
    yield page
    while following := link(page, "next"):
        page = http.get(following["href"]).json()
        yield page


def as_text(west: float, south: float, east: float, north: float) -> str:
    """WKT of a box: a line or a point where it has no width or height."""
    flat = west == east or south == north
    box = shapely.LineString([(west, south), (east, north)]) if flat else shapely.box(west, south, east, north)
    return str(shapely.to_wkt(box, rounding_precision=-1))


def refused(answer: httpx.Response, parameter: str | None, status: int = 400) -> None:
    """The answer is a problem document that names the parameter."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem.get("parameter") == parameter


# The page


@pytest.mark.parametrize("name", LAYERS)
def test_core_fc_response_walked_by_its_links_is_the_table(server: Running, http: httpx.Client, name: str) -> None:
    stored = [row[0] for row in rows(server, LAYERS[name], "identifier")]
    size = max(3, len(stored) // 7)
    pages = list(walk(http, name, limit=size))
    assert list(itertools.chain.from_iterable(map(identifiers, pages))) == stored
    assert [page["numberReturned"] for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert {page["numberMatched"] for page in pages} == {len(stored)}


@pytest.mark.parametrize("name", LAYERS)
def test_geojson_content_has_every_public_field_and_no_other(server: Running, http: httpx.Client, name: str) -> None:
    document = items(http, name, limit=2)
    assert document["type"] == "FeatureCollection"
    for feature in document["features"]:
        assert (feature["type"], feature["id"]) == ("Feature", feature["properties"]["identifier"])
        assert list(feature["properties"]) == [field.name for field in LAYERS[name].public_fields]
        assert feature["geometry"]["type"] == LAYERS[name].geometry_type


@pytest.mark.parametrize("name", LAYERS)
def test_core_fc_links_lead_to_itself_its_html_and_its_collection(http: httpx.Client, name: str) -> None:
    document = items(http, name, limit=2, bbox=WORLD)
    myself, other, collection = (link(document, rel) for rel in ("self", "alternate", "collection"))
    assert myself
    assert other
    assert collection
    asked = {key: value for key, (value,) in parse_qs(urlsplit(myself["href"]).query).items()}
    assert asked == {"limit": "2", "bbox": WORLD, "f": "json"}
    assert identifiers(http.get(myself["href"]).json()) == identifiers(document)
    assert http.get(other["href"]).headers["content-type"].startswith("text/html")
    assert http.get(collection["href"]).json()["id"] == name


@pytest.mark.parametrize("name", LAYERS)
def test_core_fc_rel_type_every_link_has_the_type_it_answers_with(http: httpx.Client, name: str) -> None:
    for one in items(http, name, limit=1)["links"]:
        assert http.get(one["href"]).headers["content-type"].split(";")[0] == one["type"]


def test_next_link_keeps_the_question_and_the_last_page_has_none(http: httpx.Client) -> None:
    pages = list(walk(http, "mines", limit=100, bbox="100,-5,120,15", datetime="2020-01-01/.."))
    following = link(pages[0], "next")
    assert following
    asked = parse_qs(urlsplit(following["href"]).query)
    assert (asked["bbox"], asked["limit"], asked["datetime"]) == (["100,-5,120,15"], ["100"], ["2020-01-01/.."])
    assert sum(page["numberReturned"] for page in pages) == pages[0]["numberMatched"]
    assert link(pages[-1], "next") is None


def test_page_as_large_as_what_is_left_has_no_next_page(server: Running, http: httpx.Client) -> None:
    plants = count(server, LAYERS["processing-plants"])
    assert link(items(http, "processing-plants", limit=plants), "next") is None
    assert link(items(http, "processing-plants", limit=plants - 1), "next")


def test_page_in_html_leads_to_the_next_page_in_html(http: httpx.Client) -> None:
    page = http.get("/ogc/collections/mines/items", params={"f": "html", "limit": 5})
    following = re.findall(r'href="([^"]*cursor=[^"]*)"', page.text)
    assert following
    again = http.get(following[0].replace("&amp;", "&"))
    assert again.headers["content-type"].startswith("text/html")


def test_core_fc_timestamp_is_the_time_of_the_answer(http: httpx.Client) -> None:
    told = items(http, "mines", limit=1)["timeStamp"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", told)
    assert datetime.fromisoformat(told).tzinfo


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("box", [None, "100,-5,120,15", "0,0,1,1"])
def test_core_fc_number_matched_and_returned(server: Running, http: httpx.Client, name: str, box: str | None) -> None:
    where = (MEETS, as_text(*map(float, box.split(",")))) if box else ("true",)
    stored = len(rows(server, LAYERS[name], "identifier", *where))
    document = items(http, name, limit=7, **({"bbox": box} if box else {}))
    assert (document["numberMatched"], document["numberReturned"]) == (stored, min(7, stored))
    assert len(document["features"]) == document["numberReturned"]


def test_answers_say_their_coordinate_system(http: httpx.Client) -> None:
    first = items(http, "mines", limit=1)["features"][0]["id"]
    for path in ("/ogc/collections/mines/items", f"/ogc/collections/mines/items/{first}"):
        assert http.get(path).headers["content-crs"] == f"<{CRS84}>"


# limit


def test_core_fc_limit_response_is_ten_when_not_asked(http: httpx.Client) -> None:
    assert items(http, "mines")["numberReturned"] == 10


@pytest.mark.parametrize("text", ["10001", "999999", "999999999999999999"])
def test_core_fc_limit_response_over_the_maximum_is_served_with_the_maximum(http: httpx.Client, text: str) -> None:
    assert read_limit(text) == MAX_LIMIT == 10_000
    assert items(http, "processing-plants", limit=text)["numberReturned"] == 10


@pytest.mark.parametrize(("text", "limit"), [(None, None), ("200000", 200_000), ("9" * 18, LARGEST_LIMIT)])
def test_limit_of_a_file_is_what_it_says(text: str | None, limit: int | None) -> None:
    assert read_file_limit(text) == limit


@pytest.mark.parametrize("text", ["0", "-1", "", "1.5", "1e3", "ten", "٣", "0x10", " 5", "1_0", "9" * 40, "NaN"])
def test_core_query_param_invalid_limit(http: httpx.Client, text: str) -> None:
    refused(http.get("/ogc/collections/mines/items", params={"limit": text}), "limit")


# bbox


BOXES = {
    "region": (90.0, -12.0, 142.0, 30.0),
    "part": (100.0, -5.0, 120.0, 15.0),
    "small": (101.0, 3.0, 102.0, 4.0),
    "empty": (0.0, 0.0, 1.0, 1.0),
    "line": (110.0, -12.0, 110.0, 30.0),
    "world": (-180.0, -90.0, 180.0, 90.0),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_core_fc_bbox_response_is_what_meets_the_box(
    server: Running, http: httpx.Client, name: str, box: tuple[float, ...]
) -> None:
    stored = [row[0] for row in rows(server, LAYERS[name], "identifier", MEETS, as_text(*box))]
    assert identifiers(items(http, name, bbox=",".join(map(str, box)), limit=10_000)) == stored


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("box", [(130.0, -12.0, 100.0, 30.0), (179.0, -90.0, -179.0, 90.0), (120.5, 0.0, 120.0, 9.0)])
def test_core_fc_bbox_response_across_the_dateline_is_both_sides(
    server: Running, http: httpx.Client, name: str, box: tuple[float, ...]
) -> None:
    west, south, east, north = box
    both = (f"{MEETS} OR {MEETS}", as_text(west, south, 180, north), as_text(-180, south, east, north))
    stored = [row[0] for row in rows(server, LAYERS[name], "identifier", *both)]
    answer = items(http, name, bbox=",".join(map(str, box)), limit=10_000)
    assert identifiers(answer) == stored
    assert answer["numberMatched"] == len(stored)


@pytest.mark.parametrize("name", ["mines", "mineral-deposits", "mineral-occurrences"])
def test_core_fc_bbox_response_is_exact_to_the_last_digit(server: Running, http: httpx.Client, name: str) -> None:
    columns = "identifier, ST_X(shape), ST_Y(shape)"
    for identifier, x, y in rows(server, LAYERS[name], columns)[::20]:
        at = items(http, name, bbox=f"{x!r},{y!r},{x!r},{y!r}", limit=100)
        assert identifier in identifiers(at)
        # The spatial index is of single precision: this box, 1e-9 degrees off, meets the site's there.
        beside = items(http, name, bbox=f"{x + 1e-9!r},{y - 1:.6f},{x + 1e-8!r},{y + 1:.6f}", limit=10_000)
        assert identifier not in identifiers(beside)
        above = items(http, name, bbox=f"{x - 1:.6f},{y + 1e-9!r},{x + 1:.6f},{y + 1e-8!r}", limit=10_000)
        assert identifier not in identifiers(above)


@pytest.mark.parametrize("heights", [("0", "0"), ("-100", "9000")])
def test_core_fc_bbox_response_of_six_numbers_leaves_the_heights_out(
    http: httpx.Client, heights: tuple[str, str]
) -> None:
    flat = items(http, "mines", bbox="100,-5,120,15", limit=10_000)
    high = items(http, "mines", bbox=f"100,-5,{heights[0]},120,15,{heights[1]}", limit=10_000)
    assert identifiers(flat) == identifiers(high)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1,2,3",
        "1,2,3,4,5",
        "1,2,3,4,5,6,7",
        "a,b,c,d",
        "1,2,3,x",
        "1;2;3;4",
        "nan,0,1,1",
        "inf,0,1,1",
        "-181,0,1,1",
        "0,-91,1,1",
        "0,0,181,1",
        "0,0,1,91",
        "0,2,1,1",
        "1,,2,3",
        "1e400,0,1,1",
        "1_0,0,20,1",
        "0,0,1,1,",
        "٣,0,4,1",
    ],
)
def test_core_query_param_invalid_bbox(http: httpx.Client, text: str) -> None:
    refused(http.get("/ogc/collections/mines/items", params={"bbox": text}), "bbox")


# datetime


@pytest.mark.parametrize(
    "text",
    [
        "2025-06-30",
        "2025-06-30T12:00:00Z",
        "2025-06-30T12:00:00.123Z",
        "2025-06-30T12:00:00+07:00",
        "2020-01-01/2025-06-30",
        "2020-01-01T00:00:00Z/2025-06-30T00:00:00Z",
        "../2025-06-30",
        "2025-06-30/..",
        "/2025-06-30",
        "2025-06-30/",
    ],
)
def test_core_fc_time_response_of_a_layer_without_time_is_everything(http: httpx.Client, text: str) -> None:
    assert items(http, "mines", datetime=text)["numberMatched"] == items(http, "mines")["numberMatched"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "../..",
        "..",
        "today",
        "2025",
        "2025-13-01",
        "2025-02-31",
        "2025-06-30T25:00:00Z",
        "2025-06-30T12:00:00X",
        "2025-06-30/2025-01-01",
        "2025-06-30T12:00:00+07:00/2025-06-30T06:00:00+07:00",
        "2025-01-01/2025-02-01/2025-03-01",
        "2025-06-30 12:00:00",
        "2025-06-30\n",
        "٢٠٢٥-06-30",
    ],
)
def test_core_query_param_invalid_datetime(http: httpx.Client, text: str) -> None:
    refused(http.get("/ogc/collections/mines/items", params={"datetime": text}), "datetime")


# Unknown things


@pytest.mark.parametrize("path", ["", "/conformance", "/openapi", "/collections", "/collections/mines"])
def test_core_query_param_unknown_of_a_document(http: httpx.Client, path: str) -> None:
    refused(http.get(f"/ogc{path}", params={"nonsense": "1"}), "nonsense")


@pytest.mark.parametrize("name", ["nonsense", "BBOX", "bbox ", "limit[]", "filter", "sortby", "crs", "offset", ""])
def test_core_query_param_unknown_of_items(http: httpx.Client, name: str) -> None:
    refused(http.get("/ogc/collections/mines/items", params={name: "1"}), name or None)


def test_parameter_given_twice_is_refused_by_its_name(http: httpx.Client) -> None:
    refused(http.get("/ogc/collections/mines/items?limit=1&limit=2"), "limit")


@pytest.mark.parametrize("rest", ["", "/items", "/items/x", "/queryables", "/schema", "/tiles/WebMercatorQuad/0/0/0"])
def test_unknown_collection_is_not_found(http: httpx.Client, rest: str) -> None:
    refused(http.get(f"/ogc/collections/nonsense{rest}"), None, 404)


@pytest.mark.parametrize("identifier", ["nonsense", "a/b", "icmm-06129x", "%20", "ICMM-06129"])
def test_unknown_item_is_not_found(http: httpx.Client, identifier: str) -> None:
    refused(http.get(f"/ogc/collections/mines/items/{quote(identifier, safe='%')}"), None, 404)


def test_unknown_path_is_not_found(http: httpx.Client) -> None:
    refused(http.get("/ogc/nonsense"), None, 404)


# The item


@pytest.mark.parametrize("name", LAYERS)
def test_core_f_success_is_the_feature_of_the_page(http: httpx.Client, name: str) -> None:
    for feature in items(http, name, limit=5)["features"]:
        answer = http.get(f"/ogc/collections/{name}/items/{quote(feature['id'], safe='')}")
        assert answer.headers["content-type"].split(";")[0] == GEOJSON
        assert {**answer.json(), "links": 0} == {**feature, "links": 0}


@pytest.mark.parametrize("name", LAYERS)
def test_core_f_links_lead_to_itself_its_html_and_its_collection(http: httpx.Client, name: str) -> None:
    feature = items(http, name, limit=1)["features"][0]
    found = http.get(f"/ogc/collections/{name}/items/{quote(feature['id'], safe='')}").json()
    assert {one["rel"] for one in found["links"]} == {"self", "alternate", "collection"}
    for one in found["links"]:
        answer = http.get(one["href"])
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, one["type"])


@pytest.mark.parametrize("name", LAYERS)
def test_html_content_of_the_item_shows_what_it_says(http: httpx.Client, name: str) -> None:
    feature = items(http, name, limit=1)["features"][0]
    page = http.get(f"/ogc/collections/{name}/items/{quote(feature['id'], safe='')}", params={"f": "html"})
    assert page.status_code == 200
    assert feature["id"] in page.text
