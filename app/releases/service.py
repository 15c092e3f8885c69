"""Staging of rows as drafts, and publication: the one way in which rows become public.

Everything happens in the caller's transaction: it is published whole or not at all.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import shapely
import sqlalchemy as sa
from psycopg import sql
from shapely.geometry.base import BaseGeometry
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.releases.models import Release, Submission
from app.releases.states import State

SRID = 4326

CHANNEL = "amdis_release"
"""PostgreSQL notification channel that tells each publication; the payload is the layer's id."""


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A checked row: values by field name, geometry in degrees."""

    values: Mapping[str, Any]
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication did. number: the layer's release after it, the one before when nothing changed."""

    number: int
    added: int
    changed: int
    removed: int
    total: int


def new_submission(connection: sa.Connection, by: str) -> int:
    """Open a submission and return its number."""
    opened = sa.insert(Submission).values(submitted_by=by).returning(Submission.id)
    return int(connection.execute(opened).scalar_one())


def stage(connection: sa.Connection, table: sa.Table, submission: int, rows: Iterable[StagedRow]) -> int:
    """Copy rows into the draft partition under a submission number; returns how many."""
    names = [c.name for c in table.columns if "field" in c.info]
    columns = [*names, "shape", "state", "submission_id", "content_hash"]
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(str(table.schema), table.name),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
    count = 0
    with _driver(connection).cursor() as cursor, cursor.copy(copy) as stream:
        for count, values in enumerate(_copied(rows, names, submission), start=1):  # noqa: B007
            stream.write_row(values)
    return count


def publish(
    connection: sa.Connection, table: sa.Table, layer: str, submission: int, *, by: str, note: str, complete: bool
) -> Publication:
    """Make a submission's drafts the public truth of a layer, and record the release.

    Rows whose content is unchanged stay as they are; changed ones supersede what they replace. complete: the
    submission holds the whole layer, so that current rows it does not have are superseded too.
    """
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"release {layer}", 0))))
    at = _moment(connection, layer)
    removed = _supersede(connection, table, at, ~_staged(table, submission)) if complete else 0
    changed = _supersede(connection, table, at, _staged(table, submission, differs=True))
    _drop_unchanged(connection, table, submission)
    arrived = _make_current(connection, table, at, submission)
    if not (arrived or removed):
        return _last(connection, layer)
    release = _record(connection, table, layer, at, by, note, (arrived - changed, changed, removed))
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, layer)))
    return release


def _copied(rows: Iterable[StagedRow], names: list[str], submission: int) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        values = [row.values[name] for name in names]
        shape = shapely.to_wkb(shapely.set_srid(row.shape, SRID), hex=True, include_srid=True)
        digest = hashlib.sha256(f"{values!r}{shape}".encode()).digest()
        yield (*values, shape, State.DRAFT.value, submission, digest)


def _driver(connection: sa.Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("rows are staged through psycopg only")
    return driver


def _staged(table: sa.Table, submission: int, *, differs: bool = False) -> sa.Exists:
    """Whether the submission has a draft of the row's feature (one that says something else)."""
    draft = table.alias("draft")
    same = sa.and_(
        draft.c.state == State.DRAFT,
        draft.c.submission_id == submission,
        draft.c.identifier == table.c.identifier,
    )
    return sa.exists().where(sa.and_(same, draft.c.content_hash != table.c.content_hash) if differs else same)


def _moment(connection: sa.Connection, layer: str) -> datetime:
    """When the publication becomes true: now, as the clock says, but never before the one it follows.

    Not PostgreSQL's now(), the start of the transaction: one that waited for another began before it.
    """
    last = sa.select(sa.func.max(Release.published_at)).where(Release.layer == layer).scalar_subquery()
    at: datetime = connection.execute(sa.select(sa.func.greatest(sa.func.clock_timestamp(), last))).scalar_one()
    return at


def _supersede(connection: sa.Connection, table: sa.Table, at: datetime, which: sa.ColumnElement[bool]) -> int:
    until_now = sa.func.tstzrange(sa.func.lower(table.c.published), at)
    update = sa.update(table).where(table.c.state == State.CURRENT, which)
    return connection.execute(update.values(state=State.SUPERSEDED, published=until_now)).rowcount


def _drop_unchanged(connection: sa.Connection, table: sa.Table, submission: int) -> None:
    current = table.alias("now")
    connection.execute(
        sa.delete(table).where(
            table.c.state == State.DRAFT,
            table.c.submission_id == submission,
            sa.exists().where(
                current.c.state == State.CURRENT,
                current.c.identifier == table.c.identifier,
                current.c.content_hash == table.c.content_hash,
            ),
        )
    )


def _make_current(connection: sa.Connection, table: sa.Table, at: datetime, submission: int) -> int:
    """Move the drafts to the current rows, neighbours on the ground side by side on disk.

    PostGIS orders geometries along a Hilbert curve; the rows of a map or box then stand in a few blocks.
    """
    drafts = sa.and_(table.c.state == State.DRAFT, table.c.submission_id == submission)
    kept = [c for c in table.columns if c.name not in ("fid", "state", "published")]
    moved = sa.select(
        *kept, sa.literal(State.CURRENT.value).label("state"), sa.func.tstzrange(at, None).label("published")
    )
    moved = moved.where(drafts).order_by(table.c.shape)
    names = [c.name for c in kept] + ["state", "published"]
    connection.execute(sa.insert(table).from_select(names, moved))
    return connection.execute(sa.delete(table).where(drafts)).rowcount


def _last(connection: sa.Connection, layer: str) -> Publication:
    last = sa.select(Release.number, Release.total).where(Release.layer == layer).order_by(Release.number.desc())
    row = connection.execute(last.limit(1)).one_or_none()
    return Publication(row.number if row else 0, 0, 0, 0, row.total if row else 0)


def _record(
    connection: sa.Connection,
    table: sa.Table,
    layer: str,
    at: datetime,
    by: str,
    note: str,
    changes: tuple[int, int, int],
) -> Publication:
    box = sa.func.ST_Extent(table.c.shape)
    nothing = sa.literal(b"", sa.LargeBinary)
    hashes = sa.func.string_agg(table.c.content_hash, aggregate_order_by(nothing, table.c.identifier))
    now = sa.select(
        sa.func.count().label("total"),
        sa.func.sha256(sa.func.coalesce(hashes, nothing)).label("content_hash"),
        *(getattr(sa.func, f"ST_{side}")(box).label(name) for name, side in _SIDES.items()),
    ).where(table.c.state == State.CURRENT)
    found = connection.execute(now).one()
    added, changed, removed = changes
    number = _last(connection, layer).number + 1
    connection.execute(
        sa.insert(Release).values(
            layer=layer,
            number=number,
            published_at=at,
            published_by=by,
            note=note,
            added=added,
            changed=changed,
            removed=removed,
            **found._asdict(),
        )
    )
    return Publication(number, added, changed, removed, found.total)


_SIDES = {"west": "XMin", "south": "YMin", "east": "XMax", "north": "YMax"}
