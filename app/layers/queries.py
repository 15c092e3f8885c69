"""What the published rows of a layer say together: counts, values in use, sources. Read as the public role."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from psycopg.rows import tuple_row
from sqlalchemy.dialects import postgresql

from app.db.pool import Connection
from gis.layer import BBox, Layer
from gis.moments import utc
from gis.naming import begins
from gis.statement import compiled, constant, value, with_values


async def count_having(connection: Connection, layer: Layer, field: str, codes: Iterable[str]) -> int:
    """How many published features of a layer have any of the codes in a field that is a list."""
    column: sa.ColumnClause[Any] = sa.column(field, postgresql.ARRAY(sa.Text))
    wanted = sa.bindparam("codes", type_=postgresql.ARRAY(sa.Text))
    counted = sa.select(sa.func.count()).select_from(_relation(layer)).where(column.op("&&")(wanted))
    async with connection.cursor(row_factory=tuple_row) as cursor:
        row = await (await cursor.execute(compiled(counted), {"codes": sorted(codes)})).fetchone()
    return int(row[0]) if row else 0


async def identified(connection: Connection, layers: Sequence[Layer], typed: str, limit: int) -> list[tuple[str, int]]:
    """Layer and number of the published features whose identifier begins with what was typed, by identifier."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_identified(tuple(layers)), {"typed": typed, "limit": limit})
        return [(row[0], row[1]) for row in await cursor.fetchall()]


async def countries_having(
    connection: Connection, layer: Layer, field: str, codes: Iterable[str]
) -> dict[str | None, int]:
    """How many published features of each country have any of the codes in a field that is a list."""
    column: sa.ColumnClause[Any] = sa.column(field, postgresql.ARRAY(sa.Text))
    country: sa.ColumnClause[str] = sa.column("country")
    wanted = sa.bindparam("codes", type_=postgresql.ARRAY(sa.Text))
    counted = sa.select(country, sa.func.count()).select_from(_relation(layer)).where(column.op("&&")(wanted))
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(compiled(counted.group_by(country)), {"codes": sorted(codes)})
        return {row[0]: row[1] for row in await cursor.fetchall()}


async def codes_by_country(connection: Connection, layer: Layer, field: str) -> dict[tuple[str, str], int]:
    """How many published features of each country have each code in a field that is a list."""
    country: sa.ColumnClause[str] = sa.column("country")
    code = sa.func.unnest(sa.column(field, postgresql.ARRAY(sa.Text))).label("code")
    each = sa.select(country, code).select_from(_relation(layer)).cte("each")
    counts = sa.select(each.c.country, each.c.code, sa.func.count()).group_by(each.c.country, each.c.code)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(compiled(counts))
        return {(row[0], row[1]): row[2] for row in await cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Outline:
    """A feature's outline. path: of SVG, in degrees with north up; box: west, south, east, north."""

    country: str | None
    path: str
    box: BBox


async def outlines(connection: Connection, layer: Layer, box: BBox, tolerance: float, zoom: int) -> list[Outline]:
    """Outlines of the features of a layer of areas inside a box, simplified.

    tolerance: in degrees. zoom: level whose geometry they are made from; what is simple already is quicker.
    """
    geometry: sa.ColumnClause[Any] = sa.column(layer.drawn_geometry(zoom))
    country: sa.ColumnClause[str] = sa.column("country")
    west, south, east, north = box
    frame = sa.func.ST_MakeEnvelope(west, south, east, north, 4326)
    inside = sa.func.ST_ClipByBox2D(sa.func.ST_SimplifyPreserveTopology(geometry, tolerance), frame)
    shapes = sa.select(country, inside.label("shape")).select_from(_relation(layer)).where(geometry.op("&&")(frame))
    kept = shapes.cte("kept")
    sides = [getattr(sa.func, name)(kept.c.shape) for name in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")]
    drawn = sa.select(kept.c.country, sa.func.ST_AsSVG(kept.c.shape, 1, 2), *sides)
    statement = drawn.where(sa.not_(sa.func.ST_IsEmpty(kept.c.shape)))
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(*with_values(statement))
        return [Outline(row[0], row[1], (row[2], row[3], row[4], row[5])) for row in await cursor.fetchall()]


async def sources(connection: Connection, layer: Layer) -> list[tuple[str, str, int]]:
    """Source, licence and number of features of a layer, the largest first."""
    source: sa.ColumnClause[str] = sa.column("source")
    licence: sa.ColumnClause[str] = sa.column("licence")
    rows = (
        sa.select(source, licence, sa.func.count().label("n")).select_from(_relation(layer)).group_by(source, licence)
    )
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(compiled(rows.order_by(sa.desc("n"))))
        return [(row[0] or "", row[1] or "", row[2]) for row in await cursor.fetchall()]


async def times(connection: Connection, layer: Layer) -> tuple[str, str] | None:
    """The first and last moment of a layer's time field as ISO 8601 in UTC; None for a layer without any."""
    if layer.time_field is None:
        return None
    column: sa.ColumnClause[Any] = sa.column(layer.time_field)
    ends = sa.select(sa.func.min(column), sa.func.max(column)).select_from(_relation(layer))
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(compiled(ends))
        first, last = await cursor.fetchone() or (None, None)
    return (_iso(first), _iso(last)) if first is not None else None


def _iso(moment: date) -> str:
    return utc(moment) if isinstance(moment, datetime) else moment.isoformat()


@lru_cache(maxsize=32)
def _identified(layers: tuple[Layer, ...]) -> str:
    limit = value("limit", sa.Integer)
    found = []
    for layer in layers:
        key: sa.ColumnClause[str] = sa.column(layer.id_field, sa.Text(collation="C"))
        number: sa.ColumnClause[int] = sa.column(layer.key_field)
        one = sa.select(constant(layer.id).label("layer"), number, key.label("key")).select_from(_relation(layer))
        found.append(sa.select(one.where(begins(key, value("typed", sa.Text))).order_by(key).limit(limit).subquery()))
    every = sa.union_all(*found).subquery("found")
    return compiled(sa.select(every.c.layer, every.c.number).order_by(every.c.key).limit(limit))


def _relation(layer: Layer) -> sa.TableClause:
    return sa.table(layer.table, schema=layer.schema)
