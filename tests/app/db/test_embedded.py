"""The private PostGIS under bad luck: closed folders, killed processes, a second start, another version."""

# SPDX-License-Identifier: Apache-2.0

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from app.db import embedded
from app.db.bootstrap import connect
from app.db.embedded import Cluster, database, is_ready
from app.db.holder import holder
from app.db.installation import Installation
from app.db.roles import DatabaseUrl
from app.errors import ClusterError, ClusterHeldError, DatabaseError
from app.processes import working_in
from app.settings import Settings

# Durable here, unlike in the other tests: what was committed has to survive a kill.
SMALL = {"shared_buffers": "32MB", "max_connections": "20"}

HUNG = 90.0  # seconds after which nothing more is to be expected, on a busy machine too

HOLD = """
import sys, time
from pathlib import Path
from app.db.embedded import database
from app.settings import Settings
with database(Settings(home=Path(sys.argv[1])), sys.argv[2], {"shared_buffers": "32MB"}):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def hold(home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts another process that holds the home's cluster, as `amdis up` would."""
    started: list[subprocess.Popen[str]] = []

    def start(command: str = "amdis up") -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", HOLD, str(home), command]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    wait_for(lambda: not working_in(home / "postgres", "postgres"))


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds; fails when it does not on the busiest machine."""
    deadline = time.monotonic() + HUNG
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def server_of(home: Path) -> int:
    """Id of the server's first process as its lock file says, 0 while there is none."""
    try:
        return int((home / "postgres" / "postmaster.pid").read_text().split()[0])
    except (OSError, IndexError):
        return 0


def answers(url: DatabaseUrl) -> bool:
    """Whether the server answers a query."""
    try:
        with connect(url) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except (DatabaseError, psycopg.OperationalError):
        return False


def maintenance(url: DatabaseUrl) -> DatabaseUrl:
    """The database every cluster has from the start."""
    return url.in_database("postgres")


def test_starts_in_a_folder_its_own_user_cannot_enter(home: Path) -> None:
    with database(Settings(home=home), "test", SMALL) as urls:
        assert home.parent.stat().st_mode & 0o077 == 0
        with connect(maintenance(urls.admin)) as connection:
            shown = [
                connection.execute(f"SHOW {name}").fetchone()
                for name in ("data_checksums", "listen_addresses", "fsync")
            ]
        assert shown == [("on",), ("",), ("on",)]
        if os.geteuid() == 0:
            owner = (home / "postgres").stat().st_uid
            assert owner != 0
    assert not working_in(home / "postgres", "postgres")


def test_nobody_connects_without_the_password(home: Path) -> None:
    with database(Settings(home=home), "test", SMALL) as urls:
        bare = maintenance(urls.admin).conninfo().replace(urls.admin.password, "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(bare)


def test_second_start_is_told_who_holds_the_home(home: Path, hold: Callable[..., subprocess.Popen[str]]) -> None:
    first = hold("amdis up")
    with pytest.raises(ClusterHeldError) as caught, database(Settings(home=home), "amdis up"):
        pass
    for part in (str(first.pid), "amdis up", "since 2", str(home), "AMDIS_HOME", "AMDIS_PORT"):
        assert part in str(caught.value)


def test_other_commands_use_the_running_cluster(home: Path, hold: Callable[..., subprocess.Popen[str]]) -> None:
    hold("amdis up")
    with database(Settings(home=home), "amdis load") as urls:
        assert answers(maintenance(urls.admin))
    assert answers(maintenance(urls.admin)), "the joining command must not stop what it did not start"


def test_two_commands_do_not_share_a_cluster_that_ends_with_one(
    home: Path, hold: Callable[..., subprocess.Popen[str]]
) -> None:
    hold("amdis migrate")
    with pytest.raises(ClusterHeldError, match="amdis migrate"), database(Settings(home=home), "amdis load"):
        pass


def test_killed_server_is_back_with_what_was_committed(home: Path) -> None:
    settings = Settings(home=home)
    with database(settings, "test", SMALL) as urls:
        admin = maintenance(urls.admin)
        with connect(admin) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        for _ in range(3):
            killed = server_of(home)
            os.kill(killed, signal.SIGKILL)
            wait_for(lambda killed=killed: server_of(home) not in (killed, 0) and answers(admin))
        with connect(admin) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    assert not working_in(home / "postgres", "postgres")


def test_server_that_is_just_being_started_again_is_stopped_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = threading.Event()

    class Slow(Cluster):
        def _launch(self, installation: Installation) -> None:
            if self.pid:  # it is the second one: the block has ended before it is there
                began.set()
                self._stopping.wait(HUNG)
                time.sleep(0.2)
            super()._launch(installation)

    monkeypatch.setattr(embedded, "Cluster", Slow)
    with database(Settings(home=home), "test", SMALL):
        os.kill(server_of(home), signal.SIGKILL)
        assert began.wait(HUNG)
    assert not working_in(home / "postgres", "postgres")


def test_starts_again_after_its_parent_was_killed(home: Path, hold: Callable[..., subprocess.Popen[str]]) -> None:
    first = hold()
    first.kill()
    with database(Settings(home=home), "test", SMALL) as urls:
        assert answers(maintenance(urls.admin))


def test_starts_again_after_everything_was_killed_at_once(
    home: Path, hold: Callable[..., subprocess.Popen[str]]
) -> None:
    first = hold()
    # The postmaster becomes a zombie or an orphan that keeps its lock file; neither may stop the next start.
    for pid in [first.pid, *working_in(home / "postgres", "postgres")]:
        with suppress(ProcessLookupError):  # the server may end by itself as its parent does
            os.kill(pid, signal.SIGKILL)
    with database(Settings(home=home), "test", SMALL) as urls:
        assert answers(maintenance(urls.admin))


def test_lock_file_with_the_number_of_a_stranger_is_no_obstacle(home: Path) -> None:
    settings = Settings(home=home)
    with database(settings, "test", SMALL):
        lock = (home / "postgres" / "postmaster.pid").read_text()
    # After a power cut another program may have got the number: here, this test.
    (home / "postgres" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lock.splitlines()[1:]]))
    with database(settings, "test", SMALL) as urls:
        assert answers(maintenance(urls.admin))


def test_parent_that_is_killed_leaves_no_process(home: Path, hold: Callable[..., subprocess.Popen[str]]) -> None:
    hold().kill()
    wait_for(lambda: not working_in(home / "postgres", "postgres"))


def test_set_up_that_was_killed_half_way_is_made_anew(home: Path) -> None:
    half = home / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15\n")
    with database(Settings(home=home), "test", SMALL) as urls:
        assert answers(maintenance(urls.admin))
    assert not half.exists()


def test_data_of_another_major_version_are_refused_with_what_to_install(home: Path) -> None:
    data = home / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ClusterError, match="made by PostgreSQL 9, but only"):
        Cluster(Settings(home=home), SMALL).start()


def test_broken_configuration_says_what_postgresql_said(home: Path) -> None:
    with pytest.raises(ClusterError, match="no_such_setting"):
        Cluster(Settings(home=home), SMALL | {"no_such_setting": "1"}).start()


def test_home_is_free_once_its_holder_is_gone(home: Path, hold: Callable[..., subprocess.Popen[str]]) -> None:
    process = hold("amdis up")
    held = holder(home)
    assert held
    assert (held.pid, held.command) == (process.pid, "amdis up")
    process.kill()
    process.wait()
    assert holder(home) is None
    assert not is_ready(home / "nowhere")
