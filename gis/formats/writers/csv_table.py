"""CSV in UTF-8 with a header line: points as lon and lat (x and y in another system), other shapes as WKT.

Values are written as they are: a text that a spreadsheet program would take for a formula is not changed, as the file
is data for every reader. The terms stand beside it, in the file's description (gis.formats.writers.csvw).
"""

import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv
import shapely

from gis.crs import CoordinateSystem
from gis.formats.writer import Provenance
from gis.formats.writers.columns import attributes, batched, geometries, rounded, text
from gis.layer import GeometryType, Layer


def chunks(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    """The text of the table. A missing value is an empty cell, an empty text is a pair of quotes."""
    return batched(_pieces(layer, rows, about))


def _pieces(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    names = [*place_names(layer, rows.schema, about.crs), *attributes(rows.schema, layer)]
    yield ",".join(names).encode() + b"\n"
    options = pa.csv.WriteOptions(include_header=False)
    for batch in rows:
        buffer = io.BytesIO()
        columns = [*_places(layer, batch, about.crs), *_texts(layer, batch)]
        pa.csv.write_csv(pa.RecordBatch.from_arrays(columns, names), buffer, options)
        yield buffer.getvalue()


def place_names(layer: Layer, schema: pa.Schema, crs: CoordinateSystem) -> list[str]:
    """Names of the columns that hold the geometry."""
    if layer.geometry_field not in schema.names:
        return []
    if layer.geometry_type is not GeometryType.POINT:
        return ["WKT"]
    return ["lon", "lat"] if crs.is_stored else ["x", "y"]


def _places(layer: Layer, batch: pa.RecordBatch, crs: CoordinateSystem) -> list[pa.Array]:
    shapes = geometries(batch, layer)
    if shapes is None:
        return []
    if layer.geometry_type is GeometryType.POINT:
        shapes = rounded(shapes, crs)
        return [pa.array(number(shapes), from_pandas=True) for number in (shapely.get_x, shapely.get_y)]
    return [pa.array(shapely.to_wkt(shapes, rounding_precision=crs.decimals), pa.string())]


def _texts(layer: Layer, batch: pa.RecordBatch) -> Iterator[pa.Array]:
    for name in attributes(batch.schema, layer):
        column = batch.column(name)
        simple = pa.types.is_string(column.type) or pa.types.is_floating(column.type)
        yield column if simple or pa.types.is_boolean(column.type) else text(column)
