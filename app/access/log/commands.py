"""What `amdis audit` does."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from app.access.log.exports import FORMATS
from app.audit.chain import Verification, verify
from app.audit.queries import LineFilter, each_line
from app.audit.service import Event, Who, record
from app.db.connections import Connections
from app.db.roles import DatabaseUrls
from app.errors import InvalidInputError
from app.rights.policies import Kind
from app.settings import Settings

_BY = Who(None, "amdis audit export")


def verify_log(settings: Settings, urls: DatabaseUrls) -> Verification:
    """Check the chain of the log and its seals."""
    with closing(Connections(urls)) as connections, connections.application() as connection:
        return verify(connection, settings.secret())


def export_log(urls: DatabaseUrls, file: Path, since: date | None, until: date | None) -> int:
    """Write the lines of some days to a file; how many. Raises InvalidInputError for a suffix that is none of ours."""
    chosen = FORMATS.get(file.suffix.lower().lstrip("."))
    if chosen is None:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise InvalidInputError("file", f"{file}: the log is written as {known}; give the file one of these suffixes.")
    asked = LineFilter(since=since, until=until)
    with closing(Connections(urls)) as connections, connections.application() as connection:
        counted = _Counted(each_line(connection, asked))
        with file.open("w", encoding="utf-8", newline="") as text:
            text.writelines(chosen.write(counted))
        detail = {"format": chosen.suffix, "lines": counted.count}
        record(connection, _BY, Event("export", Kind.AUDIT, detail=detail))
    return counted.count


class _Counted:
    """Rows that are counted as they go by."""

    def __init__(self, rows: Iterator[Mapping[str, Any]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for row in self._rows:
            self.count += 1
            yield row
