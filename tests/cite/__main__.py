"""Runs the OGC executable test suites and prints a table: python -m tests.cite [--suite WFS] [--url http://...]

A suite that cannot be had, or no Java, is told in one line and is no failure; a failing test is. Artefacts and reports
are kept in the folder cite of AMDIS_HOME.
"""

# SPDX-License-Identifier: Apache-2.0

import argparse
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from app.settings import load_settings
from tests.cite.ctl import WMS, run_wms
from tests.cite.engine import BrokenSuiteError, Engine
from tests.cite.maven import UnreachableError, fetched
from tests.cite.results import Result
from tests.cite.schemas import schema_proxy
from tests.cite.suites import SCHEMAS, SUITES, Suite
from tests.running import running


def main() -> int:
    """Run what can be run; 1 if a test fails that is not explained or a suite breaks."""
    options = _options()
    missing = [tool for tool in ("java", "javac", "mvn") if shutil.which(tool) is None]
    if missing:
        print(f"No conformance suite was run: {', '.join(missing)} not found; install a JDK of version 17 and Maven.")
        return 0
    # Whoever sets a bound to the time ends it thus; what was started is stopped then.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(124))
    folder = load_settings().home_path / "cite"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in SUITES if options.suite.lower() in one.name.lower()]
    found = list(_reachable(wanted, folder))
    blue_lake = _blue_lake(folder, options.blue_lake) if options.suite.lower() in "wms 1.3.0" else None
    if not found and blue_lake is None:
        return 0
    try:
        schemas = fetched(SCHEMAS, folder)
    except UnreachableError as error:
        print(f"No conformance suite was run: the schemas are not reachable: {error}")
        return 0
    with schema_proxy(schemas) as (port, missed):
        engine = Engine(folder, port)
        verdicts = []
        if found:
            with _service(options.url, folder / "home") as url:
                verdicts += [_verdict(one.name, v, partial(engine.run, one, v, jar, url)) for one, v, jar in found]
        if blue_lake is not None:
            verdicts.append(_verdict("WMS 1.3.0", WMS[1], lambda: run_wms(engine, blue_lake, options.blue_lake)))
    for address in sorted(set(missed)):
        print(f"A suite asked for {address}, which is not at hand.")
    print(f"Reports: {folder / 'reports'}")
    return 0 if all(verdicts) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.cite", description=__doc__)
    parser.add_argument("--suite", default="", help="only suites with this in their name")
    parser.add_argument("--url", default="", help="a running AMDIS instead of one of its own")
    parser.add_argument("--blue-lake", default="", help="an AMDIS whose layers are the data set of the WMS suite")
    return parser.parse_args()


def _reachable(suites: list[Suite], folder: Path) -> Iterator[tuple[Suite, str, Path]]:
    for suite in suites:
        for version in suite.versions:
            try:
                yield suite, version, fetched(f"{suite.artifact}:{version}:jar:aio", folder)
                break
            except UnreachableError:
                continue
        else:
            print(f"{suite.name:28} not reachable: {suite.artifact}, version {' or '.join(suite.versions)}")


@contextmanager
def _service(url: str, home: Path) -> Iterator[str]:
    if url:
        yield url
        return
    shutil.rmtree(home, ignore_errors=True)
    with running(home) as server:
        yield server.url


def _blue_lake(folder: Path, url: str) -> Path | None:
    """The suite for WMS if it can be had and there is a service that has its data."""
    try:
        jar = fetched(f"{':'.join(WMS)}:jar:aio", folder)
    except UnreachableError as error:
        print(f"{'WMS 1.3.0':28} not reachable: {error}")
        return None
    if not url:
        print(f"{'WMS 1.3.0':28} not run: name an AMDIS that serves its data set with --blue-lake")
        return None
    return jar


def _verdict(name: str, version: str, run: Callable[[], Result]) -> bool:
    """Run a suite, print its line and its failures; whether it is good."""
    try:
        result = run()
    except (BrokenSuiteError, UnreachableError) as error:
        print(f"{name:28} {version:6} broken: {error}")
        return False
    print(_line(name, version, result))
    for test, message in result.failed.items():
        print(f"  FAILED {test}: {message}")
    return result.good


def _line(name: str, version: str, result: Result) -> str:
    counts = f"{result.passed:5} passed {result.failures:4} failed {result.skipped:5} skipped"
    standing = f" {result.standing:4} explained in docs/conformance.md" if result.standing else ""
    return f"{name:28} {version:6} {counts}{standing}"


if __name__ == "__main__":
    sys.exit(main())
