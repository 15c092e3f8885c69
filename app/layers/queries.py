"""What is published now: releases, counts by country and commodity group, sources. Read as the public role."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection
from psycopg.rows import dict_row, tuple_row

from app.db.base import table_of
from app.releases.models import Release
from app.statistics.models import Observation
from gis.layer import Layer, LayerState
from gis.statement import compiled

Connection = AsyncConnection[Any]


async def layer_states(connection: Connection) -> dict[str, LayerState]:
    """The last release of every layer that has one, by the layer's id."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_LAST_RELEASES)).fetchall()
    return {row["layer"]: _state(row) for row in rows}


async def values_in_use(connection: Connection, layer: Layer, field: str) -> frozenset[str]:
    """The values a field has in the published rows of a layer."""
    column: sa.ColumnClause[Any] = sa.column(field)
    values = sa.select(column).distinct().select_from(_relation(layer)).where(column.is_not(None))
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(compiled(values))
        return frozenset(str(row[0]) for row in await cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Counts:
    """Published features of one layer by a key (country, commodity group, source); None where a row has no value."""

    layer: str
    by: Mapping[str | None, int]


async def counts_by(connection: Connection, layer: Layer, field: str) -> Counts:
    """How many published features of a layer have each value of a field."""
    column: sa.ColumnClause[Any] = sa.column(field)
    counts = sa.select(column, sa.func.count()).select_from(_relation(layer)).group_by(column)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(compiled(counts))
        return Counts(layer.id, {row[0]: row[1] for row in await cursor.fetchall()})


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


async def observation_summary(connection: Connection) -> tuple[int, int | None, int | None]:
    """Number of figures, first and last year."""
    table = table_of(Observation)
    summary = sa.select(sa.func.count(), sa.func.min(table.c.year), sa.func.max(table.c.year))
    async with connection.cursor(row_factory=tuple_row) as cursor:
        row = await (await cursor.execute(compiled(summary))).fetchone()
    return row or (0, None, None)


def _relation(layer: Layer) -> sa.TableClause:
    return sa.table(layer.table, schema=layer.schema)


def _state(row: Mapping[str, Any]) -> LayerState:
    sides = tuple(row[side] for side in ("west", "south", "east", "north"))
    published: datetime = row["published_at"]
    west, south, east, north = sides
    extent = None if west is None else (west, south, east, north)
    return LayerState(row["number"], row["total"], extent, published.isoformat(timespec="seconds"))


def _last_releases() -> str:
    table = table_of(Release)
    columns = (table.c[n] for n in ("layer", "number", "total", "published_at", "west", "south", "east", "north"))
    last = sa.select(*columns).distinct(table.c.layer).order_by(table.c.layer, table.c.number.desc())
    return compiled(last)


_LAST_RELEASES = _last_releases()
