"""Wounds of a running AMDIS: its processes are killed while clients ask without pause, until it is whole again."""

# SPDX-License-Identifier: Apache-2.0

import http.client
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.running import Running

HUNG = 90.0  # seconds after which a client has waited in vain: a map is given up after 25 s, others wait for their turn

KINDS = {
    "items": "/ogc/collections/mines/items?limit=50&bbox=95,-10,141.0{n},28",
    "item": "/ogc/collections/mines/items/icmm-06129?f={format}",
    "tile": "/ogc/collections/mines/tiles/WebMercatorQuad/6/{row}/51",
    "map": "/wms?service=WMS&version=1.3.0&request=GetMap&layers=mines&styles=&crs=CRS:84&bbox=90,-12,142,3{n}"
    "&width=64&height=64&format=image/png",
    "click": "/wms?service=WMS&version=1.3.0&request=GetFeatureInfo&layers=mines&query_layers=mines&styles=&crs=CRS:84"
    "&bbox=96,4,97,4.{n}&width=64&height=64&i=9&j=9&info_format=text/plain",
}


@dataclass
class Answer:
    """What came of one request: status 0 when the connection broke."""

    kind: str
    at: float
    seconds: float
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def ask(server: Running, kind: str, number: int) -> Answer:
    """One request on a connection of its own. Each differs from the last, so that no cache answers it."""
    path = KINDS[kind].format(n=number, row=20 + number % 24, format="json" if number % 2 else "html")
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=HUNG)
    started = time.monotonic()
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        found = Answer(kind, started, 0, answer.status, headers, answer.read())
    except TimeoutError:
        raise AssertionError(f"{path} hung for {HUNG} s") from None
    except (OSError, http.client.HTTPException):
        found = Answer(kind, started, 0, 0)
    finally:
        connection.close()
    found.seconds = time.monotonic() - started
    return found


class Clients:
    """Threads that ask, one a kind, and what they were answered."""

    def __init__(self, server: Running) -> None:
        self.answers: list[Answer] = []
        self.failures: list[BaseException] = []
        self._server = server
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(kind,)) for kind in KINDS]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, kind: str) -> None:
        number = 0
        try:
            while not self._stop.is_set():
                number += 1
                self.answers.append(ask(self._server, kind, number))
                time.sleep(0.005)
        except BaseException as error:
            self.failures.append(error)

    def wait_until_all_answer(self, since: float) -> None:
        """Wait until ten requests of every kind, sent after `since`, were answered well one after the other."""
        deadline = time.monotonic() + HUNG
        while time.monotonic() < deadline:
            sent = [answer for answer in list(self.answers) if answer.at > since]
            recent = {kind: [a.status for a in sent if a.kind == kind][-10:] for kind in KINDS}
            if all(len(one) == 10 and set(one) <= {200, 204} for one in recent.values()):
                return
            time.sleep(0.05)
        raise AssertionError(f"not whole after {HUNG} s: {recent}")


def wait_until(happened: Callable[[], bool], told: str) -> None:
    """AssertionError when it has not happened after HUNG seconds."""
    deadline = time.monotonic() + HUNG
    while not happened():
        assert time.monotonic() < deadline, f"not {told} after {HUNG} s"
        time.sleep(0.05)


def below(pid: int) -> Iterator[int]:
    """The descendants of a process."""
    try:
        children = [
            int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield child
        yield from below(child)


def command(pid: int) -> str:
    """Command line of a process, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@dataclass(frozen=True)
class Part:
    """A kind of process of the server. program: a text in its command lines. count: how many are there at least."""

    name: str
    program: str
    count: int

    def processes(self, server: Running) -> list[int]:
        """Their process ids now."""
        return [pid for pid in below(server.process.pid) if self.program in command(pid)]


MAPSERVS = Part("mapserv", "mapserv", 2)
WORKERS = Part("web worker", "spawn_main", 2)
POSTMASTER = Part("postmaster", "bin/postgres -D", 1)
BACKENDS = Part("database process", "postgres: amdis_public", 1)
PARTS = (MAPSERVS, WORKERS, POSTMASTER, BACKENDS)


@contextmanager
def asked_throughout(server: Running) -> Iterator[Clients]:
    """Clients that ask while the block runs, and have been answered a while when it begins."""
    with Clients(server) as clients:
        while len(clients.answers) < 20:
            time.sleep(0.05)
        yield clients


def heal(server: Running, clients: Clients, part: Part, victims: list[int]) -> float:
    """Kill the victims and wait until others do their work and all clients are answered well again.

    Returns the seconds it took.
    """
    killed = time.monotonic()
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(now := part.processes(server)) >= part.count and not set(now) & set(victims), "replaced")
    clients.wait_until_all_answer(time.monotonic())
    return time.monotonic() - killed
