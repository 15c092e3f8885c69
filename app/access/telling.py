"""Telling people something, each in the language of their profile."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa

from app.access.models import Person
from app.db.base import table_of
from app.languages import Language, catalogues
from app.notices.mail import Reader
from app.notices.service import Message, notify

Written = Callable[[Language], Message]
"""What somebody is told, once it is known in which language."""

_P = table_of(Person)


def tell(connection: sa.Connection, people: Iterable[int], written: Written) -> None:
    """Put a message into people's inboxes. As the application, or as the person who is told."""
    asked = sa.select(_P.c.id, _P.c.language).where(_P.c.id.in_(tuple(people))).order_by(_P.c.id)
    for person in connection.execute(asked).all():
        notify(connection, person.id, written(catalogues().nearest_to(person.language)))


def reader_of(connection: sa.Connection, person: int) -> Reader:
    """Who a person is to a mail."""
    found = connection.execute(sa.select(_P.c.name, _P.c.email, _P.c.language).where(_P.c.id == person)).one()
    return Reader(found.name, found.email, catalogues().nearest_to(found.language))
