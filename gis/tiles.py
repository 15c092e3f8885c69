"""Vector tiles in the tile matrix set WebMercatorQuad, made by PostGIS in one statement."""

import math
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from gis.errors import InvalidParameterError
from gis.layer import BBox, Layer
from gis.statement import compiled, constant, value

MAX_ZOOM = 22
EXTENT = 4096
"""Steps of a tile's grid."""
_MERCATOR = 3857
_BUFFER = 64  # steps around a tile, so that symbols and lines are whole at its edge


class TileReader:
    """Makes the tiles of one layer; statements are compiled once for each geometry that is drawn.

    A tile holds the features that are to be drawn at its zoom level (the layer's rank), each with the geometry of the
    level's band; from the layer's last level on it holds all.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        columns = {layer.geometry_field, *(band.column for band in layer.bands)}
        self._ranked = {name: compiled(_statement(layer, name, ranked=True)) for name in columns}
        self._whole = compiled(_statement(layer, layer.geometry_field, ranked=False))

    async def tile(self, connection: AsyncConnection[Any], zoom: int, row: int, column: int) -> bytes:
        """One tile as Mapbox Vector Tile 2.1, empty when nothing is there. Raises InvalidParameterError."""
        check_tile(zoom, row, column)
        west, south, east, north = tile_bounds(zoom, row, column, margin=_BUFFER / EXTENT)
        values: dict[str, float] = {"zoom": zoom, "column": column, "row": row}
        values |= {"west": west, "south": south, "east": east, "north": north}
        statement = self._whole if zoom >= self.layer.maxzoom else self._ranked[self.layer.drawn_geometry(zoom)]
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            # Planned for each tile: how many features are drawn differs by orders of magnitude between zoom levels.
            await cursor.execute(statement, values, prepare=False)
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


def _statement(layer: Layer, drawn: str, *, ranked: bool) -> sa.Select[Any]:
    names = [f.name for f in layer.tile_fields]
    rank = layer.rank_field if ranked else None
    used = {*names, layer.geometry_field, drawn, *([rank] if rank else [])}
    table = sa.table(layer.table, *(sa.column(n) for n in sorted(used)), schema=layer.schema)
    box = sa.func.ST_MakeEnvelope(
        *(value(side, sa.Double) for side in ("west", "south", "east", "north")), constant(layer.srid)
    )
    tile = sa.func.ST_TileEnvelope(*(value(name, sa.Integer) for name in ("zoom", "column", "row")))
    geometry = sa.func.ST_AsMVTGeom(
        sa.func.ST_Transform(table.c[drawn], constant(_MERCATOR)), tile, constant(EXTENT), constant(_BUFFER), sa.true()
    )
    rows = sa.select(geometry.label("geometry"), *(table.c[n] for n in names))
    rows = rows.where(table.c[layer.geometry_field].bool_op("&&")(box))
    if rank:
        rows = rows.where(table.c[rank] <= value("zoom", sa.SmallInteger))
    features = rows.subquery("features")
    whole_row: sa.ColumnElement[Any] = sa.literal_column("features")
    tile_bytes = sa.func.ST_AsMVT(whole_row, constant(layer.id), constant(EXTENT), constant("geometry"))
    return sa.select(tile_bytes).select_from(features)
