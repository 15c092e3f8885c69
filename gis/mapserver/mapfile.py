"""The mapfile of all published layers, written from their declarations and styles and from nothing else."""

# SPDX-License-Identifier: Apache-2.0

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mappyfile
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import ColumnElement, column, func, literal_column, select, table
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import quoted_name

from gis.errors import InvalidDeclarationError
from gis.layer import BBox, Field, FieldType, GeometryType, Layer
from gis.mapserver import metadata
from gis.mapserver.fonts import fontset, installed
from gis.mapserver.outputs import MAX_PIXELS, output_formats
from gis.mapserver.raster import RasterLayer
from gis.mapserver.symbols import classes, scale_of_zoom, symbols
from gis.mapserver.text import Texts
from gis.service import ServiceMetadata
from gis.style import Style

FONTSET = "fonts.txt"
"""Name of the font set file beside the mapfile."""

WORLD: BBox = (-180.0, -85.0, 180.0, 85.0)
"""Extent of a layer nobody has measured; Web Mercator ends there."""

_KEY = "fid"  # Every layer table has it: MapServer needs an integer key to come back to a feature it found.
_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]
_TIMEOUT = 20_000  # ms; a little less than a client waits for its map.
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_LAYER_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_TYPES = {GeometryType.POINT: "POINT", GeometryType.LINE: "LINE", GeometryType.POLYGON: "POLYGON"}
# How far from the click a feature may be, in pixels. A polygon must be hit.
_TOLERANCE = {GeometryType.POINT: 6, GeometryType.LINE: 5, GeometryType.POLYGON: 0}


def mapfile(
    layers: Sequence[tuple[Layer, Style]],
    rasters: Sequence[RasterLayer],
    service: ServiceMetadata,
    *,
    connection: str,
    wms_url: str,
    epsg: Sequence[int],
    extents: Mapping[str, BBox] | None = None,
    version: int = 0,
) -> str:
    """The text of the mapfile, rasters below, then polygons, lines and points in the given order.

    connection: libpq connection string of the role that reads public data. wms_url: public address of the service.
    epsg: coordinate systems besides 4326, CRS:84 and 3857. extents: what is published of each layer, by id (MapServer
    would scan the table for it). version: number of the catalogue, the capabilities' update sequence.
    Raises InvalidDeclarationError if an id or a column name cannot stand in SQL or if the mapfile is not valid.
    """
    texts = Texts()
    bounds = dict(extents or {})
    drawn = [_raster_layer(one, service, texts) for one in rasters]
    for layer, style in sorted(layers, key=lambda pair: _DRAWING_ORDER[pair[0].geometry_type]):
        drawn.append(_vector_layer(layer, style, _conninfo(connection), bounds.get(layer.id, WORLD), service, texts))
    document = {
        "__type__": "map",
        "name": "map",
        "size": [512, 512],
        "maxsize": MAX_PIXELS,
        # 0.28 mm pixels, so that scale denominators are those of OGC; equal to it, so that sizes are plain pixels.
        "resolution": 90.714,
        "defresolution": 90.714,
        "extent": list(_union([*bounds.values(), *(r.extent for r in rasters)])),
        "units": "DD",
        "imagecolor": [255, 255, 255],
        "fontset": FONTSET,
        "projection": ["init=epsg:4326"],
        "web": {"__type__": "web", "metadata": metadata.of_service(service, wms_url, epsg, version, texts)},
        "legend": _legend(_font()),
        "outputformats": output_formats(),
        "symbols": symbols(),
        "layers": drawn,
    }
    problems = mappyfile.validate(document)
    if problems:
        raise InvalidDeclarationError(f"mapfile: {'; '.join(str(problem) for problem in problems)}")
    return texts.restore(str(mappyfile.dumps(document, indent=1)))


def write(folder: Path, text: str) -> Path:
    """Put the mapfile and its font set into the folder and return the mapfile's path.

    Both are replaced in one step each, so that a process reading them sees the old or the new. Only the owner may read
    them: the mapfile may hold a password.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / FONTSET, fontset(installed()))
    return _replace(folder / "wms.map", text)


def _replace(path: Path, text: str) -> Path:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(0o600)
    fresh.write_text(text, encoding="utf-8")
    return fresh.replace(path)


_DRAWING_ORDER = {GeometryType.POLYGON: 0, GeometryType.LINE: 1, GeometryType.POINT: 2}


def _font() -> str | None:
    return ",".join(installed()) or None


def _conninfo(connection: str) -> str:
    given = conninfo_to_dict(connection).get("options") or ""
    # Compiling a query costs more than drawing from it, so no JIT. The role may only read anyway: a second lock.
    ours = f"-c statement_timeout={_TIMEOUT} -c default_transaction_read_only=on -c jit=off"
    return make_conninfo(connection, options=f"{given} {ours}".strip(), application_name="mapserv", connect_timeout=5)


def _vector_layer(
    layer: Layer, style: Style, connection: str, extent: BBox, service: ServiceMetadata, texts: Texts
) -> dict[str, Any]:
    names = [f.name for f in layer.public_fields]
    for field in filter(None, (style.field, style.label.field if style.label else None)):
        if field not in names:
            raise InvalidDeclarationError(f"layer {layer.id}: style {style.id}: there is no public field {field!r}")
    return {
        "__type__": "layer",
        "name": _layer_id(layer.id),
        "type": _TYPES[layer.geometry_type],
        "status": "OFF",
        "extent": list(extent),
        "projection": ["init=epsg:4326"],
        "connectiontype": "POSTGIS",
        "connection": texts(connection),
        "data": texts(_select(layer)),
        "processing": ["CLOSE_CONNECTION=DEFER"],
        "template": "none",  # Any value makes the layer queryable; no template is ever read.
        "tolerance": _TOLERANCE[layer.geometry_type],
        "toleranceunits": "PIXELS",
        **({"maxscaledenom": scale_of_zoom(layer.minzoom)} if layer.minzoom else {}),
        **({"classitem": style.field} if style.field else {}),
        **({"labelitem": style.label.field} if style.label else {}),
        "classgroup": texts(style.id),
        "metadata": metadata.of_layer(layer, style, service, texts),
        "classes": classes(style, texts, _font()),
    }


def _select(layer: Layer) -> str:
    """Geometry source of a layer in MapServer's own form.

    The columns are named one by one because the reading role may see the public ones only, and MapServer asks for all
    columns of a bare table. PostgreSQL folds the inner query away, so the spatial index is used.
    """
    columns = [_column(_KEY), _column(layer.geometry_field), *(_value(f) for f in layer.public_fields)]
    inner = select(*columns).select_from(table(_name(layer.table), schema=_name(layer.schema)))
    text = " ".join(str(inner.compile(dialect=_POSTGRESQL)).split())
    return f"{layer.geometry_field} FROM ({text}) AS t USING UNIQUE {_KEY} USING SRID={layer.srid}"


def _value(field: Field) -> ColumnElement[Any]:
    plain = _column(field.name)
    if field.type is FieldType.STRINGS:
        return func.array_to_string(plain, literal_column("', '")).label(_name(field.name))
    return plain


def _column(name: str) -> ColumnElement[Any]:
    return column(_name(name))


def _name(name: str) -> quoted_name:
    """The name as SQL is to quote it. MapServer reads the statement with a scanner of its own: plain names only."""
    if not _IDENTIFIER.fullmatch(name):
        raise InvalidDeclarationError(f"{name!r} cannot name a table or column of a map: letters, digits and _ only")
    return quoted_name(name, quote=True)


def _layer_id(name: str) -> str:
    if not _LAYER_ID.fullmatch(name):
        raise InvalidDeclarationError(f"layer id {name!r}: expected small letters, digits, - and _")
    return name


def _raster_layer(raster: RasterLayer, service: ServiceMetadata, texts: Texts) -> dict[str, Any]:
    return {
        "__type__": "layer",
        "name": _layer_id(raster.id),
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


def _union(extents: Sequence[BBox]) -> BBox:
    if not extents:
        return WORLD
    west, south, east, north = zip(*extents, strict=True)
    return min(west), min(south), max(east), max(north)
