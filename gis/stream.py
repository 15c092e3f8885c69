"""Rows of a query as Arrow record batches, read through a cursor of the server's: memory does not grow with them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.rows import tuple_row
from psycopg.types.numeric import NumericBinaryLoader

from gis.layer import FieldType, Layer

BATCH = 2_000
"""Rows a batch; some four megabytes of a layer with forty fields."""

_TYPES: Mapping[FieldType, pa.DataType] = {
    FieldType.STRING: pa.string(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.date32(),
    FieldType.DATETIME: pa.timestamp("ms", tz="UTC"),
    FieldType.STRINGS: pa.list_(pa.string()),
}


def schema(layer: Layer, names: Sequence[str]) -> pa.Schema:
    """Schema of rows of a layer: fields by name in their natural types, the geometry as WKB.

    Raises KeyError for a name the layer does not have.
    """
    return pa.schema([_column(layer, name) for name in names])


@contextmanager
def rows(
    connection: Connection[Any], layer: Layer, statement: str, values: Mapping[str, Any], batch: int = BATCH
) -> Iterator[pa.RecordBatchReader]:
    """The rows of a statement whose columns are named as the layer's fields and its geometry, while the block runs.

    The connection must be in a transaction. The first rows are read at once, so that what is wrong with the statement
    is known now; each read is a statement of its own to PostgreSQL's statement timeout.
    """
    with connection.cursor("rows", row_factory=tuple_row, binary=True) as cursor:
        cursor.adapters.register_loader("numeric", _Number)
        cursor.execute(statement, values)
        first = cursor.fetchmany(batch)
        described = schema(layer, [column.name for column in cursor.description or ()])

        def batches() -> Iterator[pa.RecordBatch]:
            fetched = first
            while fetched:
                yield _batch(described, fetched)
                fetched = cursor.fetchmany(batch) if len(fetched) == batch else []

        yield pa.RecordBatchReader.from_batches(described, batches())


class _Number(NumericBinaryLoader):
    """Reads PostgreSQL's numeric as the number a field of that type is."""

    def load(self, data: Buffer) -> float:  # type: ignore[override]
        return float(super().load(data))


def _column(layer: Layer, name: str) -> pa.Field:
    if name == layer.geometry_field:
        return pa.field(name, pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"})
    field = layer.field(name)
    if field is None:
        raise KeyError(name)
    return pa.field(name, _TYPES[field.type])


def _batch(described: pa.Schema, fetched: list[tuple[Any, ...]]) -> pa.RecordBatch:
    columns = zip(*fetched, strict=True)
    arrays = [_array(column, field.type) for column, field in zip(columns, described, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=described)


def _array(column: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    made = pa.array(column, kind)
    if not pa.types.is_floating(kind):
        return made
    # Most formats have no infinity and nothing that is not a number.
    return pc.if_else(pc.is_finite(made), made, pa.scalar(None, kind))
