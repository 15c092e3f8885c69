"""Reading as delegates on a pool of asynchronous connections: what the acting person's mandate covers."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeVar

from app.db.pool import Connection, PublicReads

T = TypeVar("T")

ACTING: ContextVar[str] = ContextVar("acting")
"""Token of whoever acts in this request."""


class DelegateReads(PublicReads):
    """Runs reads as the delegates' role, each in a transaction of whoever acts in the request."""

    async def __call__(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        """What the read returns. Raises DatabaseUnavailableError, QueryTooSlowError."""
        token = ACTING.get()

        async def acting(connection: Connection) -> T:
            async with connection.transaction():
                await connection.execute("SELECT set_config('amdis.token', %s, true)", (token,))
                return await read(connection)

        return await super().__call__(acting)
