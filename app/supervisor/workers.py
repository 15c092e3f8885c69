"""uvicorn's own supervisor of several workers, with another view of what the death of one means."""

# SPDX-License-Identifier: Apache-2.0

import logging
import socket
import time
from collections.abc import Callable
from math import inf

from uvicorn import Config
from uvicorn.supervisors.multiprocess import Multiprocess, Process

log = logging.getLogger(__name__)

_PATIENCE = 60.0  # seconds for an answer: on a machine with ten times the work it can do, a start alone takes ten


class Pulse:
    """Whether a worker lives, asked of a thread of its own without waiting for the answer.

    served: whether it has said that it serves.
    """

    def __init__(self, worker: Process, clock: Callable[[], float] = time.monotonic) -> None:
        self._worker = worker
        self._clock = clock
        self._asked: float | None = None  # since when an answer is owed
        self.served = False

    def silence(self) -> float:
        """Seconds for which the worker has owed an answer, infinite when it has ended."""
        if not self._worker.process.is_alive():
            return inf
        connection = self._worker.parent_conn
        while connection.poll():
            self.served = connection.recv() or self.served
            self._asked = None
        if self._asked is None:
            connection.send(b"ping")
            self._asked = self._clock()
        return self._clock() - self._asked


class Workers(Multiprocess):
    """Web workers that are replaced for ever once one of them has served, and given up when none ever does.

    uvicorn's rule looks at exit codes: an application that cannot be made is tried for ever, and a worker whose
    start-up fails ends all others. Ours looks at whether it ever worked: the same code failing later is a passing
    trouble, such as a database that is away, and must not take the healthy workers along.

    uvicorn also ends workers that give no answer for five seconds. Many requests at once make a worker as slow as
    that, and its successor's start slower still: all were ended again and again until the rush was over.
    """

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self.failed = False
        self._served = False
        self._pulses: dict[Process, Pulse] = {}

    def keep_subprocess_alive(self) -> None:
        """Replace dead and hung workers; called by uvicorn twice a second."""
        self._pulses = {one: self._pulses.get(one) or Pulse(one) for one in self.processes}
        for index, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            alive = self._pulses[process].silence() < _PATIENCE
            self._served = self._served or self._pulses[process].served
            if alive:
                continue
            process.kill()
            process.join()
            # A signal says nothing about the application; it may come before we have seen it serve.
            if not self._served and (process.exitcode or 0) >= 0:
                self.failed = True
                self.should_exit.set()
                return
            log.error("Web worker %s ended with code %s and is started again", process.pid, process.exitcode)
            self.processes[index] = Process(self.config, self.sockets)
            self.processes[index].start()
