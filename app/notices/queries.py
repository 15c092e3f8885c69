"""What is in people's inboxes."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.db.base import table_of
from app.notices.models import Notice

_N = table_of(Notice)
_SHOWN = [_N.c[name] for name in ("id", "kind", "title", "text", "link", "created_at", "read_at", "done_at")]


def unread(connection: sa.Connection, person: int) -> int:
    """How many notices and tasks a person has not read."""
    counted = sa.select(sa.func.count()).where(_N.c.person_id == person, _N.c.read_at.is_(None))
    return int(connection.execute(counted).scalar_one())


@dataclass(frozen=True, slots=True)
class Asked:
    """Which notices are asked for. below: the id the page before ended at."""

    unread: bool = False
    limit: int = 100
    below: int | None = None


def notices(connection: sa.Connection, person: int, asked: Asked) -> tuple[Sequence[sa.RowMapping], int | None]:
    """A page of a person's inbox, the newest first, and the id the next page starts below."""
    mine = sa.select(*_SHOWN).where(_N.c.person_id == person)
    if asked.unread:
        mine = mine.where(_N.c.read_at.is_(None))
    if asked.below is not None:
        mine = mine.where(_N.c.id < asked.below)
    rows = connection.execute(mine.order_by(_N.c.id.desc()).limit(asked.limit + 1)).mappings().all()
    shown = rows[: asked.limit]
    return shown, shown[-1]["id"] if len(rows) > asked.limit else None


def subjects_told(connection: sa.Connection, subjects: Sequence[str]) -> bool:
    """Whether anybody was told of any of these subjects."""
    return bool(connection.execute(sa.select(sa.exists().where(_N.c.subject.in_(subjects)))).scalar_one())
