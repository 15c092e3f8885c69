"""A pool of mapserv processes behind one unix socket.

The socket is opened once and given to every process as its standard input, as spawn-fcgi does: the kernel hands each
connection to whichever process is free, and its backlog is the queue. A process that dies is replaced at once; one
that sits on a request for too long is killed. The socket stays open meanwhile, so nobody is refused.
"""

# SPDX-License-Identifier: Apache-2.0

import logging
import os
import select
import shutil
import signal
import socket as sockets
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from gis.errors import MapServerUnavailableError
from gis.mapserver.files import PATTERN
from gis.mapserver.sockets import short_path
from gis.mapserver.watch import busy_with

_log = logging.getLogger(__name__)

_BACKLOG = 1024
_MEMORY = 2 << 30  # bytes of address space: a request that wants more ends its process, not the machine
_LONGEST = 30.0  # seconds on one request; clients have given up by then
_LOOK = 2.0  # seconds between two looks at what the processes do
_GRACE = 5.0  # seconds a process may take to finish its request
_SOON = 1.0  # a process that lives no longer than this, seconds, did not start properly
_PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)  # seconds before the next try after so many such deaths


@dataclass(slots=True)
class _Place:
    """One of the pool's places and the process in it."""

    process: subprocess.Popen[bytes] | None = None
    pidfd: int = -1
    since: float = 0.0
    due: float = 0.0
    deaths: int = 0
    seen: dict[str, float] = field(default_factory=dict)


class MapservPool:
    """Keeps a number of mapserv processes running. Belongs to one supervising process; others use the socket.

    mapfile: the one of requests that name none, which need not exist; others name one of gis.mapserver.files beside it.
    environ: added to the small environment of the processes. log: file that gets their error output.
    """

    def __init__(
        self,
        mapfile: Path,
        socket: Path,
        processes: int,
        environ: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.mapfile = mapfile.absolute()
        self.socket = socket.absolute()
        self._places = [_Place() for _ in range(processes)]
        self._environ = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **(environ or {})}
        self._log_path = log
        self._listener: sockets.socket | None = None
        self._address = ""
        self._output: IO[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._wake_read = self._wake_write = -1
        self._stopping = False
        self._restarts = 0

    @property
    def pids(self) -> list[int]:
        """Process ids of the running processes."""
        # Each is taken once: the pool's own thread clears a place as soon as its process has ended.
        processes = [place.process for place in self._places]
        return [one.pid for one in processes if one and one.poll() is None]

    @property
    def restarts(self) -> int:
        """How many processes were replaced since the start."""
        return self._restarts

    def start(self) -> None:
        """Open the socket and start the processes. Raises MapServerUnavailableError if mapserv is not installed."""
        command = _command()
        configuration = self.mapfile.with_suffix(".conf")
        configuration.write_text(_configuration(self.mapfile), encoding="utf-8")
        self._environ["MAPSERVER_CONFIG_FILE"] = str(configuration)
        self._listener, self._address = _listen(self.socket)
        self._output = self._log_path.open("ab") if self._log_path else None
        self._wake_read, self._wake_write = os.pipe()
        self._stopping = False
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(command, ready), name="mapserv-pool", daemon=True)
        self._thread.start()
        ready.wait(10)

    def stop(self) -> None:
        """End the processes and remove the socket. Does nothing if the pool does not run."""
        if not self._thread:
            return
        self._stopping = True
        os.write(self._wake_write, b"x")
        self._thread.join(2 * _GRACE)
        self._thread = None
        for descriptor in (self._wake_read, self._wake_write):
            os.close(descriptor)
        if self._output:
            self._output.close()
        if self._listener:
            self._listener.close()
        self.socket.unlink(missing_ok=True)

    def restart_all(self) -> None:
        """Replace every process, each after the request it is on; the others go on answering."""
        for pid in self.pids:
            _end(pid, self._address)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Everything below runs in the pool's own thread: a child gets its parent-death signal when the *thread* that
    # started it ends, so the thread that starts them must live as long as the pool.

    def _run(self, command: list[str], ready: threading.Event) -> None:
        poller = select.poll()
        poller.register(self._wake_read, select.POLLIN)
        looked = time.monotonic()
        while not self._stopping:
            for place in self._places:
                if place.process is None and time.monotonic() >= place.due:
                    self._spawn(place, command)
                    poller.register(place.pidfd, select.POLLIN)
            ready.set()
            for descriptor, _ in poller.poll(self._wait()):
                self._bury(descriptor, poller)
            if time.monotonic() - looked >= _LOOK:
                looked = time.monotonic()
                self._kill_stuck()
        self._end_all()

    def _wait(self) -> float:
        """Milliseconds until something is to be done without an event."""
        due = [p.due - time.monotonic() for p in self._places if p.process is None]
        return 1000 * max(0.01, min([_LOOK, *due]))

    def _spawn(self, place: _Place, command: list[str]) -> None:
        assert self._listener is not None  # noqa: S101 - start() opened it before it started this thread
        place.process = subprocess.Popen(
            command,
            stdin=self._listener.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=self._output or subprocess.DEVNULL,
            env=self._environ,
            cwd=self.mapfile.parent,
            start_new_session=True,
        )
        place.pidfd = os.pidfd_open(place.process.pid)
        place.since = time.monotonic()
        place.seen.clear()

    def _bury(self, descriptor: int, poller: select.poll) -> None:
        place = next((p for p in self._places if p.pidfd == descriptor), None)
        if place is None or place.process is None:
            return
        code = place.process.wait()
        poller.unregister(descriptor)
        os.close(descriptor)
        lived = time.monotonic() - place.since
        place.deaths = place.deaths + 1 if lived < _SOON else 0
        place.due = time.monotonic() + (_PAUSES[min(place.deaths, len(_PAUSES)) - 1] if place.deaths else 0)
        place.process, place.pidfd = None, -1
        self._restarts += 1
        _log.warning("mapserv ended after %.1f s with code %s", lived, code)

    def _kill_stuck(self) -> None:
        now = time.monotonic()
        for place in self._places:
            if place.process is None:
                continue
            current = busy_with(place.process.pid, self._address)
            place.seen = {inode: place.seen.get(inode, now) for inode in current}
            if any(now - first > _LONGEST for first in place.seen.values()):
                _log.error("mapserv %d has been on one request for %.0f s: killed", place.process.pid, _LONGEST)
                place.process.kill()

    def _end_all(self) -> None:
        for place in self._places:
            if place.process:
                _end(place.process.pid, self._address)
                place.process.wait()
                os.close(place.pidfd)
                place.process, place.pidfd = None, -1


def _end(pid: int, address: str) -> None:
    """End a process once it is idle, or after the time of grace.

    By SIGKILL: on SIGTERM mapserv ends after its next request only, which in an idle pool never comes. An idle process
    has nothing to lose, and a client whose connection it took in this very moment asks again.
    """
    until = time.monotonic() + _GRACE
    while busy_with(pid, address) and time.monotonic() < until:
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _listen(path: Path) -> tuple[sockets.socket, str]:
    """A listening socket at the path and the address as the kernel knows it. A socket left behind is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listener = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM)
    with short_path(path) as address:
        listener.bind(address)
    path.chmod(0o600)
    listener.listen(_BACKLOG)
    return listener, address


def _command() -> list[str]:
    """mapserv under its limits. setpriv and prlimit belong to util-linux; unlike a preexec function they are safe in a
    program with threads."""
    mapserv = shutil.which("mapserv") or shutil.which("mapserv", path="/usr/lib/cgi-bin")
    if not mapserv:
        raise MapServerUnavailableError("mapserv is not installed. On Debian and Ubuntu: apt install cgi-mapserver")
    limits = ["prlimit", f"--as={_MEMORY}", "--core=0", "--"]
    return ["setpriv", "--pdeathsig", "KILL", "--", *limits, mapserv]


def _configuration(mapfile: Path) -> str:
    """MapServer's own configuration: this mapfile, those of gis.mapserver.files, no other, whatever is asked."""
    settings = {
        "MS_MAPFILE": str(mapfile),
        "MS_MAP_PATTERN": PATTERN,
        "MS_NO_POST": "1",
        "MS_TEMPPATH": f"{mapfile.parent}/",
        "MS_NO_VERSION": "1",
        "MS_ERRORFILE": "stderr",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        # No notes beside a written picture, with which MapServer would send two files in place of one.
        "GDAL_PAM_ENABLED": "NO",
    }
    lines = "".join(f'  {name} "{value}"\n' for name, value in settings.items())
    return f"CONFIG\n ENV\n{lines} END\nEND\n"
