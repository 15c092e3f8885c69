"""Reads on a pool of connections that heals by itself: tried again when a connection breaks."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from app.db.roles import DatabaseUrl
from app.errors import DatabaseUnavailableError, QueryTooSlowError, TooManyQueriesError

T = TypeVar("T")
Connection = AsyncConnection[Any]

_WAIT = 5.0  # seconds for a free connection, and before that for the turn of what is laborious
_TRIES = 2

log = structlog.get_logger(__name__)


async def _load_postgis(connection: Connection) -> None:
    """Have the server's process load PostGIS before there is a read that can be given up.

    A process that is told to cancel its first query with PostGIS may allocate memory inside an allocation, as the
    handler's first use of a thread-local variable does, and aborts, which ends all others with it. Found with PostGIS
    3.3.2 and glibc 2.36: one in 400 of the queries that were cancelled within 12 ms of a connection's start.
    """
    await connection.execute("SELECT postgis_lib_version()")


class PublicReads:
    """Runs reads on pooled connections, for the public those of its role.

    A read whose connection breaks is tried once more on another: reads change nothing, and after a restart of the
    database every pooled connection is stale. Half of the connections are left to reads whose work is known. wait:
    seconds.
    """

    def __init__(self, url: DatabaseUrl, size: int = 8, name: str = "public", wait: float = _WAIT) -> None:
        self._wait = wait
        self._turns = asyncio.Semaphore(size // 2)
        self._pool = AsyncConnectionPool(
            url.conninfo(),
            min_size=1,
            max_size=size,
            open=False,
            kwargs={"autocommit": True, "connect_timeout": 5, "application_name": f"amdis {name}"},
            reconnect_timeout=0,
            configure=_load_postgis,
            name=name,
        )

    async def open(self) -> None:
        """Open the pool; the database need not answer yet."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    @property
    def statistics(self) -> dict[str, int]:
        """Counters of the pool, for the metrics."""
        return dict(self._pool.get_stats())

    async def __call__(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        """What the read returns. Raises DatabaseUnavailableError, QueryTooSlowError."""
        for left in range(_TRIES - 1, -1, -1):
            try:
                async with self._pool.connection(timeout=self._wait) as connection:
                    return await read(connection)
            except psycopg.errors.QueryCanceled:
                raise QueryTooSlowError from None
            except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
                log.warning("public read failed", error=str(error), tries_left=left)
                if isinstance(error, PoolTimeout):
                    break
                await self._pool.check()
        raise DatabaseUnavailableError

    async def laborious(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        """What a read returns whose work somebody else decides, as by a filter: few of them run side by side.

        Raises TooManyQueriesError besides what others raise.
        """
        try:
            async with asyncio.timeout(self._wait):
                await self._turns.acquire()
        except TimeoutError:
            raise TooManyQueriesError from None
        try:
            return await self(read)
        finally:
            self._turns.release()
