"""Both OpenAPI documents, tried out: schemathesis makes requests of them and judges the answers.

More of it: ``schemathesis run http://localhost:8000/ogc/openapi?f=json --url http://localhost:8000/ogc -n 100`` with
the options below.
"""

# SPDX-License-Identifier: Apache-2.0

import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import Running

LEFT_OUT = (
    # What no schema of a parameter can say: a tile outside its matrix, TileJSON of a set it cannot describe, a filter.
    "positive_data_acceptance",
    # A limit above the maximum is answered with the maximum, as OGC API - Features 7.15.4 wants; an empty f is no f.
    "negative_data_rejection",
)
LAYERS_LEFT_OUT = "/collections/(countries|geologic-units|mineral-deposits|plate-boundaries|processing-plants)(/|$)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("document", "base", "options"),
    [
        # The layers' paths are made by the same lines, so two layers stand for all.
        ("/ogc/openapi?f=json", "/ogc", ["--exclude-path-regex", LAYERS_LEFT_OUT]),
        ("/api/v1/openapi.json", "", []),
    ],
)
def test_answers_are_as_the_document_says(
    server: Running, tmp_path: Path, document: str, base: str, options: list[str]
) -> None:
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}{document}"]
    command += ["--url", f"{server.url}{base}", "--phases", "examples,coverage,fuzzing", "--max-examples", "5"]
    command += ["--checks", "all", "--exclude-checks", ",".join(LEFT_OUT), "--seed", "20261123", "--no-shrink"]
    command += ["--request-timeout", "60", "--suppress-health-check", "too_slow"]
    command += ["--warnings", "off", "--no-color", *options]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1800, check=False)
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-2000:]
    assert "No issues found" in ran.stdout or "passed" in ran.stdout, ran.stdout[-2000:]
