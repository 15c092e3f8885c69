"""What the figures are and how many there are."""

from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from app.db.base import fields_of, table_of
from app.statistics.models import Observation
from gis.layer import Field
from gis.statement import compiled


def observation_fields() -> tuple[Field, ...]:
    """The fields of a figure."""
    return fields_of(table_of(Observation))


async def observation_summary(connection: AsyncConnection[Any]) -> tuple[int, int | None, int | None]:
    """Number of figures, first and last year."""
    table = table_of(Observation)
    summary = sa.select(sa.func.count(), sa.func.min(table.c.year), sa.func.max(table.c.year))
    async with connection.cursor(row_factory=tuple_row) as cursor:
        row = await (await cursor.execute(compiled(summary))).fetchone()
    return row or (0, None, None)
