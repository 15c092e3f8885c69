"""Answers of the map engine: asked for once, kept in memory, named by what they depend on."""

# SPDX-License-Identifier: Apache-2.0

import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, TypeVar

from cachetools import LRUCache
from starlette.requests import Request
from starlette.responses import Response

from app.clients import not_modified
from app.ogc.made_once import MadeOnce
from gis.errors import GisError
from gis.mapserver.catalogue import Catalogue
from gis.mapserver.failures import explained, of_database
from gis.mapserver.fastcgi import Answer, FastCGIClient

Asked = TypeVar("Asked")

_log = logging.getLogger(__name__)

_ENTRY = 600  # bytes an entry takes besides its body
_PREPARED = 8  # answers: the capabilities of a catalogue and of the one that follows it
_REMEMBERED = 2048  # requests
_LONGEST_REMEMBERED = 1024  # bytes
_MAX_AGE = "public, max-age=60"
_AT_ONCE = 5.0  # seconds
_LARGEST_KEPT = 4 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer: its body and headers; only good ones are kept."""

    body: bytes
    headers: dict[str, str]


class Answers:
    """What the pool of map processes says, from memory where it has said it before.

    attempts: how often it is asked while the database fails; one more than there are map processes gets past a
    restarted database, as each of them finds out by one failure. at_once: seconds within which they find out; what
    fails later is a statement that was given up, and would be again.
    """

    def __init__(
        self, client: FastCGIClient, *, attempts: int = 3, at_once: float = _AT_ONCE, cache_bytes: int = 64 << 20
    ) -> None:
        self._client = client
        self._attempts = attempts
        self._at_once = at_once
        self._made: MadeOnce[str, Reply] = MadeOnce(cache_bytes, lambda one: len(one.body) + _ENTRY, _LARGEST_KEPT)
        # Beside the others, which would push them out, and whatever their size.
        self._prepared: LRUCache[str, Reply] = LRUCache(_PREPARED)

    @property
    def statistics(self) -> dict[str, int]:
        """How many answers came from memory and how many from the pool, for the metrics."""
        return self._made.statistics

    async def respond(self, request: Request, tag: str, make: Callable[[], Awaitable[Reply]]) -> Response:
        """The answer of that tag, made if it is not in memory; 304 if the client has it."""
        headers = {"ETag": f'"{tag}"', "Cache-Control": _MAX_AGE}
        if known := not_modified(request, headers):
            return known
        reply = await self._reply(tag, make)
        return Response(reply.body, headers=reply.headers | headers)

    async def prepare(self, tag: str, make: Callable[[], Awaitable[Reply]]) -> None:
        """Make the answer of that tag before anybody asks for it. An error is left to whoever asks."""
        if self._client.socket.exists():
            with contextlib.suppress(GisError):
                self._prepared[tag] = await self._reply(tag, make)

    async def ask(self, mapfile: str, query: str, good: Callable[[Answer], bool]) -> Answer:
        """MapServer's answer. Raises ServiceException in place of an error of MapServer's, which is logged."""
        query = f"map={mapfile}&{query}"
        for left in reversed(range(self._attempts)):
            began = time.monotonic()
            answer = await self._client.get(query)
            if good(answer):
                return answer
            _log.warning("map request failed: %s: %s", query, answer.body[:2000].decode(errors="replace"))
            if not left or not of_database(answer.body) or time.monotonic() - began > self._at_once:
                break
        raise explained(answer.body)

    async def _reply(self, tag: str, make: Callable[[], Awaitable[Reply]]) -> Reply:
        prepared = self._prepared.get(tag)
        if prepared is None:
            return await self._made.get(tag, make)
        self._made.hits += 1
        return prepared


class Remembered(Generic[Asked]):
    """Requests read before, by their query strings, with the tags of their answers; those of one catalogue only."""

    def __init__(self) -> None:
        self._asked: LRUCache[bytes, tuple[Asked, str]] = LRUCache(_REMEMBERED)
        self._catalogue: Catalogue | None = None

    def get(self, query: bytes, catalogue: Catalogue) -> tuple[Asked, str] | None:
        """What was put in for that query string and catalogue."""
        if catalogue is not self._catalogue:
            self._asked.clear()
            self._catalogue = catalogue
        return self._asked.get(query)

    def put(self, query: bytes, asked: Asked, tag: str) -> None:
        """Remember a request, read by the catalogue that was asked for last."""
        if len(query) <= _LONGEST_REMEMBERED:
            self._asked[query] = asked, tag


def tag_of(key: object) -> str:
    """The entity tag of what depends on that key."""
    return blake2b(repr(key).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
