"""The states of a published row: each is a partition of its table, and the public may read two of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.rights.guards import Guard, reaching
from app.rights.policies import Action, Kind


class State(StrEnum):
    """Where a row stands; each state is a partition of its table."""

    DRAFT = "draft"
    EMBARGOED = "embargoed"
    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


PUBLIC_STATES = (State.CURRENT, State.SUPERSEDED)
"""The states whose partitions the public role may read."""


READABLE = {"readable": True}
"""``info`` of a column that is no field of a layer and yet may be read by the public role."""


TEXT_TABLE = ("releases", "feature_text")
"""Schema and name of the table that holds every current feature as GeoJSON text, by its number."""


RUN_TABLE = ("releases", "run")
"""Schema and name of the table that holds the runs of every layer of points."""


TALLY_TABLE = ("releases", "tally")
"""Schema and name of the table that holds the tallies of every layer; those of their parts begin with that name."""


def _of_submissions(action: Action) -> str:
    """The condition that a draft is of a submission that the acting person may do an action to."""
    condition = reaching(Kind.SUBMISSION, action, country="s.country", owner="s.person_id", state="s.stage")
    return f"submission_id = ANY (ARRAY(SELECT s.id FROM releases.submission AS s WHERE {condition}))"  # noqa: S608  (our own words)


def _content(table: sa.Table) -> tuple[str, ...]:
    """The columns that say something of the feature."""
    return (*(column.name for column in table.columns if "field" in column.info), "shape")


_DRAFT_GUARDS = (
    Guard("SELECT", _of_submissions(Action.READ), partition=State.DRAFT),
    Guard("UPDATE", _of_submissions(Action.UPDATE), _content, partition=State.DRAFT),
    Guard("DELETE", _of_submissions(Action.DELETE), partition=State.DRAFT),
)


def partition(table: sa.Table, state: State) -> str:
    """Name of the partition of a table that holds the rows of a state."""
    return f"{table.name}_{state}"


def partitioned(schema: str, *indexes: sa.Index) -> tuple[Any, ...]:
    """``__table_args__`` of a table whose rows are published: one partition a state, made by the migration."""
    info = {"partitions": tuple(State), "public_partitions": PUBLIC_STATES, "guards": _DRAFT_GUARDS}
    options = {"schema": schema, "postgresql_partition_by": "LIST (state)", "info": info}
    return (*indexes, options)


class PublishedRow:
    """Bookkeeping of a row that is published: which version it is and since when it was the public truth.

    number is the feature's, in all its versions and unique in the system; neighbours on the ground that were published
    together have neighbouring numbers. minzoom: the lowest zoom level at which the feature is drawn. fid numbers
    versions of rows, not features. content_hash: SHA-256 of what the row says, so that an unchanged row is recognised.
    published: from when to when the row was public; empty while it is not.
    """

    number: Mapped[int | None] = mapped_column(sa.BigInteger, sort_order=-3, info=READABLE)
    minzoom: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0", sort_order=-3, info=READABLE)
    fid: Mapped[int] = mapped_column(
        sa.BigInteger, sa.Identity(always=True), primary_key=True, sort_order=100, info=READABLE
    )
    state: Mapped[str] = mapped_column(primary_key=True, sort_order=101)
    submission_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True, sort_order=102)
    content_hash: Mapped[bytes] = mapped_column(sort_order=103)
    published: Mapped[Range[datetime] | None] = mapped_column(TSTZRANGE, sort_order=104, info=READABLE)
    embargoed_until: Mapped[datetime | None] = mapped_column(sort_order=105)
