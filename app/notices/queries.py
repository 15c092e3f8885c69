"""What is in people's inboxes."""

import sqlalchemy as sa

from app.db.base import table_of
from app.notices.models import Notice

_N = table_of(Notice)


def unread(connection: sa.Connection, person: int) -> int:
    """How many notices and tasks a person has not read."""
    counted = sa.select(sa.func.count()).where(_N.c.person_id == person, _N.c.read_at.is_(None))
    return int(connection.execute(counted).scalar_one())
