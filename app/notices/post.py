"""Handing of mails to the mail server: each until it is taken, so that none is lost while the server is away."""

import logging
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import sqlalchemy as sa

from app.db.base import table_of
from app.notices.models import Mail

log = logging.getLogger(__name__)

_M = table_of(Mail)
_PATIENCE = 20  # seconds for the mail server to answer
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)
_AT_ONCE = 200  # mails handed over in one go
_SUBMISSION_PORT = 587

Opened = Callable[[], AbstractContextManager[sa.Connection]]
"""Opens a transaction of the application."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails go. url: smtp://user:password@host:port, or smtps: for TLS from the start. sender: their address."""

    url: str = field(repr=False)
    sender: str

    @contextmanager
    def open(self) -> Iterator[smtplib.SMTP]:
        """A session with the server, over TLS where it offers that. Raises OSError (smtplib.SMTPException is one)."""
        parts = urlsplit(self.url)
        with self._connected(parts) as session:
            if parts.username:
                session.login(unquote(parts.username), unquote(parts.password or ""))
            yield session

    @contextmanager
    def _connected(self, parts: SplitResult) -> Iterator[smtplib.SMTP]:
        host, context = parts.hostname or "localhost", ssl.create_default_context()
        if parts.scheme == "smtps":
            with smtplib.SMTP_SSL(host, parts.port or 0, timeout=_PATIENCE, context=context) as session:
                yield session
            return
        with smtplib.SMTP(host, parts.port or _SUBMISSION_PORT, timeout=_PATIENCE) as session:
            session.ehlo()
            if session.has_extn("starttls"):
                session.starttls(context=context)
            elif parts.username:
                raise smtplib.SMTPNotSupportedError("The server offers no TLS; the password is not sent in the clear.")
            yield session


def deliver(opened: Opened, server: MailServer) -> int:
    """Hand the mails whose time has come to the server; how many it took. The others are tried again later.

    Each is marked in a transaction of its own as soon as the server has it: a mail is sent twice only if this process
    dies in between.
    """
    if not _any_waits(opened):
        return 0
    sent = 0
    try:
        with server.open() as session:
            while sent < _AT_ONCE and _deliver_one(opened, server, session):
                sent += 1
    except OSError as error:
        log.warning("The mail server does not take mails at the moment (%s); they are tried again", _told(error))
        with opened() as connection:
            connection.execute(_put_off(_due()), {"error": _told(error)})
    return sent


def _any_waits(opened: Opened) -> bool:
    with opened() as connection:
        return bool(connection.execute(sa.select(sa.exists().where(*_due()))).scalar_one())


def _deliver_one(opened: Opened, server: MailServer, session: smtplib.SMTP) -> bool:
    """Hand over the mail that has waited longest; whether there was one. Raises OSError if the server is away."""
    oldest = sa.select(_M).where(*_due()).order_by(_M.c.id).limit(1).with_for_update(skip_locked=True)
    with opened() as connection:
        mail = connection.execute(oldest).mappings().one_or_none()
        if mail is None:
            return False
        try:
            session.send_message(_message(mail, server.sender))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, ValueError) as error:
            # About this mail only: the others go on.
            log.warning("Mail %s was not taken (%s); it is tried again", mail["id"], _told(error))
            connection.execute(_put_off((_M.c.id == mail["id"],)), {"error": _told(error)})
            return True
        text = "" if mail["secret"] else mail["text"]
        done = sa.update(_M).where(_M.c.id == mail["id"])
        connection.execute(done.values(sent_at=sa.func.clock_timestamp(), text=text, error=""))
    return True


def _due() -> tuple[sa.ColumnElement[bool], ...]:
    return (_M.c.sent_at.is_(None), _M.c.next_try_at <= datetime.now(UTC))


def _put_off(which: tuple[sa.ColumnElement[bool], ...]) -> sa.Update:
    """Let mails wait twice as long as the time before, up to six hours."""
    wait = sa.func.least(_FIRST_WAIT * sa.func.pow(2, sa.func.least(_M.c.tries, 20)), _LONGEST_WAIT)
    later = {"tries": _M.c.tries + 1, "next_try_at": sa.func.clock_timestamp() + wait}
    return sa.update(_M).where(*which).values(**later, error=sa.bindparam("error"))


def _message(mail: Any, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail["recipient"], mail["subject"]
    message["Date"] = formatdate(mail["created_at"].timestamp())
    message["Message-ID"] = make_msgid(f"amdis-{mail['id']}", sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail["text"])
    return message


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
