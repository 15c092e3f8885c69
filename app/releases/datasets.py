"""Releases of datasets that are no layer, numbered and told like those of layers."""

from dataclasses import dataclass

import sqlalchemy as sa

from app.releases.models import Release
from app.releases.service import CHANNEL, Publication


@dataclass(frozen=True, slots=True)
class Changes:
    """What a release did to a dataset. content_hash: SHA-256 over the content hashes of all current rows."""

    added: int
    changed: int
    removed: int
    total: int
    content_hash: bytes


def last_release(connection: sa.Connection, dataset: str) -> Publication:
    """The dataset's last release, number 0 before the first."""
    last = sa.select(Release.number, Release.total).where(Release.layer == dataset).order_by(Release.number.desc())
    row = connection.execute(last.limit(1)).one_or_none()
    return Publication(row.number if row else 0, 0, 0, 0, row.total if row else 0)


def record_release(connection: sa.Connection, dataset: str, changes: Changes, *, by: str, note: str) -> Publication:
    """Record the next release of a dataset that the caller holds the lock of, and notify everybody at its commit."""
    number = last_release(connection, dataset).number + 1
    counts = {name: getattr(changes, name) for name in ("added", "changed", "removed", "total")}
    at = sa.select(sa.func.greatest(sa.func.clock_timestamp(), sa.func.max(Release.published_at))).where(
        Release.layer == dataset
    )
    connection.execute(
        sa.insert(Release).values(
            layer=dataset,
            number=number,
            published_at=at.scalar_subquery(),
            published_by=by,
            note=note,
            content_hash=changes.content_hash,
            **counts,
        )
    )
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, dataset)))
    return Publication(number, **counts)
