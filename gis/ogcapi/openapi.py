"""The OpenAPI 3.0 document of the OGC API, made from the layers; it refers to nothing outside itself."""

from collections.abc import Mapping
from typing import Any

from gis.layer import Layer
from gis.service import ServiceMetadata

_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
_COMMON = "http://www.opengis.net/spec"

CONFORMANCE = (
    f"{_COMMON}/ogcapi-common-1/1.0/conf/core",
    f"{_COMMON}/ogcapi-common-1/1.0/conf/landing-page",
    f"{_COMMON}/ogcapi-common-1/1.0/conf/json",
    f"{_COMMON}/ogcapi-common-1/1.0/conf/html",
    f"{_COMMON}/ogcapi-common-1/1.0/conf/oas30",
    f"{_COMMON}/ogcapi-common-2/1.0/conf/collections",
    f"{_FEATURES}/core",
    f"{_FEATURES}/oas30",
    f"{_FEATURES}/html",
    f"{_FEATURES}/geojson",
)
"""The classes kept to, each tested."""

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
"""Media type of the document itself."""

_JSON = "application/json"
_GEOJSON = "application/geo+json"
_HTML = "text/html"
_DATE_TIME = {"type": "string", "format": "date-time"}
_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}


def document(layers: Mapping[str, Layer], service: ServiceMetadata) -> dict[str, Any]:
    """The document for these layers at ``<base_url>/ogc``."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": service.title,
            "description": service.abstract,
            "version": "1.0.0",
            "contact": {"name": service.contact.organisation},
            "license": {"name": service.licence or "Each layer names its licence"},
        },
        "servers": [{"url": f"{service.base_url}/ogc"}],
        "tags": [
            {"name": "Capabilities"},
            *({"name": one.title, "description": one.abstract} for one in layers.values()),
        ],
        "paths": {**_capabilities(), **{k: v for layer in layers.values() for k, v in _layer_paths(layer).items()}},
        "components": {"schemas": _schemas(), "parameters": _parameters(), "responses": _errors()},
    }


def _capabilities() -> dict[str, Any]:
    return {
        "/": _get("getLandingPage", "Capabilities", "Landing page", _documented("LandingPage")),
        "/conformance": _get("getConformance", "Capabilities", "Conformance classes", _documented("Conformance")),
        "/openapi": _get("getOpenAPI", "Capabilities", "This document", _documented(None, OPENAPI)),
        "/collections": _get("getCollections", "Capabilities", "All collections", _documented("Collections")),
    }


def _layer_paths(layer: Layer) -> dict[str, Any]:
    path, tag, name = f"/collections/{layer.id}", layer.title, layer.id
    items = ("bbox", "datetime", "limit", "cursor")
    tile = ("tileMatrix", "tileRow", "tileCol")
    mvt = {
        "200": {"description": "A vector tile", "content": {"application/vnd.mapbox-vector-tile": {"schema": _BINARY}}}
    }
    empty = {"204": {"description": "Nothing is there"}}
    return {
        path: _get(f"describe-{name}", tag, layer.title, _documented("Collection")),
        f"{path}/queryables": _get(f"queryables-{name}", tag, "Fields a query may name", _documented(None, _SCHEMA)),
        f"{path}/schema": _get(f"schema-{name}", tag, "Fields of a feature", _documented(None, _SCHEMA)),
        f"{path}/items": _get(f"items-{name}", tag, "Features", _documented("FeatureCollection", _GEOJSON), items),
        f"{path}/items/{{featureId}}": _get(
            f"item-{name}", tag, "A feature", _documented("Feature", _GEOJSON) | _NOT_FOUND, ("featureId",)
        ),
        f"{path}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _get(
            f"tile-{name}", tag, "A vector tile", mvt | empty | _NOT_FOUND, tile, formats=("mvt",)
        ),
    }


_SCHEMA = "application/schema+json"
_BINARY = {"type": "string", "format": "binary"}
_NOT_FOUND = {"404": {"$ref": "#/components/responses/NotFound"}}


def _get(
    operation: str,
    tag: str,
    summary: str,
    responses: dict[str, Any],
    parameters: tuple[str, ...] = (),
    formats: tuple[str, ...] = ("json", "html"),
) -> dict[str, Any]:
    format_parameter = {
        "name": "f",
        "in": "query",
        "description": "Format of the answer; without it the Accept header decides.",
        "required": False,
        "schema": {"type": "string", "enum": list(formats)},
        "style": "form",
        "explode": False,
    }
    used = [{"$ref": f"#/components/parameters/{name}"} for name in parameters]
    failures = {
        "400": {"$ref": "#/components/responses/InvalidParameterError"},
        "406": {"$ref": "#/components/responses/NotAcceptable"},
        "500": {"$ref": "#/components/responses/ServerError"},
        "503": {"$ref": "#/components/responses/Unavailable"},
    }
    return {
        "get": {
            "operationId": operation,
            "tags": [tag],
            "summary": summary,
            "parameters": [*used, format_parameter],
            "responses": {**responses, **failures},
        }
    }


def _documented(schema: str | None, media_type: str = _JSON) -> dict[str, Any]:
    described = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    content = {media_type: {"schema": described}, _HTML: {"schema": _TEXT}}
    return {"200": {"description": "The document", "content": content}}


def _parameters() -> dict[str, Any]:
    def query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": name,
            "in": "query",
            "description": description,
            "required": False,
            "schema": schema,
            "style": "form",
            "explode": False,
        }

    def path(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "in": "path", "description": description, "required": True, "schema": schema}

    number_list = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    limit = {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 10}
    return {
        "bbox": query("bbox", "Features that meet this box of CRS84 degrees: west, south, east, north.", number_list),
        "datetime": query("datetime", "An RFC 3339 time or interval; a layer without time matches always.", _TEXT),
        "limit": query(
            "limit", "The most features in one page; more than the maximum is served as the maximum.", limit
        ),
        "cursor": query("cursor", "Where the page starts; taken from the link to the next page.", _TEXT),
        "featureId": path("featureId", "Identifier of a feature.", _TEXT),
        "tileMatrix": path("tileMatrix", "Zoom level, 0 to 22.", {"type": "integer", "minimum": 0, "maximum": 22}),
        "tileRow": path("tileRow", "Row from the top.", _COUNT),
        "tileCol": path("tileCol", "Column from the left.", _COUNT),
    }


def _errors() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told = {
        "InvalidParameterError": "A parameter is unknown or has a value that cannot be used",
        "NotFound": "There is no such thing",
        "NotAcceptable": "The resource has no such format",
        "ServerError": "An error on the server's side",
        "Unavailable": "Not available at the moment; try again",
    }
    return {name: {"description": description, "content": content} for name, description in told.items()}


def _schemas() -> dict[str, Any]:
    links = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
    box = {"type": "array", "items": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}}
    spatial = {"type": "object", "properties": {"bbox": box, "crs": _TEXT}}
    return {
        "Link": _object({"href": _TEXT, "rel": _TEXT, "type": _TEXT, "title": _TEXT}, "href", "rel"),
        "LandingPage": _object({"title": _TEXT, "description": _TEXT, "links": links}, "links"),
        "Conformance": _object({"conformsTo": {"type": "array", "items": _TEXT}}, "conformsTo"),
        "Collections": _object(
            {"links": links, "collections": {"type": "array", "items": {"$ref": "#/components/schemas/Collection"}}},
            "links",
            "collections",
        ),
        "Collection": _object(
            {
                "id": _TEXT,
                "title": _TEXT,
                "description": _TEXT,
                "itemType": _TEXT,
                "extent": {"type": "object", "properties": {"spatial": spatial}},
                "crs": {"type": "array", "items": _TEXT},
                "storageCrs": _TEXT,
                "links": links,
            },
            "id",
            "links",
        ),
        "Feature": _object(
            {
                "type": {"type": "string", "enum": ["Feature"]},
                "id": _TEXT,
                "geometry": {"type": "object", "nullable": True},
                "properties": {"type": "object", "nullable": True},
                "links": links,
            },
            "type",
            "geometry",
            "properties",
        ),
        "FeatureCollection": _object(
            {
                "type": {"type": "string", "enum": ["FeatureCollection"]},
                "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
                "numberMatched": _COUNT,
                "numberReturned": _COUNT,
                "timeStamp": _DATE_TIME,
                "links": links,
            },
            "type",
            "features",
        ),
        "Problem": _object(
            {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "parameter": _TEXT},
            "title",
            "status",
            "detail",
        ),
    }


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}
