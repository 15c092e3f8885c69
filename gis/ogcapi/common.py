"""OGC API - Common: landing page, conformance, the API's description, collections."""

from collections.abc import Mapping
from typing import Any

from gis.layer import Layer
from gis.ogcapi.blocks import Block
from gis.ogcapi.openapi import LINKS, OPENAPI, SCHEMA, TEXT, answer, get, schema

_SPEC = "http://www.opengis.net/spec"


def _paths(layers: Mapping[str, Layer]) -> dict[str, Any]:
    paths = {
        "/": get("getLandingPage", "Capabilities", "Landing page", answer("LandingPage")),
        "/conformance": get("getConformance", "Capabilities", "Conformance classes", answer("Conformance")),
        "/openapi": get("getOpenAPI", "Capabilities", "This document", answer(None, OPENAPI)),
        "/collections": get("getCollections", "Capabilities", "All collections", answer("Collections")),
    }
    for name, layer in layers.items():
        path = f"/collections/{name}"
        paths[path] = get(f"describe-{name}", layer.title, layer.title, answer("Collection"))
        paths[f"{path}/schema"] = get(f"schema-{name}", layer.title, "Fields of a feature", answer(None, SCHEMA))
    return paths


_BOX = {"type": "array", "items": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}}
_EXTENT = {
    "type": "object",
    "properties": {"spatial": {"type": "object", "properties": {"bbox": _BOX, "crs": TEXT}}},
}

COMMON = Block(
    conformance=(
        f"{_SPEC}/ogcapi-common-1/1.0/conf/core",
        f"{_SPEC}/ogcapi-common-1/1.0/conf/landing-page",
        f"{_SPEC}/ogcapi-common-1/1.0/conf/json",
        f"{_SPEC}/ogcapi-common-1/1.0/conf/html",
        f"{_SPEC}/ogcapi-common-1/1.0/conf/oas30",
        f"{_SPEC}/ogcapi-common-2/1.0/conf/collections",
    ),
    paths=_paths,
    schemas={
        "LandingPage": schema({"title": TEXT, "description": TEXT, "links": LINKS}, "links"),
        "Conformance": schema({"conformsTo": {"type": "array", "items": TEXT}}, "conformsTo"),
        "Collections": schema(
            {"links": LINKS, "collections": {"type": "array", "items": {"$ref": "#/components/schemas/Collection"}}},
            "links",
            "collections",
        ),
        "Collection": schema(
            {
                "id": TEXT,
                "title": TEXT,
                "description": TEXT,
                "itemType": TEXT,
                "extent": _EXTENT,
                "crs": {"type": "array", "items": TEXT},
                "storageCrs": TEXT,
                "links": LINKS,
            },
            "id",
            "links",
        ),
    },
)
