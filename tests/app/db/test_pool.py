"""The pool that reads run on."""

# SPDX-License-Identifier: Apache-2.0

import asyncio

from app.db.bootstrap import connect
from app.db.pool import Connection, PublicReads
from app.db.roles import DatabaseUrls


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
