"""The releases of a dataset, which is a layer or the statistics: the last one, and the next one recorded.

Everything happens in the caller's transaction, which holds the lock of the dataset.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.db.locks import take_turn
from app.releases.models import Release
from gis.layer import BBox

CHANNEL = "amdis_release"
"""PostgreSQL notification channel that tells each publication; the payload is the dataset's id."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a release did to a dataset. content_hash: SHA-256 over the content hashes of all current rows.

    extent: of all current rows, None where nothing lies anywhere.
    """

    added: int
    changed: int
    removed: int
    total: int
    content_hash: bytes
    extent: BBox | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication did. number: the dataset's release after it, the one before when nothing changed."""

    number: int
    added: int
    changed: int
    removed: int
    total: int


def lock_dataset(connection: sa.Connection, dataset: str) -> None:
    """Let nobody else publish the dataset until the transaction ends."""
    take_turn(connection, f"release {dataset}")


def last_release(connection: sa.Connection, dataset: str) -> Publication:
    """The dataset's last release, number 0 before the first."""
    last = sa.select(Release.number, Release.total).where(Release.layer == dataset).order_by(Release.number.desc())
    row = connection.execute(last.limit(1)).one_or_none()
    return Publication(row.number if row else 0, 0, 0, 0, row.total if row else 0)


def moment_of_next(connection: sa.Connection, dataset: str) -> datetime:
    """When the next release becomes true: now, as the clock says, but never before the one it follows.

    Not PostgreSQL's now(), the start of the transaction: one that waited for another began before it.
    """
    last = sa.select(sa.func.max(Release.published_at)).where(Release.layer == dataset).scalar_subquery()
    at: datetime = connection.execute(sa.select(sa.func.greatest(sa.func.clock_timestamp(), last))).scalar_one()
    return at


def record_release(
    connection: sa.Connection, dataset: str, changes: Changes, *, by: str, note: str, at: datetime | None = None
) -> Publication:
    """Record the next release of a dataset, and notify everybody at the commit.

    at: when it becomes true, as moment_of_next told; asked now if None.
    """
    number = last_release(connection, dataset).number + 1
    counts = {name: getattr(changes, name) for name in ("added", "changed", "removed", "total")}
    sides = zip(("west", "south", "east", "north"), changes.extent or (None,) * 4, strict=True)
    connection.execute(
        sa.insert(Release).values(
            layer=dataset,
            number=number,
            published_at=at or moment_of_next(connection, dataset),
            published_by=by,
            note=note,
            content_hash=changes.content_hash,
            **counts,
            **dict(sides),
        )
    )
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, dataset)))
    return Publication(number, **counts)
