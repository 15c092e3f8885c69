"""What was released, read as the public role."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from sqlalchemy.dialects.postgresql import distinct_on

from app.db.base import table_of
from app.releases.models import Release
from gis.layer import LayerState
from gis.statement import compiled


async def layer_states(connection: AsyncConnection[Any]) -> dict[str, LayerState]:
    """The last release of every layer that has one, by the layer's id."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_LAST_RELEASES)).fetchall()
    return {row["layer"]: _state(row) for row in rows}


def _state(row: Mapping[str, Any]) -> LayerState:
    sides = tuple(row[side] for side in ("west", "south", "east", "north"))
    published: datetime = row["published_at"]
    west, south, east, north = sides
    extent = None if west is None else (west, south, east, north)
    return LayerState(row["number"], row["total"], extent, published.isoformat(timespec="seconds"))


def _last_releases() -> str:
    table = table_of(Release)
    columns = (table.c[n] for n in ("layer", "number", "total", "published_at", "west", "south", "east", "north"))
    last = sa.select(*columns).ext(distinct_on(table.c.layer)).order_by(table.c.layer, table.c.number.desc())
    return compiled(last)


_LAST_RELEASES = _last_releases()
