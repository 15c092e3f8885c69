"""What is asked for again and again is kept in memory, and made once however many ask for it at the same time."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class MadeOnce(Generic[Key, Value]):
    """Values by their keys, the least used forgotten first.

    most_bytes: of all. size: bytes of a value, with what an entry takes besides it. largest: bytes of a value that is
    kept; a larger one would push hundreds of others out. hits, misses: values from memory, and others.
    """

    def __init__(self, most_bytes: int, size: Callable[[Value], int], largest: int) -> None:
        self._kept: LRUCache[Key, Value] = LRUCache(most_bytes, getsizeof=size)
        self._size = size
        self._largest = min(largest, most_bytes)
        self._pending: dict[Key, asyncio.Task[Value]] = {}
        self.hits = 0
        self.misses = 0

    @property
    def statistics(self) -> dict[str, int]:
        """How well it does, for the metrics."""
        return {"hits": self.hits, "misses": self.misses}

    async def get(self, key: Key, make: Callable[[], Awaitable[Value]]) -> Value:
        """The value of a key, made if it is not kept. Raises what the making of it raises, and keeps nothing then."""
        kept = self._kept.get(key)
        if kept is not None:
            self.hits += 1
            return kept
        self.misses += 1
        task = self._pending.get(key)
        if task is None:
            # Many ask for the same new map or tile at once when a release comes out.
            task = self._pending[key] = asyncio.ensure_future(make())
            task.add_done_callback(lambda done: self._finished(key, done))
        # One who leaves takes it from nobody else.
        return await asyncio.shield(task)

    def _finished(self, key: Key, task: "asyncio.Task[Value]") -> None:
        del self._pending[key]
        if not task.cancelled() and task.exception() is None and self._size(task.result()) <= self._largest:
            self._kept[key] = task.result()
