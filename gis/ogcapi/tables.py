"""Collections of rows without geometry: the features of OGC API - Features that lie nowhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from gis.layer import Layer
from gis.links import link
from gis.ogcapi.blocks import Block
from gis.ogcapi.features import field_parameter, queryables
from gis.ogcapi.openapi import (
    BINARY,
    GEOJSON,
    NOT_FOUND,
    SCHEMA,
    TEXT,
    answer,
    get,
    path_parameter,
)

CSV = "text/csv"

PARAMETERS = ("bbox", "datetime", "limit", "cursor", "filter", "filter-lang")
"""Parameters of items besides those of the fields; every row meets a bbox, as it has no geometry."""

Collection = dict[str, Any]


def tables(layers: Sequence[Layer], base_url: str) -> Block:
    """The block of these collections at ``<base_url>/ogc``.

    Of a layer its fields are taken; what it says of its geometry counts for nothing, as every row's is null.
    """
    parameters = {
        f"{layer.id}.{field.name}": field_parameter(field) for layer in layers for field in layer.public_fields
    }
    return Block(
        paths=lambda _: {path: one for layer in layers for path, one in _paths(layer).items()},
        parameters={**parameters, "rowId": path_parameter("rowId", "Identifier of a row.", TEXT)},
        collections=lambda: [collection(layer, base_url) for layer in layers],
    )


def collection(layer: Layer, base_url: str) -> Collection:
    """What a collection says of itself, in the list of collections and alone."""
    address = f"{base_url}/ogc/collections/{layer.id}"
    record = f"{base_url}/ogc/collections/records/items/{layer.id}?f=json"
    return {
        "id": layer.id,
        "title": layer.title,
        "description": layer.abstract,
        "keywords": list(layer.keywords),
        "attribution": layer.attribution,
        "license": layer.licence,
        "itemType": "feature",
        "links": [
            link("self", "application/json", "This collection as JSON", f"{address}?f=json"),
            link("alternate", "text/html", "This collection as a page", f"{address}?f=html"),
            link("describedby", GEOJSON, "Metadata record", record),
            link("items", GEOJSON, "The rows as GeoJSON without geometry", f"{address}/items?f=json"),
            link("items", "text/html", "The rows as a page", f"{address}/items?f=html"),
            link("items", CSV, "All rows as CSV", f"{address}/items?f=csv"),
            link("queryables", SCHEMA, "Fields a query may name", f"{address}/queryables?f=json"),
            link("http://www.opengis.net/def/rel/ogc/1.0/queryables", SCHEMA, "Queryables", f"{address}/queryables"),
            link("http://www.opengis.net/def/rel/ogc/1.0/schema", SCHEMA, "Fields of a row", f"{address}/schema"),
        ],
    }


def row_schema(layer: Layer) -> dict[str, Any]:
    """JSON Schema of the properties of a row."""
    return _without_geometry(layer, layer.json_schema())


def row_queryables(layer: Layer, address: str) -> dict[str, Any]:
    """JSON Schema of what a filter may name, at an address."""
    return _without_geometry(layer, queryables(layer, address))


def _without_geometry(layer: Layer, schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: one for name, one in schema["properties"].items() if name != layer.geometry_field}
    return {**schema, "properties": properties}


def _paths(layer: Layer) -> dict[str, Any]:
    path, tag = f"/collections/{layer.id}", layer.title
    fields = (f"{layer.id}.{field.name}" for field in layer.public_fields)
    rows = answer("FeatureCollection", GEOJSON, others={CSV: BINARY})
    return {
        path: get(f"describe-{layer.id}", tag, layer.title, answer("Collection")),
        f"{path}/schema": get(f"schema-{layer.id}", tag, "Fields of a row", answer(None, SCHEMA)),
        f"{path}/queryables": get(f"queryables-{layer.id}", tag, "Fields a query may name", answer(None, SCHEMA)),
        f"{path}/items": get(f"items-{layer.id}", tag, "Rows", rows, (*PARAMETERS, *fields), ("json", "html", "csv")),
        f"{path}/items/{{rowId}}": get(
            f"item-{layer.id}", tag, "A row", answer("Feature", GEOJSON) | NOT_FOUND, ("rowId",)
        ),
    }
