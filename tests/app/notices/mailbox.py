"""A small mail server on this machine, which takes what it is sent, refuses some of it, or is away."""

# SPDX-License-Identifier: Apache-2.0

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import ClassVar


@dataclass
class Mailbox:
    """What a server was sent. refused: recipients it does not know."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Its address, as the settings name it."""
        return f"smtp://127.0.0.1:{self.port}"


class _Session(socketserver.StreamRequestHandler):
    mailbox: ClassVar[Mailbox]

    def handle(self) -> None:
        self._say("220 here")
        recipient = ""
        while line := self.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            if verb.upper() == "RCPT":
                recipient = rest.partition("<")[2].partition(">")[0]
                self._say("550 no such mailbox" if recipient in self.mailbox.refused else "250 ok")
            elif verb.upper() == "DATA":
                self._say("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.mailbox.messages.append(message_from_bytes(text, policy=policy.default))
                self._say("250 taken")
            elif verb.upper() == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_server(port: int = 0) -> Iterator[Mailbox]:
    """A server that runs meanwhile. port: 0 is any that is free."""
    session = type("Session", (_Session,), {})
    with _Server(("127.0.0.1", port), session) as server:
        session.mailbox = mailbox = Mailbox(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield mailbox
        finally:
            server.shutdown()
