"""What the executable test suite for OGC API - Features 1.0 asserts of Part 1 and 2, by the names of its test methods.

As the suite does, everything is asked of every collection of features, with the Accept header of what is wanted.
"""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pyproj
import pytest

from tests.published import LAYERS, SYSTEMS

GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
UNSUPPORTED = "http://www.opengis.net/def/crs/0/unsupported"
BOXES = ([-1.5, 50, 1.5, 53], [-80, -5, -70, 5], [177, 65, -177, 70], [-180, 85, 180, 90], [-180, -90, 180, -85])
COLLECTIONS = (*LAYERS, "statistics")
of_each_collection = pytest.mark.parametrize("name", COLLECTIONS)
Document = dict[str, Any]


def asked(http: httpx.Client, address: str, accept: str = GEOJSON, **parameters: str) -> httpx.Response:
    """The answer to an address with some of its parameters set anew."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query)) | {name.replace("_", "-"): text for name, text in parameters.items()}
    return http.get(parts._replace(query="").geturl(), params=query, headers={"Accept": accept})


@pytest.fixture(scope="module")
def collections(http: httpx.Client) -> dict[str, Document]:
    document = asked(http, "/ogc/collections", "application/json").json()
    found = {one["id"]: one for one in document["collections"] if one.get("itemType", "feature") == "feature"}
    assert sorted(found) == sorted(COLLECTIONS)
    return found


def items_of(collection: Document) -> str:
    found = [link for link in collection["links"] if link["rel"] == "items" and link["type"] == GEOJSON]
    return str(found[0]["href"])


def link(document: Document, rel: str) -> Document | None:
    return next((one for one in document["links"] if one["rel"] == rel), None)


def decimal(number: float) -> str:
    """A number as the suite spells it: no zero before the point."""
    return re.sub(r"^(-?)0\.", r"\1.", f"{number:.7f}")


def box(corners: list[float]) -> str:
    return ",".join(map(decimal, corners))


def check_links(document: Document, *more: str) -> None:
    """Self, its other encoding, and the type of each."""
    links = [one for one in document["links"] if one["rel"] in ("self", "alternate", *more)]
    assert all(one.get("type") for one in links)
    types = {rel: {one["type"] for one in links if one["rel"] == rel} for rel in ("self", "alternate")}
    assert "text/html" in types["alternate"]
    assert types["self"] <= {GEOJSON, "application/json"}
    assert {"self", *more} <= {one["rel"] for one in links}


def check_page(answer: httpx.Response) -> Document:
    """validate...Response of TypeProperty, FeaturesProperty, Links, TimeStamp and NumberReturned."""
    assert answer.status_code == 200, answer.text[:300]
    page: Document = answer.json()
    assert page["type"] == "FeatureCollection"
    assert page["numberReturned"] == len(page["features"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", page["timeStamp"])
    check_links(page)
    return page


# A.2.3, A.2.4, A.2.5


def test_openapi_document_retrieval_by_its_own_media_type(http: httpx.Client) -> None:
    landing = asked(http, "/ogc/", "application/json").json()
    (address,) = [one["href"] for one in landing["links"] if one["rel"] == "service-desc" and one["type"] == OPENAPI]
    answer = asked(http, address, OPENAPI)
    assert (answer.status_code, answer.headers["content-type"]) == (200, OPENAPI)


def test_every_media_type_an_operation_documents_is_what_its_accept_header_gets(http: httpx.Client) -> None:
    paths = http.get("/ogc/openapi").json()["paths"]
    for path, operation in paths.items():
        if "{" in path or not path.startswith(("/collections/mines", "/collections/statistics", "/openapi", "/con")):
            continue
        for media_type in operation["get"]["responses"]["200"]["content"]:
            answer = http.get(f"/ogc{path}", headers={"Accept": media_type})
            assert answer.status_code == 200, (path, media_type)
            assert answer.headers["content-type"].split(";")[0] == media_type.split(";")[0]


def parameters_of(http: httpx.Client, path: str) -> dict[str, Document]:
    document = http.get("/ogc/openapi").json()
    given = document["paths"][path]["get"]["parameters"]
    whole = [document["components"]["parameters"][one["$ref"].rpartition("/")[2]] for one in given if "$ref" in one]
    return {one["name"]: one for one in whole}


@pytest.mark.parametrize("path", [f"/collections/{name}/items" for name in (*COLLECTIONS, "records")])
def test_parameter_definitions_of_every_path_that_ends_with_items(http: httpx.Client, path: str) -> None:
    told = parameters_of(http, path)
    for name in ("limit", "bbox", "datetime"):
        one = told[name]
        assert (one["in"], one["required"], one["style"], one["explode"]) == ("query", False, "form", False)
    assert told["limit"]["schema"]["type"] == "integer"
    assert told["limit"]["schema"]["minimum"] >= 0
    assert told["limit"]["schema"]["default"] >= 0
    corners = told["bbox"]["schema"]
    assert (corners["type"], corners["items"]["type"]) == ("array", "number")
    assert (corners["minItems"], corners["maxItems"]) == (4, 6)
    assert told["datetime"]["schema"]["type"] == "string"


@of_each_collection
def test_validate_feature_collection_metadata_response(
    http: httpx.Client, collections: dict[str, Document], name: str
) -> None:
    alone = asked(http, f"/ogc/collections/{name}", "application/json").json()
    for key in ("id", "title", "description", "extent"):
        assert alone.get(key) == collections[name].get(key)
    assert all(one.get("rel") and one.get("type") for one in collections[name]["links"])


# A.2.7, A.2.8


@of_each_collection
def test_validate_features_operation_query_param_invalid_and_unknown(
    http: httpx.Client, collections: dict[str, Document], name: str
) -> None:
    address = items_of(collections[name])
    assert asked(http, address, limit="unlimited").status_code == 400
    assert asked(http, address, unknownQueryParameter12345="1").status_code == 400


def pages(http: httpx.Client, first: Document) -> Iterator[Document]:
    """The pages after the first, as the suite walks them: at most three, by its own limit."""
    page, left = first, 3
    while left and (following := link(page, "next")):
        page, left = asked(http, following["href"], limit="10000").json(), left - 1
        yield page


@of_each_collection
def test_validate_features_response_number_matched(
    http: httpx.Client, collections: dict[str, Document], name: str
) -> None:
    page = check_page(asked(http, items_of(collections[name])))
    found = page["numberReturned"] + sum(len(one["features"]) for one in pages(http, page))
    assert found == page["numberMatched"]


@of_each_collection
def test_validate_features_with_limit_response(http: httpx.Client, collections: dict[str, Document], name: str) -> None:
    for limit in (1, 100):
        page = check_page(asked(http, items_of(collections[name]), limit=str(limit)))
        assert len(page["features"]) <= limit


@pytest.mark.parametrize("name", LAYERS)
def test_validate_features_with_bounding_box_response(
    http: httpx.Client, collections: dict[str, Document], name: str
) -> None:
    extent = collections[name]["extent"]["spatial"]["bbox"][0]
    everything = check_page(asked(http, items_of(collections[name])))["numberMatched"]
    for corners in (extent, *BOXES):
        page = check_page(asked(http, items_of(collections[name]), bbox=box(corners)))
        assert page["numberMatched"] == (everything if corners is extent else 0)


@of_each_collection
def test_validate_feature_response_at_an_address_made_from_the_link_and_the_id(
    http: httpx.Client, collections: dict[str, Document], name: str
) -> None:
    address = items_of(collections[name])
    first = asked(http, address).json()["features"][0]["id"]
    answer = asked(http, f"{address.partition('?')[0]}/{first}")
    assert answer.status_code == 200
    check_links(answer.json(), "collection")


# Part 2


@of_each_collection
def test_verify_crs_parameter_default_and_invalid(
    http: httpx.Client, collections: dict[str, Document], name: str
) -> None:
    address = items_of(collections[name])
    first = asked(http, address).json()["features"][0]["id"]
    for one in (address, f"{address.partition('?')[0]}/{first}"):
        assert asked(http, one).headers["content-crs"] == f"<{CRS84}>"
        assert asked(http, one, crs=UNSUPPORTED).status_code == 400


@pytest.mark.parametrize("name", LAYERS)
def test_verify_bbox_crs_parameter_finds_the_same_in_systems_whose_boxes_are_boxes_in_degrees(
    http: httpx.Client, collections: dict[str, Document], name: str
) -> None:
    """In projected systems the suite turns two corners into a box that is another place; docs/conformance.md says."""
    extent = collections[name]["extent"]["spatial"]["bbox"][0]
    address = items_of(collections[name])
    plain = asked(http, address, bbox=box(extent)).json()
    west, south, east, north = extent
    for code in (4326, 3857):
        to = pyproj.Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
        corners = [*to.transform(west, south), *to.transform(east, north)]
        uri = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
        found = asked(http, address, bbox=box(corners), bbox_crs=uri)
        assert found.status_code == 200, found.text
        assert found.json()["numberMatched"] == plain["numberMatched"], code
        assert [one["id"] for one in found.json()["features"]] == [one["id"] for one in plain["features"]]
    assert asked(http, address, bbox="5,49,6,50", bbox_crs=UNSUPPORTED).status_code == 400


@pytest.mark.parametrize("code", [4326, 3857, 32648, 4756, 3123])
def test_a_feature_is_in_the_box_of_the_coordinates_it_is_told_with(http: httpx.Client, code: int) -> None:
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
    west, south, east, north = SYSTEMS[uri].area
    near = {"bbox": f"{max(west, 95)},{max(south, -10)},{min(east, 141)},{min(north, 28)}", "limit": "20"}
    for feature in http.get("/ogc/collections/mines/items", params={**near, "crs": uri}).json()["features"]:
        a, b = feature["geometry"]["coordinates"]
        there = {"bbox": f"{a},{b},{a},{b}", "bbox-crs": uri}
        found = http.get("/ogc/collections/mines/items", params=there).json()["features"]
        assert feature["id"] in [one["id"] for one in found]
