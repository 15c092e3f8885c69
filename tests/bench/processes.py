"""Processes the benchmark starts: waited for until they serve, stopped whatever happens, and weighed."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.processes import dying_with_parent, stop

_PATIENCE = 40.0  # seconds for an orderly end


class NotServingError(Exception):
    """A server ended or did not answer in time; the text says which, and where its log is."""


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], log: Path, cwd: Path) -> Iterator[int]:
    """Run a command within the block; gives its process id."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            dying_with_parent(command, signal.SIGTERM),
            env=dict(environment),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process.pid
        finally:
            stop(process, signal.SIGTERM, _PATIENCE)


def wait_until_serving(url: str, pid: int, log: Path, seconds: float) -> float:
    """Wait for a 200 from the address; returns the seconds it took. Raises NotServingError."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if _ended(pid):
            break
        try:
            with urllib.request.urlopen(url, timeout=10):
                return time.monotonic() - started
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise NotServingError(f"{url} does not answer; see {log}")


def memory(pid: int) -> dict[str, int]:
    """Bytes of a process and all its descendants by program, shared pages divided among those who share them.

    Proportional set sizes of /proc/*/smaps_rollup. Processes we may not look into are not counted.
    """
    found: dict[str, int] = {}
    for one in family(pid):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
            name = Path(f"/proc/{one}/comm").read_text().strip()
        except OSError:
            continue
        size = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        found[name] = found.get(name, 0) + size * 1024
    return found


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.name))
    family = [pid]
    for one in family:
        family.extend(parents.get(one, []))
    return family


def _ended(pid: int) -> bool:
    # WNOWAIT: whoever started it still learns how it ended.
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
