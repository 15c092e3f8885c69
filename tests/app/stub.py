"""A web application of three answers, for tests of what runs it."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import ctypes
import os
from typing import Any

from app.supervisor.web import die_with_supervisor


def create() -> Any:
    """An ASGI application: /readyz, /pid (of the worker) and /slow (begins to answer at once, ends a second later)."""
    die_with_supervisor()
    return _answer


def create_slowly() -> Any:
    """The same, made by a process that for seven seconds does nothing else, as on a machine with too much to do."""
    ctypes.PyDLL(None).sleep(7)  # which keeps the interpreter for itself
    return create()


def fail() -> Any:
    """An application that cannot be made."""
    raise RuntimeError("made to fail")


async def _answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/slow":
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await asyncio.sleep(1)
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
