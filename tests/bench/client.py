"""The load driver, a process of its own: some connections that each send the next request when theirs is answered.

Reads a job as JSON from standard input and prints a result as JSON. It speaks as much HTTP/1.1 and FastCGI as it
needs, over non-blocking sockets and epoll, because a full client would take more of the processor than the servers
that answer 3,000 requests a second; this one takes some 30 microseconds a request. Of an answer it keeps the head and
counts the rest: to put together the half megabyte of a page would take as long as half a server's work.
"""

import json
import selectors
import socket
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

_PATIENCE = 60.0  # seconds for an answer
_HEAD = 4096  # bytes of an answer that are kept: its fields, and what it says if it is none
_RECORD = struct.Struct("!BBHHBx")


@dataclass(slots=True)
class Job:
    """What to do. address: host and port, or the path of a unix socket. requests: asked in turn, again from the first.

    seconds: how long to measure; 0: each request once. warm: seconds before that are not counted.
    """

    protocol: str
    address: Any
    requests: list[str]
    seconds: float
    warm: float = 0.0
    connections: int = 4
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Result:
    """latencies: seconds, in the order of the answers. failures: what the first answers other than 200 began with."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    received: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)


class Http:
    """Requests and answers of HTTP/1.1 on a connection that is kept."""

    def __init__(self, job: Job) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in job.headers.items())
        host = f"{job.address[0]}:{job.address[1]}"
        self._tail = f" HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n".encode()

    def request(self, text: str) -> bytes:
        """A GET of a path."""
        return b"GET " + text.encode() + self._tail

    def length(self, answer: "Answer") -> int | None:
        """Bytes of the whole answer, None while unknown."""
        head = answer.head.find(b"\r\n\r\n")
        if head < 0:
            return None
        fields = bytes(answer.head[:head]).lower()
        at = fields.find(b"\r\ncontent-length:")
        if at >= 0:
            end = fields.find(b"\r\n", at + 2)
            return head + 4 + int(fields[at + 17 : end if end >= 0 else None])
        if b"chunked" in fields:
            return answer.size if answer.tail == b"0\r\n\r\n" else None
        return head + 4

    def good(self, answer: "Answer") -> bool:
        """Whether the answer is 200."""
        return answer.head.startswith(b"HTTP/1.1 200")

    def kept(self, answer: "Answer") -> bool:
        """Whether the connection may be used again."""
        return b"onnection: close" not in answer.head[:1000]


class FastCgi:
    """Requests and answers of a FastCGI responder, a connection each."""

    def __init__(self, job: Job) -> None:
        pass

    def request(self, text: str) -> bytes:
        """A GET with a query string."""
        pairs = b"".join(_pair(k, v) for k, v in (("REQUEST_METHOD", "GET"), ("QUERY_STRING", text)))
        begin = _RECORD.pack(1, 1, 1, 8, 0) + struct.pack("!HB5x", 1, 0)
        ended = _RECORD.pack(1, 4, 1, 0, 0) + _RECORD.pack(1, 5, 1, 0, 0)
        return begin + _RECORD.pack(1, 4, 1, len(pairs), 0) + pairs + ended

    def length(self, answer: "Answer") -> int | None:
        """Bytes of the whole answer: the process closes the connection behind it."""
        return None

    def good(self, answer: "Answer") -> bool:
        """Whether the answer is a picture."""
        return b"Content-Type: image/" in answer.head[:500]

    def kept(self, answer: "Answer") -> bool:
        """Whether the connection may be used again."""
        return False


Protocol = Http | FastCgi


@dataclass(slots=True)
class Answer:
    """What has arrived of an answer: how many bytes, the first _HEAD and the last five of them."""

    size: int = 0
    head: bytearray = field(default_factory=bytearray)
    tail: bytes = b""

    def add(self, data: memoryview) -> None:
        """Take note of what has arrived."""
        self.size += len(data)
        if len(self.head) < _HEAD:
            self.head += data[: _HEAD - len(self.head)]
        self.tail = (self.tail + bytes(data[-5:]))[-5:]


@dataclass(slots=True)
class _Line:
    """A connection and the answer that is arriving on it."""

    socket: socket.socket
    answer: Answer = field(default_factory=Answer)
    sent: float = 0.0
    length: int | None = None


class Driver:
    """Works one job off."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._protocol: Protocol = Http(job) if job.protocol == "http" else FastCgi(job)
        self._requests = _requests(job)
        self._selector = selectors.EpollSelector()
        self._busy = 0
        self._until = float("inf")
        self._counting = 0.0
        self._buffer = memoryview(bytearray(1 << 18))
        self.result = Result()

    def run(self) -> Result:
        """Send requests until the time is up, and wait for the last answers."""
        started = time.perf_counter()
        self._counting = started + self._job.warm
        if self._job.seconds:
            self._until = self._counting + self._job.seconds
        for _ in range(self._job.connections):
            self._next(None)
        while self._busy:
            events = self._selector.select(_PATIENCE)
            if not events:
                raise TimeoutError(f"no answer in {_PATIENCE:g} s")
            for key, _ in events:
                self._receive(key.data)
        self.result.seconds = time.perf_counter() - self._counting
        return self.result

    def _next(self, line: _Line | None) -> None:
        now = time.perf_counter()
        request = next(self._requests, None) if now < self._until else None
        if request is None:
            if line:
                self._drop(line)
            return
        if line is None:
            line = _Line(_connected(self._job))
            self._selector.register(line.socket, selectors.EVENT_READ, line)
        line.sent, line.length, line.answer = now, None, Answer()
        self._busy += 1
        line.socket.send(self._protocol.request(request))

    def _receive(self, line: _Line) -> None:
        arrived = line.socket.recv_into(self._buffer)
        line.answer.add(self._buffer[:arrived])
        if line.length is None:
            line.length = self._protocol.length(line.answer)
        closed = not arrived
        if not closed and (line.length is None or line.answer.size < line.length):
            return
        self._busy -= 1
        self._note(line)
        if closed or not self._protocol.kept(line.answer):
            self._drop(line)
            self._next(None)
        else:
            self._next(line)

    def _drop(self, line: _Line) -> None:
        self._selector.unregister(line.socket)
        line.socket.close()

    def _note(self, line: _Line) -> None:
        now = time.perf_counter()
        if not self._protocol.good(line.answer):
            self.result.failed += 1
            if len(self.result.failures) < 3:
                self.result.failures.append(bytes(line.answer.head[:400]).decode(errors="replace"))
        elif line.sent >= self._counting:
            self.result.latencies.append(now - line.sent)
            self.result.received += line.answer.size


def _requests(job: Job) -> Iterator[str]:
    return cycle(job.requests) if job.seconds else iter(job.requests)


def _connected(job: Job) -> socket.socket:
    if isinstance(job.address, str):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.connect(job.address)
    else:
        line = socket.create_connection(tuple(job.address))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.settimeout(None)
    return line


def _pair(name: str, value: str) -> bytes:
    parts = [name.encode(), value.encode()]
    sizes = [bytes([len(p)]) if len(p) < 128 else struct.pack("!I", len(p) | 0x80000000) for p in parts]
    return b"".join((*sizes, *parts))


def main() -> None:
    """Do the job on standard input."""
    result = Driver(Job(**json.load(sys.stdin))).run()
    json.dump({name: getattr(result, name) for name in Result.__slots__}, sys.stdout)


if __name__ == "__main__":
    main()
