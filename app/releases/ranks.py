"""From which zoom level on a feature is drawn, decided when its layer is published."""

from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from gis.layer import GeometryType, Layer
from gis.rank import lowest_zooms
from gis.statement import DIALECT

ALL_SHOWN = 5_000
"""A layer of points with no more than so many is drawn whole at every zoom level."""

RANKING = sa.table("ranking", sa.column("fid", sa.BigInteger), sa.column("minzoom", sa.SmallInteger))
"""Temporary table of the points' ranks, by the number of the row; gone with the transaction."""

_PIXELS = 512  # width of a tile

# PostgreSQL's binary COPY: a header, rows of a count and of values with their sizes before them, an end mark.
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_POINT = np.dtype(
    [
        ("values", ">i2"),
        *(("fid_size", ">i4"), ("fid", ">i8")),
        *(("lon_size", ">i4"), ("lon", ">f8")),
        *(("lat_size", ">i4"), ("lat", ">f8")),
        *(("known_size", ">i4"), ("known", ">i4")),
    ]
)
_RANK = np.dtype([("values", ">i2"), ("fid_size", ">i4"), ("fid", ">i8"), ("zoom_size", ">i4"), ("zoom", ">i2")])


def rank_points(
    connection: sa.Connection,
    driver: psycopg.Connection[Any],
    table: sa.Table,
    layer: Layer,
    rows: ColumnElement[bool],
) -> bool:
    """Fill RANKING for the rows of a point layer; False, and nothing is filled, where all of them are drawn always.

    rows: which rows of the table are to be drawn beside each other. The more is known of a feature, the more important
    it is. driver: the psycopg connection under the SQLAlchemy one.
    """
    if layer.geometry_type is not GeometryType.POINT:
        return False
    count = connection.execute(sa.select(sa.func.count()).select_from(table).where(rows)).scalar_one()
    if count <= ALL_SHOWN:
        return False
    shape, identifier = table.c[layer.geometry_field], table.c[layer.id_field]
    known = sa.func.num_nonnulls(*(table.c[f.name] for f in layer.fields))
    points = sa.select(table.c.fid, sa.func.ST_X(shape), sa.func.ST_Y(shape), known).where(rows)
    found = _read(driver, points.order_by(sa.func.hashtext(identifier), identifier))
    lon, lat = found["lon"].astype(np.float64), found["lat"].astype(np.float64)
    zooms = lowest_zooms(lon, lat, found["known"], layer.maxzoom)
    connection.execute(sa.text("CREATE TEMPORARY TABLE ranking (fid bigint, minzoom smallint) ON COMMIT DROP"))
    _write(driver, found["fid"], zooms)
    connection.execute(sa.text("ANALYZE ranking"))
    return True


def minzoom_of_size(shape: ColumnElement[Any], maxzoom: int) -> ColumnElement[int]:
    """The zoom level from which on lines or areas are a pixel long or wide, as an SQL expression."""
    width = sa.func.ST_XMax(shape) - sa.func.ST_XMin(shape)
    height = sa.func.ST_YMax(shape) - sa.func.ST_YMin(shape)
    zoom = sa.func.ceil(sa.func.ln(360.0 / _PIXELS / sa.func.greatest(width, height, 1e-9)) / sa.func.ln(2.0))
    return sa.cast(sa.func.least(maxzoom, sa.func.greatest(0, zoom)), sa.SmallInteger)


def _read(driver: psycopg.Connection[Any], points: sa.Select[Any]) -> npt.NDArray[np.void]:
    statement = points.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    with driver.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT binary)".encode()) as stream:
        copied = b"".join(map(bytes, stream))
    return np.frombuffer(copied[len(_HEADER) : -len(_END)], dtype=_POINT)


def _write(driver: psycopg.Connection[Any], fids: npt.NDArray[Any], zooms: npt.NDArray[np.int16]) -> None:
    rows = np.empty(len(fids), dtype=_RANK)
    rows["values"], rows["fid_size"], rows["zoom_size"] = 2, 8, 2
    rows["fid"], rows["zoom"] = fids, zooms
    with driver.cursor() as cursor, cursor.copy("COPY ranking (fid, minzoom) FROM STDIN (FORMAT binary)") as stream:
        stream.write(_HEADER + rows.tobytes() + _END)
