"""Who gets the daily mail of what is new in their inbox."""

import sqlalchemy as sa

from app.access.models import Person
from app.db.base import table_of
from app.notices.digests import send_digest, wanted_digests

_P = table_of(Person)


def send_digests(connection: sa.Connection, title: str, address: str) -> int:
    """Put a mail for everybody who has news and wants one among those that wait; how many. As the application.

    title, address: of the site.
    """
    who = sa.select(_P.c.id, _P.c.name, _P.c.email).where(
        _P.c.id.in_(wanted_digests(connection)), _P.c.digest, _P.c.closed_at.is_(None)
    )
    people = connection.execute(who.order_by(_P.c.id)).all()
    for one in people:
        send_digest(connection, one.id, one.name, one.email, (title, address))
    return len(people)
