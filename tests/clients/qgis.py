"""QGIS without a screen, as the system's own Python has it: scripts run in it and answer with JSON."""

# SPDX-License-Identifier: Apache-2.0

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_PYTHON = "/usr/bin/python3"  # the one python3-qgis is built for
_LONGEST = 900  # seconds, on a busy machine too
SCRIPTS = Path(__file__).parent / "qgis_scripts"


@functools.cache
def _installed() -> bool:
    look = [_PYTHON, "-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('qgis') is None)"]
    return Path(_PYTHON).exists() and subprocess.run(look, check=False).returncode == 0


needs_qgis = pytest.mark.skipif(not _installed(), reason="QGIS is not there: install the package python3-qgis")


def run_qgis(script: str, home: Path, **arguments: object) -> Any:
    """What a script of qgis_scripts answers. It gets its arguments as one JSON object; home: folder for its profile."""
    home.mkdir(exist_ok=True, mode=0o700)
    environ = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "no_proxy": "127.0.0.1",
    }
    done = subprocess.run(
        [_PYTHON, str(SCRIPTS / f"{script}.py"), json.dumps(arguments)],
        env=environ,
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    print(done.stderr[-4000:], file=sys.stderr)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])
