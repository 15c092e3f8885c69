"""OGC API - Styles: each layer's styles, their encodings and what is told of them."""

# SPDX-License-Identifier: Apache-2.0

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from gis.layer import BBox, Layer
from gis.links import Link, link
from gis.ogcapi.blocks import Block
from gis.ogcapi.openapi import (
    BINARY,
    DATE_TIME,
    HTML,
    JSON,
    LINKS,
    NOT_FOUND,
    TEXT,
    answer,
    get,
    path_parameter,
    schema,
)
from gis.style import Style, maplibre, qml, sld

_SPEC = "http://www.opengis.net/spec/ogcapi-styles-1/1.0/conf"
_REL = "http://www.opengis.net/def/rel/ogc/1.0"
_TAG = "Styles"
_WORLD: BBox = (-180.0, -85.0, 180.0, 85.0)


@dataclass(frozen=True, slots=True)
class StyledLayer:
    """A layer with its styles, the default first, as they are now.

    extent: of what is published, None when empty. updated: RFC 3339 time of its newest release, None before the first.
    """

    layer: Layer
    styles: tuple[Style, ...]
    extent: BBox | None = None
    updated: str | None = None

    def style(self, name: str) -> Style | None:
        """The style of that id, if it is the layer's."""
        return next((one for one in self.styles if one.id == name), None)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A language styles are written in. specification: where it is described. suffix: of its files."""

    title: str
    version: str
    media_type: str
    specification: str
    suffix: str
    write: Callable[[StyledLayer, Style, str], bytes]


def _mapbox(of: StyledLayer, style: Style, base_url: str) -> bytes:
    tiles = f"{base_url}/ogc/collections/{of.layer.id}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt"
    sprite = f"{base_url}/ogc/styles/sprite"
    document = maplibre.maplibre_style(of.layer, style, tiles, of.extent or _WORLD, sprite)
    return json.dumps(document, ensure_ascii=False).encode()


ENCODINGS: Mapping[str, Encoding] = {
    "mapbox": Encoding(
        "Mapbox Style", "8", maplibre.MEDIA_TYPE, "https://maplibre.org/maplibre-style-spec/", ".json", _mapbox
    ),
    "sld11": Encoding(
        "OGC SLD 1.1",
        "1.1.0",
        sld.MEDIA_TYPES["1.1.0"],
        "https://www.ogc.org/standard/sld/",
        ".sld",
        lambda of, style, _: sld.sld(of.layer.id, style, "1.1.0"),
    ),
    "sld10": Encoding(
        "OGC SLD 1.0",
        "1.0.0",
        sld.MEDIA_TYPES["1.0.0"],
        "https://www.ogc.org/standard/sld/",
        ".sld",
        lambda of, style, _: sld.sld(of.layer.id, style, "1.0.0"),
    ),
    "qml": Encoding(
        "QGIS style",
        qml.VERSION,
        qml.MEDIA_TYPE,
        "https://docs.qgis.org/",
        ".qml",
        lambda of, style, _: qml.qml(of.layer, style),
    ),
}
"""By the value of ``f``; the one a client gets who names none first."""


def styles_document(layers: Sequence[StyledLayer], base_url: str, address: str) -> dict[str, Any]:
    """The list of styles, with a default where it is the list of one layer. address: its own."""
    found = {
        "styles": [_entry(one, style, base_url) for one in layers for style in one.styles],
        "links": [
            link("self", JSON, "This list", f"{address}?f=json"),
            link("alternate", HTML, "This list as a page", f"{address}?f=html"),
        ],
    }
    return {"default": layers[0].styles[0].id, **found} if len(layers) == 1 else found


def metadata(of: StyledLayer, style: Style, base_url: str) -> dict[str, Any]:
    """What is told of a style: title, encodings, and the layer and fields it is for."""
    layer = of.layer
    fields = [layer.field(name) for name in dict.fromkeys(style.fields)]
    return {
        "id": style.id,
        "title": style.title,
        "description": style.abstract,
        "keywords": list(layer.keywords),
        "scope": "style",
        "license": layer.licence,
        **({"updated": of.updated} if of.updated else {}),
        "stylesheets": [
            {
                "title": encoding.title,
                "version": encoding.version,
                "specification": encoding.specification,
                "native": False,
                "link": _stylesheet(style, name, base_url),
            }
            for name, encoding in ENCODINGS.items()
        ],
        "layers": [
            {
                "id": layer.id,
                "description": layer.abstract,
                "type": _KINDS[layer.geometry_type.value],
                "attributes": [{"id": one.name, "type": "string", "required": False} for one in fields if one],
                "sampleData": {
                    "rel": "item",
                    "type": "application/geo+json",
                    "href": f"{base_url}/ogc/collections/{layer.id}/items?f=json",
                },
            }
        ],
        "links": [
            {"rel": "self", "type": JSON, "href": f"{_address(style, base_url)}/metadata"},
            *_entry(of, style, base_url)["links"],
        ],
    }


def legend_address(layer: Layer, style: Style) -> str:
    """Path and query of the picture of a style's legend."""
    asked = {"service": "WMS", "version": "1.3.0", "request": "GetLegendGraphic", "format": "image/png"}
    return f"/wms?{urlencode({**asked, 'layer': layer.id, 'style': style.id}, safe='/')}"


def _entry(of: StyledLayer, style: Style, base_url: str) -> dict[str, Any]:
    address, layer = _address(style, base_url), of.layer
    legend = base_url + legend_address(layer, style)
    return {
        "id": style.id,
        "title": f"{layer.title}: {style.title[:1].lower()}{style.title[1:]}",
        "description": style.abstract,
        "links": [
            *(_stylesheet(style, name, base_url) for name in ENCODINGS),
            link("alternate", HTML, "The style as a page", f"{address}?f=html"),
            link("describedby", JSON, "About the style", f"{address}/metadata"),
            link("preview", "image/png", "Legend", legend),
            link(f"{_REL}/legend", "image/png", "Legend", legend),
            link("collection", JSON, layer.title, f"{base_url}/ogc/collections/{layer.id}?f=json"),
        ],
    }


def _stylesheet(style: Style, name: str, base_url: str) -> Link:
    encoding = ENCODINGS[name]
    return link("stylesheet", encoding.media_type, encoding.title, f"{_address(style, base_url)}?f={name}")


def _address(style: Style, base_url: str) -> str:
    return f"{base_url}/ogc/styles/{style.id}"


def styles(base_url: str, ids: Iterable[str]) -> Block:
    """The block of a server at ``<base_url>/ogc`` with styles of these ids."""
    known = list(ids)

    def paths(layers: Mapping[str, Layer]) -> dict[str, Any]:
        found = {
            "/styles": get("getStyles", _TAG, "All styles", answer("Styles")),
            "/styles/{styleId}": get(
                "getStyle", _TAG, "A style", _STYLESHEET | NOT_FOUND, ("styleId",), (*ENCODINGS, "html")
            ),
            "/styles/{styleId}/metadata": get(
                "getStyleMetadata",
                _TAG,
                "About a style",
                answer("StyleMetadata", html=False) | NOT_FOUND,
                ("styleId",),
                ("json",),
            ),
        }
        for name, layer in layers.items():
            path = f"/collections/{name}/styles"
            found[path] = get(f"styles-{name}", layer.title, "Styles of the layer", answer("Styles"))
            found[f"{path}/{{styleId}}"] = get(
                f"style-{name}",
                layer.title,
                "A style of the layer",
                _STYLESHEET | NOT_FOUND,
                ("styleId",),
                (*ENCODINGS, "html"),
            )
        return found

    def links(layer: Layer) -> list[Link]:
        return [link(f"{_REL}/styles", JSON, "Styles of the layer", f"{base_url}/ogc/collections/{layer.id}/styles")]

    return Block(
        conformance=tuple(f"{_SPEC}/{name}" for name in _CLASSES),
        paths=paths,
        schemas=_SCHEMAS,
        parameters={"styleId": path_parameter("styleId", "Id of a style.", {"type": "string", "enum": known})},
        landing_links=(link(f"{_REL}/styles", JSON, "Styles", f"{base_url}/ogc/styles"),),
        collection_links=links,
    )


_CLASSES = ("core", "html", "mapbox-styles", "sld-10", "sld-11")
_KINDS = {"Point": "point", "MultiLineString": "line", "MultiPolygon": "polygon"}
_STYLESHEET = {
    "200": {
        "description": "The style",
        "content": {
            **{encoding.media_type: {"schema": BINARY} for encoding in ENCODINGS.values()},
            maplibre.MEDIA_TYPE: {"schema": {"type": "object"}},
            HTML: {"schema": TEXT},
        },
    }
}
_SCHEMAS = {
    "Styles": schema(
        {
            "default": TEXT,
            "styles": {
                "type": "array",
                "items": schema({"id": TEXT, "title": TEXT, "description": TEXT, "links": LINKS}, "id", "links"),
            },
            "links": LINKS,
        },
        "styles",
        "links",
    ),
    "StyleMetadata": schema(
        {
            "id": TEXT,
            "title": TEXT,
            "description": TEXT,
            "keywords": {"type": "array", "items": TEXT},
            "scope": TEXT,
            "license": TEXT,
            "updated": DATE_TIME,
            "stylesheets": {"type": "array", "items": {"type": "object"}},
            "layers": {"type": "array", "items": {"type": "object"}},
            "links": LINKS,
        },
        "id",
        "links",
    ),
}
