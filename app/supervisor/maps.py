"""The pool of mapserv processes, for as long as AMDIS runs."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from contextlib import contextmanager

from app.db.roles import DatabaseUrls
from app.settings import Settings


@contextmanager
def map_pool(settings: Settings, urls: DatabaseUrls) -> Iterator[None]:
    """Run the pool within the block. The mapfile is written by whoever publishes; mapserv reads it at each request."""
    from gis.mapserver.pool import MapservPool  # noqa: PLC0415  (only `amdis up` needs it)

    settings.run_path.mkdir(parents=True, exist_ok=True)
    pool = MapservPool(
        settings.mapfile_path,
        settings.mapserv_socket,
        settings.mapserv_processes,
        log=settings.logs_path / "mapserv.log",
    )
    pool.start()
    try:
        yield
    finally:
        pool.stop()
