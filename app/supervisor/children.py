"""Child processes of our own: `amdis` commands that run to their end, or again and again."""

# SPDX-License-Identifier: Apache-2.0

import contextlib
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from app.errors import ServerError
from app.processes import start_python, stop

log = logging.getLogger(__name__)

_PATIENCE = 35.0  # seconds for an orderly end; a worker gives its job 30
_SHORTEST = 0.5  # seconds before a process that ended is started again
_LONGEST = 10.0  # ... when it keeps ending at once
_NICENESS = 10
_STEADY = 30.0  # seconds after which a process counts as running well


def run_to_the_end(arguments: Sequence[str]) -> None:
    """Run `amdis <arguments>` and wait for it.

    Raises:
        ServerError: it failed; it has already said why.
    """
    process = start_python(arguments)
    try:
        code = process.wait()
    except BaseException:
        stop(process, signal.SIGTERM, _PATIENCE)
        raise
    if code != 0:
        raise ServerError(f"`amdis {' '.join(arguments)}` failed (exit code {code}); what went wrong stands above.")


class Respawned:
    """An `amdis` command that is started again whenever it ends, later and later if it ends at once.

    It gives way to those that answer people, when it starts as well as later.
    """

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        self._name = name
        self._arguments = arguments
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        # The thread that starts the process lives as long as it should: the kernel ends one with the other.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def pid(self) -> int | None:
        """Process id of the current one, None before the first."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            started = time.monotonic()
            self._process = start_python(self._arguments)
            with contextlib.suppress(OSError):  # it has ended already
                os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICENESS)
            while self._process.poll() is None:
                if self._stopping.wait(0.2):
                    stop(self._process, signal.SIGTERM, _PATIENCE)
                    return
            steady = time.monotonic() - started > _STEADY
            pause = _SHORTEST if steady or pause == 0.0 else min(pause * 2, _LONGEST)
            log.error(
                "The %s ended with code %s and is started again in %.1f s", self._name, self._process.returncode, pause
            )
