"""Telling people something, in the caller's transaction."""

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from app.db.base import table_of
from app.notices.mail import Letter
from app.notices.models import Mail, Notice

_NOTICES = table_of(Notice)


class NoticeKind(StrEnum):
    """Whether a person is only told, or asked to do something."""

    NOTICE = "notice"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Message:
    """What a person is told. link: a path of the site. subject: kind and id of what it is about, as ``mandate 7``."""

    title: str
    text: str = ""
    link: str = ""
    subject: str = ""
    kind: NoticeKind = NoticeKind.NOTICE


def notify(connection: sa.Connection, person: int, message: Message) -> None:
    """Put a message into a person's inbox."""
    values = {name: getattr(message, name) for name in ("title", "text", "link", "subject")}
    connection.execute(sa.insert(_NOTICES).values(person_id=person, kind=message.kind.value, **values))


def send(connection: sa.Connection, letter: Letter) -> None:
    """Put a mail among those that wait for the mail server."""
    values = {name: getattr(letter, name) for name in ("recipient", "subject", "text", "secret")}
    connection.execute(sa.insert(table_of(Mail)).values(values))


def finish_tasks(connection: sa.Connection, subject: str) -> None:
    """Mark everybody's tasks about something as done."""
    open_tasks = sa.update(_NOTICES).where(_NOTICES.c.subject == subject, _NOTICES.c.kind == NoticeKind.TASK.value)
    connection.execute(open_tasks.where(_NOTICES.c.done_at.is_(None)).values(done_at=sa.func.now()))


def hand_over_tasks(connection: sa.Connection, person: int, successor: int) -> int:
    """Give a person's open tasks to another; how many."""
    mine = sa.update(_NOTICES).where(_NOTICES.c.person_id == person, _NOTICES.c.kind == NoticeKind.TASK.value)
    moved = mine.where(_NOTICES.c.done_at.is_(None)).values(person_id=successor, read_at=None)
    return connection.execute(moved, execution_options={"preserve_rowcount": True}).rowcount
