"""HTTP as uvicorn speaks it, but for those who dawdle: a connection is not held open by a request that never comes."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 128 * 1024
"""Bytes of a request's line and headers."""

PATIENCE = 15.0
"""Seconds for a request's line and headers, and between two looks at how much of its body has come."""

SLOWEST = 512
"""Bytes of a body a second, below which it is waited for no longer."""


class Protocol(HttpToolsProtocol):
    """Answers 408 to a head that is not there in time, 431 to one without end, and ends bodies that trickle."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._timer: asyncio.TimerHandle | None = None
        self._received = 0  # bytes since the head began, or of the body since it was last looked at
        self._in_head = True
        self._begun = False  # whether anything of the next request has come

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first request."""
        super().connection_made(transport)
        self._wait(self._dismiss)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; between two requests uvicorn itself ends connections that idle."""
        self._received += len(data)
        self._begun = self._in_head
        super().data_received(data)
        if not (self._in_head and self._begun) or self.transport.is_closing():
            return
        if self._received > LARGEST_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._timer is None:
            self._wait(self._dismiss)

    def on_headers_complete(self) -> None:
        """The head is there: look after the body."""
        self._in_head, self._received = False, 0
        self._wait(self._look)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of the request is there."""
        self._stop()
        self._in_head, self._begun, self._received = True, False, 0
        super().on_message_complete()

    def _wait(self, then: Any) -> None:
        self._stop()
        self._timer = self.loop.call_later(PATIENCE, then)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _dismiss(self) -> None:
        self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _look(self) -> None:
        """End the connection if too little of the body came since; not if we ourselves did not take it."""
        if self._received < SLOWEST * PATIENCE and not self.flow.read_paused:
            self.transport.close()
            return
        self._received = 0
        self._wait(self._look)

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer in one line, as no application has been asked, and end the connection."""
        self._stop()
        text = f"{status.phrase}.\n".encode()
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
        self.transport.write(f"{head}content-length: {len(text)}\r\nconnection: close\r\n\r\n".encode() + text)
        self.transport.close()
