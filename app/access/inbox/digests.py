"""Who gets the daily mail of what is new in their inbox."""

import sqlalchemy as sa

from app.access.models import Person
from app.db.base import table_of
from app.languages import catalogues
from app.notices.digests import send_digest, wanted_digests
from app.notices.mail import Reader, Sender

_P = table_of(Person)


def send_digests(connection: sa.Connection, sender: Sender) -> int:
    """Put a mail for everybody who has news and wants one among those that wait; how many. As the application."""
    who = sa.select(_P.c.id, _P.c.name, _P.c.email, _P.c.language).where(
        _P.c.id.in_(wanted_digests(connection)), _P.c.digest, _P.c.closed_at.is_(None)
    )
    people = connection.execute(who.order_by(_P.c.id)).all()
    for one in people:
        reader = Reader(one.name, one.email, catalogues().nearest_to(one.language))
        send_digest(connection, one.id, reader, sender)
    return len(people)
