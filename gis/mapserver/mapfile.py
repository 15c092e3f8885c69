"""The mapfile of all published layers, written from their declarations and styles and from nothing else."""

# SPDX-License-Identifier: Apache-2.0

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mappyfile

from gis.errors import InvalidDeclarationError
from gis.layer import BBox, GeometryType, Layer
from gis.mapserver import metadata
from gis.mapserver.extent import WORLD, union
from gis.mapserver.fonts import fontset, installed
from gis.mapserver.items import of_styles
from gis.mapserver.outputs import MAX_PIXELS, output_formats
from gis.mapserver.raster import RasterLayer
from gis.mapserver.source import GEOMETRY_TYPES, connection_string, drawn_source, layer_id, scale_tokens
from gis.mapserver.symbols import classes, symbols
from gis.mapserver.text import Texts
from gis.service import ServiceMetadata
from gis.style import Style, scale_of_zoom

FONTSET = "fonts.txt"
"""Name of the font set file beside the mapfile."""

# How far from the click a feature may be, in pixels. A polygon must be hit.
_TOLERANCE = {GeometryType.POINT: 6, GeometryType.LINE: 5, GeometryType.POLYGON: 0}


def mapfile(
    layers: Sequence[tuple[Layer, Sequence[Style]]],
    rasters: Sequence[RasterLayer],
    service: ServiceMetadata,
    *,
    connection: str,
    epsg: Sequence[int],
    extents: Mapping[str, BBox] | None = None,
    times: Mapping[str, tuple[str, str]] | None = None,
    version: int = 0,
) -> str:
    """The text of the mapfile, rasters below, then polygons, lines and points in the given order.

    layers: each with its styles, the default first.

    connection: libpq connection string of the role that reads public data.
    epsg: coordinate systems besides 4326, CRS:84 and 3857. extents: what is published of each layer, by id (MapServer
    would scan the table for it). times: first and last moment of each layer that has time, by id. version: number of
    the catalogue, the capabilities' update sequence.
    Raises InvalidDeclarationError if an id or a column name cannot stand in SQL or if the mapfile is not valid.
    """
    texts = Texts()
    bounds = dict(extents or {})
    drawn = [_raster_layer(one, service, texts) for one in rasters]
    conninfo = connection_string(connection)
    for layer, styles in sorted(layers, key=lambda pair: _DRAWING_ORDER[pair[0].geometry_type]):
        drawn.append(
            {
                **_vector_layer(layer, styles, conninfo, bounds.get(layer.id, WORLD), texts),
                "metadata": metadata.of_layer(layer, styles, service, texts, (times or {}).get(layer.id)),
            }
        )
    document = {
        "__type__": "map",
        "name": "map",
        "size": [512, 512],
        "maxsize": MAX_PIXELS,
        # 0.28 mm pixels, so that scale denominators are those of OGC; equal to it, so that sizes are plain pixels.
        "resolution": 90.714,
        "defresolution": 90.714,
        "extent": list(union([*bounds.values(), *(r.extent for r in rasters)])),
        "units": "DD",
        "imagecolor": [255, 255, 255],
        "fontset": FONTSET,
        "projection": ["init=epsg:4326"],
        "web": {"__type__": "web", "metadata": metadata.of_service(service, epsg, version, texts)},
        "legend": _legend(_font()),
        "outputformats": output_formats(),
        "symbols": symbols(),
        "layers": drawn,
    }
    problems = mappyfile.validate(document)
    if problems:
        raise InvalidDeclarationError(f"mapfile: {'; '.join(str(problem) for problem in problems)}")
    return texts.restore(str(mappyfile.dumps(document, indent=1)))


def write(folder: Path, text: str, name: str = "wms") -> Path:
    """Put the mapfile of that name and its font set into the folder and return the mapfile's path.

    Both are replaced in one step each, so that a process reading them sees the old or the new. Only the owner may read
    them: the mapfile may hold a password.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / FONTSET, fontset(installed()))
    return _replace(folder / f"{name}.map", text)


def _replace(path: Path, text: str) -> Path:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(0o600)
    fresh.write_text(text, encoding="utf-8")
    return fresh.replace(path)


_DRAWING_ORDER = {GeometryType.POLYGON: 0, GeometryType.LINE: 1, GeometryType.POINT: 2}


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
