"""Mails reach the mail server, and none is lost while it is away."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from app.db.connections import Connections
from app.db.roles import DatabaseUrls
from app.notices.mail import Letter
from app.notices.post import MailServer, deliver
from app.notices.service import send
from tests.app.notices.mailbox import Mailbox, mail_server
from tests.ports import free_port

SENDER = "amdis@example.org"
NOW = "UPDATE notices.mail SET next_try_at = now() WHERE sent_at IS NULL"


@pytest.fixture
def connections(fresh_urls: DatabaseUrls) -> Iterator[Connections]:
    with closing(Connections(fresh_urls)) as connections:
        yield connections


def written(connections: Connections, *letters: Letter) -> None:
    with connections.application() as connection:
        for letter in letters:
            send(connection, letter)


def mails(connections: Connections) -> list[dict[str, Any]]:
    with connections.application() as connection:
        rows = connection.execute(sa.text("SELECT * FROM notices.mail ORDER BY id")).mappings()
        return [dict(row) for row in rows]


def change(connections: Connections, statement: str) -> None:
    with connections.application() as connection:
        connection.execute(sa.text(statement))


def server_of(mailbox: Mailbox) -> MailServer:
    return MailServer(mailbox.url, SENDER)


def test_mail_reaches_the_server_once(connections: Connections) -> None:
    written(connections, Letter("a@example.org", "Ünïcode, ວັນ", "Text\n" + "x" * 2000 + "\n.\nend\n"))
    with mail_server() as mailbox:
        assert deliver(connections.application, server_of(mailbox)) == 1
        assert deliver(connections.application, server_of(mailbox)) == 0
    (message,) = mailbox.messages
    assert (message["To"], message["From"], message["Subject"]) == ("a@example.org", SENDER, "Ünïcode, ວັນ")
    assert "x" * 2000 in message.get_content().replace("=\n", "")
    assert mails(connections)[0]["sent_at"] is not None


def test_secret_of_a_mail_is_forgotten_when_it_is_sent(connections: Connections) -> None:
    written(connections, Letter("a@example.org", "Secret", "link#token", secret=True), Letter("a@b.org", "No", "text"))
    assert mails(connections)[0]["text"] == "link#token"
    with mail_server() as mailbox:
        deliver(connections.application, server_of(mailbox))
    assert "link#token" in mailbox.messages[0].get_content()
    assert [one["text"] for one in mails(connections)] == ["", "text"]


def test_nothing_is_lost_while_the_server_is_away(connections: Connections) -> None:
    port = free_port()
    away = MailServer(f"smtp://127.0.0.1:{port}", SENDER)
    written(connections, *(Letter(f"{n}@example.org", f"Mail {n}", "text") for n in range(3)))
    assert deliver(connections.application, away) == 0
    waiting = mails(connections)
    assert [one["tries"] for one in waiting] == [1, 1, 1]
    assert all(one["error"] and one["sent_at"] is None for one in waiting)
    assert deliver(connections.application, away) == 0  # not yet again
    assert [one["tries"] for one in mails(connections)] == [1, 1, 1]
    for _ in range(12):
        change(connections, NOW)
        deliver(connections.application, away)
    waits = [(one["next_try_at"] - one["created_at"]).total_seconds() for one in mails(connections)]
    assert all(3600 < wait <= 6 * 3600 + 60 for wait in waits)
    change(connections, NOW)
    with mail_server(port) as mailbox:
        assert deliver(connections.application, away) == 3
    assert [one["Subject"] for one in mailbox.messages] == ["Mail 0", "Mail 1", "Mail 2"]


def test_refused_recipient_does_not_hold_up_the_others(connections: Connections) -> None:
    written(connections, Letter("gone@example.org", "First", "text"), Letter("b@example.org", "Second", "text"))
    with mail_server() as mailbox:
        mailbox.refused.add("gone@example.org")
        deliver(connections.application, server_of(mailbox))
    assert [one["Subject"] for one in mailbox.messages] == ["Second"]
    first, second = mails(connections)
    assert first["sent_at"] is None
    assert "no such mailbox" in first["error"]
    assert second["sent_at"] is not None


def test_header_cannot_be_put_into_a_mail(connections: Connections) -> None:
    written(
        connections,
        Letter("a@example.org", "Subject\nBcc: everybody@example.org", "text"),
        Letter("b@example.org", "Good", "text"),
    )
    with mail_server() as mailbox:
        deliver(connections.application, server_of(mailbox))
    assert [one["Subject"] for one in mailbox.messages] == ["Good"]


def test_password_is_not_sent_in_the_clear(connections: Connections) -> None:
    written(connections, Letter("a@example.org", "Mail", "text"))
    with mail_server() as mailbox:
        server = MailServer(f"smtp://user:word@127.0.0.1:{mailbox.port}", SENDER)
        assert deliver(connections.application, server) == 0
        assert mailbox.messages == []
    assert "offers no TLS" in mails(connections)[0]["error"]
    assert "word" not in mails(connections)[0]["error"].replace("password", "")
