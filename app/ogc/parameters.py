"""Query parameters of the OGC API, read strictly: what is unknown or malformed is told by its name."""

import math
import re
from collections.abc import Collection
from datetime import date
from typing import Literal

from starlette.datastructures import QueryParams
from starlette.requests import Request

from app.errors import NotAcceptableError
from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.layer import BBox
from gis.query import Query

DEFAULT_LIMIT = 10
MAX_LIMIT = 10_000

Format = Literal["json", "html"]

_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d))?",
    re.ASCII,
)
_QUALITY = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.ASCII)
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
        if len(text) > _LONGEST or "\x00" in text:
            raise InvalidParameterError(name, f"The value of {name} is too long or holds a NUL character.")


def read_query(parameters: QueryParams) -> Query:
    """The query that bbox, datetime, limit and cursor ask for. Raises InvalidParameterError."""
    read_datetime(parameters.get("datetime"))
    return Query(
        limit=read_limit(parameters.get("limit")),
        bbox=read_bbox(parameters.get("bbox")),
        after=read_cursor(parameters.get("cursor")),
    )


def read_limit(text: str | None) -> int:
    """Features a page: 10 when not asked, at most 10,000. Raises InvalidParameterError."""
    if text is None:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"\+?[0-9]{1,18}", text, re.ASCII) or int(text) < 1:
        raise InvalidParameterError("limit", f"limit must be a whole number from 1 on, not {_shown(text)}.")
    return min(int(text), MAX_LIMIT)


def read_cursor(text: str | None) -> int | None:
    """Where a page starts, as the link to it says. Raises InvalidParameterError."""
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise InvalidParameterError("cursor", "cursor must be taken from the link to the next page as it is there.")
    return int(text)


def read_bbox(text: str | None) -> BBox | None:
    """Box in CRS84 degrees from four numbers, or six of which the heights are ignored. Raises InvalidParameterError."""
    if text is None:
        return None
    parts = text.split(",")
    numbers = [float(part) for part in parts] if all(map(_NUMBER.fullmatch, parts)) else []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise InvalidParameterError(
            "bbox",
            f"bbox must be four or six numbers with commas between (west, south, east, north), not {_shown(text)}.",
        )
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
        raise InvalidParameterError(
            "bbox", "bbox is out of range: longitudes are from -180 to 180, latitudes from -90 to 90."
        )
    if south > north:
        raise InvalidParameterError("bbox", f"bbox has its south ({south:g}) north of its north ({north:g}).")
    return west, south, east, north


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


def wanted_format(request: Request) -> Format:
    """Whether the answer is to be JSON or HTML: parameter f, else the Accept header. Raises InvalidParameterError."""
    named = request.query_params.get("f")
    if named is not None:
        if named not in ("json", "html"):
            raise InvalidParameterError("f", f"There is no format {_shown(named)} here. Known: json, html.")
        return "json" if named == "json" else "html"
    accepted = request.headers.get("accept") or "*/*"
    ranges = _media_ranges(accepted)
    json = max((rank for media_type, rank in ranges.items() if "json" in media_type), default=None)
    json = json or ranges.get("application/*") or ranges.get("*/*") or _REFUSED
    html = ranges.get("text/html") or ranges.get("text/*") or ranges.get("*/*") or _REFUSED
    if max(json, html)[0] == 0:
        raise NotAcceptableError(f"Nothing here is {_shown(accepted)}. Known: application/json, text/html.")
    return "html" if html > json else "json"


_REFUSED = (0.0, 0)


def _media_ranges(accepted: str) -> dict[str, tuple[float, int]]:
    """Media ranges of an Accept header, each with its quality and, among equals, the earlier the greater."""
    found: dict[str, tuple[float, int]] = {}
    for position, part in enumerate(accepted.lower().split(",")):
        media_type, *parameters = part.split(";")
        qualities = [float(match[1]) for match in map(_QUALITY.fullmatch, parameters) if match]
        found.setdefault(media_type.strip(), (qualities[0] if qualities else 1.0, -position))
    return found


def _is_time(text: str) -> bool:
    """Whether a text is an end of an interval: a date or time of RFC 3339 that exists, or open."""
    if text in ("", ".."):
        return True
    match = _TIME.fullmatch(text)
    try:
        return bool(match and date.fromisoformat(match["date"]))
    except ValueError:
        return False


def _shown(text: str) -> str:
    """A value as it was given, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
