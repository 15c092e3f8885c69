"""Numbers in and out of the database in PostgreSQL's binary form: as arrays, without an object a row."""

from collections.abc import Iterable
from functools import reduce
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from app.db.driver import driver_of
from gis.statement import with_values

_SEND = {"i4": sa.func.int4send, "i8": sa.func.int8send, "f8": sa.func.float8send}
_AT_ONCE = 1_000  # rows sent together
_PARTS = 64  # values that the rows are read in, as one must not be larger than 1 GB

# A header, rows of a count and of values with their sizes before them, an end mark.
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


def read_numbers(connection: sa.Connection, rows: sa.Select[Any], **types: str) -> npt.NDArray[np.void]:
    """The rows of a statement, in no order; the first column is an integer.

    types: what the columns are called and hold: "i4", "i8" or "f8". A COPY would take ten times as long, as psycopg
    receives each row of it by itself. Raises ValueError where a row holds a null.
    """
    columns = zip(rows.selected_columns, types, strict=True)
    found = rows.with_only_columns(*(one.label(name) for one, name in columns)).subquery("numbers").c
    sent: list[Any] = [_SEND[kind](found[name]) for name, kind in types.items()]
    row = reduce(lambda one, two: one.op("||")(two), sent)
    packed = sa.func.string_agg(row, sa.literal(b"", sa.LargeBinary))
    parts = sa.select(packed, sa.func.count()).group_by(found[0] % _PARTS)
    with driver_of(connection).cursor(binary=True) as cursor:
        some = cursor.execute(*with_values(parts)).fetchall()
    numbers = np.frombuffer(
        b"".join(one for one, _ in some if one), dtype=[(name, f">{kind}") for name, kind in types.items()]
    )
    if len(numbers) < (wanted := sum(count for _, count in some)):
        raise ValueError(f"{wanted - len(numbers)} of {wanted} rows hold a null")
    return numbers


def write_numbers(connection: sa.Connection, table: str, **columns: npt.NDArray[Any]) -> None:
    """Write rows into a table. columns: their values by name, of the very types the table has."""
    fields = [(one, kind) for name, values in columns.items() for one, kind in _with_size(name, values)]
    rows = np.empty(len(next(iter(columns.values()))), dtype=[("values", ">i2"), *fields])
    rows["values"] = len(columns)
    for name, values in columns.items():
        rows[f"{name} size"], rows[name] = values.itemsize, values
    write_binary(connection, table, columns, [rows.tobytes()])


def write_binary(connection: sa.Connection, table: str, columns: Iterable[str], rows: Iterable[bytes]) -> None:
    """Write rows into a table that are in the form of a binary COPY already."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
    with driver_of(connection).cursor() as cursor, cursor.copy(statement) as stream:
        stream.write(_HEADER)
        written = iter(rows)
        while some := b"".join(islice(written, _AT_ONCE)):
            stream.write(some)
        stream.write(_END)


def _with_size(name: str, values: npt.NDArray[Any]) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f"{name} size", ">i4"), (name, values.dtype.newbyteorder(">").str)
