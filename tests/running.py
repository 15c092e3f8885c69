"""A whole AMDIS with the region's data, started as a newcomer starts it, for the tests that talk to it over HTTP."""

# SPDX-License-Identifier: Apache-2.0

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.db.roles import DatabaseUrls, database_urls
from app.processes import stop
from app.settings import Settings
from tests.ports import free_port

# Seconds after which it is stuck: a first start with loading takes some ten, on a busy machine a minute.
_START = 300
_STOP = 120


@dataclass(frozen=True)
class Running:
    """A running AMDIS: its address, settings and process, and how to reach its database."""

    url: str
    settings: Settings
    urls: DatabaseUrls
    process: subprocess.Popen[bytes]

    def wait_ready(self, seconds: float = _START) -> float:
        """Wait until /readyz answers 200; returns how long it took. AssertionError after that many seconds."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            assert self.process.poll() is None, f"amdis up ended with {self.process.returncode}"
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return time.monotonic() - started
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"not ready after {seconds} s")


@contextmanager
def running(home: Path, extra: Mapping[str, str] | None = None, host: str = "127.0.0.1") -> Iterator[Running]:
    """AMDIS in an empty home, until the block ends; then stopped by SIGTERM, which must leave exit code 0.

    host: how this machine is called in its public address.
    """
    port = free_port()
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AMDIS_")}
    own = {"AMDIS_HOME": str(home), "AMDIS_PORT": str(port), "AMDIS_WORKERS": "2", "AMDIS_MAPSERV_PROCESSES": "2"}
    own |= {"AMDIS_PUBLIC_URL": f"http://{host}:{port}", **(extra or {})}
    home.mkdir(parents=True, exist_ok=True)
    with (home / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "up"],
            cwd=Path(__file__).parents[1],
            env=environ | own,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    settings = Settings(home=home, port=port, workers=2, public_url=own["AMDIS_PUBLIC_URL"])
    try:
        server = Running(f"http://{host}:{port}", settings, database_urls(settings), process)
        server.wait_ready()
        yield server
    finally:
        code = stop(process, signal.SIGTERM, _STOP)
    assert code == 0, (home / "up.log").read_text()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One AMDIS with the region's data, shared by the tests that only read."""
    with running(tmp_path_factory.mktemp("server") / "home") as server:
        yield server
