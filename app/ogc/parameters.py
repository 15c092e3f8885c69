"""Query parameters of the OGC API, read strictly: what is unknown or malformed is told by its name."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time

from starlette.datastructures import QueryParams

from gis.crs import CRS84
from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.filters import parse_json, parse_text
from gis.layer import BBox
from gis.ogcapi.features import LARGEST_LIMIT

DEFAULT_LIMIT = 10

MAX_LIMIT = 10_000
"""Features of a page at most; a file has no pages."""

OF_A_DOCUMENT = frozenset({"f", "lang"})
"""Parameters of what has no others: its format, and the language of its page."""

FILTER_LANGUAGES = {"cql2-text": parse_text, "cql2-json": parse_json}
"""How a filter is read, by the name of its language."""

FREE = frozenset({"filter", "cursor"})
"""Parameters whose length is bounded where they are read."""

_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d))?",
    re.ASCII,
)
_LONGEST = 4096


def check_names(parameters: QueryParams, known: Collection[str]) -> None:
    """Raise InvalidParameterError for a parameter the resource does not have, is given twice or is absurdly long."""
    for name, text in parameters.multi_items():
        if name not in known:
            close = nearest(name, list(known))
            raise InvalidParameterError(
                name, f"There is no parameter {name!r} here{close}. Known: {', '.join(sorted(known))}."
            )
        if len(parameters.getlist(name)) > 1:
            raise InvalidParameterError(name, f"The parameter {name} is given more than once.")
        if (len(text) > _LONGEST and name not in FREE) or "\x00" in text:
            raise InvalidParameterError(name, f"The value of {name} is too long or holds a NUL character.")


def read_limit(text: str | None) -> int:
    """Features a page: 10 when not asked, at most 10,000. Raises InvalidParameterError."""
    return DEFAULT_LIMIT if text is None else min(_whole(text), MAX_LIMIT)


def read_file_limit(text: str | None) -> int | None:
    """Features a file: as many as asked for, None for all when not asked. Raises InvalidParameterError."""
    return None if text is None else min(_whole(text), LARGEST_LIMIT)


def _whole(text: str) -> int:
    if not re.fullmatch(r"\+?[0-9]{1,18}", text, re.ASCII) or int(text) < 1:
        raise InvalidParameterError("limit", f"limit must be a whole number from 1 on, not {_shown(text)}.")
    return int(text)


def read_bbox(text: str | None) -> BBox | None:
    """Box in degrees from four numbers, or six of which the heights are ignored. Raises InvalidParameterError."""
    corners = read_corners(text)
    return None if corners is None else CRS84.box_to_degrees(corners, "bbox")


def read_corners(text: str | None) -> BBox | None:
    """The lower and the upper corner of a box of four numbers, or six of which the heights are left out."""
    if text is None:
        return None
    parts = text.split(",")
    numbers = [float(part) for part in parts] if all(map(_NUMBER.fullmatch, parts)) else []
    if len(numbers) not in (4, 6):
        raise InvalidParameterError(
            "bbox",
            f"bbox must be four or six numbers with commas between (west, south, east, north), not {_shown(text)}.",
        )
    first, second, third, fourth = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    return first, second, third, fourth


def read_datetime(text: str | None) -> tuple[str, str] | None:
    """Start and end of an RFC 3339 instant or interval, '' for an open end. Raises InvalidParameterError."""
    if text is None:
        return None
    parts = text.split("/")
    start, end = parts[0], parts[-1]
    open_both = all(part in ("", "..") for part in parts)
    if len(parts) > 2 or open_both or not all(map(_is_time, parts)):
        raise InvalidParameterError(
            "datetime",
            "datetime must be a date or time as in 2025-06-30 or 2025-06-30T12:00:00Z, or two with a slash between "
            f"(.. leaves an end open), not {_shown(text)}.",
        )
    if len(parts) == 2 and ".." not in (start, end) and start and end and start > end:
        raise InvalidParameterError("datetime", "datetime ends before it starts.")
    return ("" if start == ".." else start), ("" if end == ".." else end)


def read_moment(text: str | None, name: str) -> datetime | None:
    """A moment of the past; a date is its end, in UTC, or now if it is today. Raises InvalidParameterError."""
    if text is None:
        return None
    now = datetime.now(UTC)
    if not text or text == ".." or not _is_time(text):
        raise InvalidParameterError(
            name, f"{name} must be a date or time as in 2025-06-30 or 2025-06-30T12:00:00Z, not {_shown(text)}."
        )
    if len(text) == 10:
        day = date.fromisoformat(text)
        moment = min(now, datetime.combine(day, time.max, UTC)) if day <= now.date() else None
    else:
        moment = _moment(text, name)
    if moment is None or moment > now:
        raise InvalidParameterError(name, f"{name} is in the future: {_shown(text)}. What will be public is not known.")
    return moment


def read_filter_language(text: str | None) -> str:
    """Language of a filter, one of FILTER_LANGUAGES; CQL2 text when not asked. Raises InvalidParameterError."""
    language = text if text is not None else "cql2-text"
    if language not in FILTER_LANGUAGES:
        known = ", ".join(FILTER_LANGUAGES)
        raise InvalidParameterError("filter-lang", f"filter-lang must be one of {known}, not {_shown(language)}.")
    return language


def read_flag(text: str | None, name: str) -> bool:
    """true or false; false when not asked. Raises InvalidParameterError."""
    if text not in (None, "true", "false"):
        raise InvalidParameterError(name, f"{name} must be true or false, not {_shown(text)}.")
    return text == "true"


def _is_time(text: str) -> bool:
    """Whether a text is an end of an interval: a date or time of RFC 3339 that exists, or open."""
    if text in ("", ".."):
        return True
    match = _TIME.fullmatch(text)
    try:
        return bool(match and date.fromisoformat(match["date"]))
    except ValueError:
        return False


def _moment(text: str, name: str) -> datetime:
    """A time of RFC 3339, in UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # a leap second, or before the first year
        raise InvalidParameterError(name, f"{name} is no time that can be compared: {_shown(text)}.") from None


def _shown(text: str) -> str:
    """A value as it was given, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
