"""tipg as published, told the one thing it cannot be configured to: a database on an abstract Unix socket.

asyncpg knows sockets that are files and addresses; the product's own cluster listens on neither. BENCH_SOCKET is the
socket's name as the kernel has it, without the leading NUL.
"""

import os
from typing import Any

from asyncpg import connect_utils

_connect = connect_utils._connect_addr


async def _connect_to_socket(*, addr: object, **more: Any) -> Any:
    return await _connect(addr=f"\0{os.environ['BENCH_SOCKET']}", **more)


connect_utils._connect_addr = _connect_to_socket

from tipg.main import app  # noqa: E402

__all__ = ["app"]
