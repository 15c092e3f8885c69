"""Vector tiles in the tile matrix set WebMercatorQuad, made by PostGIS in one statement."""

import math
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from gis.errors import InvalidParameterError
from gis.layer import BBox, GeometryType, Layer
from gis.statement import compiled, constant, value

MAX_ZOOM = 22
EXTENT = 4096
"""Steps of a tile's grid."""
_MERCATOR = 3857
_BUFFER = 64  # steps around a tile, so that symbols and lines are whole at its edge


class TileReader:
    """Makes the tiles of one layer; the statement is compiled once.

    A polygon narrower than a step of the grid is left out, everything else is drawn as it is.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._sql = compiled(_statement(layer))

    async def tile(self, connection: AsyncConnection[Any], zoom: int, row: int, column: int) -> bytes:
        """One tile as Mapbox Vector Tile 2.1, empty when nothing is there. Raises InvalidParameterError."""
        check_tile(zoom, row, column)
        west, south, east, north = tile_bounds(zoom, row, column, margin=_BUFFER / EXTENT)
        values = {"zoom": zoom, "column": column, "row": row, "step": 360 / 2**zoom / EXTENT}
        values |= {"west": west, "south": south, "east": east, "north": north}
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(self._sql, values)
            found = await cursor.fetchone()
        return bytes(found[0]) if found and found[0] else b""


def check_tile(zoom: int, row: int, column: int) -> None:
    """Raise InvalidParameterError when the tile matrix set has no such tile."""
    if not 0 <= zoom <= MAX_ZOOM:
        raise InvalidParameterError("tileMatrix", f"There is no tile matrix {zoom}; they go from 0 to {MAX_ZOOM}.")
    last = 2**zoom - 1
    for name, number in (("tileRow", row), ("tileCol", column)):
        if not 0 <= number <= last:
            raise InvalidParameterError(name, f"{number} is outside tile matrix {zoom}, which goes from 0 to {last}.")


def tile_bounds(zoom: int, row: int, column: int, margin: float = 0) -> BBox:
    """Degrees a tile covers, widened by a share of its width, within the square world of Web Mercator."""
    tiles: int = 2**zoom

    def longitude(x: float) -> float:
        return min(max(x, 0), tiles) / tiles * 360 - 180

    def latitude(y: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * min(max(y, 0), tiles) / tiles))))

    return (
        longitude(column - margin),
        latitude(row + 1 + margin),
        longitude(column + 1 + margin),
        latitude(row - margin),
    )


def _statement(layer: Layer) -> sa.Select[Any]:
    names = [f.name for f in layer.tile_fields]
    table = sa.table(layer.table, *(sa.column(n) for n in (*names, layer.geometry_field)), schema=layer.schema)
    shape = table.c[layer.geometry_field]
    box = sa.func.ST_MakeEnvelope(
        *(value(side, sa.Double) for side in ("west", "south", "east", "north")), constant(layer.srid)
    )
    tile = sa.func.ST_TileEnvelope(*(value(name, sa.Integer) for name in ("zoom", "column", "row")))
    geometry = sa.func.ST_AsMVTGeom(
        sa.func.ST_Transform(shape, constant(_MERCATOR)), tile, constant(EXTENT), constant(_BUFFER), sa.true()
    )
    rows = sa.select(geometry.label("geometry"), *(table.c[n] for n in names)).where(shape.bool_op("&&")(box))
    if layer.geometry_type is GeometryType.POLYGON:
        rows = rows.where(sa.func.ST_XMax(shape) - sa.func.ST_XMin(shape) >= value("step", sa.Double))
    features = rows.subquery("features")
    whole_row: sa.ColumnElement[Any] = sa.literal_column("features")
    tile_bytes = sa.func.ST_AsMVT(whole_row, constant(layer.id), constant(EXTENT), constant("geometry"))
    return sa.select(tile_bytes).select_from(features)
