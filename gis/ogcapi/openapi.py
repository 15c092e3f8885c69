"""The OpenAPI 3.0 document of the OGC API, made from its building blocks; it refers to nothing outside itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from gis.layer import Layer
from gis.ogcapi.blocks import Block
from gis.service import ServiceMetadata

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
"""Media type of the document itself."""

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
SCHEMA = "application/schema+json"

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
DATE_TIME = {"type": "string", "format": "date-time"}
BINARY = {"type": "string", "format": "binary"}
LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
NOT_FOUND = {"404": {"$ref": "#/components/responses/NotFound"}}


def document(layers: Mapping[str, Layer], service: ServiceMetadata, blocks: Sequence[Block]) -> dict[str, Any]:
    """The document for these layers and building blocks at ``<base_url>/ogc``."""
    schemas = {name: one for block in blocks for name, one in block.schemas.items()}
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
        "paths": {path: one for block in blocks for path, one in block.paths(layers).items()},
        "components": {
            "schemas": {**schemas, "Link": _LINK, "Problem": _PROBLEM},
            "parameters": {name: one for block in blocks for name, one in block.parameters.items()},
            "responses": _errors(),
        },
    }


def get(
    operation: str,
    tag: str,
    summary: str,
    responses: Mapping[str, Any],
    parameters: Sequence[str] = (),
    formats: Sequence[str] = ("json", "html"),
) -> dict[str, Any]:
    """A path with the method GET. parameters: names of the components. formats: values of f, none without."""
    format_parameter = query_parameter(
        "f", "Format of the answer; without it the Accept header decides.", {"type": "string", "enum": list(formats)}
    )
    used: list[dict[str, Any]] = [{"$ref": f"#/components/parameters/{name}"} for name in parameters]
    failures = {
        "400": {"$ref": "#/components/responses/InvalidParameter"},
        "406": {"$ref": "#/components/responses/NotAcceptable"},
        "500": {"$ref": "#/components/responses/ServerError"},
        "503": {"$ref": "#/components/responses/Unavailable"},
    }
    return {
        "get": {
            "operationId": operation,
            "tags": [tag],
            "summary": summary,
            "parameters": [*used, format_parameter] if formats else used,
            "responses": {**responses, **failures},
        }
    }


def answer(
    schema: str | None, media_type: str = JSON, *, html: bool = True, others: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The good answer of an operation: a component's schema (None: any object), and HTML beside it.

    others: schemas of what else it may be, by media type.
    """
    described = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    content: dict[str, Any] = {name: {"schema": one} for name, one in (others or {}).items()}
    content[media_type] = {"schema": described}
    if html:
        content[HTML] = {"schema": TEXT}
    return {"200": {"description": "The document", "content": content}}


def query_parameter(name: str, description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter after the question mark; lists have commas between."""
    return {
        "name": name,
        "in": "query",
        "description": description,
        "required": False,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def path_parameter(name: str, description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter inside the path."""
    return {"name": name, "in": "path", "description": description, "required": True, "schema": schema}


def schema(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    """An object with these properties."""
    described: dict[str, Any] = {"type": "object", "properties": dict(properties)}
    return described | {"required": list(required)} if required else described


def _errors() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told = {
        "InvalidParameter": "A parameter is unknown or has a value that cannot be used",
        "NotFound": "There is no such thing",
        "NotAcceptable": "The resource has no such format",
        "ServerError": "An error on the server's side",
        "Unavailable": "Not available at the moment; try again",
    }
    return {name: {"description": description, "content": content} for name, description in told.items()}


_LINK = schema({"href": TEXT, "rel": TEXT, "type": TEXT, "title": TEXT}, "href", "rel")
_PROBLEM = schema(
    {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "parameter": TEXT},
    "title",
    "status",
    "detail",
)
