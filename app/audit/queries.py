"""Lines of the audit log, as far as the asking person's connection lets them be seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from app.audit.models import Line
from app.audit.service import Outcome
from app.db.base import table_of

_L = table_of(Line)
_SHOWN = [column for column in _L.columns if column.name not in ("hash", "searched")]
_AT_ONCE = 1000  # lines of an export in memory at a time


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines are asked for. q: part of a name, action, kind, object or detail.

    since, until: first and last day, in UTC.
    """

    q: str = ""
    person: int | None = None
    action: str | None = None
    kind: str | None = None
    country: str | None = None
    outcome: Outcome | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of lines, how many there are in all, and the number the next page starts below."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    next: int | None


def lines(connection: sa.Connection, asked: LineFilter, limit: int, below: int | None) -> Lines:
    """A page of the log, the newest line first. below: where the page before ended."""
    conditions = list(_conditions(asked))
    total = connection.execute(sa.select(sa.func.count()).select_from(_L).where(*conditions)).scalar_one()
    if total == 0:  # all lines were looked at, and would be again
        return Lines([], 0, None)
    further = [] if below is None else [_L.c.number < below]
    page = sa.select(*_SHOWN).where(*conditions, *further).order_by(_L.c.number.desc()).limit(limit + 1)
    rows = connection.execute(page).mappings().all()
    shown = rows[:limit]
    return Lines([dict(row) for row in shown], total, shown[-1]["number"] if len(rows) > limit else None)


def each_line(connection: sa.Connection, asked: LineFilter) -> Iterator[Mapping[str, Any]]:
    """Every line that is asked for, the oldest first, never many in memory."""
    chosen = sa.select(*_SHOWN).where(*_conditions(asked)).order_by(_L.c.number)
    for row in connection.execute(chosen, execution_options={"yield_per": _AT_ONCE}).mappings():
        yield dict(row)


def _conditions(asked: LineFilter) -> Iterator[sa.ColumnElement[bool]]:
    equal = {"person_id": asked.person, "action": asked.action, "kind": asked.kind, "country": asked.country}
    yield from (_L.c[name] == value for name, value in equal.items() if value is not None)
    if asked.outcome is not None:
        yield _L.c.outcome == asked.outcome.value
    if asked.since is not None:
        yield _L.c.at >= _start_of(asked.since)
    if asked.until is not None:
        yield _L.c.at < _start_of(asked.until + timedelta(days=1))
    if asked.q:
        yield _L.c.searched.contains(asked.q.lower(), autoescape=True)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
