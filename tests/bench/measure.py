"""One row of the table measured: rounds of all its servers in turn, so that what disturbs one disturbs all."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.checks import WrongAnswerError, check_pages, check_tile
from tests.bench.client import Job
from tests.bench.figures import Figure, Round, figure, ratio
from tests.bench.places import ROOT
from tests.bench.servers import PRODUCT, Server
from tests.bench.work import GZIP, Row


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to measure: rounds of a row, seconds of a server in a round, seconds before that do not count."""

    rounds: int = 3
    seconds: float = 2.0
    warm: float = 0.4


@dataclass(frozen=True, slots=True)
class Measured:
    """What a server did in a row.

    times: how many times its rate the product's was; None for the product itself, and where it is not in the row.
    wrong: what the check of the answers found, "" for nothing. failed: answers other than 200 while it was timed.
    """

    row: str
    title: str
    target: str
    server: str
    figure: Figure
    kilobytes: float
    times: float | None
    wrong: str
    failed: int
    failures: list[str]


def measure(
    row: Row, servers: Mapping[str, Server], pace: Pace, conninfo: str, say: Callable[[str], None]
) -> list[Measured]:
    """The figures of a row for each of its servers that runs."""
    present = [servers[name] for name in row.servers if name in servers]
    say(f"{row.name}: {', '.join(server.name for server in present)}")
    wrong = {server.name: _wrong(row, server, conninfo) for server in present}
    results: dict[str, list[dict[str, Any]]] = {server.name: [] for server in present}
    for number in range(row.rounds or pace.rounds):
        turn = number % len(present)
        for server in (*present[turn:], *present[:turn]):
            results[server.name].append(drive(_job(row, server, number, pace)))
    rounds = {name: [_round(one) for one in done] for name, done in results.items()}
    answered = [name for name, done in rounds.items() if any(one.latencies for one in done)]
    return [_measured(row, name, rounds, results[name], wrong[name]) for name in answered]


def _wrong(row: Row, server: Server, conninfo: str) -> str:
    """What is wrong with the server's answers, "" when nothing is."""
    requests = row.asked(server.name, 0)
    try:
        if row.pages:
            check_pages(server, requests, row.pages(0), conninfo)
        if row.tile and server.name == PRODUCT:  # tipg's tiles end at 10,000 features
            check_tile(server, requests[0], row.tile, conninfo)
    except (WrongAnswerError, OSError) as error:
        return str(error)
    return ""


def _job(row: Row, server: Server, number: int, pace: Pace) -> Job:
    seconds, warm = (0.0, 0.0) if row.once else (pace.seconds, pace.warm)
    headers = GZIP if row.compressed else {}
    requests = row.asked(server.name, number)
    return Job(server.protocol, server.address, requests, seconds, warm, row.connections, headers)


def drive(job: Job) -> dict[str, Any]:
    """Have the driver do a job; its result. A driver that fails is a failure of the server."""
    command = [sys.executable, "-m", "tests.bench.client"]
    done = subprocess.run(command, input=json.dumps(asdict(job)), capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        return {"seconds": 0.0, "latencies": [], "received": 0, "failed": 1, "failures": [done.stderr[-300:]]}
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _round(result: Mapping[str, Any]) -> Round:
    return Round(result["seconds"], tuple(result["latencies"]))


def _measured(
    row: Row, name: str, rounds: Mapping[str, list[Round]], done: list[dict[str, Any]], wrong: str
) -> Measured:
    answers = sum(len(one["latencies"]) for one in done)
    return Measured(
        row.name,
        row.title,
        row.target,
        name,
        figure(rounds[name]),
        sum(one["received"] for one in done) / answers / 1000,
        None if name == PRODUCT or PRODUCT not in rounds else ratio(rounds[PRODUCT], rounds[name]),
        wrong,
        sum(one["failed"] for one in done),
        [text for one in done for text in one["failures"]][:2],
    )
