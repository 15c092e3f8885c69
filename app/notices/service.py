"""Telling people something, in the caller's transaction."""

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from app.db.base import table_of
from app.errors import ThingNotFoundError
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


def mark_read(connection: sa.Connection, person: int, number: int) -> None:
    """Note that a person has read something. Raises ThingNotFoundError unless it is in their inbox."""
    one = sa.update(_NOTICES).where(_NOTICES.c.id == number, _NOTICES.c.person_id == person)
    # When it was read first is what counts.
    first = sa.func.coalesce(_NOTICES.c.read_at, sa.func.now())
    if connection.execute(one.values(read_at=first)).rowcount == 0:
        raise ThingNotFoundError(f"There is no notice {number} in your inbox.")


def mark_all_read(connection: sa.Connection, person: int) -> None:
    """Note that a person has read all that is in their inbox."""
    unread = sa.update(_NOTICES).where(_NOTICES.c.person_id == person, _NOTICES.c.read_at.is_(None))
    connection.execute(unread.values(read_at=sa.func.now()))


def finish_tasks(connection: sa.Connection, subject: str) -> None:
    """Mark everybody's tasks about something as done. subject: of the tasks, or what theirs begins with."""
    about = sa.or_(_NOTICES.c.subject == subject, _NOTICES.c.subject.startswith(f"{subject} ", autoescape=True))
    open_tasks = sa.update(_NOTICES).where(about, _NOTICES.c.kind == NoticeKind.TASK.value)
    connection.execute(open_tasks.where(_NOTICES.c.done_at.is_(None)).values(done_at=sa.func.now()))


def hand_over_tasks(connection: sa.Connection, person: int, successor: int) -> int:
    """Give a person's open tasks to another; how many."""
    mine = sa.update(_NOTICES).where(_NOTICES.c.person_id == person, _NOTICES.c.kind == NoticeKind.TASK.value)
    moved = mine.where(_NOTICES.c.done_at.is_(None)).values(person_id=successor, read_at=None)
    return connection.execute(moved, execution_options={"preserve_rowcount": True}).rowcount
