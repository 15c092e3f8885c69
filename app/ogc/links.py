"""Links from a collection to what is served of it beside its items."""

from collections.abc import Callable
from typing import Any

from gis.layer import Layer, Service


def collection_links(base_url: str) -> Callable[[Layer], list[dict[str, Any]]]:
    """A function that gives a layer's links to its vector tiles and its map service."""

    def links(layer: Layer) -> list[dict[str, Any]]:
        found = []
        if Service.TILES in layer.services:
            found.append(
                {
                    "rel": "item",
                    "type": "application/vnd.mapbox-vector-tile",
                    "title": "Vector tiles",
                    "href": f"{base_url}/ogc/collections/{layer.id}/tiles/WebMercatorQuad/"
                    "{tileMatrix}/{tileRow}/{tileCol}?f=mvt",
                    "templated": True,
                }
            )
        if Service.WMS in layer.services:
            found.append(
                {
                    "rel": "alternate",
                    "type": "text/xml",
                    "title": "Web Map Service; the layer's name is that of the collection",
                    "href": f"{base_url}/wms?service=WMS&version=1.3.0&request=GetCapabilities",
                }
            )
        return found

    return links
