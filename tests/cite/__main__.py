"""Runs the OGC executable test suites and prints a table: python -m tests.cite [--suite WFS] [--url http://...]

A suite that cannot be had, or no Java, is told in one line and is no failure; a failing test is.
"""

# SPDX-License-Identifier: Apache-2.0

import argparse
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.settings import load_settings
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
    folder = load_settings().home_path / "cite"
    folder.mkdir(parents=True, exist_ok=True)
    found = list(_reachable([one for one in SUITES if options.suite.lower() in one.name.lower()], folder))
    if not found:
        return 0
    try:
        schemas = fetched(SCHEMAS, folder)
    except UnreachableError as error:
        print(f"No conformance suite was run: schemas not reachable: {error}")
        return 0
    with _service(options.url, folder / "home") as url, schema_proxy(schemas) as (port, missed):
        verdicts = [_verdict(Engine(folder, port), *one, url) for one in found]
    for address in sorted(set(missed)):
        print(f"A suite asked for {address}, which is not at hand.")
    print(f"Reports: {folder / 'reports'}")
    return 0 if all(verdicts) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.cite", description=__doc__)
    parser.add_argument("--suite", default="", help="only suites with this in their name")
    parser.add_argument("--url", default="", help="a running AMDIS instead of one of its own")
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


def _verdict(engine: Engine, suite: Suite, version: str, jar: Path, url: str) -> bool:
    """Run one suite, print its line and its failures; whether it is good."""
    try:
        result = engine.run(suite, version, jar, url)
    except (BrokenSuiteError, UnreachableError) as error:
        print(f"{suite.name:28} {version:6} broken: {error}")
        return False
    print(_line(suite, version, result))
    for name, message in result.failed.items():
        print(f"  FAILED {name}: {message}")
    return result.good


def _line(suite: Suite, version: str, result: Result) -> str:
    counts = f"{result.passed:5} passed {result.failures:4} failed {result.skipped:5} skipped"
    standing = f" {result.standing:4} explained in docs/conformance.md" if result.standing else ""
    return f"{suite.name:28} {version:6} {counts}{standing}"


if __name__ == "__main__":
    sys.exit(main())
