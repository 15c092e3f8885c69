"""The pool of mapserv processes, for as long as AMDIS runs."""

# SPDX-License-Identifier: Apache-2.0

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from app.db.roles import DatabaseUrls
from app.settings import Settings


@contextmanager
def map_pool(settings: Settings, urls: DatabaseUrls) -> Iterator[None]:
    """Run the pool within the block. The web processes write the mapfiles; mapserv reads them at each request."""
    from gis.mapserver.pool import MapservPool  # noqa: PLC0415  (only `amdis up` needs it)

    settings.run_path.mkdir(parents=True, exist_ok=True)
    # Written by a run before this one, perhaps by another version.
    shutil.rmtree(settings.mapfile_path.parent, ignore_errors=True)
    settings.mapfile_path.parent.mkdir()
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
