"""From which zoom level on a feature is drawn, decided when its layer is published."""

from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from app.db.copying import read_numbers, write_numbers
from gis.layer import GeometryType, Layer
from gis.rank import lowest_zooms

ALL_SHOWN = 5_000
"""A layer of points with no more than so many is drawn whole at every zoom level."""

RANKING = sa.table("ranking", sa.column("fid", sa.BigInteger), sa.column("minzoom", sa.SmallInteger))
"""Temporary table of the points' ranks, by the number of the row; gone with the transaction."""

_PIXELS = 512  # width of a tile


def rank_points(connection: sa.Connection, table: sa.Table, layer: Layer, rows: ColumnElement[bool]) -> bool:
    """Fill RANKING for the rows of a point layer; False, and nothing is filled, where all of them are drawn always.

    rows: which rows of the table are to be drawn beside each other. The more is known of a feature, the more important
    it is.
    """
    if layer.geometry_type is not GeometryType.POINT:
        return False
    count = connection.execute(sa.select(sa.func.count()).select_from(table).where(rows)).scalar_one()
    if count <= ALL_SHOWN:
        return False
    shape, identifier = table.c[layer.geometry_field], table.c[layer.id_field]
    known = sa.func.num_nonnulls(*(table.c[f.name] for f in layer.fields))
    mixed, apart = sa.func.hashtext(identifier), sa.func.hashtextextended(identifier, 0)
    points = sa.select(table.c.fid, sa.func.ST_X(shape), sa.func.ST_Y(shape), known, mixed, apart).where(rows)
    found = read_numbers(connection, points, fid="i8", lon="f8", lat="f8", known="i4", mixed="i4", apart="i8")
    found = found[np.lexsort((found["apart"], found["mixed"]))]
    lon, lat = found["lon"].astype(np.float64), found["lat"].astype(np.float64)
    zooms = lowest_zooms(lon, lat, found["known"], layer.maxzoom)
    connection.execute(sa.text("CREATE TEMPORARY TABLE ranking (fid bigint, minzoom smallint) ON COMMIT DROP"))
    write_numbers(connection, RANKING.name, fid=found["fid"], minzoom=zooms)
    connection.execute(sa.text("ANALYZE ranking"))
    return True


def minzoom_of_size(shape: ColumnElement[Any], maxzoom: int) -> ColumnElement[int]:
    """The zoom level from which on lines or areas are a pixel long or wide, as an SQL expression."""
    width = sa.func.ST_XMax(shape) - sa.func.ST_XMin(shape)
    height = sa.func.ST_YMax(shape) - sa.func.ST_YMin(shape)
    zoom = sa.func.ceil(sa.func.ln(360.0 / _PIXELS / sa.func.greatest(width, height, 1e-9)) / sa.func.ln(2.0))
    return sa.cast(sa.func.least(maxzoom, sa.func.greatest(0, zoom)), sa.SmallInteger)
