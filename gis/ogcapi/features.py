"""OGC API - Features: items, item and queryables, as the API's description tells them."""

from collections.abc import Mapping
from typing import Any

from gis.layer import Layer
from gis.ogcapi.blocks import Block
from gis.ogcapi.openapi import (
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

_PART_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}


def _paths(layers: Mapping[str, Layer]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for name, layer in layers.items():
        path, tag = f"/collections/{name}", layer.title
        paths[f"{path}/queryables"] = get(f"queryables-{name}", tag, "Fields a query may name", answer(None, SCHEMA))
        paths[f"{path}/items"] = get(
            f"items-{name}",
            tag,
            "Features",
            answer("FeatureCollection", GEOJSON),
            ("bbox", "datetime", "limit", "cursor"),
        )
        paths[f"{path}/items/{{featureId}}"] = get(
            f"item-{name}", tag, "A feature", answer("Feature", GEOJSON) | NOT_FOUND, ("featureId",)
        )
    return paths


FEATURES = Block(
    conformance=(f"{_PART_1}/core", f"{_PART_1}/oas30", f"{_PART_1}/html", f"{_PART_1}/geojson"),
    paths=_paths,
    schemas={
        "Feature": schema(
            {
                "type": {"type": "string", "enum": ["Feature"]},
                "id": TEXT,
                "geometry": {"type": "object", "nullable": True},
                "properties": {"type": "object", "nullable": True},
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
                "numberReturned": COUNT,
                "timeStamp": DATE_TIME,
                "links": LINKS,
            },
            "type",
            "features",
        ),
    },
    parameters={
        "bbox": query_parameter(
            "bbox", "Features that meet this box of CRS84 degrees: west, south, east, north.", _NUMBERS
        ),
        "datetime": query_parameter(
            "datetime", "An RFC 3339 time or interval; a layer without time matches always.", TEXT
        ),
        "limit": query_parameter(
            "limit",
            "The most features in one page; more than the maximum is served as the maximum.",
            {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 10},
        ),
        "cursor": query_parameter("cursor", "Where the page starts; taken from the link to the next page.", TEXT),
        "featureId": path_parameter("featureId", "Identifier of a feature.", TEXT),
    },
)
