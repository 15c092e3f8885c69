"""What `amdis up` does: starts everything in order, keeps it alive, and stops it in reverse order.

This process stays small: it does no work itself, and what needs the whole application (migrating, loading) runs in
a child process that ends.
"""

# SPDX-License-Identifier: Apache-2.0

import hashlib
import logging
import threading
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from app.db.bootstrap import bootstrap
from app.db.embedded import database
from app.db.holder import SERVING
from app.db.migrate import pending
from app.db.roles import DatabaseUrls
from app.logs import configure_logging, rotate
from app.settings import Settings
from app.supervisor.beside import beside
from app.supervisor.children import Respawned, run_to_the_end
from app.supervisor.maps import map_pool
from app.supervisor.region import load_if_changed
from app.supervisor.signals import Stopped, ignoring_signals, stopping_on_signals
from app.supervisor.warming import reading_ahead
from app.supervisor.web import announce_when_ready, listen, serve

log = logging.getLogger(__name__)

_ROTATE_EVERY = 60.0  # seconds


def up(settings: Settings) -> None:
    """Run AMDIS until SIGTERM or Ctrl-C, then return.

    Raises:
        AmdisError: something cannot be started; the text says what and what to do.
    """
    started = time.monotonic()
    configure_logging(settings, "supervisor", terminal=logging.INFO)
    with ExitStack() as stack, stopping_on_signals():
        # Entered first, hence left last: a second Ctrl-C must not keep the database from being stopped in order.
        try:
            _start_and_serve(settings, stack, started)
        except Stopped:
            log.info("Stopping")
        finally:
            with ignoring_signals():
                stack.close()


def _start_and_serve(settings: Settings, stack: ExitStack, started: float) -> None:
    urls = stack.enter_context(database(settings, SERVING))
    listener = stack.enter_context(listen(settings))
    stack.enter_context(beside("log-rotation", partial(_rotate_logs, settings)))
    prepare(settings, urls)
    load_if_changed(settings, urls)
    stack.enter_context(map_pool(settings, urls))
    stack.enter_context(Respawned("job worker", ["worker"]))
    stack.enter_context(reading_ahead(urls))
    stack.enter_context(announce_when_ready(settings, started))
    serve(settings, listener)


def prepare(settings: Settings, urls: DatabaseUrls) -> None:
    """Bring the database to what this version of the code needs: its roles, its tables, and who may read what.

    Whether the declarations of tables have changed since their rights were set is seen from their files alone, so
    that an ordinary start need not load them.
    """
    bootstrap(urls)
    marker = settings.run_path / "rights-set"
    declared = _declared()
    if pending(urls) or not marker.exists() or marker.read_text() != declared:
        run_to_the_end(["migrate"])
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(declared)


def _declared() -> str:
    """A fingerprint of the files that declare tables, fields, rights and the text of a feature."""
    application = Path(__file__).resolve().parent.parent
    declaring = [application.parent / "gis" / "geojson.py", application / "releases" / "texts.py"]
    declaring += [application / "releases" / "names.py", application / "db" / "grants.py"]
    declaring += [application / "rights" / name for name in ("guards.py", "policies.py", "roles.py")]
    files = sorted([*application.rglob("models.py"), *application.rglob("states.py"), *declaring])
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _rotate_logs(settings: Settings, stopping: threading.Event) -> None:
    while not stopping.wait(_ROTATE_EVERY):
        try:
            rotate(settings.logs_path)
        except OSError as error:
            log.warning("Log files cannot be put aside: %s", error)
