"""The mapfile of maps in pieces, written from layers' declarations and styles and from nothing else."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from gis.layer import BBox, GeometryType, Layer
from gis.mapserver import metadata
from gis.mapserver.extent import WORLD
from gis.mapserver.fonts import FONTSET, installed
from gis.mapserver.items import of_styles
from gis.mapserver.outputs import MAX_PIXELS, output_formats
from gis.mapserver.parts import Part
from gis.mapserver.raster import RasterLayer
from gis.mapserver.source import GEOMETRY_TYPES, connection_string, drawn_source, layer_id, scale_tokens
from gis.mapserver.symbols import classes, symbols
from gis.mapserver.text import Texts
from gis.service import ServiceMetadata
from gis.style import Style, scale_of_zoom

# How far from the click a feature may be, in pixels. A polygon must be hit.
_TOLERANCE = {GeometryType.POINT: 6, GeometryType.LINE: 5, GeometryType.POLYGON: 0}

RESOLUTION = 90.714
"""Dots an inch of a map: pixels of 0.28 mm, so that scale denominators are those of OGC."""


def head(service: ServiceMetadata, epsg: Sequence[int], *, extent: BBox = WORLD, version: int = 0) -> Part:
    """What a map has besides its layers.

    epsg: coordinate systems besides 4326, CRS:84 and 3857. extent: of all layers. version: number of the catalogue,
    the capabilities' update sequence; it and the extent mean nothing to a mapfile that no capabilities are read from.
    """
    texts = Texts()
    document = {
        "__type__": "map",
        "name": "map",
        "size": [512, 512],
        "maxsize": MAX_PIXELS,
        # Equal, so that sizes are plain pixels.
        "resolution": RESOLUTION,
        "defresolution": RESOLUTION,
        "extent": list(extent),
        "units": "DD",
        "imagecolor": [255, 255, 255],
        "fontset": FONTSET,
        "projection": ["init=epsg:4326"],
        "web": {"__type__": "web", "metadata": metadata.of_service(service, epsg, version, texts)},
        "legend": _legend(_font()),
        "outputformats": output_formats(),
        "symbols": symbols(),
    }
    return Part("maps", document, texts)


def vector_part(
    layer: Layer,
    styles: Sequence[Style],
    service: ServiceMetadata,
    *,
    connection: str,
    extent: BBox = WORLD,
    time: tuple[str, str] | None = None,
) -> Part:
    """One layer on a table. styles: the default first.

    connection: libpq connection string of the role that reads public data. extent: what is published of it (MapServer
    would scan the table for it). time: first and last moment of a layer that has time.
    Raises InvalidDeclarationError if an id or a column name cannot stand in SQL, or if a style does not fit.
    """
    texts = Texts()
    document = {
        **_vector_layer(layer, styles, connection_string(connection), extent, texts),
        "metadata": metadata.of_layer(layer, styles, service, texts, time),
    }
    return Part(layer_id(layer.id), document, texts)


def raster_part(raster: RasterLayer, service: ServiceMetadata) -> Part:
    """One layer of a raster."""
    texts = Texts()
    return Part(layer_id(raster.id), _raster_layer(raster, service, texts), texts)


def drawn_in_order(layers: Iterable[tuple[Layer, Sequence[Style]]]) -> list[tuple[Layer, Sequence[Style]]]:
    """Polygons, then lines and points in the given order."""
    return sorted(layers, key=lambda pair: _DRAWING_ORDER[pair[0].geometry_type])


_DRAWING_ORDER = {GeometryType.POLYGON: 0, GeometryType.LINE: 1, GeometryType.POINT: 2}


@cache
def _font() -> str | None:
    return ",".join(installed()) or None


def _vector_layer(layer: Layer, styles: Sequence[Style], connection: str, extent: BBox, texts: Texts) -> dict[str, Any]:
    items = of_styles(layer, styles)
    return {
        "__type__": "layer",
        "name": layer_id(layer.id),
        "type": GEOMETRY_TYPES[layer.geometry_type],
        "status": "OFF",
        "extent": list(extent),
        "projection": ["init=epsg:4326"],
        "connectiontype": "POSTGIS",
        "connection": texts(connection),
        "scaletokens": scale_tokens(layer),
        "data": texts(drawn_source(layer, items.chosen)),
        "processing": ["CLOSE_CONNECTION=DEFER"],
        "template": "none",  # Any value makes the layer queryable; no template is ever read.
        "tolerance": _TOLERANCE[layer.geometry_type],
        "toleranceunits": "PIXELS",
        **({"maxscaledenom": scale_of_zoom(layer.minzoom)} if layer.minzoom else {}),
        **items.keywords(),
        "classgroup": texts(styles[0].id),
        "classes": classes(styles, texts, _font()),
    }


def _raster_layer(raster: RasterLayer, service: ServiceMetadata, texts: Texts) -> dict[str, Any]:
    return {
        "__type__": "layer",
        "name": layer_id(raster.id),
        "type": "RASTER",
        "status": "OFF",
        "extent": list(raster.extent),
        "projection": ["AUTO"],
        "data": texts(str(raster.path)),
        "processing": ["RESAMPLE=BILINEAR"],
        "metadata": metadata.of_raster(raster, service, texts),
    }


def _legend(font: str | None) -> dict[str, Any]:
    label = {"__type__": "label", "type": "TRUETYPE", "size": 9, "color": "#1f2a37", "buffer": 2}
    return {
        "__type__": "legend",
        "keysize": [22, 16],
        "keyspacing": [8, 5],
        "imagecolor": [255, 255, 255],
        "labels": [{**label, "font": font} if font else label],
    }
