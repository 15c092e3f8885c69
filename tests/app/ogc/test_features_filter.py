"""Filtering: OGC API - Features Part 3 (19-079r2) and CQL2 (21-065r2), by the requirements the names carry."""

# SPDX-License-Identifier: Apache-2.0

import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest

from app.minerals.vocabularies import read_vocabularies
from gis.ogcapi.features import RESERVED
from tests.app.ogc.test_features import identifiers, items, link, refused, walk
from tests.published import LAYERS, rows
from tests.running import Running

MINES = "/ogc/collections/mines/items"
SPEC = "http://www.opengis.net/spec"


def stored(server: Running, name: str, where: str, *values: Any) -> list[str]:
    """Identifiers in the order of their text."""
    return sorted(row[0] for row in rows(server, LAYERS[name], "identifier", where, *values))


# Queryables


@pytest.mark.parametrize("name", LAYERS)
def test_queryables_response_lists_every_field_and_admits_no_other(http: httpx.Client, name: str) -> None:
    collection = http.get(f"/ogc/collections/{name}").json()
    address = next(one for one in collection["links"] if one["rel"].endswith("/queryables"))
    answer = http.get(address["href"])
    assert answer.headers["content-type"].split(";")[0] == "application/schema+json"
    schema = answer.json()
    assert schema["type"] == "object"
    assert schema["$id"] == address["href"].partition("?")[0]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {"shape", *(f.name for f in LAYERS[name].public_fields)}


@pytest.mark.parametrize("name", LAYERS)
def test_queryables_every_one_can_be_filtered_by(http: httpx.Client, name: str) -> None:
    for field in LAYERS[name].public_fields:
        found = items(http, name, filter=f'"{field.name}" IS NULL OR "{field.name}" IS NOT NULL', limit=1)
        assert found["numberMatched"] == items(http, name, limit=1)["numberMatched"]


@pytest.mark.parametrize("name", LAYERS)
def test_queryables_query_parameters_select_by_equality(server: Running, http: httpx.Client, name: str) -> None:
    for field in LAYERS[name].public_fields:
        if field.type != "string" or field.vocabulary or field.name in RESERVED or field.name == "commodity":
            continue
        quoted = f'"{field.name}"'
        values = [row[0] for row in rows(server, LAYERS[name], quoted, f"{quoted} IS NOT NULL")][:1]
        for value in values:
            address = f"/ogc/collections/{name}/items"
            found = http.get(address, params={"limit": 10_000, field.name: value}).json()
            assert sorted(identifiers(found)) == stored(server, name, f"{quoted} = %s", value)


def test_queryables_query_parameters_of_numbers_and_flags(server: Running, http: httpx.Client) -> None:
    ages = [row[0] for row in rows(server, LAYERS["geologic-units"], '"numericOlderAge"', '"numericOlderAge" > 0')]
    found = items(http, "geologic-units", numericOlderAge=f"{ages[0]!r},{ages[-1]!r}", limit=10_000)
    where = '"numericOlderAge" IN (%s, %s)'
    assert sorted(identifiers(found)) == stored(server, "geologic-units", where, ages[0], ages[-1])
    members = items(http, "countries", member="true", limit=100)
    assert sorted(identifiers(members)) == stored(server, "countries", "member")
    for parameter, value in (("numericOlderAge", "old"), ("numericOlderAge", "1,"), ("numericOlderAge", "NaN")):
        refused(http.get("/ogc/collections/geologic-units/items", params={parameter: value}), parameter)
    refused(http.get("/ogc/collections/countries/items", params={"member": "yes"}), "member")


def test_queryables_query_parameters_join_with_all_others(server: Running, http: httpx.Client) -> None:
    found = items(http, "mines", country="IDN", filter="commodityCodes = 'coal'", bbox="100,-5,120,5", limit=10_000)
    inside = "ST_Intersects(shape, ST_MakeEnvelope(100,-5,120,5,4326))"
    meets = f"country = 'IDN' AND \"commodityCodes\" && ARRAY['coal'] AND {inside}"
    assert found["numberMatched"] == len(stored(server, "mines", meets))
    assert found["features"]


# Filter


FILTERS = {
    "country = 'IDN'": "country = 'IDN'",
    "country <> 'IDN' AND name IS NOT NULL": "country <> 'IDN' AND name IS NOT NULL",
    "NOT (country = 'IDN' OR country = 'PHL')": "country NOT IN ('IDN', 'PHL')",
    "name LIKE 'B%' OR admin1 LIKE '%an'": "name LIKE 'B%%' OR admin1 LIKE '%%an'",
    "country IN ('IDN', 'LAO', 'KHM')": "country IN ('IDN', 'LAO', 'KHM')",
    "name BETWEEN 'B' AND 'D'": "name COLLATE \"C\" BETWEEN 'B' AND 'D'",
    "CASEI(name) LIKE CASEI('%MINE%')": "name ILIKE '%%mine%%'",
    "ACCENTI(name) LIKE ACCENTI('%é%')": "unaccent(name) LIKE '%%e%%'",
    "A_OVERLAPS(commodityCodes, ('coal', 'tin'))": "\"commodityCodes\" && ARRAY['coal', 'tin']",
    "name = admin1 OR country < name": 'name = admin1 OR country COLLATE "C" < name COLLATE "C"',
    "S_INTERSECTS(shape, BBOX(100, -5, 120, 5))": "ST_Intersects(shape, ST_MakeEnvelope(100,-5,120,5,4326))",
    "S_WITHIN(shape, POLYGON((100 -5, 120 -5, 110 15, 100 -5)))": (
        "ST_Within(shape, ST_GeomFromText('POLYGON((100 -5, 120 -5, 110 15, 100 -5))', 4326))"
    ),
}


@pytest.mark.parametrize("text", FILTERS)
def test_filter_response_is_what_postgis_selects(server: Running, http: httpx.Client, text: str) -> None:
    wanted = stored(server, "mines", FILTERS[text])
    assert 0 < len(wanted) < 678
    pages = list(walk(http, "mines", filter=text, limit=150))
    found = [one for page in pages for one in identifiers(page)]
    assert sorted(found) == wanted
    assert {page["numberMatched"] for page in pages} == {len(wanted)}
    assert not any("numberMatchedIsEstimate" in page for page in pages)


@pytest.mark.parametrize("text", ["country = 'IDN'", "S_INTERSECTS(shape, BBOX(100, -5, 120, 5))"])
def test_filter_lang_param_json_is_the_same_filter(http: httpx.Client, text: str) -> None:
    trees = {
        "country = 'IDN'": {"op": "=", "args": [{"property": "country"}, "IDN"]},
        "S_INTERSECTS(shape, BBOX(100, -5, 120, 5))": {
            "op": "s_intersects",
            "args": [{"property": "shape"}, {"bbox": [100, -5, 120, 5]}],
        },
    }
    plain = items(http, "mines", limit=10_000, filter=text)
    language = {"filter-lang": "cql2-json"}
    assert identifiers(items(http, "mines", limit=10_000, filter=json.dumps(trees[text]), **language)) == identifiers(
        plain
    )
    assert identifiers(items(http, "mines", limit=10_000, filter=text, **{"filter-lang": "cql2-text"})) == identifiers(
        plain
    )


def test_filter_crs_param_gives_the_axes_of_literals(http: httpx.Client) -> None:
    plain = items(http, "mines", limit=10_000, filter="S_INTERSECTS(shape, BBOX(100, -5, 120, 5))")
    turned = {"filter-crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}
    same = items(http, "mines", limit=10_000, filter="S_INTERSECTS(shape, BBOX(-5, 100, 5, 120))", **turned)
    assert identifiers(same) == identifiers(plain) != []


@pytest.mark.parametrize(
    ("given", "parameter", "told"),
    [
        ({"filter": "country ="}, "filter", "line 1, column 10"),
        ({"filter": "country == 'x'"}, "filter", "line 1, column 10"),
        ({"filter": "contry = 'x'"}, "filter", "did you mean 'country'?"),
        ({"filter": "S_INTERSECTS(geom, BBOX(90,0,120,20))"}, "filter", "its geometry is 'shape'"),
        ({"filter": "state = 'draft'"}, "filter", "no property 'state'"),
        ({"filter": "fid > 0"}, "filter", "no property 'fid'"),
        ({"filter": "number > 0"}, "filter", "no property 'number'"),
        ({"filter": "published IS NULL"}, "filter", "no property 'published'"),
        ({"filter": "country = 1"}, "filter", "is text and cannot be compared"),
        ({"filter": "pg_sleep(20) = 1"}, "filter", "no operator or function"),
        ({"filter": "{"}, "filter", "column 1"),
        ({"filter": "{", "filter-lang": "cql2-json"}, "filter", "line 1, column 2"),
        ({"filter": "country = 'x'", "filter-lang": "ecql"}, "filter-lang", "cql2-text"),
        ({"filter-lang": "ecql"}, "filter-lang", "cql2-text"),
        ({"filter": ""}, "filter", "line 1, column 1"),
        ({"sortby": "nam"}, "sortby", "did you mean 'name'?"),
        ({"sortby": "name,-name"}, "sortby", "each once"),
        ({"sortby": ""}, "sortby", "no property"),
        ({"properties": "nam"}, "properties", "did you mean 'name'?"),
        ({"skipGeometry": "yes"}, "skipGeometry", "true or false"),
        ({"q": " "}, "q", "words"),
        ({"q": "a " * 40}, "q", "words"),
        ({"asOf": "2999-01-01"}, "asOf", "future"),
        ({"asOf": "2025-02-30"}, "asOf", "date or time"),
        ({"asOf": ".."}, "asOf", "date or time"),
        ({"asOf": "2025-01-01/.."}, "asOf", "date or time"),
        ({"commodity": "golt"}, "commodity", "did you mean 'gold'?"),
        ({"contry": "IDN"}, "contry", "did you mean 'country'?"),
    ],
)
def test_filter_mistake_is_told_with_its_place(
    http: httpx.Client, given: dict[str, str], parameter: str, told: str
) -> None:
    answer = http.get(MINES, params=given)
    refused(answer, parameter)
    assert told in answer.json()["detail"]


SAFE = "(),='"
LARGE = {
    "a geometry of many vertices": "S_INTERSECTS(shape, LINESTRING(" + ",".join(["1 2"] * 9_000) + "))",
    "deep nesting": "(" * 5000 + "name = 'x'" + ")" * 5000,
    "a chain that overflows the parser": "name" + " = 'x'" * 2000,
    "negations": "NOT " * 4000 + "name = 'x'",
}


@pytest.mark.parametrize("name", LARGE)
def test_filter_too_large_is_refused(server: Running, name: str) -> None:
    address = f"{MINES}?filter={quote(LARGE[name], safe=SAFE)}"
    assert len(address) < 64_000
    connection = http_connection(server)
    connection.request("GET", address)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["parameter"]) == (400, "filter")
    connection.close()


@pytest.mark.parametrize("size", [70_000, 3_000_000])
def test_address_too_long_is_refused(server: Running, size: int) -> None:
    connection = http_connection(server)
    try:
        connection.request("GET", f"{MINES}?{urlencode({'filter': 'x' * size})}")
        assert 400 <= connection.getresponse().status < 500
    except (BrokenPipeError, ConnectionResetError):
        pass  # closed before all of it was taken
    finally:
        connection.close()


def test_ten_megabytes_posted_are_refused_without_being_read(server: Running) -> None:
    connection = http_connection(server)
    try:
        connection.request("POST", MINES, b"x" * 10_000_000)
        assert connection.getresponse().status == 405
    except (BrokenPipeError, ConnectionResetError):
        pass  # closed before all of it was taken
    finally:
        connection.close()


def http_connection(server: Running) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)


# Vocabularies


def narrower(code: str) -> list[str]:
    return sorted(read_vocabularies()["commodity-code"].with_narrower(code))


@pytest.mark.parametrize("name", ["mines", "mineral-deposits", "mineral-occurrences"])
@pytest.mark.parametrize("concept", ["gold", "metal", "base-metal", "carbonaceous-material"])
def test_commodity_means_all_narrower_ones(server: Running, http: httpx.Client, name: str, concept: str) -> None:
    terms = read_vocabularies()["commodity-code"].terms
    codes = narrower(concept)
    wanted = stored(server, name, '"commodityCodes" && %s', codes)
    for given in (
        {"commodity": concept},
        {"commodity": terms[concept].uri},
        {"commodity": terms[concept].label.upper()},
        {"commodityCodes": concept},
        {"filter": f"commodity = '{concept}'"},
        {"filter": f"'{terms[concept].label}' = commodity AND identifier IS NOT NULL"},
        {"filter": f"NOT (commodity <> '{terms[concept].uri}')"},
        {"filter": f"commodity IN ('{concept}', 'no such text')"},
        {"filter": f"commodityCodes = '{concept}'"},
        {"filter": f"A_OVERLAPS(commodityCodes, ('{concept}'))"},
    ):
        assert sorted(identifiers(items(http, name, limit=10_000, **given))) == wanted, given
    uris = [terms[code].uri for code in codes]
    wanted = stored(server, name, '"representativeCommodity_uri" = ANY (%s)', uris)
    given = {"filter": f"representativeCommodity_uri IN ('{terms[concept].uri}')"}
    assert sorted(identifiers(items(http, name, limit=10_000, **given))) == wanted


@pytest.mark.parametrize("name", ["mines", "mineral-deposits"])
def test_commodity_text_of_several_is_the_text_itself(server: Running, http: httpx.Client, name: str) -> None:
    [text] = next(iter(rows(server, LAYERS[name], "commodity", "commodity LIKE '%%, %%'")))
    wanted = stored(server, name, "commodity = %s", text)
    for given in ({"commodity": text}, {"filter": f"commodity = '{text}'"}, {"filter": f"commodity IN ('{text}')"}):
        assert sorted(identifiers(items(http, name, limit=10_000, **given))) == wanted, given
    concept = {*stored(server, name, "\"commodityCodes\" && ARRAY['gold']"), *wanted}
    either = items(http, name, limit=10_000, filter=f"commodity IN ('{text}', 'gold')")
    assert set(identifiers(either)) == concept
    parts = items(http, name, limit=10_000, filter="commodity LIKE '%gold%'")
    assert sorted(identifiers(parts)) == stored(server, name, "commodity LIKE '%%gold%%'")


def test_broader_concept_finds_more_than_its_own_name(http: httpx.Client) -> None:
    broad = items(http, "mines", commodity="metal", limit=1)["numberMatched"]
    literal = items(http, "mines", filter="representativeCommodity_uri LIKE '%/metal'", limit=1)["numberMatched"]
    assert broad > literal


# sortby, properties, skipGeometry, q, asOf


@pytest.mark.parametrize("order", ["name", "-name", "country,-name", "-admin1,identifier"])
def test_sortby_walked_by_its_links_is_the_sorted_table(server: Running, http: httpx.Client, order: str) -> None:
    keys = [(part.lstrip("-"), part.startswith("-")) for part in order.split(",")]
    columns = ", ".join(f'"{name}"' for name, _ in keys)
    found = [one["id"] for page in walk(http, "mines", sortby=order, limit=97) for one in page["features"]]
    table = {row[0]: row[1:] for row in rows(server, LAYERS["mines"], f"identifier, {columns}")}
    assert sorted(found) == sorted(table)
    for position, (_, descending) in reversed(list(enumerate(keys))):
        values = [
            table[one][position] for one in found if all(table[one][i] == table[found[0]][i] for i in range(position))
        ]
        there = [one for one in values if one is not None]
        assert there == sorted(there, reverse=descending)
        assert values[len(there) :] == [None] * (len(values) - len(there))


def test_properties_and_skip_geometry_leave_the_rest_out(http: httpx.Client) -> None:
    found = items(http, "mines", properties="country,name", skipGeometry="true", limit=3)
    for feature in found["features"]:
        assert feature["geometry"] is None
        assert list(feature["properties"]) == ["name", "country"]
    assert found["numberMatched"] == items(http, "mines", limit=1)["numberMatched"]


def test_search_finds_words_whatever_their_case_and_accents(server: Running, http: httpx.Client) -> None:
    (name,) = rows(server, LAYERS["mines"], "name", "name ~ '^[A-Za-z]{4,} [A-Za-z]{4,}$'")[0]
    first, second = name.split()
    for text in (name, f"{second} {first}", name.upper(), name.replace("a", "\u00e1")):
        found = items(http, "mines", q=text, limit=10_000)
        assert name in [one["properties"]["name"] for one in found["features"]]
    assert items(http, "mines", q=f"{first} qqqqxyz", limit=1)["numberMatched"] == 0
    assert items(http, "mines", q="100% %%__", limit=1)["numberMatched"] == 0


@pytest.mark.parametrize("name", ["mines", "countries"])
def test_as_of_is_what_was_public_then(server: Running, http: httpx.Client, name: str) -> None:
    now = datetime.now(UTC)
    for moment in (now.strftime("%Y-%m-%dT%H:%M:%SZ"), now.strftime("%Y-%m-%d")):
        pages = list(walk(http, name, asOf=moment, limit=300))
        found = [one for page in pages for one in identifiers(page)]
        assert sorted(found) == stored(server, name, "true")
        assert {page["numberMatched"] for page in pages} == {len(found)}
        if following := link(pages[0], "next"):
            assert "asOf=" in following["href"]
        myself = link(pages[0], "self")
        assert myself
        assert "asOf=" in myself["href"]
    before = (now - timedelta(days=2)).strftime("%Y-%m-%d")
    assert items(http, name, asOf=before)["numberMatched"] == 0
    first = stored(server, name, "true")[0]
    assert http.get(f"/ogc/collections/{name}/items/{first}", params={"asOf": before}).status_code == 404
    assert (
        http.get(f"/ogc/collections/{name}/items/{first}", params={"asOf": now.strftime("%Y-%m-%d")}).status_code == 200
    )


# Conformance and freshness


def test_conformance_declares_what_clients_look_for_before_they_send_a_filter(http: httpx.Client) -> None:
    declared = set(http.get("/ogc/conformance").json()["conformsTo"])
    assert declared >= {
        f"{SPEC}/ogcapi-features-3/1.0/conf/{one}"
        for one in ("filter", "features-filter", "queryables", "queryables-query-parameters")
    }
    assert declared >= {
        f"{SPEC}/cql2/1.0/conf/{one}"
        for one in (
            *("cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison"),
            *("accent-insensitive-comparison", "basic-spatial-functions", "basic-spatial-functions-plus"),
            *("spatial-functions", "temporal-functions", "array-functions", "property-property"),
        )
    }
    assert f"{SPEC}/ogcapi-features-2/1.0/conf/crs" in declared


@pytest.mark.parametrize(
    "path", ["items", "items?limit=3&f=html", "items?filter=country='IDN'", "items/{id}", "items/{id}?f=html"]
)
def test_answer_the_client_has_is_not_sent_again(server: Running, http: httpx.Client, path: str) -> None:
    path = f"/ogc/collections/mines/{path.replace('{id}', stored(server, 'mines', 'true')[0])}"
    first = http.get(path)
    assert first.status_code == 200
    assert "max-age" in first.headers["cache-control"]
    assert "accept" in first.headers["vary"].lower()
    tag = first.headers["etag"]
    again = http.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "path", ["", "/conformance", "/collections", "/collections/mines", "/collections/mines/queryables"]
)
def test_document_the_client_has_is_not_sent_again(http: httpx.Client, path: str) -> None:
    for parameters in ({"f": "json"}, {"f": "html"}):
        first = http.get(f"/ogc{path}", params=parameters)
        tag = first.headers["etag"]
        again = http.get(f"/ogc{path}", params=parameters, headers={"If-None-Match": tag})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_tags_differ_with_what_is_asked(http: httpx.Client) -> None:
    asked = ({}, {"limit": 3}, {"f": "html"}, {"filter": "country = 'IDN'"}, {"country": "IDN"}, {"sortby": "name"})
    tags = [http.get(MINES, params=one).headers["etag"] for one in asked]
    assert len(set(tags)) == len(tags)
    browser = http.get(MINES, headers={"Accept": "text/html"})
    assert browser.headers["etag"] != tags[0]


def test_openapi_describes_the_queryables_as_parameters(http: httpx.Client) -> None:
    document = http.get("/ogc/openapi", params={"f": "json"}).json()
    parameters = document["components"]["parameters"]
    for name, layer in LAYERS.items():
        used = document["paths"][f"/collections/{name}/items"]["get"]["parameters"]
        named = {parameters[one["$ref"].rsplit("/", 1)[1]]["name"] if "$ref" in one else one["name"] for one in used}
        assert named >= {f.name for f in layer.public_fields} | {
            "filter",
            "filter-lang",
            "filter-crs",
            "crs",
            "bbox-crs",
        }
        assert len(named) == len(used)
