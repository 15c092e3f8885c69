"""What `amdis up` promises about its processes: replaced when killed, drained when told to stop, none left behind."""

# SPDX-License-Identifier: Apache-2.0

import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from math import inf
from pathlib import Path

import pytest
from uvicorn import Config
from uvicorn.supervisors.multiprocess import Process

from app.errors import PortInUseError, SettingsError
from app.logs import configure_logging, rotate
from app.settings import Settings
from app.supervisor.children import Respawned
from app.supervisor.web import listen
from app.supervisor.workers import Pulse
from tests.ports import free_port

HUNG = 90.0  # seconds after which nothing more is to be expected, on a busy machine too

SERVE = """
import sys, time
from pathlib import Path
from app.cli import main
from app.settings import load_settings
from app.supervisor.signals import Stopped, stopping_on_signals
from app.supervisor.web import announce_when_ready, listen, serve
if __name__ == "__main__":
    settings = load_settings()
    with stopping_on_signals(), listen(settings) as listener, announce_when_ready(settings, time.monotonic()):
        serve(settings, listener, sys.argv[1])
"""


class Served:
    """The stub application under the real web supervisor, in a process of its own."""

    def __init__(self, folder: Path, application: str) -> None:
        self.port = free_port()
        script = folder / "serve.py"
        script.write_text(SERVE)
        root = Path(__file__).parents[2]
        environ = os.environ | {
            "AMDIS_HOME": str(folder),
            "AMDIS_PORT": str(self.port),
            "AMDIS_WORKERS": "2",
            "PYTHONPATH": str(root),
        }
        self.process = subprocess.Popen(
            [sys.executable, script, application],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def announced(self) -> str:
        """The line that says the system is ready."""
        assert self.process.stdout
        return self.process.stdout.readline()

    def ended(self) -> tuple[str, str]:
        """Ends it; returns what it said, and what of errors."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=HUNG)

    def get(self, path: str) -> str:
        """The body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HUNG)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def children(self) -> list[int]:
        """Ids of the processes below the supervisor."""
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[[str], Served]]:
    """Starts the stub; ends it after the test."""
    running: list[Served] = []

    def start(application: str = "tests.app.stub:create") -> Served:
        running.append(Served(tmp_path, application))
        return running[-1]

    yield start
    for one in running:
        one.process.kill()
        one.process.communicate()


def test_killed_web_worker_is_replaced(served: Callable[..., Served]) -> None:
    server = served()
    assert server.announced().startswith(f"AMDIS is ready at http://localhost:{server.port} (")
    workers = both(server)
    victim = min(workers)
    os.kill(int(victim), signal.SIGKILL)
    # Only what the victim had accepted is lost, and with an error at once; the other worker answers meanwhile.
    wait_until_gone(int(victim))
    assert victim not in both(server)


def test_web_worker_that_is_held_up_for_some_seconds_is_not_taken_for_dead(served: Callable[..., Served]) -> None:
    server = served()
    server.announced()
    workers = both(server)
    held = int(min(workers))
    os.kill(held, signal.SIGSTOP)
    time.sleep(8)
    os.kill(held, signal.SIGCONT)
    assert both(server) == workers


def test_sigterm_answers_what_is_under_way_and_ends_with_zero(served: Callable[..., Served]) -> None:
    server = served()
    server.announced()
    children = server.children()
    assert len(children) >= 2
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=HUNG)) as connection:
        connection.request("GET", "/slow")
        begun = connection.getresponse()
        server.process.send_signal(signal.SIGTERM)
        assert int(begun.read()) in children
    assert server.process.wait(HUNG) == 0
    wait_until_gone(*children)


def test_killed_supervisor_takes_its_workers_along(served: Callable[..., Served]) -> None:
    server = served()
    server.announced()
    # At this moment one worker may still be starting; it must not be forgotten either.
    workers = server.children()
    server.process.kill()
    server.process.wait()
    wait_until_gone(*workers)


def test_application_that_does_not_start_ends_the_supervisor(served: Callable[..., Served]) -> None:
    server = served("tests.app.stub:fail")
    _, errors = server.process.communicate(timeout=HUNG)
    assert server.process.returncode != 0
    assert "The web application does not start" in errors


def test_worker_that_is_busy_is_not_taken_for_one_that_hangs(served: Callable[..., Served]) -> None:
    server = served("tests.app.stub:create_slowly")
    server.announced()
    _, errors = server.ended()
    assert "started again" not in errors


def test_worker_owes_an_answer_until_it_gives_it() -> None:
    worker = Process(Config("tests.app.stub:create"), [])
    worker.process.is_alive = lambda: True  # type: ignore[method-assign]
    now = 100.0
    pulse = Pulse(worker, lambda: now)
    assert pulse.silence() == 0
    now += 40
    assert pulse.silence() == 40
    worker.child_conn.recv()
    worker.child_conn.send(False)
    assert (pulse.silence(), pulse.served) == (0, False)
    now += 5
    assert pulse.silence() == 5
    worker.child_conn.recv()
    worker.child_conn.send(True)
    assert (pulse.silence(), pulse.served) == (0, True)


def test_worker_that_has_ended_is_not_waited_for() -> None:
    assert Pulse(Process(Config("tests.app.stub:create"), [])).silence() == inf


def test_small_answers_do_not_wait_for_acknowledgements(tmp_path: Path) -> None:
    with listen(Settings(home=tmp_path, port=free_port())) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_port_in_use_is_named_with_what_to_set(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError, match=rf"Port {port} .*AMDIS_PORT"), listen(Settings(port=port)):
            pass


def test_address_of_another_machine_is_a_wrong_setting() -> None:
    settings = Settings(host="192.0.2.1", port=free_port())
    with pytest.raises(SettingsError, match=r"AMDIS_HOST=192\.0\.2\.1"), listen(settings):
        pass


def test_killed_job_worker_is_started_again(caplog: pytest.LogCaptureFixture) -> None:
    # `amdis --version` ends at once: each time it does, it has to come back, more and more slowly.
    with Respawned("job worker", ["--version"]):
        deadline = time.monotonic() + HUNG
        while len([r for r in caplog.records if "started again" in r.message]) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_log_files_are_put_aside_while_they_are_written(tmp_path: Path) -> None:
    with (tmp_path / "web.log").open("a") as writer:
        for text in ("first\n", "second\n"):
            writer.write(text)
            writer.flush()
            rotate(tmp_path, largest=1)
        writer.write("third\n")
    assert (tmp_path / "web.log").read_text() == "third\n"
    assert (tmp_path / "web.log.1").read_text() == "second\n"
    assert (tmp_path / "web.log.2").read_text() == "first\n"


def test_log_holds_one_line_of_json_a_message(tmp_path: Path) -> None:
    before = logging.root.handlers[:], logging.root.level
    try:
        configure_logging(Settings(home=tmp_path), "test")
        logging.getLogger("app").info("a message of %s", "two\nlines")
        for handler in logging.root.handlers:
            handler.close()
    finally:
        logging.root.handlers[:], logging.root.level = before
    lines = (tmp_path / "logs" / "test.log").read_text().splitlines()
    assert len(lines) == 1
    assert '"event": "a message of two\\nlines"' in lines[0]


def both(server: Served) -> set[str]:
    """The numbers of the two workers, once both have answered."""
    seen: set[str] = set()
    deadline = time.monotonic() + HUNG
    while len(seen) < 2:
        assert time.monotonic() < deadline
        seen.add(server.get("/pid"))
    return seen


def wait_until_gone(*pids: int) -> None:
    """Returns when none of the processes runs; fails when one has not ended in time."""
    deadline = time.monotonic() + HUNG
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
