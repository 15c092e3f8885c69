"""The pool that reads run on."""

# SPDX-License-Identifier: Apache-2.0

import asyncio

import pytest

from app.db.bootstrap import connect
from app.db.pool import Connection, PublicReads
from app.db.roles import DatabaseUrls
from app.errors import TooManyQueriesError


def test_reads_begin_when_the_servers_process_has_loaded_postgis(urls: DatabaseUrls) -> None:
    async def process(connection: Connection) -> int:
        return connection.info.backend_pid

    async def files_of_the_first_reader() -> str:
        reads = PublicReads(urls.public)
        await reads.open()
        pid = await reads(process)
        with connect(urls.admin) as admin:
            row = admin.execute("SELECT pg_read_file(%s)", [f"/proc/{pid}/maps"]).fetchone()
        await reads.close()
        return str(row)

    assert "postgis-3" in asyncio.run(files_of_the_first_reader())


def test_laborious_reads_leave_connections_to_others(urls: DatabaseUrls) -> None:
    async def answered_beside(laborious: int) -> int:
        reads, done = PublicReads(urls.public, size=4), asyncio.Event()
        await reads.open()

        async def long(_: Connection) -> bool:
            return await done.wait()

        async def short(connection: Connection) -> int:
            row = await (await connection.execute("SELECT 7")).fetchone()
            assert row is not None
            return int(row[0])

        waiting = [asyncio.create_task(reads.laborious(long)) for _ in range(laborious)]
        await asyncio.sleep(0)
        found = await reads(short)
        done.set()
        assert await asyncio.gather(*waiting) == [True] * laborious
        await reads.close()
        return found

    assert asyncio.run(answered_beside(laborious=6)) == 7


def test_laborious_read_without_a_turn_is_told_so(urls: DatabaseUrls) -> None:
    async def refused() -> None:
        reads, begun, done = PublicReads(urls.public, size=2, wait=2.0), asyncio.Event(), asyncio.Event()
        await reads.open()

        async def long(_: Connection) -> bool:
            begun.set()
            return await done.wait()

        first = asyncio.create_task(reads.laborious(long))
        await begun.wait()
        with pytest.raises(TooManyQueriesError):
            await reads.laborious(long)
        done.set()
        assert await first
        await reads.close()

    asyncio.run(refused())
