"""What a suite found, read from its report."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

_CTL_LINE = re.compile(r"Test (?P<name>\S+) .*?(?P<verdict>Passed|Failed|Skipped|Warning)(?P<rest>.*)")


@dataclass(frozen=True)
class Result:
    """Tests by outcome. failed: the first message by test name; standing: how many failures are explained."""

    passed: int
    failed: dict[str, str]
    failures: int
    skipped: int
    standing: int = 0

    @property
    def good(self) -> bool:
        """Whether something passed and nothing failed that is not explained."""
        return self.passed > 0 and not self.failed


def of_testng(report: Path, explained: Collection[str]) -> Result:
    """The result in a testng-results.xml, without the methods that only set up a test."""
    root = etree.parse(report).getroot()
    outcomes: Counter[str] = Counter()
    failed: dict[str, str] = {}
    for method in root.iter("test-method"):
        if method.get("is-config") == "true":
            continue
        outcome = method.get("status", "")
        name = method.get("name", "")
        if outcome == "FAIL" and name in explained:
            outcome = "STANDING"
        elif outcome == "FAIL":
            failed.setdefault(name, " ".join(method.findtext(".//message", "").split())[:400])
        outcomes[outcome] += 1
    return Result(outcomes["PASS"], failed, outcomes["FAIL"], outcomes["SKIP"], outcomes["STANDING"])


def of_ctl(log: Path, explained: Collection[str]) -> Result:
    """The result in the log of TEAM Engine. A test that fails because one below it does counts once, as that one."""
    outcomes: Counter[str] = Counter()
    failed: dict[str, str] = {}
    for line in log.read_text(errors="replace").splitlines():
        match = _CTL_LINE.search(line)
        if match is None or "Inherited" in match["rest"]:
            continue
        outcome, name = match["verdict"], match["name"]
        if outcome == "Failed" and name in explained:
            outcome = "Standing"
        elif outcome == "Failed":
            failed.setdefault(name, line.strip())
        outcomes[outcome] += 1
    passed = outcomes["Passed"] + outcomes["Warning"]
    return Result(passed, failed, outcomes["Failed"], outcomes["Skipped"], outcomes["Standing"])
