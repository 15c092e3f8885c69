"""The private PostGIS: made under AMDIS_HOME, run as our own child, healed when it is killed, stopped in order.

The server listens on an abstract Unix socket only. Started by root it runs as the user postgres, and because that user
often may not enter the folders above the data directory (a clone under /root), the directory is opened by root and
handed over as /proc/self/fd/N.
"""

# SPDX-License-Identifier: Apache-2.0

import logging
import os
import pwd
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from app.db import holder
from app.db.installation import Installation, installation_for
from app.db.roles import ADMIN, DatabaseUrls, database_urls, derived_password, socket_name
from app.db.tuning import as_file, tuned_for_this_machine
from app.errors import ClusterError, ClusterHeldError
from app.processes import dying_with_parent, stop, working_in
from app.settings import Settings

log = logging.getLogger(__name__)

_LOG_LIMIT = 20 * 1024 * 1024  # bytes of postgres.log before it is put aside
_PATIENCE = 60.0  # seconds for an orderly end
_CONFIGURATION = """\
# AMDIS's settings for this machine, written at every start:
include 'amdis.conf'
# Settings of your own go below this line and win.
"""
_ACCESS = "local all all scram-sha-256\nlocal replication all scram-sha-256\n"


class Cluster:
    """One private PostgreSQL: its data directory, its process and the thread that watches over it.

    Start it from a thread that lives as long as the process (the main one): the kernel ends the server with the thread
    that started it. The caller holds the home (app.db.holder), or two servers could meet in one data directory.
    """

    def __init__(self, settings: Settings, overrides: Mapping[str, str] | None = None) -> None:
        self.data_directory = settings.postgres_path
        self._log_file = settings.logs_path / "postgres.log"
        self._socket = socket_name(settings.home_path)
        self._password = derived_password(settings.secret(), ADMIN)
        self._configuration = tuned_for_this_machine() | {"listen_addresses": ""} | dict(overrides or {})
        self._account = _unprivileged_account()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: threading.Thread | None = None
        self._stopping = threading.Event()

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster, None when it was not started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Make the cluster if there is none, start it, and return when it takes connections.

        Raises:
            ClusterError: it cannot be made or started; the text says why, or ends with what PostgreSQL said.
        """
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        installation = installation_for(self.data_directory)
        if not (self.data_directory / "PG_VERSION").exists():
            self._initialise(installation)
        self._launch(installation)
        self._watcher = threading.Thread(target=self._watch, args=(installation,), name="postgres-watch", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """End the server in order (fast shutdown: open transactions are rolled back), by force after a minute."""
        self._stopping.set()
        self._end()
        if self._watcher:
            self._watcher.join()
            # The watcher may just have been starting it again.
            self._end()

    def _end(self) -> None:
        if self._process:
            stop(self._process, signal.SIGINT, _PATIENCE)

    def _initialise(self, installation: Installation) -> None:
        # Made aside and renamed when whole, so that a set-up that was killed is never taken for a cluster.
        aside = self.data_directory.with_name("postgres.new")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True, mode=0o700)
        password = os.memfd_create("password")
        try:
            os.write(password, self._password.encode())
            if self._account:
                os.chown(aside, self._account.pw_uid, self._account.pw_gid)
                os.fchown(password, self._account.pw_uid, self._account.pw_gid)
            sync = [] if self._configuration["fsync"] == "on" else ["--no-sync"]
            options = ["--username", ADMIN, "--pwfile", f"/proc/self/fd/{password}", "--auth", "scram-sha-256"]
            # Collation C: ordering by code point, the same on every machine, and fast. Letters are still known.
            locale = ["--encoding", "UTF8", "--locale", "C", "--lc-ctype", "C.UTF-8"]
            arguments = [*options, *locale, "--data-checksums", *sync]
            with self._opened(aside) as (path, inherited):
                made = self._run([installation.program("initdb"), "-D", path, *arguments], [*inherited, password])
            if made.wait() != 0:
                raise ClusterError(f"PostgreSQL could not be set up in {self.data_directory}.{self._last_words()}")
            _write(aside / "postgresql.conf", _CONFIGURATION)
            _write(aside / "pg_hba.conf", _ACCESS)
        finally:
            os.close(password)
        aside.rename(self.data_directory)

    def _launch(self, installation: Installation) -> None:
        self._clear_the_way()
        self._rotate_log()
        configuration = self.data_directory / "amdis.conf"
        _write(configuration, as_file(self._configuration))
        if self._account:
            os.chown(configuration, self._account.pw_uid, self._account.pw_gid)
        fixed = ["-c", f"unix_socket_directories={self._socket}", "-c", "port=5432"]
        with self._opened(self.data_directory) as (path, inherited):
            server = [installation.program("postgres"), "-D", path, *fixed]
            # SIGINT is PostgreSQL's fast shutdown: should we be killed, it ends in order by itself.
            self._process = self._run(dying_with_parent(server, signal.SIGINT), inherited)
        self._wait_until_ready(self._process)

    def _clear_the_way(self) -> None:
        """Wait for what a killed predecessor left to end, then remove its lock file.

        PostgreSQL itself trusts a lock file as long as a process of that id exists, even a zombie nobody reaps or
        a stranger that got the id after a reboot. We hold the home and looked at every process, so we know better.
        """
        for sig, patience in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if not self._left_over():
                break
            for pid in self._left_over():
                _send(pid, sig)
            deadline = time.monotonic() + patience
            while self._left_over() and time.monotonic() < deadline:
                time.sleep(0.05)
        if left := self._left_over():
            raise ClusterError(f"Processes {left} still use {self.data_directory} and cannot be ended; end them first.")
        if Path("/proc/self/cwd").exists():
            (self.data_directory / "postmaster.pid").unlink(missing_ok=True)

    def _left_over(self) -> list[int]:
        return working_in(self.data_directory, "postgres")

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        started = time.monotonic()
        told = False
        while not is_ready(self.data_directory, process.pid):
            if process.poll() is not None:
                raise ClusterError(f"PostgreSQL in {self.data_directory} does not start.{self._last_words()}")
            if not told and time.monotonic() - started > 5:
                told = True
                log.info("PostgreSQL recovers from its last end, please wait")
            time.sleep(0.02)

    def _watch(self, installation: Installation) -> None:
        process = self._process
        pause = 0.0
        while process is not None and not self._stopping.wait(pause):
            code = process.wait()
            if self._stopping.is_set():
                return
            log.error("PostgreSQL ended with code %s and is started again", code)
            try:
                self._launch(installation)
            except (ClusterError, OSError) as error:
                # A full disk, for example: tried again until there is room.
                log.error("PostgreSQL cannot be started again yet: %s", error)  # noqa: TRY400
                pause = min(pause * 2 + 0.5, 5.0)
            else:
                log.info("PostgreSQL is back")
                process, pause = self._process, 0.0

    def _run(self, command: Sequence[str], inherited: Sequence[int]) -> subprocess.Popen[bytes]:
        account = self._account
        with self._log_file.open("ab") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
                pass_fds=inherited,
                # Its own session: Ctrl-C reaches only us, and we stop it after those who use it.
                start_new_session=True,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
                umask=0o077,
            )

    @contextmanager
    def _opened(self, folder: Path) -> Iterator[tuple[str, list[int]]]:
        """The path of `folder` for the server, and the descriptors it has to inherit for that path to hold."""
        if not self._account:
            yield str(folder), []
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{descriptor}", [descriptor]
        finally:
            os.close(descriptor)

    def _rotate_log(self) -> None:
        if self._log_file.exists() and self._log_file.stat().st_size > _LOG_LIMIT:
            self._log_file.replace(self._log_file.with_suffix(".log.1"))

    def _last_words(self) -> str:
        lines = self._log_file.read_text(errors="replace").splitlines()[-5:]
        return f" It said (whole log: {self._log_file}):\n" + "\n".join(f"    {line}" for line in lines)


def is_ready(data_directory: Path, pid: int | None = None) -> bool:
    """Whether the server of `data_directory` takes connections (and is process `pid`), as its lock file says."""
    try:
        lines = (data_directory / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready" and pid in (None, int(lines[0]))


@contextmanager
def database(settings: Settings, command: str, overrides: Mapping[str, str] | None = None) -> Iterator[DatabaseUrls]:
    """The database for as long as the block runs: the one the settings name, or the private cluster.

    The private cluster is started, unless `amdis up` holds it: then its server is used. `command` is what others are
    told who want to start it meanwhile.

    Raises:
        ClusterHeldError: another command holds it for itself, or `amdis up` was asked to start twice.
        ClusterError: it cannot be started.
    """
    urls = database_urls(settings)
    if not urls.private:
        yield urls
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(holder.held(settings.home_path, command))
        except ClusterHeldError:
            other = holder.holder(settings.home_path)
            if command == holder.SERVING or other is None or other.command != holder.SERVING:
                raise
            _join(settings)
        else:
            cluster = Cluster(settings, overrides)
            stack.callback(cluster.stop)
            cluster.start()
        yield urls


def _join(settings: Settings) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not is_ready(settings.postgres_path):
        if time.monotonic() > deadline:
            raise ClusterError(
                f"The PostgreSQL of the running AMDIS in {settings.home_path} is not ready; see its logs."
            )
        time.sleep(0.1)


def _unprivileged_account() -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root, who it refuses to run as; None when we are somebody else."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ClusterError(
        "Root may not run PostgreSQL, and there is no user postgres or nobody. Start AMDIS as another user."
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _send(pid: int, sig: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sig)
