"""OGC API - Tiles: vector tiles of a collection, as the API's description tells them."""

from collections.abc import Mapping
from typing import Any

from gis.layer import Layer, Service
from gis.ogcapi.blocks import Block, Link
from gis.ogcapi.openapi import BINARY, COUNT, NOT_FOUND, get, path_parameter

MVT = "application/vnd.mapbox-vector-tile"

_TILE = {
    "200": {"description": "A vector tile", "content": {MVT: {"schema": BINARY}}},
    "204": {"description": "Nothing is there"},
}


def tiles(base_url: str) -> Block:
    """The block of a server at ``<base_url>/ogc``."""

    def links(layer: Layer) -> list[Link]:
        if Service.TILES not in layer.services:
            return []
        address = f"{base_url}/ogc/collections/{layer.id}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
        return [{"rel": "item", "type": MVT, "title": "Vector tiles", "href": f"{address}?f=mvt", "templated": True}]

    return Block(
        paths=_paths,
        parameters={
            "tileMatrix": path_parameter(
                "tileMatrix", "Zoom level, 0 to 22.", {"type": "integer", "minimum": 0, "maximum": 22}
            ),
            "tileRow": path_parameter("tileRow", "Row from the top.", COUNT),
            "tileCol": path_parameter("tileCol", "Column from the left.", COUNT),
        },
        collection_links=links,
    )


def _paths(layers: Mapping[str, Layer]) -> dict[str, Any]:
    return {
        f"/collections/{name}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": get(
            f"tile-{name}",
            layer.title,
            "A vector tile",
            _TILE | NOT_FOUND,
            ("tileMatrix", "tileRow", "tileCol"),
            formats=("mvt",),
        )
        for name, layer in layers.items()
        if Service.TILES in layer.services
    }
