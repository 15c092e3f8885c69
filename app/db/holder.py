"""Who uses an AMDIS_HOME: a lock that ends with its process, and a line that says who that is."""

# SPDX-License-Identifier: Apache-2.0

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.errors import ClusterError, ClusterHeldError

SERVING = "amdis up"
"""The command whose cluster other commands may use while it runs."""


@dataclass(frozen=True)
class Holder:
    """The process that holds a home: its id, its command and since when (ISO 8601, local time)."""

    pid: int
    command: str
    since: str

    def refusal(self, home: Path) -> str:
        """What to tell the second one."""
        return (
            f"{home} is in use by process {self.pid} ({self.command}, since {self.since}). "
            f"Stop it (kill {self.pid}), or run a second AMDIS beside it with another AMDIS_HOME and AMDIS_PORT."
        )


@contextmanager
def held(home: Path, command: str) -> Iterator[None]:
    """Hold `home` for as long as the block runs; the kernel lets go of it when the process ends, however it ends.

    Raises:
        ClusterHeldError: another process holds it; the text says which, since when, and what to do.
        ClusterError: the folder cannot be written.
    """
    descriptor = _open(home)
    try:
        if not _lock(descriptor):
            raise ClusterHeldError(_read_patiently(home).refusal(home))
        me = Holder(os.getpid(), command, datetime.now(UTC).astimezone().isoformat(" ", "seconds"))
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(me)).encode() + b"\n", 0)
        yield
    finally:
        os.close(descriptor)


def holder(home: Path) -> Holder | None:
    """The process that holds `home` now, or None."""
    try:
        descriptor = os.open(home / "lock", os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_patiently(home)
    finally:
        os.close(descriptor)
    return None


def _open(home: Path) -> int:
    try:
        home.mkdir(parents=True, exist_ok=True)
        return os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ClusterError(f"{home} cannot be written: {error.strerror}. Set AMDIS_HOME to another folder.") from error


def _lock(descriptor: int) -> bool:
    # Tried for a moment, because `holder` takes the lock for an instant in order to ask.
    for _ in range(5):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False


def _read_patiently(home: Path) -> Holder:
    # The holder writes its line a moment after it got the lock.
    for _ in range(20):
        try:
            return Holder(**json.loads((home / "lock").read_text()))
        except (ValueError, TypeError):
            time.sleep(0.05)
    return Holder(0, "unknown", "a moment ago")
