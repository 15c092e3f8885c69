"""Connections that dawdle: they end by themselves, and who is only slow to be answered is not taken for one."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from uvicorn import Config, Server

from app.supervisor import patience

LONG = 60  # seconds: whoever waits so long is held, on a busy machine too
REST = 2.5  # seconds, longer than the more patient server is for what it waits for


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers how many bytes came; waits first as many seconds as the path says."""
    if scope["type"] == "lifespan":
        return
    await asyncio.sleep(float(scope["path"][1:] or 0))
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where a server listens that is patient for a third of a second."""
    monkeypatch.setattr(patience, "PATIENCE", 0.3)
    with listening() as port:
        yield port


@pytest.fixture
def patient_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where a server listens that is patient for two seconds: a busy machine must not make dawdlers of the others."""
    monkeypatch.setattr(patience, "PATIENCE", 2.0)
    with listening() as port:
        yield port


@contextmanager
def listening() -> Iterator[int]:
    config = Config(application, http=patience.Protocol, log_config=None, lifespan="off", timeout_keep_alive=LONG)
    server = Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


def everything(connection: socket.socket) -> bytes:
    """All that comes until the other side ends the connection."""
    read = b""
    while part := connection.recv(65536):
        read += part
    return read


def trickle(connection: socket.socket) -> None:
    """Send a byte now and then."""
    for _ in range(200):
        connection.sendall(b"x")
        time.sleep(0.05)


def opened(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=LONG)


@pytest.mark.parametrize("sent", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nhost: x\r\n"])
def test_head_that_does_not_end_is_not_waited_for(port: int, sent: bytes) -> None:
    with opened(port) as connection:
        connection.sendall(sent)
        assert everything(connection).startswith(b"HTTP/1.1 408 ")


def test_head_that_trickles_is_not_waited_for(port: int) -> None:
    with opened(port) as connection:
        answer = b""
        connection.sendall(b"GET / HTTP/1.1\r\n")
        connection.settimeout(0.05)
        for number in range(200):
            try:
                answer = connection.recv(65536)
                break
            except TimeoutError:
                with suppress(ConnectionError):  # it may have been answered and ended meanwhile
                    connection.sendall(f"x-{number}: y\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_head_that_never_ends_is_not_kept(port: int) -> None:
    with opened(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nx: " + b"y" * (patience.LARGEST_HEAD + 1))
        assert connection.recv(64).startswith(b"HTTP/1.1 431 ")


def test_body_that_trickles_ends_the_connection(port: int) -> None:
    with opened(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n")
        with pytest.raises(ConnectionError):
            trickle(connection)


def test_body_that_comes_is_taken_however_long_it_needs(patient_port: int) -> None:
    with opened(patient_port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 10000\r\n\r\n")
        for _ in range(10):
            time.sleep(REST / 10)
            connection.sendall(b"x" * 1000)
        assert everything(connection).endswith(b"\r\n\r\n10000")


def test_answer_may_take_longer_than_a_request(patient_port: int) -> None:
    with opened(patient_port) as connection:
        body = b"x" * 300_000  # more than is read ahead of an application that does not read
        connection.sendall(b"POST /3 HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 300000\r\n\r\n" + body)
        assert everything(connection).endswith(b"\r\n\r\n300000")


def test_connection_may_rest_between_two_requests(patient_port: int) -> None:
    request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
    with opened(patient_port) as connection:
        for _ in range(2):
            connection.sendall(request)
            answer = b""
            while not answer.endswith(b"\r\n\r\n0"):
                part = connection.recv(65536)
                assert part, answer
                answer += part
            time.sleep(REST)
        connection.sendall(b"\r\n")
        assert everything(connection).startswith(b"HTTP/1.1 408 ")
