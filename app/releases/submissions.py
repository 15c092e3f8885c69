"""Submissions as those see them whose mandate covers them, and what becomes of them when a mandate ends."""

from typing import Protocol

import sqlalchemy as sa

from app.access.models import Mandate, Person
from app.db.base import table_of
from app.errors import ThingNotFoundError
from app.releases.models import Submission
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
