"""What several formats do to columns before they write them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from gis.crs import CoordinateSystem
from gis.layer import Layer

LIST_SEPARATOR = "|"
"""Between the values of a list in formats that have no lists; the readers split at it."""

Geometries = npt.NDArray[np.object_]


def mapped(
    rows: pa.RecordBatchReader, schema: pa.Schema, change: Callable[[pa.RecordBatch], pa.RecordBatch]
) -> pa.RecordBatchReader:
    """A reader of changed batches, each changed when it is asked for."""
    return pa.RecordBatchReader.from_batches(schema, (change(batch) for batch in rows))


def flat(rows: pa.RecordBatchReader, *, times: pa.DataType | None = None) -> pa.RecordBatchReader:
    """The rows with every list as one text; times: the type times get, when the format does not have theirs."""
    schema = pa.schema([field.with_type(_flat_type(field.type, times)) for field in rows.schema])

    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [_flat(column, field.type) for column, field in zip(batch.columns, schema, strict=True)]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    return mapped(rows, schema, change)


def text(column: pa.Array) -> pa.Array:
    """A column as text: true and false, RFC 3339 dates and times, shortest decimals, lists joined; null stays null."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        return pc.replace_substring_regex(pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ"), r"\.0+Z$", "Z")
    if pa.types.is_list(kind):
        return _joined(column)
    return column.cast(pa.string())


def _joined(column: pa.Array) -> pa.Array:
    if column.flatten().null_count:
        # Arrow takes a list with a gap for a gap.
        lists = (
            [one for one in values if one is not None] if values is not None else None for values in column.to_pylist()
        )
        column = pa.array(lists, column.type)
    return pc.binary_join(column, LIST_SEPARATOR)


def described(rows: pa.RecordBatchReader, layer: Layer) -> pa.RecordBatchReader:
    """The rows with the titles and units of their fields where GDAL looks for them."""
    titles = Counter(field.title for field in layer.public_fields)
    fields = [_described(column, layer, titles) for column in rows.schema]
    schema = pa.schema(fields)
    return mapped(rows, schema, lambda batch: pa.RecordBatch.from_arrays(batch.columns, schema=schema))


def _described(column: pa.Field, layer: Layer, titles: Mapping[str, int]) -> pa.Field:
    field = layer.field(column.name)
    if field is None:
        return column
    # A GeoPackage wants titles that differ.
    title = field.title if titles[field.title] == 1 else f"{field.title} ({field.name})"
    unit = f" ({field.unit})" if field.unit else ""
    comment = f"{field.description or field.title}{unit}"
    return column.with_metadata({"GDAL:OGR:alternative_name": title, "GDAL:OGR:comment": comment})


def geometries(batch: pa.RecordBatch, layer: Layer) -> Geometries | None:
    """The geometries of a batch; None when the query left them out."""
    index = batch.schema.get_field_index(layer.geometry_field)
    if index < 0:
        return None
    found: Geometries = shapely.from_wkb(np.asarray(batch.column(index).to_pylist(), dtype=object))
    return found


def attributes(schema: pa.Schema, layer: Layer) -> list[str]:
    """Names of the columns that are not the geometry."""
    return [name for name in schema.names if name != layer.geometry_field]


def rounded(shapes: Geometries, crs: CoordinateSystem) -> Geometries:
    """Geometries with as many digits as are published in text, about a centimetre."""
    done: Geometries = shapely.transform(shapes, lambda places: np.round(places, crs.decimals))
    return done


def batched(pieces: Iterator[bytes], size: int = 1 << 16) -> Iterator[bytes]:
    """Pieces of text joined to pieces of at least that many bytes."""
    kept: list[bytes] = []
    length = 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(kept)
            kept, length = [], 0
    if kept:
        yield b"".join(kept)


def _flat_type(kind: pa.DataType, times: pa.DataType | None) -> pa.DataType:
    if pa.types.is_list(kind):
        return pa.string()
    return times if times is not None and pa.types.is_timestamp(kind) else kind


def _flat(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    return column if column.type == wanted else text(column)
