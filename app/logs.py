"""Where messages go: JSON lines into AMDIS_HOME/logs for machines, short lines on the terminal for people."""

# SPDX-License-Identifier: Apache-2.0

import logging
import os
import shutil
import sys
from pathlib import Path

import structlog

from app.errors import SettingsError
from app.settings import Settings

LARGEST = 20 * 1024 * 1024
"""Bytes a log file may have before it is put aside as <name>.1, the one before as <name>.2."""
_KEPT = 3


def configure_logging(settings: Settings, process: str, terminal: int = logging.WARNING) -> None:
    """Send the messages of this process to logs/<process>.log, and those of level `terminal` and above to stderr too.

    Applies to the standard library's loggers as to structlog's; several processes may share one file.

    Raises:
        SettingsError: the folder cannot be written.
    """
    # Opened for appending, each line in one write: lines of several processes do not mix.
    try:
        settings.logs_path.mkdir(parents=True, exist_ok=True)
        file = logging.FileHandler(settings.logs_path / f"{process}.log", encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"AMDIS_HOME={settings.home}: {settings.logs_path} cannot be written ({error.strerror})."
        ) from error
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.CallsiteParameterAdder([structlog.processors.CallsiteParameter.PROCESS]),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )
    file.setFormatter(as_json)
    person = logging.StreamHandler(sys.stderr)
    person.setLevel(terminal)
    person.setFormatter(_ForPeople("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[file, person], force=True)
    for noisy in ("alembic", "httpx", "httpcore", "procrastinate", "rasterio", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def rotate(folder: Path, largest: int = LARGEST) -> None:
    """Put every log file of `folder` that has grown past `largest` bytes aside; at most three old ones are kept.

    Copied and cut rather than renamed, because PostgreSQL, mapserv and the workers keep their files open.
    """
    for path in folder.glob("*.log"):
        if path.stat().st_size <= largest:
            continue
        for number in range(_KEPT - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            if older.exists():
                older.replace(path.with_name(f"{path.name}.{number + 1}"))
        shutil.copyfile(path, path.with_name(f"{path.name}.1"))
        os.truncate(path, 0)


class _ForPeople(logging.Formatter):
    """One line without a traceback: that is in the file."""

    def formatException(self, ei: object) -> str:  # noqa: N802  (the name is the standard library's)
        return ""

    def format(self, record: logging.LogRecord) -> str:
        event = record.msg.get("event") if isinstance(record.msg, dict) else None
        shown = logging.makeLogRecord(record.__dict__ | ({"msg": event, "args": None} if event else {}))
        shown.exc_text = shown.stack_info = None
        return super().format(shown).rstrip()
