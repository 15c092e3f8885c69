"""Temporal functions of CQL2: the relations of Allen between two instants or intervals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.sql.elements import ColumnElement

from gis.filters.operands import Kind, Operand
from gis.statement import constant

Condition = ColumnElement[bool]
End = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Period:
    """Start and end, both included."""

    start: Operand
    end: Operand


def as_moment(one: Operand) -> Operand:
    """A date as its first moment, in UTC; a time as it is."""
    return replace(one, sql=_first(one.sql), kind=Kind.TIMESTAMP) if one.kind is Kind.DATE else one


def aligned(one: Period, two: Period) -> tuple[End, End, End, End]:
    """Starts and ends of two periods: dates where both are of dates, else times, a date being its whole day."""
    ends = (one.start, one.end, two.start, two.end)
    if all(end.kind in (Kind.DATE, Kind.OPEN) for end in ends):
        a, b, c, d = (sa.cast(end.sql, sa.Date) if end.kind is Kind.OPEN else end.sql for end in ends)
        return a, b, c, d
    a, b, c, d = (_time(end, last=bool(place % 2)) for place, end in enumerate(ends))
    return a, b, c, d


def _time(end: Operand, *, last: bool) -> End:
    if end.kind is Kind.OPEN:
        return sa.cast(end.sql, sa.DateTime(timezone=True))
    if end.kind is Kind.TIMESTAMP:
        return end.sql
    return _last(end.sql) if last else _first(end.sql)


def _first(day: End) -> End:
    return sa.func.timezone(constant("UTC"), sa.cast(day, sa.DateTime))


def _last(day: End) -> End:
    return _first(day) + sa.cast(constant("1 day -1 microsecond"), INTERVAL)


# a and b are start and end of the first period, c and d of the second.
RELATIONS: Mapping[str, Callable[[End, End, End, End], Condition]] = {
    "t_after": lambda a, b, c, d: a > d,
    "t_before": lambda a, b, c, d: b < c,
    "t_contains": lambda a, b, c, d: sa.and_(a < c, b > d),
    "t_disjoint": lambda a, b, c, d: sa.or_(a > d, b < c),
    "t_during": lambda a, b, c, d: sa.and_(a > c, b < d),
    "t_equals": lambda a, b, c, d: sa.and_(a == c, b == d),
    "t_finishedby": lambda a, b, c, d: sa.and_(a < c, b == d),
    "t_finishes": lambda a, b, c, d: sa.and_(a > c, b == d),
    "t_intersects": lambda a, b, c, d: sa.and_(a <= d, b >= c),
    "t_meets": lambda a, b, c, d: b == c,
    "t_metby": lambda a, b, c, d: a == d,
    "t_overlappedby": lambda a, b, c, d: sa.and_(a > c, a < d, b > d),
    "t_overlaps": lambda a, b, c, d: sa.and_(a < c, b > c, b < d),
    "t_startedby": lambda a, b, c, d: sa.and_(a == c, b > d),
    "t_starts": lambda a, b, c, d: sa.and_(a == c, b < d),
}
