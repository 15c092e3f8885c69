"""tipg as published, told the one thing it cannot be configured to: a database on an abstract Unix socket.

asyncpg knows sockets that are files and addresses; the product's own cluster listens on neither. BENCH_SOCKET is the
socket's name as the kernel has it, without the leading NUL.
"""

import os
import socket
from typing import Any

from asyncpg import connect_utils

_connect = connect_utils._connect_addr


class _Loop:
    """The event loop, but a connection to any socket file goes to the database's abstract socket."""

    def __init__(self, loop: Any) -> None:
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    async def create_unix_connection(self, factory: Any, _: str) -> Any:
        """A transport and its protocol."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(f"\0{os.environ['BENCH_SOCKET']}")
        connection.setblocking(False)
        return await self._loop.create_unix_connection(factory, sock=connection)


async def _connect_to_socket(*, addr: object, loop: Any, **more: Any) -> Any:
    return await _connect(addr="a socket", loop=_Loop(loop), **more)


connect_utils._connect_addr = _connect_to_socket

from tipg.main import app  # noqa: E402

__all__ = ["app"]
