"""OGC API - Records: the catalogue, its records and their search, as documents and as the API's description."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gis.crs import CRS84
from gis.layer import Layer
from gis.links import Link, link
from gis.moments import utc
from gis.ogcapi.blocks import Block
from gis.ogcapi.openapi import (
    COUNT,
    DATE_TIME,
    GEOJSON,
    JSON,
    LINKS,
    NOT_FOUND,
    SCHEMA,
    TEXT,
    answer,
    get,
    path_parameter,
    query_parameter,
    schema,
)
from gis.records import geojson
from gis.records.record import Kind
from gis.records.search import DEFAULT_ORDER, QUERYABLES, SORTABLES, Index
from gis.service import ServiceMetadata

CATALOG = "records"
"""Id of the collection that holds the records."""

FORMATS: Mapping[str, str] = {
    "json": GEOJSON,
    "html": "text/html",
    "dcat": "application/ld+json",
    "iso": "application/vnd.iso.19139+xml",
    "schemaorg": "application/ld+json; profile=https://schema.org",
}
"""Media types of a record by the name of the format."""

_CATALOG_REL = "http://www.opengis.net/def/rel/ogc/1.0/ogc-catalog"
_REL = "http://www.opengis.net/def/rel/ogc/1.0"
_CONF = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf"
_CLASSES = (
    "record-core",
    "record-collection",
    "record-core-query-parameters",
    "records-api",
    "searchable-catalog",
    "searchable-catalog-sorting",
    "searchable-catalog-filtering",
    "crawlable-catalog",
    "local-resources-catalog",
    "autodiscovery",
    "sorting",
    "cql-filter",
    "json",
    "html",
    "oas30",
)


def records(service: ServiceMetadata, index: Callable[[], Index]) -> Block:
    """The block of a server at ``<base_url>/ogc``. index: the records as they are now."""
    ogc = f"{service.base_url}/ogc"
    address = f"{ogc}/collections/{CATALOG}"

    def links(layer: Layer) -> list[Link]:
        record = index().record(layer.id)
        terms = record.licences if record else ()
        return [
            link("describedby", GEOJSON, "Metadata record", f"{address}/items/{layer.id}?f=json"),
            *(link("license", "text/html", one.name, one.url) for one in terms if one.url),
        ]

    def members(layer: Layer) -> dict[str, Any]:
        found = index().record(layer.id)
        told = geojson.properties(found) if found else {"type": Kind.DATASET.value}
        return {name: told[name] for name in _OF_COLLECTION if name in told}

    return Block(
        conformance=tuple(f"{_CONF}/{name}" for name in _CLASSES),
        paths=_paths,
        schemas=_SCHEMAS,
        parameters=_PARAMETERS,
        landing_links=(
            link(_CATALOG_REL, JSON, "The catalogue", f"{address}?f=json"),
            link(_CATALOG_REL, JSON, "The collections as a catalogue", f"{ogc}/collections?f=json"),
        ),
        collection_links=links,
        collections=lambda: [catalog(index(), service)],
        collections_members={
            "id": "collections",
            "type": "Collection",
            "title": f"{service.title}: collections",
            "description": service.abstract,
            "itemType": "record",
            "recordsArrayName": "collections",
        },
        collection_members=members,
    )


_OF_COLLECTION = ("type", "created", "updated", "language", "themes", "license", "rights", "attribution", "contacts")


def catalog(index: Index, service: ServiceMetadata, *, crawlable: bool = False) -> dict[str, Any]:
    """The catalogue as a collection. crawlable: with a link to each of its records."""
    address = f"{service.base_url}/ogc/collections/{CATALOG}"
    moments = [record.updated for record in index.records if record.updated]
    said: dict[str, Any] = {
        "id": CATALOG,
        "type": "Collection",
        "itemType": "record",
        "title": f"{service.title}: catalogue",
        "description": "Metadata of every dataset and of every release of it.",
        "keywords": list(service.keywords),
        "language": {"code": service.languages[0]},
        "contacts": [geojson.contact(service.contact, "publisher", "pointOfContact")],
        "license": "other",
        "rights": service.licence,
        "created": utc(min(moments)) if moments else None,
        "updated": utc(max(moments)) if moments else None,
        "crs": [CRS84.uri],
        "storageCrs": CRS84.uri,
        "extent": _extent(index),
        "defaultSortOrder": [{"field": name, "direction": "desc" if down else "asc"} for name, down in DEFAULT_ORDER],
        "conformsTo": [f"{_CONF}/record-collection"],
        "links": [*_catalog_links(address, service), *(_items(address, index) if crawlable else ())],
    }
    return {name: value for name, value in said.items() if value is not None}


def _extent(index: Index) -> dict[str, Any] | None:
    boxes = [record.bbox for record in index.records if record.bbox]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return {"spatial": {"bbox": [[min(west), min(south), max(east), max(north)]], "crs": CRS84.uri}}


def _catalog_links(address: str, service: ServiceMetadata) -> list[Link]:
    return [
        link("self", JSON, "The catalogue as JSON", f"{address}?f=json"),
        link("alternate", "text/html", "The catalogue as a page", f"{address}?f=html"),
        link("items", GEOJSON, "The records as GeoJSON", f"{address}/items?f=json"),
        link("items", "text/html", "The records as a page", f"{address}/items?f=html"),
        link("items", "application/ld+json", "The records in DCAT-AP", f"{address}/items?f=dcat"),
        link(f"{_REL}/queryables", SCHEMA, "What a filter may name", f"{address}/queryables"),
        link(f"{_REL}/sortables", SCHEMA, "What records can be sorted by", f"{address}/sortables"),
        link("root", JSON, "The services", f"{service.base_url}/ogc?f=json"),
    ]


def _items(address: str, index: Index) -> list[Link]:
    return [link("item", GEOJSON, record.title, f"{address}/items/{record.id}?f=json") for record in index.records]


def queryables(service: ServiceMetadata) -> dict[str, Any]:
    """What a filter may name, as JSON Schema."""
    return _schema(service, "queryables", QUERYABLES) | {"additionalProperties": False}


def sortables(service: ServiceMetadata) -> dict[str, Any]:
    """What records can be sorted by, as JSON Schema."""
    return _schema(service, "sortables", SORTABLES)


def _schema(service: ServiceMetadata, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{service.base_url}/ogc/collections/{CATALOG}/{name}",
        "type": "object",
        "title": f"{service.title}: catalogue",
        "properties": dict(properties),
    }


def _paths(_: Mapping[str, Layer]) -> dict[str, Any]:
    path, tag = f"/collections/{CATALOG}", "Catalogue"
    search = ("bbox", "datetime", "limit", "cursor", *(name for name in _PARAMETERS if name != "recordId"))
    found = _answer("RecordCollection", ("dcat",))
    record = _answer("Record", ("dcat", "iso", "schemaorg")) | NOT_FOUND
    return {
        path: get("getCatalogue", tag, "The catalogue", answer("Collection")),
        f"{path}/queryables": get("queryables-records", tag, "What a filter may name", answer(None, SCHEMA)),
        f"{path}/sortables": get("sortables-records", tag, "What records can be sorted by", answer(None, SCHEMA)),
        f"{path}/items": get("getRecords", tag, "Records", found, search, ("json", "html", "dcat")),
        f"{path}/items/{{recordId}}": get("getRecord", tag, "A record", record, ("recordId",), tuple(FORMATS)),
    }


def _answer(name: str, formats: Sequence[str]) -> dict[str, Any]:
    """The good answer of an operation in GeoJSON, HTML and further formats."""
    good = answer(name, GEOJSON)
    good["200"]["content"] |= {
        FORMATS[one]: {"schema": TEXT if one == "iso" else {"type": "object"}} for one in formats
    }
    return good


_WORDS = {"type": "array", "items": TEXT}

_PARAMETERS = {
    "recordId": path_parameter("recordId", "Identifier of a record.", TEXT),
    "recordsText": query_parameter(
        "q", "Records that hold one of these texts; the words of a text follow one another.", _WORDS
    ),
    "recordsType": query_parameter("type", "Records of these types.", {"type": "array", "items": TEXT}),
    "recordsIds": query_parameter("ids", "Records of these identifiers.", _WORDS),
    "recordsExternalIds": query_parameter("externalIds", "Records of what has these persistent addresses.", _WORDS),
    "recordsOrder": query_parameter(
        "sortby",
        f"Order of the records, - before what descends: {', '.join(SORTABLES)}.",
        {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "[+|-]?[A-Za-z_].*"}},
    ),
    "recordsFilter": query_parameter("filter", "A condition in CQL2 on what the queryables name.", TEXT),
    "recordsFilterLanguage": query_parameter(
        "filter-lang",
        "Language of the filter.",
        {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"},
    ),
    "recordsFilterCrs": query_parameter(
        "filter-crs",
        "Coordinate system of geometries in the filter; longitude and latitude only.",
        {"type": "string", "format": "uri", "enum": [CRS84.uri]},
    ),
}

_SCHEMAS = {
    "Record": schema(
        {
            "id": TEXT,
            "type": {"type": "string", "enum": ["Feature"]},
            "conformsTo": {"type": "array", "items": TEXT},
            "time": {"type": "object", "nullable": True},
            "geometry": {"type": "object", "nullable": True},
            "properties": schema(
                {
                    "type": TEXT,
                    "title": TEXT,
                    "description": TEXT,
                    "keywords": {"type": "array", "items": TEXT},
                    "created": DATE_TIME,
                    "updated": DATE_TIME,
                    "license": TEXT,
                    "release": COUNT,
                    "numberOfFeatures": COUNT,
                },
                "type",
                "title",
            ),
            "links": LINKS,
        },
        "id",
        "type",
        "geometry",
        "time",
        "properties",
        "links",
    ),
    "RecordCollection": schema(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Record"}},
            "numberMatched": COUNT,
            "numberReturned": COUNT,
            "links": LINKS,
        },
        "type",
        "features",
    ),
}
