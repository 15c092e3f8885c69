"""The catalogue, by the requirements of OGC API - Records Part 1 (20-004r1) whose ids the names carry.

``test_record_core_query_parameters_q_response_...`` proves /req/record-core-query-parameters/q-response, and so on.
"""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.published import LAYERS

CATALOG = "/ogc/collections/records"
ITEMS = f"{CATALOG}/items"
RASTERS = ("relief",)
TABLES = ("statistics",)
SPEC = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf"
CATALOG_REL = "http://www.opengis.net/def/rel/ogc/1.0/ogc-catalog"
PARAMETERS = {"bbox", "datetime", "limit", "q", "type", "ids", "externalIds"}


def media(answer: httpx.Response) -> str:
    return answer.headers["content-type"].split(";")[0].strip()


def links(document: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in document["links"] if link["rel"] == rel]


def search(http: httpx.Client, **asked: str) -> list[dict[str, Any]]:
    answer = http.get(ITEMS, params={"limit": "10000", **asked})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["features"]
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in found]


@pytest.fixture(scope="module")
def records(http: httpx.Client) -> list[dict[str, Any]]:
    """Every record."""
    return search(http)


@pytest.fixture(scope="module")
def definition(http: httpx.Client) -> dict[str, Any]:
    """The API's description."""
    found: dict[str, Any] = http.get("/ogc/openapi").json()
    return found


def parameters(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the operation of the records can be asked, as described."""
    for one in definition["paths"]["/collections/records/items"]["get"]["parameters"]:
        name = one.get("$ref", "").rpartition("/")[2]
        yield definition["components"]["parameters"][name] if name else one


# Conformance and discovery


def test_conformance_names_the_classes_kept_to(http: httpx.Client) -> None:
    declared = {one.removeprefix(f"{SPEC}/") for one in http.get("/ogc/conformance").json()["conformsTo"]}
    assert {"record-core", "record-collection", "record-core-query-parameters", "searchable-catalog"} <= declared
    assert {"crawlable-catalog", "local-resources-catalog", "autodiscovery", "sorting", "cql-filter"} <= declared


def test_autodiscovery_links_of_the_landing_page_answer_as_they_say(http: httpx.Client) -> None:
    found = links(http.get("/ogc").json(), CATALOG_REL)
    assert found
    for link in found:
        answer = http.get(link["href"])
        assert (answer.status_code, media(answer)) == (200, link["type"])


def test_local_resources_catalog_discovery_endpoints_are_described(
    http: httpx.Client, definition: dict[str, Any]
) -> None:
    base = definition["servers"][0]["url"]
    for link in links(http.get("/ogc").json(), CATALOG_REL):
        assert link["href"].partition("?")[0].removeprefix(base) in definition["paths"]


def test_local_resources_catalog_mandatory_catalog_properties(http: httpx.Client) -> None:
    found = http.get("/ogc/collections").json()
    assert (found["type"], found["itemType"], found["recordsArrayName"]) == ("Collection", "record", "collections")
    assert found["id"]
    assert found["title"]


@pytest.mark.parametrize("name", LAYERS)
def test_local_resources_catalog_mandatory_record_properties(http: httpx.Client, name: str) -> None:
    found = http.get(f"/ogc/collections/{name}").json()
    assert (found["id"], found["type"]) == (name, "dataset")
    assert found["title"]
    assert found["license"]


# The catalogue


def test_record_collection_mandatory_properties_and_item_type(http: httpx.Client) -> None:
    found = http.get(CATALOG).json()
    assert (found["id"], found["type"], found["itemType"]) == ("records", "Collection", "record")
    assert found["title"]
    listed = next(one for one in http.get("/ogc/collections").json()["collections"] if one["id"] == "records")
    assert {**listed, "links": 0} == {**found, "links": 0}


def test_record_collection_links_self_and_alternates(http: httpx.Client) -> None:
    found = http.get(CATALOG).json()
    assert len(links(found, "self")) == 1
    assert {link["type"] for link in links(found, "alternate")} == {"text/html"}
    for link in found["links"]:
        answer = http.get(link["href"])
        assert (answer.status_code, media(answer)) == (200, link["type"]), link


def test_crawlable_catalog_links_lead_to_every_record(http: httpx.Client, records: list[dict[str, Any]]) -> None:
    found = links(http.get(CATALOG).json(), "item")
    crawled = [http.get(link["href"]).json() for link in found]
    assert sorted(ids(crawled)) == sorted(ids(records))
    for one in crawled:
        assert links(one, "self")
        assert links(one, "collection")[0]["href"].partition("?")[0].endswith(CATALOG)


def test_one_record_a_dataset_and_release(records: list[dict[str, Any]]) -> None:
    datasets = [one["id"] for one in records if one["properties"]["type"] == "dataset"]
    releases = [one["id"] for one in records if one["properties"]["type"] == "release"]
    assert sorted(datasets) == sorted([*LAYERS, *RASTERS, *TABLES])
    assert {one.partition(".")[0] for one in releases} == {*LAYERS, *TABLES}


# Records


def test_record_core_mandatory_properties_record(records: list[dict[str, Any]]) -> None:
    for one in records:
        assert one["id"]
        assert one["type"] == "Feature"
        assert "geometry" in one
        assert "time" in one
        assert one["properties"]["type"]
        assert one["properties"]["title"]
        assert isinstance(one["links"], list)


def test_record_core_record_license_is_named_and_linked(records: list[dict[str, Any]]) -> None:
    for one in records:
        assert one["properties"]["license"]
        # Each figure of the statistics has a licence of its own.
        assert links(one, "license") or one["id"].partition(".")[0] in TABLES


def test_a_collection_links_to_its_licence(http: httpx.Client) -> None:
    links = http.get("/ogc/collections/mines?f=json").json()["links"]
    (licence,) = [one for one in links if one["rel"] == "license"]
    assert (licence["title"], licence["href"]) == ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")


def test_record_core_contact_has_a_name_and_roles(records: list[dict[str, Any]]) -> None:
    for one in records:
        for contact in one["properties"]["contacts"]:
            assert contact.get("name") or contact.get("organization")
            assert contact["roles"]


def test_every_link_of_a_dataset_answers_as_it_says(http: httpx.Client) -> None:
    for name in ("mines", "relief"):
        for link in http.get(f"{ITEMS}/{name}").json()["links"]:
            if link["rel"] == "license":
                continue  # elsewhere
            answer = http.get(link["href"])
            assert (answer.status_code, media(answer)) == (200, link["type"].partition(";")[0]), link


def test_records_api_record_response_is_what_the_list_says(http: httpx.Client, records: list[dict[str, Any]]) -> None:
    for one in records:
        answer = http.get(f"{ITEMS}/{one['id']}")
        assert media(answer) == "application/geo+json"
        assert answer.json() == one


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("json", "application/geo+json"),
        ("html", "text/html"),
        ("iso", "application/vnd.iso.19139+xml"),
        ("dcat", "application/ld+json"),
        ("schemaorg", "application/ld+json"),
    ],
)
def test_every_record_has_every_format(
    http: httpx.Client, records: list[dict[str, Any]], name: str, media_type: str
) -> None:
    for one in records:
        answer = http.get(f"{ITEMS}/{one['id']}", params={"f": name})
        assert (answer.status_code, media(answer)) == (200, media_type)
        assert one["properties"]["externalIds"][0]["value"] in answer.text or name == "html"


def test_unknown_record_is_not_found_with_the_nearest(http: httpx.Client) -> None:
    answer = http.get(f"{ITEMS}/minez")
    assert (answer.status_code, media(answer)) == (404, "application/problem+json")
    assert "did you mean 'mines'" in answer.json()["detail"]


# Parameters


def test_records_api_mandatory_params_are_described(definition: dict[str, Any]) -> None:
    described = {one["name"]: one for one in parameters(definition)}
    assert described.keys() >= PARAMETERS
    for name in ("q", "type", "ids", "externalIds"):
        assert described[name]["schema"] == {"type": "array", "items": {"type": "string"}}
        assert (described[name]["explode"], described[name]["required"]) == (False, False)
    assert described["sortby"]["schema"]["minItems"] == 1


def test_record_core_query_parameters_empty_value_is_as_if_not_given(http: httpx.Client) -> None:
    asked = dict.fromkeys((*PARAMETERS, "filter", "sortby"), "")
    empty, plain = (http.get(ITEMS, params=one).json() for one in ({**asked, "f": "json"}, {"f": "json"}))
    assert empty == plain


def test_record_core_query_parameters_q_response(http: httpx.Client) -> None:
    single = search(http, q="earthresourceml-lite")
    assert single
    assert all("EarthResourceML-Lite" in str(one["properties"]) for one in single)
    either = ids(search(http, q="tectonic plates,smelters"))
    assert {"plate-boundaries", "processing-plants"} <= set(either)
    assert not any(one.startswith("mines") for one in either)
    assert search(http, q="plates tectonic") == []
    assert ids(search(http, q="tectonic   PLATES")) == ["plate-boundaries", "plate-boundaries.release.1"]


def test_record_core_query_parameters_ids_type_and_external_ids_response(
    http: httpx.Client, records: list[dict[str, Any]]
) -> None:
    assert ids(search(http, ids="relief,mines,nowhere")) == ["mines", "relief"]
    assert {one["properties"]["type"] for one in search(http, type="release")} == {"release"}
    assert ids(search(http, type="dataset,release")) == ids(records)
    address = http.get(f"{ITEMS}/mines").json()["properties"]["externalIds"][0]["value"]
    assert ids(search(http, externalIds=address)) == ["mines"]


def test_record_core_query_parameters_bbox_response(http: httpx.Client) -> None:
    assert search(http, bbox="0,0,1,1") == []
    near = ids(search(http, bbox="94,24,95,24.5"))
    assert {"mines", "countries"} <= set(near)
    assert "processing-plants" not in near


def test_record_core_query_parameters_datetime_response(http: httpx.Client) -> None:
    assert ids(search(http, datetime="../2000-01-01")) == ["relief"]
    assert "mines.release.1" in ids(search(http, datetime="2999-01-01T00:00:00Z"))


def test_record_core_query_parameters_limit_and_next_hold_every_record_once(
    http: httpx.Client, records: list[dict[str, Any]]
) -> None:
    page = http.get(ITEMS, params={"limit": "4", "sortby": "-id"}).json()
    seen = ids(page["features"])
    while links(page, "next"):
        page = http.get(links(page, "next")[0]["href"]).json()
        assert page["numberReturned"] == len(page["features"]) <= 4
        assert page["numberMatched"] == len(records)
        seen += ids(page["features"])
    assert seen == sorted(ids(records), reverse=True)


@pytest.mark.parametrize("name", ["id", "title", "updated", "release", "numberOfFeatures"])
def test_sorting_sortby_response_is_in_order(http: httpx.Client, name: str) -> None:
    def values(found: list[dict[str, Any]]) -> list[Any]:
        told = ({"id": one["id"], **one["properties"]}.get(name) for one in found)
        return [one for one in told if one is not None]

    rising, falling = values(search(http, sortby=name)), values(search(http, sortby=f"-{name}"))
    assert rising == sorted(rising)
    assert falling == sorted(rising, reverse=True)
    assert ids(search(http, sortby=f"+{name}")) == ids(search(http, sortby=name))


def test_sorting_get_sortables_and_default_order(http: httpx.Client) -> None:
    answer = http.get(f"{CATALOG}/sortables")
    assert media(answer) == "application/schema+json"
    order = http.get(CATALOG).json()["defaultSortOrder"]
    assert {one["field"] for one in order} <= answer.json()["properties"].keys()
    asked = ",".join(("-" if one["direction"] == "desc" else "") + one["field"] for one in order)
    assert ids(search(http, sortby=asked)) == ids(search(http))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("title = 'Mines'", ["mines"]),
        ("type = 'release' AND title LIKE 'Mines,%'", ["mines.release.1"]),
        ("license = 'ODC-By-1.0' AND type = 'dataset'", ["plate-boundaries"]),
        ("numberOfFeatures < 20 AND NOT type = 'release'", ["processing-plants"]),
        ("S_INTERSECTS(geometry, POINT(145 -10)) AND type = 'dataset'", ["countries", "plate-boundaries"]),
    ],
)
def test_cql_filter_filter_response(http: httpx.Client, text: str, found: list[str]) -> None:
    assert ids(search(http, filter=text)) == found
    assert ids(search(http, filter=text, **{"filter-lang": "cql2-text"})) == found


def test_cql_filter_names_are_the_queryables(http: httpx.Client) -> None:
    answer = http.get(f"{CATALOG}/queryables")
    assert media(answer) == "application/schema+json"
    for name, told in answer.json()["properties"].items():
        if "type" in told:
            assert search(http, filter=f"{name} IS NOT NULL")


def test_cql_filter_in_json(http: httpx.Client) -> None:
    text = '{"op":"=","args":[{"property":"id"},"mines"]}'
    assert ids(search(http, filter=text, **{"filter-lang": "cql2-json"})) == ["mines"]


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"filter": "titel = 'Mines'"}, "filter"),
        ({"filter": "title = "}, "filter"),
        ({"filter": "title = 1"}, "filter"),
        ({"filter": "title = 'x'", "filter-lang": "cql2-json"}, "filter"),
        ({"filter": "{}", "filter-lang": "ecql"}, "filter-lang"),
        ({"filter-crs": "EPSG:3857"}, "filter-crs"),
        ({"sortby": "geometry"}, "sortby"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"datetime": "yesterday"}, "datetime"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "nowhere"}, "cursor"),
        ({"text": "mine"}, "text"),
        ({"f": "atom"}, "f"),
    ],
)
def test_bad_parameters_are_told_by_name(http: httpx.Client, asked: dict[str, str], named: str) -> None:
    answer = http.get(ITEMS, params=asked)
    assert (answer.status_code, media(answer)) == (400, "application/problem+json")
    assert answer.json()["parameter"] == named


# Formats and caching


@pytest.mark.parametrize("path", [CATALOG, ITEMS, f"{ITEMS}/mines", f"{CATALOG}/queryables", f"{CATALOG}/sortables"])
def test_html_definition_every_resource_has_a_page(http: httpx.Client, path: str) -> None:
    answer = http.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, media(answer)) == (200, "text/html")
    assert answer.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"


@pytest.mark.parametrize("path", [CATALOG, ITEMS, f"{ITEMS}/mines", "/datasets", "/datasets/mines"])
def test_what_a_client_has_is_not_sent_again(http: httpx.Client, path: str) -> None:
    first = http.get(path)
    again = http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_whole_catalogue_in_dcat_ap(http: httpx.Client, records: list[dict[str, Any]]) -> None:
    found = http.get(ITEMS, params={"f": "dcat", "limit": "10000"}).json()
    assert found["@type"] == "dcat:Catalog"
    addresses = {one["@id"] for one in found["dcat:dataset"]}
    assert addresses == {one["properties"]["externalIds"][0]["value"] for one in records}


def test_capabilities_of_wfs_lead_to_the_record_of_each_feature_type(http: httpx.Client) -> None:
    document = http.get("/wfs?service=WFS&version=2.0.0&request=GetCapabilities").text
    found = re.findall(r'<(?:\w+:)?MetadataURL xlink:href="([^"]+)"', document)
    assert len(found) == len(LAYERS)
    for address in found:
        answer = http.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vnd.iso.19139+xml")


def test_the_statistics_are_a_dataset_with_releases(http: httpx.Client) -> None:
    record = http.get(f"{ITEMS}/statistics").json()
    releases = http.get("/api/v1/statistics/releases").json()
    assert record["geometry"] is None
    assert record["properties"]["release"] == releases[0]["number"]
    assert record["properties"]["numberOfFeatures"] == releases[0]["total"]
    for one in releases:
        found = http.get(f"{ITEMS}/statistics.release.{one['number']}").json()
        assert found["properties"]["numberOfFeatures"] == one["total"]
    for one in record["links"]:
        assert http.get(one["href"]).status_code in (200, 303), one
    page = http.get("/datasets/statistics").text
    assert f"{releases[0]['total']:,}" in page
    assert "/map#" not in page
    [described] = links(http.get("/ogc/collections/statistics").json(), "describedby")
    assert described["href"].endswith(f"{ITEMS}/statistics?f=json")
    led = http.get("/id/dataset/statistics", headers={"accept": "text/html"})
    assert (led.status_code, led.headers["location"].endswith("/datasets/statistics")) == (303, True)
    assert http.get(f"{ITEMS}/statistics?f=dcat").json()["dcat:theme"]["@id"].endswith("/ECON")
