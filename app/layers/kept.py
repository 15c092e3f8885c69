"""Bodies of answers that change with a publication only, kept until then."""

from collections.abc import Callable

from cachetools import LRUCache
from starlette.concurrency import run_in_threadpool

_MOST_BYTES = 4 * 2**20
_ENTRY = 300  # bytes an entry takes besides its body


class Kept:
    """What was made for the newest version, the least used forgotten first when it is too much."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._version = ""
        self._bodies: LRUCache[str, bytes] = self._empty()

    async def body(self, version: str, key: str, make: Callable[[], str | bytes]) -> bytes:
        """The body of a key, made in a thread if it is not kept for that version."""
        if version != self._version:
            self._version, self._bodies = version, self._empty()
        bodies = self._bodies
        body = bodies.get(key)
        if body is None:
            made = await run_in_threadpool(make)
            body = made if isinstance(made, bytes) else made.encode()
            if len(body) + _ENTRY <= self._most_bytes:
                # The mapping of the version it was asked for: a publication meanwhile has replaced it.
                bodies[key] = body
        return body

    def _empty(self) -> LRUCache[str, bytes]:
        return LRUCache(self._most_bytes, getsizeof=lambda body: len(body) + _ENTRY)
