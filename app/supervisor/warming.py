"""What the public asks for is read once from the disk after a start, so that the first visitors need not wait for it.

The operating system keeps what it read. After a reboot it has kept nothing, and a map or a page of millions of features
would be put together from single blocks that are fetched one after the other.
"""

# SPDX-License-Identifier: Apache-2.0

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import psycopg

from app.db.bootstrap import connect
from app.db.roles import PUBLIC, DatabaseUrls
from app.errors import DatabaseError
from app.supervisor.beside import beside

log = logging.getLogger(__name__)

_PIECE = 2048  # blocks read at a time; in between others have the disk as long as it took
_BLOCK = 8192  # bytes
_WORTH_TELLING = 2**30 // _BLOCK  # blocks
_READ = "SELECT pg_prewarm(%s, 'read', 'main', %s, %s)"
_IN_MEMORY = "SELECT setting::bigint FROM pg_settings WHERE name = 'effective_cache_size'"  # blocks

# Indexes first, as every question begins with one; then the small tables, which many questions need.
_WHAT_IS_PUBLIC = """
SELECT relation.oid, pg_relation_size(relation.oid) / 8192
FROM pg_class AS relation
LEFT JOIN pg_index AS index ON index.indexrelid = relation.oid
WHERE relation.relkind IN ('r', 'i')
    AND relation.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'public')
    AND has_any_column_privilege(%(reader)s, coalesce(index.indrelid, relation.oid), 'SELECT')
ORDER BY relation.relkind = 'r', pg_relation_size(relation.oid)
"""


def reading_ahead(urls: DatabaseUrls) -> AbstractContextManager[None]:
    """Read beside the block what the public may ask of the private database. Another server's is its own matter."""
    return beside("reading ahead", partial(_warm, urls)) if urls.private else nullcontext()


def _warm(urls: DatabaseUrls, stopping: threading.Event) -> None:
    started = time.monotonic()
    count = 0
    try:
        with connect(urls.owner) as connection:
            for piece in pieces(connection):
                before = time.monotonic()
                count += _number(connection, _READ, piece)
                if stopping.wait(time.monotonic() - before):
                    return
    except (psycopg.Error, DatabaseError) as error:
        log.warning("The rest of the database is not read into memory ahead: %s", error)
    if count >= _WORTH_TELLING:
        took = time.monotonic() - started
        log.info("%.1f GB that the public may ask for have been read into memory in %.0f s", count * _BLOCK / 1e9, took)


def pieces(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[tuple[int, int, int]]:
    """Relation, first and last block of what is to be read: as much as PostgreSQL takes to be kept in memory."""
    left = _number(connection, _IN_MEMORY)
    for relation, blocks in connection.execute(_WHAT_IS_PUBLIC, {"reader": PUBLIC}).fetchall():
        wanted = min(int(str(blocks)), left)
        left -= wanted
        for first in range(0, wanted, _PIECE):
            yield int(str(relation)), first, min(first + _PIECE, wanted) - 1


def _number(connection: psycopg.Connection[tuple[object, ...]], statement: str, values: Sequence[int] = ()) -> int:
    row = connection.execute(statement, values).fetchone()
    return int(str(row[0])) if row else 0
