"""TIME of a map request: moments and intervals of ISO 8601, WMS 1.3.0 annexes C and D."""

# SPDX-License-Identifier: Apache-2.0

import calendar
import re
from datetime import UTC, datetime, timedelta

from gis.layer import FieldType
from gis.mapserver.exceptions import ServiceException, shown
from gis.moments import utc

_MOST = 20  # moments and intervals in a list
_PART = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,6})?)?)?Z?)?)?)?"
)


def read_times(text: str, kind: FieldType) -> list[tuple[str, str]]:
    """First and last value of each moment or interval, as a field of that type is written in the map's source.

    A moment of reduced precision, such as a year, is as long as what it leaves out. Raises ServiceException.
    """
    parts = text.split(",")
    if len(parts) > _MOST:
        raise _refused(text, f"at most {_MOST} moments are read")
    return [_interval(part.strip(), text, kind) for part in parts]


def _interval(part: str, text: str, kind: FieldType) -> tuple[str, str]:
    ends = part.split("/")
    if len(ends) > 2:
        raise _refused(text, "intervals are start/end, without a period")
    start, _ = _span(ends[0], text)
    _, end = _span(ends[-1], text)
    if start > end:
        raise _refused(text, "the start is after the end")
    if kind is FieldType.DATE:
        return start.date().isoformat(), end.date().isoformat()
    return utc(start), utc(end)


def _span(moment: str, text: str) -> tuple[datetime, datetime]:
    """The first and the last second of a moment."""
    match = _PART.fullmatch(moment)
    if not match:
        raise _refused(text, "expected dates or times of ISO 8601")
    given = {name: int(value) for name, value in match.groupdict().items() if value}
    try:
        start = datetime(**({"month": 1, "day": 1} | given), tzinfo=UTC)
    except ValueError:
        raise _refused(text, "there is no such date or time") from None
    # In this order, as the year 9999 has no end that can be written.
    return start, start + (_LENGTHS[len(given)](start) - timedelta(seconds=1))


def _days(start: datetime) -> int:
    return calendar.monthrange(start.year, start.month)[1]


_LENGTHS = {
    1: lambda start: timedelta(days=366 if calendar.isleap(start.year) else 365),
    2: lambda start: timedelta(days=_days(start)),
    3: lambda start: timedelta(days=1),
    4: lambda start: timedelta(hours=1),
    5: lambda start: timedelta(minutes=1),
    6: lambda start: timedelta(seconds=1),
}


def _refused(text: str, sentence: str) -> ServiceException:
    return ServiceException("InvalidDimensionValue", f"TIME is {shown(text)}: {sentence}.", locator="time")
