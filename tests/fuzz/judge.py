"""Sends requests and says what is wrong with the answers."""

# SPDX-License-Identifier: Apache-2.0

import re
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from tests.fuzz.requests import Request

INSIDE = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|psycopg|sqlalchemy|starlette|uvicorn|pygeoapi\.|0x[0-9a-f]{8}"
    r"|(?-i:LINE \d+:)|HINT:|DETAIL:|syntax error|relation \"|column \"|operator does not|invalid input|invalid byte"
    r"|postgres|encoding \"|minerals\.|mine_current|ST_[A-Z]\w+\(|ms[A-Z]\w+\(\)|/tmp/|/usr/|/var/|/root|root:x:",
    re.IGNORECASE,
)
"""What tells of the inside."""

HANGS = 60.0
"""Seconds after which no answer counts as none."""


@dataclass(frozen=True)
class Answer:
    """One answer: status, 0 if there was none; seconds until its end; what is wrong with it, '' if nothing."""

    request: Request
    status: int
    seconds: float
    fault: str


def answers(url: str, requests: Iterable[Request]) -> Iterable[Answer]:
    """The answer to each request, over one connection as long as the server keeps it."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=HANGS)) as connection:
        for request in requests:
            yield _answer(connection, request)


def _answer(connection: HTTPConnection, request: Request) -> Answer:
    started = time.perf_counter()
    try:
        # As it is, without the tidying a client does.
        connection.putrequest("POST" if request.body else "GET", request.path, skip_accept_encoding=True)
        if request.body:
            connection.putheader("Content-Type", "text/xml")
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders()
        # Refused before all of it was read: the answer is there.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.send(request.body)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, HTTPException) as error:
        connection.close()
        return Answer(request, 0, time.perf_counter() - started, f"no answer: {error!r}")
    return Answer(request, answer.status, time.perf_counter() - started, _fault(request, answer.status, body))


def _fault(request: Request, status: int, body: bytes) -> str:
    if status >= 500:
        return f"status {status}: {body[:300]!r}"
    if status < 400:
        return ""
    told = request.told.lower()
    found = {match[0] for match in INSIDE.finditer(body.decode(errors="replace"))}
    leaked = sorted(one for one in found if one.lower() not in told)
    return f"tells {leaked}: {body[:300]!r}" if leaked else ""
