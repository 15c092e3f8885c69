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
from tests.bench import database, files, office, scale, single, slices
from tests.bench.cube import FIGURES
from tests.bench.generate import Size, write_region
from tests.bench.healing import healing
from tests.bench.large import POINTS as MANY
from tests.bench.measure import Measured, Pace, measure
from tests.bench.native import NATIVE
from tests.bench.places import Places, free_port
from tests.bench.processes import NotServingError, memory
from tests.bench.questions import Questions
from tests.bench.report import table
from tests.bench.servers import PEERS, PRODUCT, PeerMissingError, Server, product
from tests.bench.work import Row, next_cursor, rows

_MIB = 2**20
_LONGEST = 420.0  # seconds from the start of the servers after which no further row is begun


def main() -> None:
    """Make the data if they are not there, start everything, measure, print, stop everything."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        arguments = _arguments()
        (_statistics if arguments.statistics else _large if arguments.large else _bench)(arguments)
    except KeyboardInterrupt:
        raise SystemExit("Stopped; all servers have been ended.") from None
    except NotServingError as error:
        raise SystemExit(str(error)) from None


def _bench(arguments: argparse.Namespace) -> None:
    places, pace = _ready(arguments)
    report: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": cores()}
    started, singles = time.monotonic(), list[single.Single]()
    with ExitStack() as stack:
        _say("The product")
        servers = {PRODUCT: stack.enter_context(product(places))}
        first, order = database.prepare(places)
        report["points"] = len(order)
        questions = Questions(len(order), order, first)
        edition = next_cursor(servers[PRODUCT].url, limit=1).edition
        wanted = [row for row in rows(questions, edition) if not arguments.rows or row.name in arguments.rows]
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
        if not arguments.rows or "gpkg" in arguments.rows:
            _say("gpkg: amdis")
            singles += files.download(servers[PRODUCT], places.folder)
        if not arguments.rows or "access" in arguments.rows:
            _say("access: amdis")
            singles += office.pages(places, servers[PRODUCT])
    if not arguments.rows or "capabilities" in arguments.rows:
        _say("capabilities: amdis")
        singles += single.capabilities(places)
    if not arguments.rows or "healing" in arguments.rows:
        _say("healing: amdis")
        singles += healing(places)
    report["single"] = [asdict(one) for one in singles]
    report["load average"] = [round(one, 1) for one in os.getloadavg()]
    report["rows"] = [asdict(one) for row in measured for one in row]
    _tell(report, measured, places.folder)


def _large(arguments: argparse.Namespace) -> None:
    places, pace = _ready(arguments)
    print(scale.table(scale.run(places, arguments.points, pace, _say)))
    print(f"\nAll figures: {places.folder / 'bench-large.json'}")


def _statistics(arguments: argparse.Namespace) -> None:
    places = Places(load_settings().home_path / "bench", free_port())
    places.folder.mkdir(parents=True, exist_ok=True)
    print(slices.table(slices.run(places, arguments.figures, _pace(arguments), _say)))
    print(f"\nAll figures: {places.folder / 'bench-statistics.json'}")


def _ready(arguments: argparse.Namespace) -> tuple[Places, Pace]:
    """Where the data are, loaded, and how long to measure."""
    places = Places(load_settings().home_path / "bench", free_port())
    _say("Data and loading (once)")
    write_region(places.region, Size())
    database.load(places)
    database.listen(places)
    return places, _pace(arguments)


def _pace(arguments: argparse.Namespace) -> Pace:
    return Pace(rounds=2, seconds=1.0, warm=0.3) if arguments.quick else Pace()


def _start_peers(stack: ExitStack, places: Places, servers: dict[str, Server], wanted: list[Row]) -> list[str]:
    """Start the peers the rows need; returns why any of them is left out."""
    notes, peers = [], PEERS | NATIVE
    needed = {name for row in wanted for name in row.servers} - {PRODUCT}
    for name in (name for name in peers if name in needed):
        _say(name)
        try:
            servers[name] = stack.enter_context(peers[name](places))
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
    if any(one.wrong for row in measured for one in row) or any(one["wrong"] for one in report["single"]):
        raise SystemExit(1)


def _say(text: str) -> None:
    print(f"  {text} ...", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("amdis bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds: one second each")
    parser.add_argument("--rows", type=lambda text: text.split(","), default=[], help="only these rows: items,map,...")
    parser.add_argument("--large", action="store_true", help="beside millions of points, made at the first time")
    parser.add_argument("--points", type=int, default=MANY, help=f"how many: {MANY:,}")
    parser.add_argument("--statistics", action="store_true", help="slices of millions of figures, made the first time")
    parser.add_argument("--figures", type=int, default=FIGURES, help=f"how many: {FIGURES:,}")
    given = sys.argv[1:]  # begins with the command when it comes by way of `amdis bench`
    return parser.parse_args(given[1:] if given[:1] == ["bench"] else given)


if __name__ == "__main__":
    main()
