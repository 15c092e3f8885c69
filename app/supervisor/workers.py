"""uvicorn's own supervisor of several workers, with another view of what the death of one means."""

# SPDX-License-Identifier: Apache-2.0

import logging
import socket

from uvicorn import Config
from uvicorn.supervisors.multiprocess import Multiprocess, Process

log = logging.getLogger(__name__)


class Workers(Multiprocess):
    """Web workers that are replaced for ever once one of them has served, and given up when none ever does.

    uvicorn's rule looks at exit codes: an application that cannot be made is tried for ever, and a worker whose
    start-up fails ends all others. Ours looks at whether it ever worked: the same code failing later is a passing
    trouble, such as a database that is away, and must not take the healthy workers along.
    """

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self.failed = False
        self._served = False

    def keep_subprocess_alive(self) -> None:
        """Replace dead and hung workers; called by uvicorn twice a second."""
        patience = self.config.timeout_worker_healthcheck
        for index, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if process.is_alive(patience):
                self._served = self._served or process.is_ready(patience)
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
