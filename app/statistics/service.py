"""Loading of figures: a file of observations becomes the whole of what is published."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from app.db.base import table_of
from app.statistics.models import Observation

_BATCH = 1000


def replace_observations(connection: sa.Connection, rows: Iterable[Mapping[str, Any]]) -> int:
    """Put these figures in place of all that are there, in the caller's transaction; returns how many."""
    table = table_of(Observation)
    connection.execute(sa.delete(table))
    batch: list[dict[str, Any]] = []
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        batch.append(dict(row))
        if len(batch) == _BATCH:
            connection.execute(sa.insert(table), batch)
            batch.clear()
    if batch:
        connection.execute(sa.insert(table), batch)
    return count
