"""A FastCGI client for asyncio: one request, one answer, one connection to a socket that several processes share.

Follows the FastCGI 1.0 specification (Brown, 1996) as far as a responder without multiplexing needs it. The
published Python clients block the thread or are bound to PHP.
"""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gis.errors import MapServerUnavailableError
from gis.mapserver.sockets import short_path

_BEGIN, _END, _PARAMS, _STDIN, _STDOUT, _STDERR = 1, 3, 4, 5, 6, 7
_HEADER = struct.Struct("!BBHHBx")
# Request 1, role responder, no flags: the process closes the connection when it has answered.
_BEGIN_REQUEST = _HEADER.pack(1, _BEGIN, 1, 8, 0) + struct.pack("!HB5x", 1, 0)
_NO_INPUT = _HEADER.pack(1, _STDIN, 1, 0, 0)
_MOST = 65535  # bytes in a record
_RECONNECT = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds between attempts while the pool is being restarted


@dataclass(frozen=True, slots=True)
class Answer:
    """What the process said. headers: names in small letters. errors: its error stream, for the log only."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    errors: str


class _BrokenError(Exception):
    """The process went away before it had answered."""


class FastCGIClient:
    """Asks the mapserv processes behind a unix socket.

    concurrency: requests under way at once from here, more only queue up in front of busy processes. timeout: seconds
    for an answer. patience: seconds to wait for a turn.
    """

    def __init__(self, socket: Path, *, concurrency: int = 8, timeout: float = 25, patience: float = 10) -> None:
        self.socket = socket
        self._turn = asyncio.Semaphore(concurrency)
        self._timeout = timeout
        self._patience = patience

    async def get(self, query: str) -> Answer:
        """The answer to a GET with that query string.

        Asks once more if the process dies while it answers: a GET may be repeated.
        Raises MapServerUnavailableError if there is no turn, no process or no answer in time.
        """
        try:
            await asyncio.wait_for(self._turn.acquire(), self._patience)
        except TimeoutError:
            raise MapServerUnavailableError("The map server is busy. Please try again in a few seconds.") from None
        try:
            request = _request({"REQUEST_METHOD": "GET", "QUERY_STRING": query, "GATEWAY_INTERFACE": "CGI/1.1"})
            async with asyncio.timeout(self._timeout):
                return await self._ask_twice(request)
        except TimeoutError:
            raise MapServerUnavailableError(f"The map server gave no answer in {self._timeout:g} s.") from None
        finally:
            self._turn.release()

    async def _ask_twice(self, request: bytes) -> Answer:
        try:
            return await self._ask(request)
        except _BrokenError:
            try:
                return await self._ask(request)
            except _BrokenError:
                raise MapServerUnavailableError("The map server failed on this request twice.") from None

    async def _ask(self, request: bytes) -> Answer:
        transport, receiver = await self._connect()
        try:
            transport.write(request)
            return _answer(await receiver.finished)
        finally:
            transport.abort()

    async def _connect(self) -> tuple[asyncio.Transport, "_Receiver"]:
        loop = asyncio.get_running_loop()
        for pause in (*_RECONNECT, None):
            try:
                with short_path(self.socket) as path:
                    return await loop.create_unix_connection(_Receiver, path)
            except (FileNotFoundError, ConnectionRefusedError):
                if pause is None:
                    break
                await asyncio.sleep(pause)
        raise MapServerUnavailableError("The map server is not running.")


class _Receiver(asyncio.Protocol):
    """Collects the bytes of one answer until the process closes the connection."""

    def __init__(self) -> None:
        self._received = bytearray()
        self.finished: asyncio.Future[bytearray] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self._received += data

    def connection_lost(self, exc: Exception | None) -> None:
        # A reset can follow a whole answer; whether it is whole is seen by its last record.
        if not self.finished.done():
            self.finished.set_result(self._received)


def _request(parameters: Mapping[str, str]) -> bytes:
    """BEGIN_REQUEST, the parameters and an empty input as one byte string."""
    pairs = b"".join(_pair(name.encode(), value.encode()) for name, value in parameters.items())
    records = [pairs[i : i + _MOST] for i in range(0, len(pairs), _MOST)] + [b""]
    sent = b"".join(_HEADER.pack(1, _PARAMS, 1, len(record), 0) + record for record in records)
    return _BEGIN_REQUEST + sent + _NO_INPUT


def _pair(name: bytes, value: bytes) -> bytes:
    return _length(len(name)) + _length(len(value)) + name + value


def _length(count: int) -> bytes:
    return bytes([count]) if count < 128 else struct.pack("!I", count | 0x80000000)


def _answer(received: bytearray) -> Answer:
    """The answer in the records. Raises _BrokenError if the last one is missing."""
    output, errors = _streams(memoryview(received))
    head, body = _split(b"".join(output))
    headers = dict(_header(line) for line in head.decode("latin-1").splitlines() if ":" in line)
    status = int(headers.pop("status", "200").split()[0])
    return Answer(status, headers, body, b"".join(errors).decode(errors="replace"))


def _streams(received: memoryview) -> tuple[list[memoryview], list[memoryview]]:
    output: list[memoryview] = []
    errors: list[memoryview] = []
    position, end = 0, len(received)
    while position + 8 <= end:
        _, kind, _, length, padding = _HEADER.unpack_from(received, position)
        content = received[position + 8 : position + 8 + length]
        if kind == _END and len(content) == length:
            return output, errors
        if kind == _STDOUT:
            output.append(content)
        elif kind == _STDERR:
            errors.append(content)
        position += 8 + length + padding
    raise _BrokenError


def _split(output: bytes) -> tuple[bytes, bytes]:
    """Header lines and body; MapServer ends lines with CR LF or, in places, with LF alone."""
    cuts = [(at, len(gap)) for gap in (b"\r\n\r\n", b"\n\n") if (at := output.find(gap, 0, 8192)) >= 0]
    if not cuts:
        raise _BrokenError
    at, gap = min(cuts)
    return output[:at], output[at + gap :]


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()
