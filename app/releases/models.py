"""The states of a published row, and the releases that made it public."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class State(StrEnum):
    """Where a row stands; each state is a partition of its table."""

    DRAFT = "draft"
    EMBARGOED = "embargoed"
    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


PUBLIC_STATES = (State.CURRENT, State.SUPERSEDED)
"""The states whose partitions the public role may read."""


def partition(table: sa.Table, state: State) -> str:
    """Name of the partition of a table that holds the rows of a state."""
    return f"{table.name}_{state}"


def partitioned(schema: str, *indexes: sa.Index) -> tuple[Any, ...]:
    """``__table_args__`` of a table whose rows are published: one partition a state, made by the migration."""
    options = {"schema": schema, "postgresql_partition_by": "LIST (state)", "info": {"partitions": tuple(State)}}
    return (*indexes, options)


class PublishedRow:
    """Bookkeeping of a row that is published: which version it is and since when it was the public truth.

    fid numbers versions of rows, not features. content_hash: SHA-256 of what the row says, so that an unchanged row is
    recognised. published: from when to when the row was public; empty while it is not.
    """

    fid: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True, sort_order=100)
    state: Mapped[str] = mapped_column(primary_key=True, sort_order=101)
    submission_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True, sort_order=102)
    content_hash: Mapped[bytes] = mapped_column(sort_order=103)
    published: Mapped[Range[datetime] | None] = mapped_column(TSTZRANGE, sort_order=104)
    embargoed_until: Mapped[datetime | None] = mapped_column(sort_order=105)


class Release(Base):
    """One publication of a layer: what changed, by whom, and the fingerprint of the whole layer after it."""

    __tablename__ = "release"
    __table_args__ = (sa.UniqueConstraint("layer", "number"), {"schema": "releases", "info": {"public": True}})

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    layer: Mapped[str]
    number: Mapped[int]
    published_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    published_by: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    added: Mapped[int]
    changed: Mapped[int]
    removed: Mapped[int]
    total: Mapped[int]
    content_hash: Mapped[bytes] = mapped_column(comment="SHA-256 over the content hashes of all current rows")
    west: Mapped[float | None]
    south: Mapped[float | None]
    east: Mapped[float | None]
    north: Mapped[float | None]


class RegionLoad(Base):
    """Which state of a region's files was loaded last: SHA-256 over all of them."""

    __tablename__ = "region_load"
    __table_args__ = {"schema": "releases"}

    region: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    loaded_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class Submission(Base):
    """Rows that are staged and published together; its id stands in the rows' submission_id."""

    __tablename__ = "submission"
    __table_args__ = {"schema": "releases"}

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    submitted_by: Mapped[str]
    submitted_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
