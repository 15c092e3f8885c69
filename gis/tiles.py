"""Vector tiles, made by PostGIS in one statement, and the tile matrix sets they come in."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from gis.errors import InvalidParameterError
from gis.layer import BBox, Layer
from gis.statement import compiled, constant, value

MAX_ZOOM = 22
SIZE = 256
"""Pixels of a tile's side, as the tile matrix sets have it."""
SHARP = 2
"""Pixels for each of those, across and down, of pictures for dense screens."""
EXTENT = 4096
"""Steps of a tile's grid."""
_BUFFER = 64  # steps around a tile, so that symbols and lines are whole at its edge
_HALF_WORLD = 20_037_508.342789244  # metres of Web Mercator


@dataclass(frozen=True, slots=True)
class TileGrid:
    """A tile matrix set of square tiles, each matrix of twice as many rows and columns as the one before.

    id: registered with OGC. srid: coordinate system of the tiles. columns, rows: of the first matrix. left, top: its
    corner; width: of its tiles, in units of the system. zoom_ahead: how many Web Mercator zoom levels finer its
    matrices are than those of the same number.
    """

    id: str
    srid: int
    columns: int
    rows: int
    left: float
    top: float
    width: float
    zoom_ahead: int

    def check(self, zoom: int, row: int, column: int) -> None:
        """Raise InvalidParameterError when the set has no such tile."""
        if not 0 <= zoom <= MAX_ZOOM:
            raise InvalidParameterError("tileMatrix", f"There is no tile matrix {zoom}; they go from 0 to {MAX_ZOOM}.")
        for name, number, count in (("tileRow", row, self.rows), ("tileCol", column, self.columns)):
            last = count * 2**zoom - 1
            if not 0 <= number <= last:
                raise InvalidParameterError(
                    name, f"{number} is outside tile matrix {zoom} of {self.id}, which goes from 0 to {last}."
                )

    def box(self, zoom: int, row: int, column: int, margin: float = 0) -> BBox:
        """What a tile covers, widened by a share of its width, in the units of the coordinate system."""
        width = self.width / 2**zoom
        west, north = self.left + column * width, self.top - row * width
        around = margin * width
        return west - around, north - width - around, west + width + around, north + around

    def degrees(self, zoom: int, row: int, column: int, margin: float = 0) -> BBox:
        """What a tile covers in degrees, widened by a share of its width, within the world."""
        west, south, east, north = self.box(zoom, row, column, margin)
        if self.srid == _DEGREES:
            return max(west, -180), max(south, -90), min(east, 180), min(north, 90)
        west, south, east, north = (min(max(one, -_HALF_WORLD), _HALF_WORLD) for one in (west, south, east, north))
        return _longitude(west), _latitude(south), _longitude(east), _latitude(north)

    def tiles_of(self, extent: BBox, zoom: int) -> tuple[int, int, int, int]:
        """First and last row, first and last column of the tiles of a matrix that meet a box of degrees."""
        west, south, east, north = extent
        if self.srid != _DEGREES:
            west, east = (x / 180 * _HALF_WORLD for x in (west, east))
            south, north = (_mercator(y) for y in (south, north))
        width = self.width / 2**zoom

        def at(distance: float, count: int) -> int:
            return min(max(int(distance // width), 0), (count << zoom) - 1)

        first_row, last_row = at(self.top - north, self.rows), at(self.top - south, self.rows)
        return first_row, last_row, at(west - self.left, self.columns), at(east - self.left, self.columns)


_DEGREES = 4326

WEB_MERCATOR_QUAD = TileGrid("WebMercatorQuad", 3857, 1, 1, -_HALF_WORLD, _HALF_WORLD, 2 * _HALF_WORLD, 0)
WORLD_CRS84_QUAD = TileGrid("WorldCRS84Quad", _DEGREES, 2, 1, -180.0, 90.0, 180.0, 1)

GRIDS: Mapping[str, TileGrid] = {grid.id: grid for grid in (WEB_MERCATOR_QUAD, WORLD_CRS84_QUAD)}
"""The sets tiles come in, by id."""


class TileReader:
    """Makes the tiles of one layer; the statement of each geometry that is drawn is compiled when it is first needed.

    A tile holds the features that are to be drawn at its zoom level (the layer's rank), each with the geometry of the
    level's band; from the layer's last level on it holds all.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._compiled: dict[tuple[str, int, bool], str] = {}

    async def tile(self, connection: AsyncConnection[Any], grid: TileGrid, zoom: int, row: int, column: int) -> bytes:
        """One tile as Mapbox Vector Tile 2.1, empty when nothing is there. Raises InvalidParameterError."""
        grid.check(zoom, row, column)
        drawn_at = zoom + grid.zoom_ahead
        near = zip(("west", "south", "east", "north"), grid.degrees(zoom, row, column, _BUFFER / EXTENT), strict=True)
        sides = zip(("left", "bottom", "right", "top"), grid.box(zoom, row, column), strict=True)
        values = {"zoom": drawn_at, **dict(near), **dict(sides)}
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            # Planned for each tile: how many features are drawn differs by orders of magnitude between zoom levels.
            await cursor.execute(self._statement(grid, drawn_at), values, prepare=False)
            found = await cursor.fetchone()
        return bytes(found[0]) if found and found[0] else b""

    def _statement(self, grid: TileGrid, zoom: int) -> str:
        """The statement of the tiles of a grid at a zoom level of the layer's."""
        ranked = zoom < self.layer.maxzoom
        drawn = self.layer.drawn_geometry(zoom) if ranked else self.layer.geometry_field
        key = (drawn, grid.srid, ranked)
        if key not in self._compiled:
            self._compiled[key] = compiled(_statement(self.layer, drawn, grid.srid, ranked=ranked))
        return self._compiled[key]


def _longitude(x: float) -> float:
    return x / _HALF_WORLD * 180


def _latitude(y: float) -> float:
    return math.degrees(math.atan(math.sinh(y / _HALF_WORLD * math.pi)))


def _mercator(latitude: float) -> float:
    clipped = min(max(latitude, -85.05), 85.05)
    return math.asinh(math.tan(math.radians(clipped))) / math.pi * _HALF_WORLD


def _statement(layer: Layer, drawn: str, srid: int, *, ranked: bool) -> sa.Select[Any]:
    names = [f.name for f in layer.tile_fields]
    rank = layer.rank_field if ranked else None
    used = {*names, layer.geometry_field, drawn, *([rank] if rank else [])}
    table = sa.table(layer.table, *(sa.column(n) for n in sorted(used)), schema=layer.schema)
    box = sa.func.ST_MakeEnvelope(
        *(value(side, sa.Double) for side in ("west", "south", "east", "north")), constant(layer.srid)
    )
    tile = sa.func.ST_MakeEnvelope(
        *(value(side, sa.Double) for side in ("left", "bottom", "right", "top")), constant(srid)
    )
    shape = table.c[drawn] if srid == layer.srid else sa.func.ST_Transform(table.c[drawn], constant(srid))
    geometry = sa.func.ST_AsMVTGeom(shape, tile, constant(EXTENT), constant(_BUFFER), sa.true())
    rows = sa.select(geometry.label("geometry"), *(table.c[n] for n in names))
    rows = rows.where(table.c[layer.geometry_field].bool_op("&&")(box))
    if rank:
        rows = rows.where(table.c[rank] <= value("zoom", sa.SmallInteger))
    features = rows.subquery("features")
    whole_row: sa.ColumnElement[Any] = sa.literal_column("features")
    tile_bytes = sa.func.ST_AsMVT(whole_row, constant(layer.id), constant(EXTENT), constant("geometry"))
    return sa.select(tile_bytes).select_from(features)
