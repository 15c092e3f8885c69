"""Measures the product beside its peers on the same rows and prints a table: python -m tests.bench --help"""

import argparse
import json
import os
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.settings import cores, load_settings
from tests.bench import database
from tests.bench.generate import Size, write_region
from tests.bench.measure import Measured, Pace, measure
from tests.bench.places import Places, free_port
from tests.bench.processes import NotServingError, memory
from tests.bench.questions import Questions
from tests.bench.report import table
from tests.bench.servers import PEERS, PRODUCT, PeerMissingError, Server, product
from tests.bench.work import Row, rows

_MIB = 2**20
_LONGEST = 420.0  # seconds from the start of the servers after which no further row is begun


def main() -> None:
    """Make the data if they are not there, start everything, measure, print, stop everything."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        _bench(_arguments())
    except KeyboardInterrupt:
        raise SystemExit("Stopped; all servers have been ended.") from None
    except NotServingError as error:
        raise SystemExit(str(error)) from None


def _bench(arguments: argparse.Namespace) -> None:
    folder = load_settings().home_path / "bench"
    places = Places(folder, free_port())
    _say("Data and loading (once)")
    write_region(places.region, Size())
    database.load(places)
    pace = Pace(rounds=2, seconds=1.0, warm=0.3) if arguments.quick else Pace()
    report: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": cores()}
    started = time.monotonic()
    with ExitStack() as stack:
        _say("The product")
        servers = {PRODUCT: stack.enter_context(product(places))}
        first, order = database.prepare(places)
        report["points"] = len(order)
        questions = Questions(len(order), order, first)
        wanted = [row for row in rows(questions) if not arguments.rows or row.name in arguments.rows]
        report["memory"] = {"idle": _memory(servers[PRODUCT])}
        report["seconds"] = database.load_times(places)
        report["notes"] = _start_peers(stack, places, servers, wanted)
        conninfo = places.database
        measured = []
        for row in wanted:
            if time.monotonic() - started > _LONGEST:
                report["notes"].append(f"Not measured, the time is up: {row.title}")
            else:
                measured.append(measure(row, servers, pace, conninfo, _say))
        report["memory"]["after"] = _memory(servers[PRODUCT])
    report["load average"] = [round(one, 1) for one in os.getloadavg()]
    report["rows"] = [asdict(one) for row in measured for one in row]
    _tell(report, measured, folder)


def _start_peers(stack: ExitStack, places: Places, servers: dict[str, Server], wanted: list[Row]) -> list[str]:
    """Start the peers the rows need; returns why any of them is left out."""
    notes = []
    needed = {name for row in wanted for name in row.servers} - {PRODUCT}
    for name in (name for name in PEERS if name in needed):
        _say(name)
        try:
            servers[name] = stack.enter_context(PEERS[name](places))
        except (PeerMissingError, NotServingError) as error:
            notes.append(f"Without {name}: {error}")
            _say(notes[-1])
    return notes


def _memory(server: Server) -> dict[str, float]:
    found = {name: round(size / _MIB, 1) for name, size in memory(server.pid).items()}
    return found | {"sum": round(sum(found.values()), 1)}


def _tell(report: dict[str, Any], measured: list[list[Measured]], folder: Path) -> None:
    path = folder / "bench.json"
    path.write_text(json.dumps(report, indent=1))
    print(table(measured, report))
    print(f"\nAll figures: {path}")
    if any(one.wrong for row in measured for one in row):
        raise SystemExit(1)


def _say(text: str) -> None:
    print(f"  {text} ...", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("amdis bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds: one second each")
    parser.add_argument("--rows", type=lambda text: text.split(","), default=[], help="only these rows: items,map,...")
    given = sys.argv[1:]  # begins with the command when it comes by way of `amdis bench`
    return parser.parse_args(given[1:] if given[:1] == ["bench"] else given)


if __name__ == "__main__":
    main()
