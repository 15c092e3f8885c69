"""What was released, read as the public role."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection, Connection
from psycopg.rows import dict_row, tuple_row
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from app.db.base import table_of
from app.releases.models import Release, Tally
from gis.layer import BBox, LayerState
from gis.statement import compiled, value

Tallies = Mapping[tuple[str, str], Mapping[str | None, int]]
"""Features by value, None for those without one, of each layer and field."""


@dataclass(frozen=True, slots=True)
class PublishedRelease:
    """One publication of a layer. added, changed, removed: features; content_hash: hexadecimal SHA-256 of the layer."""

    number: int
    published_at: datetime
    published_by: str
    note: str
    added: int
    changed: int
    removed: int
    total: int
    content_hash: str
    extent: BBox | None


async def layer_states(connection: AsyncConnection[Any]) -> dict[str, LayerState]:
    """The last release of every layer that has one, by the layer's id."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_LAST_RELEASES)).fetchall()
    return {row["layer"]: _state(row) for row in rows}


def layer_states_sync(connection: Connection[Any], at: datetime | None = None) -> dict[str, LayerState]:
    """The same, read on a synchronous connection. at: the last release until that moment."""
    text, values = (_LAST_RELEASES, {}) if at is None else (_LAST_RELEASES_AT, {"at": at})
    with connection.cursor(row_factory=dict_row) as cursor:
        return {row["layer"]: _state(row) for row in cursor.execute(text, values).fetchall()}


async def tallies(connection: AsyncConnection[Any], layers: Iterable[str]) -> Tallies:
    """How many published features have each value of the tallied fields of layers, the most frequent first."""
    found: dict[tuple[str, str], dict[str | None, int]] = {}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        rows = await (await cursor.execute(_TALLIES, {"layers": list(layers)})).fetchall()
    for layer, field, one, features in rows:
        found.setdefault((layer, field), {})[one] = features
    return found


async def all_releases(connection: AsyncConnection[Any]) -> dict[str, tuple[PublishedRelease, ...]]:
    """Every release of every layer that has one, by the layer's id, the oldest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_ALL_RELEASES)).fetchall()
    found: dict[str, list[PublishedRelease]] = {}
    for row in rows:
        found.setdefault(row["layer"], []).append(_release(row))
    return {layer: tuple(releases) for layer, releases in found.items()}


async def releases_of(connection: AsyncConnection[Any], dataset: str) -> tuple[PublishedRelease, ...]:
    """Every release of one layer or other dataset, the oldest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_RELEASES_OF, {"dataset": dataset})).fetchall()
    return tuple(map(_release, rows))


def _release(row: Mapping[str, Any]) -> PublishedRelease:
    named = {name: row[name] for name in _COLUMNS}
    return PublishedRelease(**named, content_hash=row["content_hash"].hex(), extent=_extent(row))


def _state(row: Mapping[str, Any]) -> LayerState:
    published: datetime = row["published_at"]
    return LayerState(row["number"], row["total"], _extent(row), published.isoformat(timespec="seconds"))


def _extent(row: Mapping[str, Any]) -> BBox | None:
    west, south, east, north = (row[side] for side in ("west", "south", "east", "north"))
    return None if west is None else (west, south, east, north)


def _last_releases(*, at: bool = False) -> str:
    table = table_of(Release)
    columns = (table.c[n] for n in ("layer", "number", "total", "published_at", "west", "south", "east", "north"))
    last = sa.select(*columns).ext(distinct_on(table.c.layer)).order_by(table.c.layer, table.c.number.desc())
    return compiled(last.where(table.c.published_at <= value("at", sa.DateTime)) if at else last)


def _every_release() -> str:
    table = table_of(Release)
    return compiled(sa.select(table).order_by(table.c.layer, table.c.number))


def _releases_of() -> str:
    table = table_of(Release)
    return compiled(sa.select(table).where(table.c.layer == value("dataset", sa.Text)).order_by(table.c.number))


def _tallies() -> str:
    table = table_of(Tally)
    wanted = table.c.layer == sa.func.any(sa.bindparam("layers", type_=ARRAY(sa.Text)))
    rows = sa.select(table.c.layer, table.c.field, table.c.value, table.c.features).where(wanted)
    return compiled(rows.order_by(table.c.features.desc(), table.c.value))


_COLUMNS = ("number", "published_at", "published_by", "note", "added", "changed", "removed", "total")
_LAST_RELEASES = _last_releases()
_LAST_RELEASES_AT = _last_releases(at=True)
_ALL_RELEASES = _every_release()
_RELEASES_OF = _releases_of()
_TALLIES = _tallies()
