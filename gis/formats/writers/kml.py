"""KML 2.3: a Placemark a feature with its values as typed data; the terms are the document's description."""

from collections.abc import Iterator

import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from gis.crs import CRS84
from gis.formats.writer import Provenance
from gis.formats.writers.columns import attributes, batched, geometries, rounded
from gis.formats.writers.markup import Coordinates, each, escape, escaped, joined, parts, places, wrapped
from gis.layer import FieldType, GeometryType, Layer

_TYPES = {FieldType.INTEGER: "int", FieldType.NUMBER: "double", FieldType.BOOLEAN: "bool"}
_NAMES = ("name", "title")
"""Fields a Placemark is named by, the first there is."""


def chunks(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    """The text of the document."""
    return batched(_pieces(layer, rows, about))


def _pieces(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    yield _head(layer, about, rows.schema).encode()
    for batch in rows:
        yield "".join(_placemarks(layer, batch)).encode()
    yield b"</Document>\n</kml>\n"


def _head(layer: Layer, about: Provenance, schema: pa.Schema) -> str:
    fields = (layer.field(name) for name in attributes(schema, layer))
    declared = "".join(
        f'<SimpleField name="{escape(field.name)}" type="{_TYPES.get(field.type, "string")}">'
        f"<displayName>{escape(field.title)}</displayName></SimpleField>"
        for field in fields
        if field
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:atom="http://www.w3.org/2005/Atom">\n'
        f"<Document><name>{escape(about.title)}</name>"
        f"<atom:author><atom:name>{escape(about.attribution)}</atom:name></atom:author>"
        f'<atom:link href="{escape(about.query)}" rel="self"/>'
        f"<description>{escape(about.text())}</description>"
        f'<Schema name="{layer.id}" id="{layer.id}">{declared}</Schema>\n'
    )


def _placemarks(layer: Layer, batch: pa.RecordBatch) -> list[str]:
    names = attributes(batch.schema, layer)
    values = {name: escaped(batch.column(name)) for name in names}
    title = next((name for name in (*_NAMES, layer.id_field) if name in values), None)
    columns = [wrapped("<name>", values[title], "</name>")] if title else []
    columns.append(_same('<ExtendedData><SchemaData schemaUrl="#' + layer.id + '">', batch))
    columns += [wrapped(f'<SimpleData name="{name}">', column, "</SimpleData>") for name, column in values.items()]
    columns.append(_same("</SchemaData></ExtendedData>", batch))
    shapes = geometries(batch, layer)
    if shapes is not None:
        columns.append(each(rounded(shapes, CRS84), _SHAPES[layer.geometry_type]))
    return [f"<Placemark>{row}</Placemark>\n" for row in joined(columns, batch.num_rows)]


def _same(value: str, batch: pa.RecordBatch) -> pa.Array:
    return pa.repeat(value, batch.num_rows)


def _point(_: int, shape: BaseGeometry) -> str:
    return f"<Point>{_coordinates(shapely.get_coordinates(shape))}</Point>"


def _lines(_: int, shape: BaseGeometry) -> str:
    return _multi(f"<LineString>{_coordinates(rings[0])}</LineString>" for rings in parts(shape))


def _polygons(_: int, shape: BaseGeometry) -> str:
    return _multi(f"<Polygon>{_boundaries(rings)}</Polygon>" for rings in parts(shape))


def _boundaries(rings: list[Coordinates]) -> str:
    sides = ("outer", *["inner"] * (len(rings) - 1))
    return "".join(
        f"<{side}BoundaryIs><LinearRing>{_coordinates(ring)}</LinearRing></{side}BoundaryIs>"
        for side, ring in zip(sides, rings, strict=True)
    )


def _multi(made: Iterator[str]) -> str:
    return f"<MultiGeometry>{''.join(made)}</MultiGeometry>"


def _coordinates(ring: Coordinates) -> str:
    return f"<coordinates>{places(ring, ',', ' ')}</coordinates>"


_SHAPES = {GeometryType.POINT: _point, GeometryType.LINE: _lines, GeometryType.POLYGON: _polygons}
