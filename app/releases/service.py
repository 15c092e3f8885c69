"""Staging of rows as drafts, and publication: the one way in which rows become public.

Everything happens in the caller's transaction: it is published whole or not at all.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
import sqlalchemy as sa
from psycopg import sql
from shapely.geometry.base import BaseGeometry
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.db.driver import driver_of
from app.releases.datasets import Changes, Publication, last_release, lock_dataset, moment_of_next, record_release
from app.releases.models import Submission
from app.releases.ranks import RANKING, minzoom_of_size, rank_points
from app.releases.runs import write_runs
from app.releases.states import State
from app.releases.tallies import write_tallies
from app.releases.texts import TEXTS, drop_texts, write_texts
from gis.layer import GeometryType, Layer

SRID = 4326


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A checked row: values by field name, geometry in degrees."""

    values: Mapping[str, Any]
    shape: BaseGeometry


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
    with driver_of(connection).cursor() as cursor, cursor.copy(copy) as stream:
        for count, values in enumerate(_copied(rows, names, submission), start=1):  # noqa: B007
            stream.write_row(values)
    return count


def publish(
    connection: sa.Connection, table: sa.Table, layer: Layer, submission: int, *, by: str, note: str, complete: bool
) -> Publication:
    """Make a submission's drafts the public truth of a layer, and record the release.

    Rows whose content is unchanged stay as they are; changed ones supersede what they replace. complete: the
    submission holds the whole layer, so that current rows it does not have are superseded too.
    """
    lock_dataset(connection, layer.id)
    at = moment_of_next(connection, layer.id)
    removed = _supersede(connection, table, at, ~_staged(table, submission)) if complete else 0
    changed = _supersede(connection, table, at, _staged(table, submission, differs=True))
    _drop_unchanged(connection, table, submission)
    arrived = _make_current(connection, table, layer, at, submission)
    if not (arrived or removed):
        return last_release(connection, layer.id)
    write_texts(connection, table, layer, submission)
    number = last_release(connection, layer.id).number + 1
    write_runs(connection, table, layer, number)
    write_tallies(connection, table, layer, number)
    changes = _changes(connection, table, added=arrived - changed, changed=changed, removed=removed)
    return record_release(connection, layer.id, changes, by=by, note=note, at=at)


def _copied(rows: Iterable[StagedRow], names: list[str], submission: int) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        values = [row.values[name] for name in names]
        shape = shapely.to_wkb(shapely.set_srid(row.shape, SRID), hex=True, include_srid=True)
        digest = hashlib.sha256(f"{values!r}{shape}".encode()).digest()
        yield (*values, shape, State.DRAFT.value, submission, digest)


def _staged(table: sa.Table, submission: int, *, differs: bool = False) -> sa.Exists:
    """Whether the submission has a draft of the row's feature (one that says something else)."""
    draft = table.alias("draft")
    same = sa.and_(
        draft.c.state == State.DRAFT,
        draft.c.submission_id == submission,
        draft.c.identifier == table.c.identifier,
    )
    return sa.exists().where(sa.and_(same, draft.c.content_hash != table.c.content_hash) if differs else same)


def _supersede(connection: sa.Connection, table: sa.Table, at: datetime, which: sa.ColumnElement[bool]) -> int:
    """Make current rows superseded, and drop the texts and names of their features; how many."""
    until_now = sa.func.tstzrange(sa.func.lower(table.c.published), at)
    update = sa.update(table).where(table.c.state == State.CURRENT, which)
    gone = connection.execute(update.values(state=State.SUPERSEDED, published=until_now).returning(table.c.number))
    numbers = list(gone.scalars())
    drop_texts(connection, numbers)
    return len(numbers)


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


def _make_current(connection: sa.Connection, table: sa.Table, layer: Layer, at: datetime, submission: int) -> int:
    """Move the drafts to the current rows, neighbours on the ground side by side on disk and in number.

    PostGIS orders geometries along a Hilbert curve; the rows of a map or box then stand in a few blocks. A feature that
    was published before keeps its number.
    """
    drafts = sa.and_(table.c.state == State.DRAFT, table.c.submission_id == submission)
    ranked = _rank(connection, table, layer, drafts)
    kept = [c for c in table.columns if c.name not in ("fid", "state", "published") and c.computed is None]
    before = table.alias("before")
    numbered = sa.select(sa.func.max(before.c.number)).where(
        before.c.identifier == table.c.identifier, before.c.state.in_([State.SUPERSEDED, State.WITHDRAWN])
    )
    given = {
        "number": numbered.scalar_subquery(),
        "minzoom": RANKING.c.minzoom if ranked else _minzoom(table, layer),
        **{band.column: _simplified(table.c.shape, band.maxzoom) for band in layer.bands},
    }
    values = {c.name: c for c in kept} | given
    in_order = (
        sa.select(*(value.label(name) for name, value in values.items()))
        .select_from(table.join(RANKING, RANKING.c.fid == table.c.fid) if ranked else table)
        .where(drafts)
        .order_by(table.c.shape)
        .subquery("arriving")
    )
    number = sa.func.coalesce(in_order.c.number, _NEXT_NUMBER)
    moved = sa.select(
        *(number if c.name == "number" else c for c in in_order.columns),
        sa.literal(State.CURRENT.value),
        sa.func.tstzrange(at, None),
    )
    connection.execute(sa.insert(table).from_select([*values, "state", "published"], moved))
    return connection.execute(sa.delete(table).where(drafts)).rowcount


def _rank(connection: sa.Connection, table: sa.Table, layer: Layer, drafts: sa.ColumnElement[bool]) -> bool:
    """Rank the drafts beside the current rows, which take their new ranks; whether RANKING holds the drafts'."""
    if layer.geometry_type is not GeometryType.POINT:
        return False
    shown = sa.or_(table.c.state == State.CURRENT, drafts)
    ranked = rank_points(connection, table, layer, shown)
    update = sa.update(table).where(table.c.state == State.CURRENT)
    if ranked:
        differs = sa.and_(table.c.fid == RANKING.c.fid, table.c.minzoom != RANKING.c.minzoom)
        connection.execute(update.values(minzoom=RANKING.c.minzoom).where(differs))
    else:
        connection.execute(update.values(minzoom=0).where(table.c.minzoom != 0))
    return ranked


def _minzoom(table: sa.Table, layer: Layer) -> sa.ColumnElement[int]:
    if layer.geometry_type is GeometryType.POINT:
        return sa.literal(0, sa.SmallInteger)
    return minzoom_of_size(table.c.shape, layer.maxzoom)


def _simplified(shape: sa.ColumnElement[Any], zoom: int) -> sa.ColumnElement[Any]:
    """The geometry without what is less than half a pixel at a zoom level; what shrinks to nothing stays a spot."""
    return sa.func.ST_Multi(sa.func.ST_Simplify(shape, 360 / 2**zoom / 512 / 2, sa.true()))


_NEXT_NUMBER = sa.func.nextval(sa.func.pg_get_serial_sequence(f"{TEXTS.schema}.{TEXTS.name}", "number"))


def _changes(connection: sa.Connection, table: sa.Table, *, added: int, changed: int, removed: int) -> Changes:
    """What a publication did, with what all current rows come to after it."""
    box = sa.func.ST_Extent(table.c.shape)
    nothing = sa.literal(b"", sa.LargeBinary)
    hashes = sa.func.string_agg(table.c.content_hash, aggregate_order_by(nothing, table.c.identifier))
    sides = (function(box) for function in (sa.func.ST_XMin, sa.func.ST_YMin, sa.func.ST_XMax, sa.func.ST_YMax))
    now = sa.select(sa.func.count(), sa.func.sha256(sa.func.coalesce(hashes, nothing)), *sides)
    total, content_hash, *extent = connection.execute(now.where(table.c.state == State.CURRENT)).one()
    west, south, east, north = extent
    around = None if west is None else (west, south, east, north)
    return Changes(added, changed, removed, total, content_hash, around)
