"""The daily mail of what is new in an inbox, to those who want one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.db.base import table_of
from app.languages import Language, message
from app.notices.mail import Reader, Sender, digest_mail
from app.notices.models import Notice
from app.notices.service import send

_N = table_of(Notice)
_NEWS = timedelta(days=14)  # what has waited longer is no news


def wanted_digests(connection: sa.Connection) -> Sequence[int]:
    """The people who have something in their inbox that is unread and was in no mail yet."""
    people = sa.select(_N.c.person_id).where(*_unmailed()).distinct().order_by(_N.c.person_id)
    return connection.execute(people).scalars().all()


def send_digest(connection: sa.Connection, person: int, reader: Reader, sender: Sender) -> int:
    """Put a mail with a person's news among those that wait; how many it tells."""
    told = sa.update(_N).where(_N.c.person_id == person, *_unmailed()).values(mailed_at=sa.func.now())
    rows = connection.execute(told.returning(_N.c.id, _N.c.kind, _N.c.title, _N.c.link)).mappings().all()
    if rows:
        news = [_told(row, reader.language) for row in sorted(rows, key=_newest_last)]
        send(connection, digest_mail(reader, sender, news))
    return len(rows)


def _unmailed() -> tuple[sa.ColumnElement[bool], ...]:
    recent = _N.c.created_at > datetime.now(UTC) - _NEWS
    return (_N.c.mailed_at.is_(None), _N.c.read_at.is_(None), recent)


def _newest_last(row: sa.RowMapping) -> Any:
    return row["id"]


def _told(row: sa.RowMapping, language: Language) -> tuple[str, str]:
    title = row["title"]
    if row["kind"] == "task":
        title = language.text(message("To do: %(task)s"), task=title)
    return title, row["link"]
