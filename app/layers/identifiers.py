"""Which layer a feature's persistent identifier belongs to, now or in the past; read as the public role."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from psycopg.rows import class_row, scalar_row
from sqlalchemy.dialects.postgresql import ARRAY, array

from app.db.base import table_of
from app.db.pool import Connection
from app.layers.declarations import PublishedLayer
from app.releases.states import State, partition
from gis.statement import compiled, constant, value

_NEIGHBOURS = 2  # on each side, in each layer


@dataclass(frozen=True, slots=True)
class Holder:
    """The layer that has a feature, or had it. since: when its last version was published; until: None while it is."""

    layer: str
    since: datetime
    until: datetime | None


class Identifiers:
    """Looks identifiers up in all layers at once, by their indexes."""

    def __init__(self, published: Iterable[PublishedLayer]) -> None:
        self._published = tuple(published)

    async def holder(self, connection: Connection, identifier: str) -> Holder | None:
        """Who has the identifier; if nobody has it any more, who had it last; None if nobody ever had it."""
        async with connection.cursor(row_factory=class_row(Holder)) as cursor:
            await cursor.execute(self._holders, {"identifier": identifier})
            found = await cursor.fetchall()
        return max(found, key=lambda one: (one.until is None, one.since), default=None)

    async def successors(self, connection: Connection, identifier: str) -> list[str]:
        """Identifiers of the published features that took the place of a retired one."""
        async with connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(self._replacing, {"identifier": identifier})
            return sorted(await cursor.fetchall())

    async def neighbours(self, connection: Connection, identifier: str) -> list[str]:
        """Published identifiers just before and after one, in the order of their letters."""
        async with connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(self._nearby, {"identifier": identifier})
            return sorted(await cursor.fetchall())

    @cached_property
    def _holders(self) -> str:
        return compiled(sa.union_all(*(one for layer in self._published for one in _states(layer))))

    @cached_property
    def _replacing(self) -> str:
        return compiled(sa.union_all(*map(_successors, self._published)))

    @cached_property
    def _nearby(self) -> str:
        return compiled(sa.union_all(*(one for layer in self._published for one in _beside(layer))))


def _states(published: PublishedLayer) -> Iterator[sa.Select[Any]]:
    asked = value("identifier", sa.Text)
    for state in (State.CURRENT, State.SUPERSEDED):
        rows = _rows(published, state)
        until = sa.func.upper(rows.c.published)
        yield sa.select(
            constant(published.layer.id).label("layer"),
            sa.func.lower(rows.c.published).label("since"),
            # A current row that is to end some day is current until then.
            (sa.cast(sa.null(), sa.DateTime(timezone=True)) if state is State.CURRENT else until).label("until"),
        ).where(rows.c.identifier == asked)


def _successors(published: PublishedLayer) -> sa.Select[Any]:
    rows = _rows(published, State.CURRENT)
    replaced = sa.cast(array([value("identifier", sa.Text)]), ARRAY(sa.Text))
    return sa.select(rows.c.identifier).where(rows.c.replaces.bool_op("@>")(replaced))


def _beside(published: PublishedLayer) -> Iterator[sa.Select[Any]]:
    column = _rows(published, State.CURRENT).c.identifier
    asked = value("identifier", sa.Text)
    for side, order in ((column >= asked, column), (column < asked, column.desc())):
        nearest = sa.select(column).where(side).order_by(order).limit(constant(_NEIGHBOURS)).subquery()
        yield sa.select(nearest.c.identifier)


def _rows(published: PublishedLayer, state: State) -> sa.TableClause:
    table = table_of(published.model)
    names = ("identifier", "published", "replaces")
    return sa.table(partition(table, state), *map(sa.column, names), schema=table.schema)
