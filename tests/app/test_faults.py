"""Processes are killed while clients ask without pause: all is whole again, and every answer meanwhile was honest.

How soon it is whole again is measured by the benchmark.
"""

# SPDX-License-Identifier: Apache-2.0

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from tests.faults import HUNG, MAPSERVS, PARTS, WORKERS, Answer, Clients, Part, asked_throughout, heal
from tests.published import LAYERS
from tests.running import Running, running

INSIDE = re.compile(
    rb"Traceback|File \"|psycopg|SELECT|FATAL|ERROR:|server closed|terminat|recovery|postgres|Errno|minerals\.|host="
    rb"|/work|/tmp|ms[A-Z]\w+\(\)|mapserv\b|socket"
)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of this module's own, to be wounded."""
    with running(tmp_path_factory.mktemp("faults") / "home") as server:
        yield server


def honest(clients: Clients) -> None:
    """No client failed, and every answer was honest."""
    assert clients.failures == []
    for answer in clients.answers:
        is_honest(answer)


def is_honest(answer: Answer) -> None:
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


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_killed_process_is_replaced_and_nobody_hangs(faulty: Running, part: Part) -> None:
    before = fingerprint(faulty)
    with asked_throughout(faulty) as clients:
        victim = part.processes(faulty)[0]
        heal(faulty, clients, part, [victim])
    honest(clients)
    faulty.wait_ready(HUNG)
    assert fingerprint(faulty) == before


@pytest.mark.parametrize("part", [MAPSERVS, WORKERS], ids=lambda part: part.name)
def test_all_of_a_kind_killed_at_once_are_replaced(faulty: Running, part: Part) -> None:
    before = fingerprint(faulty)
    with asked_throughout(faulty) as clients:
        heal(faulty, clients, part, part.processes(faulty))
    honest(clients)
    assert fingerprint(faulty) == before


def test_stopped_map_process_makes_nobody_hang(faulty: Running) -> None:
    victim = MAPSERVS.processes(faulty)[0]
    with asked_throughout(faulty) as clients:
        os.kill(victim, signal.SIGSTOP)
        stopped = time.monotonic()
        try:
            clients.wait_until_all_answer(stopped)
        finally:
            with suppress(ProcessLookupError):  # replaced meanwhile
                os.kill(victim, signal.SIGCONT)
    honest(clients)
