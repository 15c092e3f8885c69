"""The web processes: one listening socket, several uvicorn workers, each replaced when it dies."""

# SPDX-License-Identifier: Apache-2.0

import errno
import http.client
import logging
import multiprocessing
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from app.errors import PortInUseError, ServerError, SettingsError
from app.processes import die_with_parent
from app.settings import Settings, load_settings
from app.supervisor.beside import beside

log = logging.getLogger(__name__)

_BACKLOG = 2048
_DRAIN = 15  # seconds a worker may take to finish its requests


@contextmanager
def listen(settings: Settings) -> Iterator[socket.socket]:
    """The socket AMDIS serves on, bound but not listening yet, so that nobody waits on a server that still starts.

    Raises:
        PortInUseError: another program has the port.
        SettingsError: AMDIS_HOST is not an address of this machine.
    """
    # Bound by us because uvicorn's own socket for several workers lacks TCP_NODELAY: small answers then take 40 ms.
    # Accepted connections inherit the option.
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise _unbound(settings, error) from error
        yield listener


def serve(settings: Settings, listener: socket.socket, application: str = "app.supervisor.web:create_worker") -> None:
    """Run the web processes until SIGTERM or Ctrl-C; requests under way are answered first.

    application: dotted path of the function that makes the application in a worker.

    Raises:
        ServerError: the application does not start.
    """
    from uvicorn import Config  # noqa: PLC0415  (keeps the other commands quick)

    from app.supervisor.patience import Protocol  # noqa: PLC0415
    from app.supervisor.workers import Workers  # noqa: PLC0415

    config = Config(
        application,
        http=Protocol,
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        backlog=_BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=_DRAIN,
    )
    listener.listen(_BACKLOG)
    workers = Workers(config, sockets=[listener])
    workers.run()
    if workers.failed:
        raise ServerError(f"The web application does not start; see {settings.logs_path / 'web.log'}.")


def create_worker() -> Any:
    """The application in a worker process; uvicorn calls it there."""
    from app.logs import configure_logging  # noqa: PLC0415

    die_with_supervisor()
    configure_logging(load_settings(), "web")
    try:
        from app.main import create_app_from_environment  # noqa: PLC0415

        return create_app_from_environment()
    except Exception:
        log.exception("The web application does not start")
        raise SystemExit(1) from None


def die_with_supervisor() -> None:
    """Called in a worker: the supervisor's end, however it comes, is the worker's."""
    supervisor = multiprocessing.parent_process()
    if supervisor is not None and supervisor.pid is not None:
        die_with_parent(supervisor.pid, signal.SIGTERM)


def announce_when_ready(settings: Settings, started: float) -> AbstractContextManager[None]:
    """Print one line when /readyz answers 200; `started` is the monotonic time AMDIS was started at."""
    return beside("announce", partial(_announce, settings, started))


def _announce(settings: Settings, started: float, stopping: threading.Event) -> None:
    everywhere = settings.host in ("0.0.0.0", "::", "127.0.0.1", "localhost")  # noqa: S104  (compared, not bound)
    while not stopping.wait(0.05):
        if _ready("127.0.0.1" if settings.host == "0.0.0.0" else settings.host, settings.port):  # noqa: S104
            seconds = time.monotonic() - started
            name = "localhost" if everywhere else settings.host
            print(f"AMDIS is ready at http://{name}:{settings.port} ({seconds:.1f} s)", flush=True)
            return


def _ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _unbound(settings: Settings, error: OSError) -> PortInUseError | SettingsError:
    if error.errno == errno.EADDRINUSE:
        return PortInUseError(
            f"Port {settings.port} on {settings.host} is in use by another program. Stop it, or set AMDIS_PORT."
        )
    if error.errno == errno.EACCES:
        return PortInUseError(f"Port {settings.port} is for the administrator only. Set AMDIS_PORT to 1024 or more.")
    return SettingsError(f"AMDIS_HOST={settings.host}: {error.strerror}. Set it to an address of this machine.")
