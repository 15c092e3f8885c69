"""Submissions as those see them whose mandate covers them, and what becomes of them when a mandate ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from app.access.models import Mandate, Person
from app.db.base import Base, table_of
from app.errors import ThingNotFoundError
from app.releases.models import Submission
from app.releases.states import State, partition
from app.rights.policies import Kind, Stage, Thing

_S, _M, _P = table_of(Submission), table_of(Mandate), table_of(Person)
_OPEN = (Stage.DRAFT, Stage.SUBMITTED, Stage.RETURNED)


class _Working(Protocol):
    @property
    def connection(self) -> sa.Connection: ...


def hand_over_submissions(connection: sa.Connection, mandate: int, successor: int | None) -> int:
    """Give the open submissions of a mandate to its successor, or to nobody yet; how many.

    connection: the application's.
    """
    heir = sa.select(_M.c.person_id).where(_M.c.id == successor).scalar_subquery() if successor else None
    mine = sa.update(_S).where(_S.c.mandate_id == mandate, _S.c.stage.in_(_OPEN))
    return connection.execute(mine.values(mandate_id=successor, person_id=heir)).rowcount


def submission_thing(work: _Working, number: int) -> Thing:
    """A submission as app.rights asks for it. Raises ThingNotFoundError also for one that is not to be seen."""
    found = sa.select(_S.c.stage, _S.c.country, _S.c.person_id).where(_S.c.id == number)
    row = work.connection.execute(found).one_or_none()
    if row is None:
        raise ThingNotFoundError(f"There is no submission {number}.")
    return Thing(Kind.SUBMISSION, row.stage, row.country, row.person_id)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which submissions are asked for. after: the last one of the page before."""

    stage: Stage | None = None
    limit: int = 50
    after: int | None = None


def submissions(connection: sa.Connection, asked: Asked) -> tuple[list[dict[str, Any]], int, int | None]:
    """A page of the submissions one may see, the newest first; how many there are; where the next page starts."""
    stages = [] if asked.stage is None else [_S.c.stage == asked.stage.value]
    mine = [_S.c.country.is_not(None), *stages]
    total = connection.execute(sa.select(sa.func.count()).select_from(_S).where(*mine)).scalar_one()
    further = [] if asked.after is None else [_S.c.id < asked.after]
    page = _listed().where(*mine, *further).order_by(_S.c.id.desc()).limit(asked.limit + 1)
    rows = [dict(row) | {"rows": None} for row in connection.execute(page).mappings()]
    shown = rows[: asked.limit]
    return shown, total, shown[-1]["id"] if len(rows) > asked.limit else None


def submission(connection: sa.Connection, number: int) -> dict[str, Any]:
    """A submission with the number of its drafts. Raises ThingNotFoundError also for one that is not to be seen."""
    found = connection.execute(_listed().where(_S.c.id == number)).mappings().one_or_none()
    if found is None:
        raise ThingNotFoundError(f"There is no submission {number}.")
    return {**found, "rows": sum(_drafts(connection, number))}


def _listed() -> sa.Select[Any]:
    holder = sa.select(_P.c.name).where(_P.c.id == _S.c.person_id).scalar_subquery().label("holder")
    columns = (_S.c[n] for n in ("id", "title", "layer", "country", "stage", "submitted_at"))
    return sa.select(*columns, holder)


def _drafts(connection: sa.Connection, number: int) -> Iterator[int]:
    """How many rows of a submission stand as drafts, table by table."""
    for table in Base.metadata.sorted_tables:
        if table.info.get("partitions"):
            drafts = sa.table(partition(table, State.DRAFT), sa.column("submission_id"), schema=table.schema)
            counted = sa.select(sa.func.count()).select_from(drafts).where(drafts.c.submission_id == number)
            yield int(connection.execute(counted).scalar_one())
