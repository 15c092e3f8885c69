"""Unix sockets at paths of any length.

The kernel takes at most 107 bytes. A longer path is reached through an open descriptor of its folder.
"""

# SPDX-License-Identifier: Apache-2.0

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST = 107
"""Bytes of a unix socket's path on Linux."""


@contextmanager
def short_path(socket: Path) -> Iterator[str]:
    """A path to the socket that fits into its address, valid inside the block.

    Raises OSError if the folder is not there or the name alone is too long.
    """
    if len(os.fsencode(socket)) <= LONGEST:
        yield str(socket)
        return
    folder = os.open(socket.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{socket.name}"
    finally:
        os.close(folder)
