"""What is read once for each publication, however many pages tell of it."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Keeps what was read until the version is another. version: changes with what is read."""

    def __init__(self, version: Callable[[], object], read: Callable[[], Awaitable[T]]) -> None:
        self._version = version
        self._read = read
        self._kept: tuple[object, T] | None = None

    async def __call__(self) -> T:
        """The newest."""
        version = self._version()
        if self._kept is None or self._kept[0] != version:
            self._kept = version, await self._read()
        return self._kept[1]
