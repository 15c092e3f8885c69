"""Runs a suite in a Java virtual machine whose requests to the outside end at the local proxy."""

# SPDX-License-Identifier: Apache-2.0

import os
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from tests.cite.maven import fetched
from tests.cite.results import Result, of_testng
from tests.cite.suites import JAVA_8, Suite

_LONGEST = 360  # seconds for one suite
_STAND_INS = Path(__file__).parent / "java"


class BrokenSuiteError(Exception):
    """The suite ended without a report or took too long."""


@dataclass(frozen=True)
class Engine:
    """folder: where artefacts, reports and whatever Java writes at home are kept. port: of the proxy."""

    folder: Path
    port: int

    def run(self, suite: Suite, version: str, jar: Path, url: str) -> Result:
        """Run a suite of TestNG against the service at that address."""
        reports = self.emptied(suite.artifact.rpartition(":")[2])
        arguments = reports / "arguments.xml"
        arguments.write_text(_properties(suite.arguments(url, reports)))
        companions = suite.companions.get(version, ())
        path = [jar, *(fetched(one, self.folder) for one in companions)]
        options = self._stand_ins() if companions == JAVA_8 else []
        main = _main_class(jar)
        home = reports if suite.at_home else None
        where = [] if suite.at_home else ["-o", str(reports)]
        command = [*options, "-cp", os.pathsep.join(map(str, path)), main, *where, str(arguments)]
        self.java(command, reports, home)
        found = list(reports.glob("testng/*/testng-results.xml"))
        if not found:
            raise BrokenSuiteError(f"no report; see {reports / 'log'}")
        return of_testng(found[0], suite.explained)

    def java(self, arguments: Sequence[str], reports: Path, home: Path | None = None) -> None:
        """Run java, its words in the file log. The exit code says nothing: the suites end with 0 whatever they find."""
        home = home or self.folder / "java"
        home.mkdir(exist_ok=True)
        own = [f"-Duser.home={home}", f"-Djava.util.prefs.userRoot={home}", f"-Djava.io.tmpdir={reports}"]
        own += ["-Dhttp.proxyHost=127.0.0.1", f"-Dhttp.proxyPort={self.port}"]
        own += ["-Dhttp.nonProxyHosts=127.0.0.1|localhost", "-Xmx1g"]
        with (reports / "log").open("wb") as log:
            try:
                subprocess.run(
                    ["java", *own, *arguments],
                    cwd=reports,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    timeout=_LONGEST,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise BrokenSuiteError(f"not done after {_LONGEST} s; see {reports / 'log'}") from None

    def emptied(self, name: str) -> Path:
        """The folder of a suite's reports, freed of those of another run."""
        reports = self.folder / "reports" / name
        shutil.rmtree(reports, ignore_errors=True)
        reports.mkdir(parents=True)
        return reports

    def _stand_ins(self) -> list[str]:
        """Java's own classes as suites of 2015 need them, compiled."""
        compiled = self.folder / "stand-ins"
        sources = [str(path) for path in _STAND_INS.rglob("*.java")]
        command = ["javac", "-nowarn", "--patch-module", f"java.desktop={_STAND_INS}", "-d", str(compiled), *sources]
        subprocess.run(command, check=True, capture_output=True)
        return ["--patch-module", f"java.desktop={compiled}"]


def _main_class(jar: Path) -> str:
    with zipfile.ZipFile(jar) as archive:
        manifest = archive.read("META-INF/MANIFEST.MF").decode()
    return next(line.partition(":")[2].strip() for line in manifest.splitlines() if line.startswith("Main-Class:"))


def _properties(entries: Mapping[str, str]) -> str:
    """Arguments in Java's form for properties. Without a document type: it could not be read offline."""
    lines = [f"<entry key={quoteattr(key)}>{escape(value)}</entry>" for key, value in entries.items()]
    return f'<properties version="1.0">{"".join(lines)}</properties>\n'
