"""Artefacts of Maven Central, by mvn, which knows the mirrors and proxies of the machine."""

# SPDX-License-Identifier: Apache-2.0

import subprocess
from pathlib import Path

_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
_LONGEST = 120  # seconds for one artefact


class UnreachableError(Exception):
    """The artefact cannot be had."""


def fetched(coordinates: str, folder: Path) -> Path:
    """The file of group:name:version[:type[:classifier]] in the folder, fetched if it is not there yet."""
    _, name, version, *rest = coordinates.split(":")
    kind, classifier = (*rest, "jar", "")[:2] if rest else ("jar", "")
    path = folder / f"{name}-{version}{'-' + classifier if classifier else ''}.{kind}"
    if path.is_file():
        return path
    command = ["mvn", "--batch-mode", "--quiet", _COPY, f"-Dartifact={coordinates}", f"-DoutputDirectory={folder}"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_LONGEST)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise UnreachableError(coordinates) from None
    if not path.is_file():
        raise UnreachableError(coordinates)
    return path
