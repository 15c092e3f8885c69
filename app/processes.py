"""Child processes that never outlive their parent, and the questions one has to ask about processes.

Linux only where it says so; elsewhere a child that its parent leaves behind is found at the next start.
"""

# SPDX-License-Identifier: Apache-2.0

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, sig: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send `sig` to this process when process `parent` ends; does nothing outside Linux.

    The kernel means the parent's thread: call it only in children of a thread that lives as long as the parent.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(sig))
    # The parent may have ended before the request was made; then nobody would ever send the signal.
    if os.getppid() != parent:
        os.kill(os.getpid(), sig)


def dying_with_parent(command: Sequence[str], sig: signal.Signals) -> list[str]:
    """`command` as it has to be run for a program of others, such as PostgreSQL, to get `sig` when its parent ends."""
    # Not Popen's preexec_fn: it runs Python between fork and exec, which may deadlock in a process with threads.
    setpriv = shutil.which("setpriv")
    prefix = [setpriv, "--pdeathsig", sig.name.removeprefix("SIG")] if setpriv else []
    return [*prefix, *command]


def start_python(arguments: Sequence[str], environ: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start `amdis <arguments>` in a session of its own, so that Ctrl-C reaches only the process that stops it."""
    command = dying_with_parent([sys.executable, "-m", "app.cli", *arguments], signal.SIGTERM)
    return subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, start_new_session=True)


def stop(process: subprocess.Popen[bytes], sig: signal.Signals, patience: float) -> int:
    """Send `sig`, wait `patience` seconds, then kill; returns the exit code."""
    if process.poll() is None:
        process.send_signal(sig)
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def working_in(folder: Path, program: str) -> list[int]:
    """Ids of the processes of `program` whose working directory is `folder` (by device and inode), zombies not counted.

    PostgreSQL and all its children work in their data directory, so this finds what a killed postmaster left.
    Empty where there is no /proc.
    """
    try:
        wanted = folder.stat()
    except OSError:
        return []
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _works_in(entry, wanted, program)]


def _works_in(process: Path, wanted: os.stat_result, program: str) -> bool:
    try:
        found = (process / "cwd").stat()
        name = (process / "comm").read_text().strip()
    except OSError:  # a zombie, another user's process, or one that has just ended
        return False
    return name == program and (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino)
