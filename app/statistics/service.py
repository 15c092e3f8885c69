"""Publication of figures: a load becomes the whole of what is public, and what it replaces is kept.

Everything happens in the caller's transaction: it is published whole or not at all.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.db.base import table_of
from app.db.driver import driver_of
from app.releases.datasets import Changes, Publication, last_release, lock_dataset, record_release
from app.statistics.models import DIMENSIONS, CodeUse, Observation

DATASET = "statistics"
"""Id of the figures among the releases."""

_TABLE = table_of(Observation)
_FIELDS = tuple(c.name for c in _TABLE.columns if "field" in c.info)
_STAGED = sa.table("staged_observation", *(sa.column(c.name, c.type) for c in _TABLE.columns))
_CURRENT = _TABLE.c.replaced.is_(None)


def publish_observations(
    connection: sa.Connection, rows: Iterable[Mapping[str, Any]], *, by: str, note: str
) -> Publication:
    """Make checked figures the whole of what is public, and record the release; what changed of them.

    A figure that is as it was stays in its version; nothing is released when all are.
    """
    lock_dataset(connection, DATASET)
    _stage(connection, rows)
    number = last_release(connection, DATASET).number + 1
    removed = _replace(connection, number, ~_staged_figure())
    changed = _replace(connection, number, _staged_figure(differs=True))
    arrived = _insert(connection, number)
    if not (arrived or removed):
        return last_release(connection, DATASET)
    count_codes(connection)
    total, content_hash = _fingerprint(connection)
    changes = Changes(arrived - changed, changed, removed, total, content_hash)
    return record_release(connection, DATASET, changes, by=by, note=note)


def _stage(connection: sa.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    like = f"LIKE {_TABLE.schema}.{_TABLE.name} INCLUDING DEFAULTS"
    connection.execute(sa.text(f"CREATE TEMPORARY TABLE {_STAGED.name} ({like}) ON COMMIT DROP"))
    for column in ("id", "release"):
        connection.execute(sa.text(f"ALTER TABLE {_STAGED.name} ALTER COLUMN {column} DROP NOT NULL"))
    names = [*_FIELDS, "content_hash"]
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(_STAGED.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with driver_of(connection).cursor() as cursor, cursor.copy(copy) as stream:
        for row in rows:
            values = [row[name] for name in _FIELDS]
            stream.write_row((*values, hashlib.sha256(repr(values).encode()).digest()))
    connection.execute(sa.text(f"CREATE INDEX ON {_STAGED.name} (indicator, commodity, country, year)"))
    connection.execute(sa.text(f"ANALYZE {_STAGED.name}"))


def _same_key() -> sa.ColumnElement[bool]:
    return sa.and_(*(_TABLE.c[name] == _STAGED.c[name] for name in DIMENSIONS))


def _staged_figure(*, differs: bool = False) -> sa.Exists:
    """Whether the load has the figure of a row (and says something else of it)."""
    found = sa.exists().where(_same_key())
    return found.where(_TABLE.c.content_hash != _STAGED.c.content_hash) if differs else found


def _replace(connection: sa.Connection, number: int, which: sa.ColumnElement[bool]) -> int:
    """Let a release end the current rows; how many."""
    return connection.execute(sa.update(_TABLE).where(_CURRENT, which).values(replaced=number)).rowcount


def _insert(connection: sa.Connection, number: int) -> int:
    """Add the staged rows that are not there, in the order of the cube, so that a slice reads few blocks."""
    names = [*_FIELDS, "content_hash"]
    new = (
        sa.select(*(_STAGED.c[name] for name in names), sa.literal(number))
        .where(~sa.exists().where(_same_key(), _CURRENT))
        .order_by(*(_STAGED.c[name] for name in ("indicator", "commodity", "country", "partner", "hs", "year")))
    )
    insert = sa.insert(_TABLE).from_select([*names, "release"], new)
    return connection.execute(insert, execution_options={"preserve_rowcount": True}).rowcount


def _fingerprint(connection: sa.Connection) -> tuple[int, bytes]:
    """Number of the current rows, and SHA-256 over their hashes in the order of the hashes themselves."""
    nothing = sa.literal(b"", sa.LargeBinary)
    hashes = sa.func.string_agg(_TABLE.c.content_hash, aggregate_order_by(nothing, _TABLE.c.content_hash))
    now = sa.select(sa.func.count(), sa.func.sha256(sa.func.coalesce(hashes, nothing))).where(_CURRENT)
    total, content_hash = connection.execute(now).one()
    return total, content_hash


def count_codes(connection: sa.Connection) -> None:
    """Count anew which codes have figures."""
    uses = table_of(CodeUse)
    connection.execute(sa.delete(uses))
    for name in (*DIMENSIONS, "unit", "source"):
        code = sa.cast(_TABLE.c[name], sa.Text)
        years = sa.func.min(_TABLE.c.year), sa.func.max(_TABLE.c.year)
        counted = sa.select(sa.literal(name), code, sa.func.count(), *years).where(_CURRENT).group_by(code)
        connection.execute(sa.insert(uses).from_select([c.name for c in uses.columns], counted))
