"""Files on their way to a client: written apart, watched while they are, and gone from their folder when they are sent.

A file that is sent has no name any more: the disk forgets it when it is closed, however that happens.
"""

# SPDX-License-Identifier: Apache-2.0

import os
import shutil
import tempfile
import time
from asyncio import ensure_future, gather, wait
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from anyio import CapacityLimiter
from starlette.requests import ClientDisconnect, Request

from app.errors import DownloadTooLongError
from app.layers.reading import Reading
from app.layers.writing import write_apart
from gis.errors import InvalidParameterError
from gis.formats import Writer

MOST_BYTES = 4 << 30
"""Bytes of a file at most."""

LONGEST = 3600.0
"""Seconds a download may take."""

_WRITERS = 2  # files a process has written at once; others wait for their turn
_LOOK = 1.0  # seconds between two looks at the file, and whether the client is still there
_STALE = 2 * LONGEST


class Files:
    """Has files written. folder: for them, made when it is missing; what a killed process left in it is removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turns = CapacityLimiter(_WRITERS)
        _sweep(folder)

    async def written(self, request: Request, reading: Reading, writer: Writer) -> tuple[int, BinaryIO]:
        """Number of the release and the file.

        Raises ClientDisconnect when the client goes away, InvalidParameterError for too large a file and what the
        format cannot have, DownloadTooLongError, DatabaseUnavailableError, QueryTooSlowError.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        path = folder / f"{reading.layer.id}{writer.suffix}"
        end = time.monotonic() + LONGEST
        writing = ensure_future(self._in_turn(reading, writer, path))
        try:
            while not (await wait({writing}, timeout=_LOOK))[0]:
                if await request.is_disconnected():
                    raise ClientDisconnect
                _check(folder, end)
            release = writing.result()
            _check(folder, end)
            return release, path.open("rb")
        finally:
            writing.cancel()
            # At once, as a server that ends waits for nobody, and again for what the process made until its end.
            shutil.rmtree(folder, ignore_errors=True)
            await gather(writing, return_exceptions=True)
            shutil.rmtree(folder, ignore_errors=True)

    async def _in_turn(self, reading: Reading, writer: Writer, path: Path) -> int:
        async with self._turns:
            return await write_apart(reading, writer, path)


def _check(folder: Path, end: float) -> None:
    """Raise when the file is too large or takes too long."""
    if time.monotonic() > end:
        raise DownloadTooLongError
    if _size(folder) > MOST_BYTES:
        raise InvalidParameterError(
            "f", f"The file would be larger than {MOST_BYTES >> 30} GB: ask for a part, or a smaller format."
        )


def _size(folder: Path) -> int:
    """Bytes of the files in a folder. Its writer makes and removes files of its own meanwhile, such as journals."""
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                size += Path(parent, name).stat().st_size
    return size


def _sweep(folder: Path) -> None:
    """Remove what a killed process left behind."""
    old = time.time() - _STALE
    for left in folder.glob("*"):
        with suppress(FileNotFoundError):  # another process's, which has been sent meanwhile
            if left.stat().st_mtime < old:
                shutil.rmtree(left, ignore_errors=True)
