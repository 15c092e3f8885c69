"""Literals of a filter, checked before they reach the database: texts, numbers, times and geometries."""

import json
import math
import re
from datetime import UTC, date, datetime
from typing import Any

import shapely

from gis.crs import CoordinateSystem
from gis.errors import InvalidParameterError

MAX_VERTICES = 5_000
"""Points of all geometries of a filter's literal."""

START, END = "-infinity", "infinity"
"""PostgreSQL's names of the open ends of an interval."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


def text(value: str, parameter: str) -> str:
    """The text itself. Raises InvalidParameterError where no database can hold it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidParameterError(parameter, f"{parameter}: the text {value!r} is not Unicode.") from None
    if "\x00" in value:
        raise InvalidParameterError(parameter, f"{parameter}: the text {value!r} holds a NUL character.")
    return value


def number(value: float, parameter: str) -> int | float:
    """The number, whole where it is. Raises InvalidParameterError unless it is finite."""
    if not math.isfinite(value):
        raise InvalidParameterError(parameter, f"{parameter}: {value} is not a number that can be compared.")
    whole = int(value)
    return whole if whole == value and abs(whole) < 2**63 else float(value)


def day(value: Any, parameter: str) -> date:
    """A date as in 2025-06-30. Raises InvalidParameterError."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise InvalidParameterError(parameter, f"{parameter}: {_shown(value)} is not a date as in 2025-06-30.")


def timestamp(value: Any, parameter: str) -> datetime:
    """A time of RFC 3339 as in 2025-06-30T12:00:00Z. Raises InvalidParameterError."""
    if isinstance(value, str) and _TIMESTAMP.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise InvalidParameterError(parameter, f"{parameter}: {_shown(value)} is not a time as in 2025-06-30T12:00:00Z.")


def is_geometry(node: Any) -> bool:
    """Whether a node of a filter's tree is a geometry or a box."""
    return isinstance(node, dict) and ("coordinates" in node or "geometries" in node or "bbox" in node)


def geometry(node: dict[str, Any], system: CoordinateSystem, parameter: str) -> shapely.Geometry:
    """A geometry or box of a filter in degrees, longitude first. Raises InvalidParameterError.

    system: the coordinate system, and hence the order of axes, it is written in.
    """
    made = _box(node["bbox"], system, parameter) if "bbox" in node else _geojson(node, parameter)
    if shapely.is_empty(made):
        raise InvalidParameterError(parameter, f"{parameter} has a geometry without a point.")
    if not shapely.is_valid(made):
        reason = shapely.is_valid_reason(made)
        raise InvalidParameterError(parameter, f"{parameter} has a geometry that is not valid: {reason}.")
    return made if "bbox" in node else system.to_degrees(made, parameter)


def _geojson(node: dict[str, Any], parameter: str) -> shapely.Geometry:
    if (count := _vertices(node)) > MAX_VERTICES:
        raise InvalidParameterError(
            parameter, f"{parameter} has a geometry of {count:,} points; at most {MAX_VERTICES:,} are taken."
        )
    try:
        return shapely.force_2d(shapely.from_geojson(json.dumps(node, allow_nan=False)))
    except (shapely.errors.GEOSException, ValueError) as error:
        raise InvalidParameterError(
            parameter, f"{parameter} has a geometry that cannot be read: {str(error)[:120]}."
        ) from None


def _box(corners: Any, system: CoordinateSystem, parameter: str) -> shapely.Geometry:
    if not isinstance(corners, list) or len(corners) not in (4, 6) or not all(map(_is_finite, corners)):
        raise InvalidParameterError(parameter, f"{parameter}: a BBOX has four or six numbers.")
    half = len(corners) // 2
    west, south, east, north = system.box_to_degrees((*corners[:2], *corners[half : half + 2]), parameter)
    if west <= east:
        return rectangle(west, south, east, north)
    return shapely.union_all([rectangle(west, south, 180.0, north), rectangle(-180.0, south, east, north)])


def rectangle(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A box, or the line or point it is without width or height."""
    if west < east and south < north:
        return shapely.box(west, south, east, north)
    return shapely.envelope(shapely.LineString([(west, south), (east, north)]))


def _vertices(node: Any) -> int:
    """Positions in a GeoJSON geometry, counted without recursion."""
    count, waiting = 0, [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [one.get("coordinates"), one.get("geometries")]
        elif isinstance(one, list):
            if one and not isinstance(one[0], (list, dict)):
                count += 1
            else:
                waiting += one
    return count


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: Any) -> str:
    return repr(value)[:60]
