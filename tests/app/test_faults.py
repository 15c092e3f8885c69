"""Processes are killed while clients ask without pause: all is whole again within 10 s, and honest meanwhile."""

# SPDX-License-Identifier: Apache-2.0

import http.client
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.published import LAYERS
from tests.running import Running, running

pytestmark = pytest.mark.xdist_group("faults")

HEALED = 10.0
HUNG = 30.0
KINDS = {
    "items": "/ogc/collections/mines/items?limit=50&bbox=95,-10,141.0{n},28",
    "item": "/ogc/collections/mines/items/icmm-06129?f={format}",
    "tile": "/ogc/collections/mines/tiles/WebMercatorQuad/6/{row}/51",
    "map": "/wms?service=WMS&version=1.3.0&request=GetMap&layers=mines&styles=&crs=CRS:84&bbox=90,-12,142,3{n}"
    "&width=64&height=64&format=image/png",
    "click": "/wms?service=WMS&version=1.3.0&request=GetFeatureInfo&layers=mines&query_layers=mines&styles=&crs=CRS:84"
    "&bbox=96,4,97,4.{n}&width=64&height=64&i=9&j=9&info_format=text/plain",
}
INSIDE = re.compile(
    rb"Traceback|File \"|psycopg|SELECT|FATAL|ERROR:|server closed|terminat|recovery|postgres|Errno|minerals\.|host="
    rb"|/work|/tmp|ms[A-Z]\w+\(\)|mapserv\b|socket"
)


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
    deadline = time.monotonic() + HUNG
    while not happened():
        assert time.monotonic() < deadline, f"not {told} after {HUNG} s"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of this module's own, to be wounded."""
    with running(tmp_path_factory.mktemp("faults") / "home") as server:
        yield server


def processes(server: Running, program: str) -> list[int]:
    """Ids of the server's processes whose command line has a text, all the way down."""
    return [pid for pid in below(server.process.pid) if program in command(pid)]


def below(pid: int) -> Iterator[int]:
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
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def mapservs(server: Running) -> list[int]:
    return processes(server, "mapserv")


def workers(server: Running) -> list[int]:
    return processes(server, "spawn_main")


def postmasters(server: Running) -> list[int]:
    return processes(server, "bin/postgres -D")


def backends(server: Running) -> list[int]:
    return processes(server, "postgres: amdis_public")


@contextmanager
def asked_throughout(server: Running) -> Iterator[Clients]:
    """Clients that ask while the block runs; afterwards every answer must have been honest."""
    with Clients(server) as clients:
        while len(clients.answers) < 20:
            time.sleep(0.05)
        yield clients
    assert clients.failures == []
    for answer in clients.answers:
        honest(answer)


def honest(answer: Answer) -> None:
    """Good, a broken connection, or a 503 that says when to come back and nothing of the inside."""
    assert answer.seconds < HUNG
    assert answer.status in (0, 200, 204, 503), (answer.kind, answer.status, answer.body[:500])
    if answer.status == 503:
        assert int(answer.headers["retry-after"]) > 0, answer
        assert not INSIDE.search(answer.body), answer.body
        if answer.kind in ("map", "click"):
            assert b"<ServiceException" in answer.body, answer.body
        else:
            assert answer.headers["content-type"] == "application/problem+json"
            assert json.loads(answer.body)["status"] == 503


def fingerprint(server: Running) -> dict[str, str]:
    """A hash over all rows of every layer, in every state."""
    found = {}
    with psycopg.connect(server.urls.app.conninfo()) as connection:
        for name, layer in LAYERS.items():
            parent = f"{layer.schema}.{layer.table.removesuffix('_current')}"
            query = f"SELECT md5(string_agg(t::text, '' ORDER BY fid)) FROM {parent} t"  # noqa: S608
            row = connection.execute(query).fetchone()  # type: ignore[arg-type]
            assert row is not None
            found[name] = row[0]
    return found


VICTIMS = {"mapserv": mapservs, "web worker": workers, "postmaster": postmasters, "database process": backends}


@pytest.mark.parametrize("victims", VICTIMS.values(), ids=VICTIMS)
def test_killed_process_is_replaced_within_ten_seconds_and_nobody_hangs(
    faulty: Running, victims: Callable[[Running], list[int]]
) -> None:
    before = fingerprint(faulty)
    with asked_throughout(faulty) as clients:
        victim = victims(faulty)[0]
        killed = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: bool(set(victims(faulty)) - {victim}) and victim not in victims(faulty), "replaced")
        clients.wait_until_all_answer(time.monotonic())
        healed = time.monotonic()
    assert healed - killed < HEALED
    late = [a for a in clients.answers if a.at > killed + HEALED and a.status not in (200, 204)]
    assert late == []
    assert victim not in victims(faulty)
    faulty.wait_ready(HEALED)
    assert fingerprint(faulty) == before


def replaced(gone: list[int], now: list[int]) -> bool:
    return len(now) == len(gone) and not set(now) & set(gone)


def test_all_of_a_kind_killed_at_once_are_replaced_within_ten_seconds(faulty: Running) -> None:
    before = fingerprint(faulty)
    for victims in (mapservs, workers):
        with asked_throughout(faulty) as clients:
            gone = victims(faulty)
            killed = time.monotonic()
            for victim in gone:
                os.kill(victim, signal.SIGKILL)
            wait_until(lambda gone=gone, victims=victims: replaced(gone, victims(faulty)), "replaced")
            clients.wait_until_all_answer(time.monotonic())
            assert time.monotonic() - killed < HEALED
    assert fingerprint(faulty) == before


def test_stopped_map_process_makes_nobody_hang(faulty: Running) -> None:
    victim = mapservs(faulty)[0]
    with asked_throughout(faulty) as clients:
        os.kill(victim, signal.SIGSTOP)
        stopped = time.monotonic()
        try:
            clients.wait_until_all_answer(stopped)
        finally:
            with suppress(ProcessLookupError):  # replaced meanwhile
                os.kill(victim, signal.SIGCONT)
        assert all(answer.seconds < HUNG for answer in clients.answers)
