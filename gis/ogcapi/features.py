"""OGC API - Features: items, item and queryables, as the API's description tells them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from gis.crs import CRS84
from gis.formats import WRITERS
from gis.layer import Field, FieldType, Layer
from gis.links import Link, link
from gis.ogcapi.blocks import Block
from gis.ogcapi.openapi import (
    BINARY,
    COUNT,
    DATE_TIME,
    GEOJSON,
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

_SPEC = "http://www.opengis.net/spec"
_PART_1 = f"{_SPEC}/ogcapi-features-1/1.0/conf"
_PART_2 = f"{_SPEC}/ogcapi-features-2/1.0/conf"
_PART_3 = f"{_SPEC}/ogcapi-features-3/1.0/conf"
_CQL2 = f"{_SPEC}/cql2/1.0/conf"

_BOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_URI = {"type": "string", "format": "uri"}
_NAMES = {"type": "array", "items": TEXT, "minItems": 1}

LARGEST_LIMIT = 1_000_000_000
"""Of features in one answer, more than any layer has; what is larger is taken for it."""

_PARAMETERS: Mapping[str, Any] = {
    "bbox": query_parameter("bbox", "Features that meet this box: its lower, then its upper corner.", _BOX),
    "bbox-crs": query_parameter(
        "bbox-crs", "Coordinate system of bbox and its order of axes.", {**_URI, "default": CRS84.uri}
    ),
    "crs": query_parameter("crs", "Coordinate system of the answer.", {**_URI, "default": CRS84.uri}),
    "datetime": query_parameter(
        "datetime", "An RFC 3339 time or interval; a feature or layer without time matches always.", TEXT
    ),
    "limit": query_parameter(
        "limit",
        "The most features in one answer. A page holds 10,000 at most, whatever the limit, and links to the next one; "
        "10 without it. A file holds as many as the limit says; all of them without it.",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": 10},
    ),
    "cursor": query_parameter("cursor", "Where the page starts; taken from the link to the next page.", TEXT),
    "filter": query_parameter(
        "filter",
        "A condition in CQL2. On a field with a hierarchical vocabulary =, <>, IN and the array functions match a "
        "concept and all narrower ones.",
        {**TEXT, "maxLength": 16_384},
    ),
    "filter-lang": query_parameter(
        "filter-lang", "Language of filter.", {**TEXT, "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}
    ),
    "filter-crs": query_parameter(
        "filter-crs", "Coordinate system of the geometries in filter.", {**_URI, "default": CRS84.uri}
    ),
    "sortby": query_parameter(
        "sortby", "Fields to sort by, a minus before one that descends; missing values come last.", _NAMES
    ),
    "properties": query_parameter("properties", "Fields of the answer; all without it.", _NAMES),
    "skipGeometry": query_parameter(
        "skipGeometry", "Whether to leave the geometries out.", {"type": "boolean", "default": False}
    ),
    "q": query_parameter(
        "q", "Words that must all occur somewhere in a feature's texts, whatever their case and accents.", TEXT
    ),
    "asOf": query_parameter(
        "asOf", "What was public at this date (its end, UTC) or time; not in the future.", {**TEXT, "minLength": 10}
    ),
}
_OF_AN_ITEM = ("crs", "asOf")

RESERVED = frozenset({"f", "lang", *_PARAMETERS})
"""Parameters of items; a field of such a name cannot be one, and is asked for in a filter."""


def features(base_url: str, layers: Mapping[str, Layer], systems: Sequence[str], concepts: Mapping[str, str]) -> Block:
    """The block of these layers at ``<base_url>/ogc``.

    systems: URIs of the coordinate systems served, that of the storage first. concepts: parameters that take a concept,
    and the field whose vocabulary it is of.
    """
    parameters, names = _field_parameters(layers, concepts)

    def links(layer: Layer) -> list[Link]:
        address = f"{base_url}/ogc/collections/{layer.id}/items"
        return [
            link(
                "items",
                writer.media_type.partition(";")[0],
                f"All features as {writer.title}",
                f"{address}?f={writer.name}",
            )
            for writer in WRITERS.values()
            if writer.name not in _NOT_LINKED
        ]

    return Block(
        conformance=(
            *(f"{_PART_1}/{one}" for one in ("core", "oas30", "html", "geojson")),
            f"{_PART_2}/crs",
            *(f"{_PART_3}/{one}" for one in ("filter", "features-filter", "queryables", "queryables-query-parameters")),
            *(f"{_CQL2}/{one}" for one in _CQL2_CLASSES),
        ),
        paths=partial(_paths, names),
        schemas=_SCHEMAS,
        parameters={
            **_PARAMETERS,
            **parameters,
            "featureId": path_parameter("featureId", "Identifier of a feature.", TEXT),
        },
        collection_links=links,
        collections_members={"crs": list(systems)},
    )


_CQL2_CLASSES = (
    "cql2-text",
    "cql2-json",
    "basic-cql2",
    "advanced-comparison-operators",
    "case-insensitive-comparison",
    "accent-insensitive-comparison",
    "basic-spatial-functions",
    "basic-spatial-functions-plus",
    "spatial-functions",
    "temporal-functions",
    "array-functions",
    "property-property",
)

# Beside the pages of GeoJSON and the description that the CSV file links to itself.
_NOT_LINKED = frozenset({"geojson", "csvw"})

_DOWNLOADS: Mapping[str, Any] = {writer.media_type: BINARY for writer in WRITERS.values()}

_NARROWER = "A concept stands for itself and all narrower ones."


def queryables(layer: Layer, address: str) -> dict[str, Any]:
    """JSON Schema of what a filter may name. address: of the resource, without parameters, as Part 3 wants it."""
    described = layer.json_schema()
    properties = dict(described["properties"])
    for field in layer.public_fields:
        if field.vocabulary:
            told = properties[field.name].get("description", "")
            properties[field.name] = {**properties[field.name], "description": f"{told} {_NARROWER}".strip()}
    del described["required"]
    return {**described, "$id": address, "properties": properties, "additionalProperties": False}


def _paths(names: Mapping[str, Sequence[str]], layers: Mapping[str, Layer]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for name, layer in layers.items():
        path, tag = f"/collections/{name}", layer.title
        paths[f"{path}/queryables"] = get(f"queryables-{name}", tag, "Fields a query may name", answer(None, SCHEMA))
        paths[f"{path}/items"] = get(
            f"items-{name}",
            tag,
            "Features",
            answer("FeatureCollection", GEOJSON, others=_DOWNLOADS),
            (*_PARAMETERS, *names[name]),
            ("json", "html", *WRITERS),
        )
        paths[f"{path}/items/{{featureId}}"] = get(
            f"item-{name}", tag, "A feature", answer("Feature", GEOJSON) | NOT_FOUND, ("featureId", *_OF_AN_ITEM)
        )
    return paths


def _field_parameters(
    layers: Mapping[str, Layer], concepts: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Parameters of the fields by component name, and the names each layer has; layers share what is the same."""
    made: dict[str, Any] = {}
    names: dict[str, list[str]] = {}
    for layer in layers.values():
        wanted = {f.name: field_parameter(f) for f in layer.public_fields if f.name not in RESERVED}
        for name, target in concepts.items():
            field = layer.field(target)
            if field is not None and field.vocabulary:
                wanted[name] = query_parameter(name, f"Code, URI or name in {field.vocabulary}. {_NARROWER}", TEXT)
        names[layer.id] = [_component(name, one, made) for name, one in wanted.items()]
    return made, names


def _component(name: str, parameter: Mapping[str, Any], made: dict[str, Any]) -> str:
    """The name of the component that is that parameter, made if there is none."""
    number = 1
    while made.setdefault(key := f"field.{name}{number if number > 1 else ''}", parameter) != parameter:
        number += 1
    return key


def field_parameter(field: Field) -> dict[str, Any]:
    """The parameter of items that asks for a value of a field."""
    schema = dict(_VALUES.get(field.type, TEXT))
    if field.vocabulary or field.type in (FieldType.STRINGS, FieldType.NUMBER, FieldType.INTEGER):
        schema = {"type": "array", "items": schema, "minItems": 1}
    told = f"Features whose {field.title} is this{_ONE_OF if 'items' in schema else ''}."
    return query_parameter(field.name, f"{told} {_NARROWER}" if field.vocabulary else told, schema)


_ONE_OF = ", or one of these"
_VALUES: Mapping[FieldType, Mapping[str, Any]] = {
    FieldType.NUMBER: {"type": "number"},
    FieldType.INTEGER: {"type": "number"},
    FieldType.BOOLEAN: {"type": "boolean"},
}

_OPERATIONS = {
    "type": "array",
    "description": "With a crs of another datum: the operations used inside its area and their accuracy in metres, "
    "null where it is not known.",
    "items": schema({"name": TEXT, "accuracy": {"type": "number", "nullable": True}}, "name"),
}
_SCHEMAS: Mapping[str, Any] = {
    "Feature": schema(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"oneOf": [TEXT, {"type": "integer"}]},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
            "coordinateOperations": _OPERATIONS,
            "links": LINKS,
        },
        "type",
        "geometry",
        "properties",
    ),
    "FeatureCollection": schema(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
            "numberMatched": COUNT,
            "numberMatchedIsEstimate": {
                "type": "boolean",
                "description": "true where numberMatched is an estimate: of more than 100,000 features, or of a part "
                "of a collection of more than 400,000.",
            },
            "numberReturned": COUNT,
            "timeStamp": DATE_TIME,
            "coordinateOperations": _OPERATIONS,
            "links": LINKS,
        },
        "type",
        "features",
    ),
}
