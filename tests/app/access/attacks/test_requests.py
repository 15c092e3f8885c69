"""Requests that others' servers choked on: bodies without end, thousands of ranges and fields, deep brackets."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import json
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from importlib.metadata import version
from typing import Any

import httpx
import pytest

from app.web.bodies import LARGEST
from tests.app.access.cast import Cast
from tests.app.access.signin.browser import API
from tests.bench.processes import memory
from tests.faults import WORKERS
from tests.running import Running

LONG = 30.0  # seconds of the processor, and a client's patience: whoever needs more hangs
PART = b"x" * 65_536


class Endless:
    """A body of a gibibyte, sent in parts. taken: bytes that were read of it."""

    def __init__(self) -> None:
        self.taken = 0
        self.status = 0

    async def receive(self) -> dict[str, Any]:
        self.taken += len(PART)
        return {"type": "http.request", "body": PART, "more_body": self.taken < 2**30}

    async def send(self, message: Mapping[str, Any]) -> None:
        self.status = message.get("status", self.status)


# S16: a part of a form, or a body, was read into memory however long it was.
@pytest.mark.parametrize("path", ["sign-in", "password/forgotten", "invitation/accept", "keys", "nowhere"])
@pytest.mark.parametrize("announced", [(), ((b"content-length", str(2**30).encode()),)], ids=["in parts", "announced"])
@pytest.mark.parametrize("media", ["application/json", "multipart/form-data; boundary=x"])
def test_body_without_end_is_not_read(shared_cast: Cast, path: str, announced: Any, media: str) -> None:
    body = Endless()
    headers = [(b"host", b"testserver"), (b"content-type", media.encode()), *announced]
    scope = {"type": "http", "method": "POST", "path": f"{API}/{path}", "headers": headers, "query_string": b""}
    scope |= {"client": ("192.0.2.1", 1), "scheme": "https", "server": ("testserver", 443)}
    asyncio.run(shared_cast.app(scope, body.receive, body.send))
    assert body.status in ((404, 405) if path == "nowhere" else (401, 413))
    assert body.taken <= LARGEST + 2 * len(PART)


# S16: many members, deep brackets and long numbers took the processor for minutes.
@pytest.mark.parametrize(
    "body",
    [
        json.dumps({f"f{n}": 0 for n in range(60_000)}),
        "[" * 500_000,
        '{"email":' * 100_000,
        '{"email": ' + "9" * 1_000_000 + "}",
        '{"email": "' + "a" * 1_000_000 + '", "password": "x"}',
        '{"email": "x", "password": "' + "\\u0000" * 100_000 + '"}',
        '{"email": 1e999999999, "password": NaN}',
    ],
    ids=["members", "brackets", "objects", "number", "text", "NUL", "infinite"],
)
def test_body_that_is_laborious_is_refused_soon(shared_cast: Cast, body: str) -> None:
    began = time.process_time()
    answer = shared_cast.client().post(f"{API}/sign-in", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert time.process_time() - began < LONG
    assert len(answer.content) < 2000


# S16: the library that read ranges took quadratic time for many; those that read forms had no bounds.
@pytest.mark.parametrize(("library", "safe"), [("starlette", (0, 49, 1)), ("fastapi", (0, 115, 3))])
def test_libraries_are_newer_than_their_known_holes(library: str, safe: tuple[int, ...]) -> None:
    assert tuple(int(part) for part in version(library).split(".")[:3]) >= safe


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/ogc/collections/mines/items?limit=1000000000", {}),
        ("/ogc/collections/mines/items?bbox=nan,inf,1e308,-1e308", {}),
        ("/", {"range": "bytes=" + ",".join(f"{n}-{n}" for n in range(5000))}),
        ("/api/v1/openapi.json", {"range": "bytes=" + "0-," * 5000}),
        ("/api/v1/layers?" + "&".join(f"a{n}=1" for n in range(5000)), {}),
        ("/workspace/" + "../" * 5000, {}),
        ("/api/v1/access/me", {"cookie": "; ".join(f"c{n}=1" for n in range(4000))}),
        ("/wms?service=WMS&request=GetMap&layers=mines&crs=EPSG:4326&bbox=0,0,1,1&width=100000&height=100000", {}),
    ],
    ids=["limit", "box", "ranges", "more ranges", "parameters", "dots", "cookies", "picture"],
)
def test_request_that_is_laborious_is_answered_soon(server: Running, path: str, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=LONG) as client:
        answer = client.get(path, headers=headers)
        assert answer.status_code < 500
        assert client.get("/healthz").status_code == 200


# S16: connections that send nothing, or a little now and then, were held for ever; long bodies filled the memory.
def test_dawdlers_and_endless_bodies_take_little_memory_and_keep_nobody_waiting(server: Running) -> None:
    address = (server.settings.host, server.settings.port)
    with httpx.Client(base_url=server.url, trust_env=False, timeout=LONG) as client:
        client.get("/ogc/collections/mines/items?limit=10")
    before = taken(server)
    with ExitStack() as stack:
        dawdlers = [stack.enter_context(socket.create_connection(address, timeout=LONG)) for _ in range(300)]
        for number, one in enumerate(dawdlers):
            one.sendall(b"GET / HTTP/1.1\r\nx: " + b"y" * (40 * number))
        endless = [stack.enter_context(socket.create_connection(address, timeout=LONG)) for _ in range(20)]
        for one in endless:
            one.sendall(b"POST /api/v1/access/sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n")
            with suppress(OSError):
                for _ in range(200):
                    one.sendall(PART)
        with httpx.Client(base_url=server.url, trust_env=False, timeout=LONG) as client:
            assert client.get("/healthz").status_code == 200
            assert client.get("/ogc/collections/mines/items?limit=10").status_code == 200
        assert taken(server) - before < 100 * 2**20


def taken(server: Running) -> int:
    """Bytes of memory of the web workers; what the others do meanwhile is their own affair."""
    return sum(sum(memory(pid).values()) for pid in WORKERS.processes(server))
