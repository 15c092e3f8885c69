"""Sends malformed requests to a server and prints what was wrong: python -m tests.fuzz --requests 10000 --url http://..."""

# SPDX-License-Identifier: Apache-2.0

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rich.progress import track

from tests.fuzz.heavy import HEAVY
from tests.fuzz.judge import Answer, answers
from tests.fuzz.requests import malformed
from tests.running import running


def main() -> int:
    """1 if an answer is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", default="", help="a running AMDIS instead of one of its own")
    options = parser.parse_args()
    if options.url:
        return _run(options.url, options.seed, options.requests)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home") as server:
        return _run(server.url, options.seed, options.requests)


def _run(url: str, seed: int, count: int) -> int:
    requests = (malformed(seed, number) for number in range(count))
    found = list(track(answers(url, requests), total=count, description="Requests"))
    _tell(found)
    heavy = list(answers(url, HEAVY.values()))
    for name, answer in zip(HEAVY, heavy, strict=True):
        print(f"{name:40} {answer.status} in {answer.seconds * 1000:6.1f} ms {answer.fault}")
    return 1 if any(answer.fault for answer in (*found, *heavy)) else 0


def _tell(found: list[Answer]) -> None:
    print(f"{len(found)} requests by status: {dict(sorted(Counter(one.status for one in found).items()))}")
    print(f"Slowest: {', '.join(f'{one.seconds:.2f} s' for one in _slowest(found))}")
    for answer in [one for one in found if one.fault][:50]:
        print(f"{answer.request.path[:600]} {answer.request.body[:600]!r}\n    {answer.fault}")


def _slowest(found: list[Answer]) -> list[Answer]:
    return sorted(found, key=lambda one: -one.seconds)[:5]


if __name__ == "__main__":
    sys.exit(main())
