"""The documents of the OGC API, by the requirements of OGC API - Features Part 1 (17-069r4) whose ids the names carry.

``test_core_root_success_...`` proves /req/core/root-success, and so on.
"""

# SPDX-License-Identifier: Apache-2.0

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate

from app.ogc.parameters import MAX_LIMIT
from gis.ogcapi.features import LARGEST_LIMIT
from tests.published import LAYERS, rows
from tests.running import Running

SPEC = "http://www.opengis.net/spec"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
DOCUMENTS = (
    "/ogc",
    "/ogc/",
    "/ogc/conformance",
    "/ogc/openapi",
    "/ogc/collections",
    *(f"/ogc/collections/{name}{rest}" for name in LAYERS for rest in ("", "/queryables", "/schema", "/items")),
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def links(document: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in document["links"] if link["rel"] == rel]


def media(answer: httpx.Response) -> str:
    """Media type of an answer without its parameters."""
    return answer.headers["content-type"].split(";")[0].strip()


def definition(http: httpx.Client) -> dict[str, Any]:
    document: dict[str, Any] = http.get("/ogc/openapi").json()
    return document


def test_core_http_version_is_1_1(http: httpx.Client) -> None:
    assert http.get("/ogc").http_version == "HTTP/1.1"


def test_core_root_success_names_every_resource_and_each_link_answers(http: httpx.Client) -> None:
    landing = http.get("/ogc").json()
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= {
        link["rel"] for link in landing["links"]
    }
    for link in landing["links"]:
        answer = http.get(link["href"])
        assert answer.status_code == 200, link
        assert media(answer) == link["type"].split(";")[0], link


def test_core_root_op_answers_the_same_with_and_without_a_slash(http: httpx.Client) -> None:
    assert http.get("/ogc").content == http.get("/ogc/").content


def test_documents_do_not_answer_for_one_another(http: httpx.Client) -> None:
    keys = {
        path: sorted(http.get(path).json()) for path in ("/ogc", "/ogc/collections", "/ogc/conformance", "/ogc/openapi")
    }
    assert {"title", "description", "links"} == set(keys["/ogc"])
    assert {"collections", "links"} <= set(keys["/ogc/collections"])
    assert keys["/ogc/conformance"] == ["conformsTo"]
    assert "paths" in keys["/ogc/openapi"]


def test_core_conformance_success_names_the_classes_kept_to(http: httpx.Client) -> None:
    classes = http.get("/ogc/conformance").json()["conformsTo"]
    features = [f"{SPEC}/ogcapi-features-1/1.0/conf/{one}" for one in ("core", "oas30", "html", "geojson")]
    assert set(features) <= set(classes)
    assert len(classes) == len(set(classes))


def test_core_fc_md_success_lists_every_collection_with_its_links(http: httpx.Client) -> None:
    document = http.get("/ogc/collections").json()
    assert sorted(one["id"] for one in document["collections"]) == sorted([*LAYERS, "records", "statistics"])
    assert len(links(document, "self")) == 1
    assert links(document, "alternate")
    assert all(link.get("type") for link in (*links(document, "self"), *links(document, "alternate")))


def test_core_fc_md_items_links_lead_to_geojson_and_html(http: httpx.Client) -> None:
    for one in http.get("/ogc/collections").json()["collections"]:
        items = {link["type"]: link["href"] for link in links(one, "items")}
        for kind in ("application/geo+json", "text/html"):
            answer = http.get(items[kind])
            assert (answer.status_code, media(answer)) == (200, kind)


@pytest.mark.parametrize("name", LAYERS)
def test_core_fc_md_extent_holds_every_feature(server: Running, http: httpx.Client, name: str) -> None:
    spatial = http.get(f"/ogc/collections/{name}").json()["extent"]["spatial"]
    assert spatial["crs"] == CRS84
    west, south, east, north = spatial["bbox"][0]
    outside = "NOT shape @ ST_Expand(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 1e-9)"
    assert rows(server, LAYERS[name], "identifier", outside, west, south, east, north) == []
    on_each_side = "ST_XMin(shape) = %s OR ST_YMin(shape) = %s OR ST_XMax(shape) = %s OR ST_YMax(shape) = %s"
    assert rows(server, LAYERS[name], "identifier", on_each_side, west, south, east, north)


@pytest.mark.parametrize("name", LAYERS)
def test_core_sfc_md_success_is_what_the_list_says(http: httpx.Client, name: str) -> None:
    one = http.get(f"/ogc/collections/{name}").json()
    document = http.get("/ogc/collections").json()
    listed = next(c for c in document["collections"] if c["id"] == name)
    assert listed["crs"] == ["#/crs"]
    assert {**one, "links": 0} == {**listed, "crs": document["crs"], "links": 0}
    assert {link["href"] for link in listed["links"]} <= {link["href"] for link in one["links"]}
    assert len(links(one, "self")) == 1
    for link in one["links"]:
        if link["rel"] == "license":  # elsewhere
            assert link["href"].startswith("https://")
        elif not link.get("templated"):
            answer = http.head(link["href"])  # files of all formats, which test_public_services reads, take a while
            assert (answer.status_code, media(answer)) == (200, link["type"].split(";")[0]), link


def test_core_crs84_is_told_and_is_the_first(http: httpx.Client) -> None:
    for one in http.get("/ogc/collections").json()["collections"]:
        if one["id"] == "statistics":  # its features have no geometry
            continue
        assert one["crs"][0] in (CRS84, "#/crs")
        assert one["storageCrs"] == CRS84


@pytest.mark.parametrize("name", LAYERS)
def test_fields_are_told_by_queryables_and_schema(http: httpx.Client, name: str) -> None:
    public = {field.name for field in LAYERS[name].public_fields}
    for document in ("queryables", "schema"):
        answer = http.get(f"/ogc/collections/{name}/{document}")
        assert media(answer) == "application/schema+json"
        assert answer.json()["$id"] == str(answer.url)
        told = answer.json()["properties"]
        assert public < set(told)
        assert "content_hash" not in told
        assert "submission_id" not in told


@pytest.mark.parametrize("path", DOCUMENTS)
def test_html_content_of_every_resource(http: httpx.Client, path: str) -> None:
    page = http.get(path, params={"f": "html"})
    assert (page.status_code, media(page)) == (200, "text/html")
    assert re.search(r'<html[^>]* lang="\w+', page.text)
    assert re.search(r"<title>[^<]*\w", page.text)
    # Nothing a browser loads by itself comes from elsewhere.
    loaded = re.findall(r'<(?:script|img|iframe)[^>]* src="([^"]*)"|<link[^>]* href="([^"]*)"', page.text)
    base = str(http.base_url)
    for address in ("".join(one) for one in loaded):
        assert address.startswith((base, "/", "data:")), address
        assert not address.startswith("//")


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("application/json", False),
        ("application/geo+json, application/json", False),
        ("*/*", False),
        ("application/*", False),
        ("text/html", True),
        (BROWSER, True),
        ("application/json;q=0.5, text/html", True),
        ("text/html;q=0.2, application/json;q=0.9", False),
        ("text/html;q=0, */*", False),
        ("application/vnd.oai.openapi+json;version=3.0, */*;q=0.1", False),
    ],
)
def test_accept_header_decides_the_format(http: httpx.Client, accept: str, html: bool) -> None:
    for path in DOCUMENTS:
        answer = http.get(path, headers={"Accept": accept})
        assert answer.status_code == 200, path
        assert (media(answer) == "text/html") is html, path
        assert "accept" in answer.headers.get("vary", "").lower(), path


def test_format_parameter_wins_over_the_accept_header(http: httpx.Client) -> None:
    for path, (named, other) in itertools.product(DOCUMENTS, (("json", "text/html"), ("html", "application/json"))):
        answer = http.get(path, params={"f": named}, headers={"Accept": other})
        assert (media(answer) == "text/html") is (named == "html")


def test_format_nobody_has_is_not_acceptable(http: httpx.Client) -> None:
    for path in DOCUMENTS:
        answer = http.get(path, headers={"Accept": "image/png"})
        assert (answer.status_code, media(answer)) == (406, "application/problem+json"), path
        wrong = http.get(path, params={"f": "dxf"})
        assert (wrong.status_code, wrong.json()["parameter"]) == (400, "f"), path


@pytest.mark.parametrize("path", ["/ogc", "/ogc/collections", "/ogc/collections/mines/items"])
def test_only_reading_is_allowed(http: httpx.Client, path: str) -> None:
    assert http.head(path).status_code == 200
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = http.request(method, path)
        assert (answer.status_code, media(answer)) == (405, "application/problem+json")
        assert "GET" in answer.headers["allow"]


# OpenAPI


def references(value: Any) -> Iterator[str]:
    """Every $ref in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        yield path, item["get"]


def test_oas30_oas_definition_is_valid_and_refers_to_nothing_outside(http: httpx.Client) -> None:
    answer = http.get("/ogc/openapi")
    assert answer.headers["content-type"] == OPENAPI
    document = answer.json()
    validate(document)
    found = list(references(document))
    assert found
    assert [one for one in found if not one.startswith("#/")] == []
    assert len({one["operationId"] for _, one in operations(document)}) == len(document["paths"])


def test_oas30_completeness_every_documented_path_answers_as_documented(server: Running, http: httpx.Client) -> None:
    document = definition(http)
    base = document["servers"][0]["url"]
    assert base == f"{server.url}/ogc"
    for path, operation in operations(document):
        at = document["paths"][path].get("servers", document["servers"])[0]["url"]
        answer = http.get(at + filled(server, path))
        described = operation["responses"].get(str(answer.status_code))
        assert answer.status_code in (200, 204, 303), path
        assert described is not None, path
        if answer.status_code == 200 and "json" in media(answer):
            content = described["content"][answer.headers["content-type"]]
            schema = {**content["schema"], "components": document["components"]}
            OAS30Validator(schema).validate(answer.json())


def filled(server: Running, path: str) -> str:
    """A documented path with values for its variables."""
    collection = path.split("/")[2] if path.startswith("/collections/") else ""
    values = {"{tileMatrix}": "3", "{tileRow}": "3", "{tileCol}": "6", "{recordId}": "mines", "{rowId}": "1"}
    values |= {
        "{tileMatrixSetId}": "WebMercatorQuad",
        "{styleId}": LAYERS[collection].style if collection in LAYERS else "mines-by-commodity",
        "{datasetId}": "mines",
        "{releaseNumber}": "1",
        "{identifier}": "icmm-06129",
    }
    if collection in LAYERS:
        values["{featureId}"] = quote(str(rows(server, LAYERS[collection], "identifier")[0][0]), safe="")
    for name, value in values.items():
        path = path.replace(name, value)
    assert "{" not in path
    return path


def parameter(http: httpx.Client, collection: str, name: str) -> dict[str, Any]:
    document = definition(http)
    for one in document["paths"][f"/collections/{collection}/items"]["get"]["parameters"]:
        found = one
        for part in one.get("$ref", "#").split("/")[1:]:
            found = document if found is one else found
            found = found[part]
        if found["name"] == name:
            return dict(found)
    raise AssertionError(f"{name} is not documented")


@pytest.mark.parametrize("name", LAYERS)
def test_core_fc_limit_bbox_and_time_definitions(http: httpx.Client, name: str) -> None:
    limit, bbox, time = (parameter(http, name, one) for one in ("limit", "bbox", "datetime"))
    for one in (limit, bbox, time):
        assert (one["in"], one["required"], one["style"], one["explode"]) == ("query", False, "form", False)
    # A file holds more than a page: no answer may hold more than the maximum.
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": 10}
    assert f"{MAX_LIMIT:,}" in limit["description"]
    assert bbox["schema"] == {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    assert time["schema"] == {"type": "string"}


def test_json_of_every_document_is_utf_8_and_parses(http: httpx.Client) -> None:
    for path in DOCUMENTS:
        json.loads(http.get(path).content.decode("utf-8"))
