"""The parameters of a map request, read one by one: what is not expected is refused with its WMS code."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Iterable, Mapping
from math import isfinite

from gis.mapserver.exceptions import ServiceException, shown
from gis.mapserver.outputs import MAX_PIXELS

VERSIONS = ("1.1.1", "1.3.0")
_LATEST = VERSIONS[-1]
_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_INTEGER = re.compile(r"[+-]?\d{1,9}")
_COLOUR = re.compile(r"0[xX][0-9A-Fa-f]{6}")
_FARTHEST = 1e9  # No coordinate of a place on Earth is larger, in degrees or metres.
_LONGEST = 4000  # characters of a value

Parameters = Mapping[str, str]


def parameters(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Values by upper-case name; of a name given twice the first counts."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name.upper(), value)
    return found


def required(given: Parameters, name: str) -> str:
    """The value of a parameter that must be there."""
    value = optional(given, name)
    if not value:
        raise ServiceException("MissingParameterValue", f"{name} is missing.")
    return value


def optional(given: Parameters, name: str) -> str:
    """The value of a parameter, empty if it is absent."""
    value = given.get(name, "")
    if len(value) > _LONGEST:
        raise ServiceException("InvalidParameterValue", f"{name} is longer than {_LONGEST} characters.")
    return value


def negotiated(given: Parameters) -> str:
    """The version to answer GetCapabilities in: the highest not above the one asked for, else the lowest.

    WMS 1.3.0, 6.2.4. Without a version, or with something that is none, the latest.
    """
    match = _VERSION.fullmatch(given.get("VERSION") or given.get("WMTVER", ""))
    if not match:
        return _LATEST
    asked = tuple(map(int, match.groups()))
    fitting = [v for v in VERSIONS if tuple(map(int, v.split("."))) <= asked]
    return fitting[-1] if fitting else VERSIONS[0]


def exact_version(given: Parameters) -> str:
    """The version of any other request, which must be one of ours."""
    version = required(given, "VERSION")
    if version not in VERSIONS:
        raise ServiceException(
            "InvalidParameterValue", f"VERSION {shown(version)} is not served, only {' and '.join(VERSIONS)}."
        )
    return version


def pixels(given: Parameters, name: str, most: int = MAX_PIXELS) -> int:
    """WIDTH or HEIGHT in pixels, from 2 (of one, MapServer cannot tell the scale) to the greatest served."""
    value = _integer(name, required(given, name))
    if not 2 <= value <= most:
        raise ServiceException("InvalidParameterValue", f"{name} is {value}; from 2 to {most} pixels are served.")
    return value


def point(given: Parameters, name: str, size: int) -> int:
    """I, J, X or Y: a pixel of a map of that size. Raises InvalidPoint outside."""
    text = required(given, name)
    value = int(text) if _INTEGER.fullmatch(text) else -1
    if not 0 <= value < size:
        raise ServiceException("InvalidPoint", f"{name} is {shown(text)}; expected 0 to {size - 1}.")
    return value


def feature_count(given: Parameters, most: int) -> int:
    """FEATURE_COUNT, 1 if absent, at most the greatest served."""
    text = optional(given, "FEATURE_COUNT")
    return min(max(1, _integer("FEATURE_COUNT", text)), most) if text else 1


def box(given: Parameters) -> str:
    """BBOX in a canonical spelling: four finite numbers with an area between them."""
    parts = required(given, "BBOX").split(",")
    if len(parts) != 4 or not all(_NUMBER.fullmatch(part.strip()) for part in parts):
        raise ServiceException("InvalidParameterValue", "BBOX: expected four numbers: minx,miny,maxx,maxy.")
    minx, miny, maxx, maxy = values = [float(part) for part in parts]
    if not all(isfinite(value) and abs(value) <= _FARTHEST for value in values):
        raise ServiceException("InvalidParameterValue", f"BBOX: numbers from -{_FARTHEST:g} to {_FARTHEST:g} expected.")
    if minx >= maxx or miny >= maxy:
        raise ServiceException("InvalidParameterValue", "BBOX: the minimum must be below the maximum on both axes.")
    return ",".join(map(repr, values))


def colour(given: Parameters) -> str:
    """BGCOLOR as 0xRRGGBB, white if absent."""
    text = optional(given, "BGCOLOR") or "0xFFFFFF"
    if not _COLOUR.fullmatch(text):
        raise ServiceException("InvalidParameterValue", f"BGCOLOR is {shown(text)}; expected 0xRRGGBB.")
    return "0x" + text[2:].upper()


def yes(given: Parameters, name: str) -> bool:
    """TRUE or FALSE in any case, false if absent."""
    text = optional(given, name)
    if text.upper() not in {"", "TRUE", "FALSE"}:
        raise ServiceException("InvalidParameterValue", f"{name} is {shown(text)}; expected TRUE or FALSE.")
    return text.upper() == "TRUE"


def resolution(given: Parameters) -> int | None:
    """Dots an inch that QGIS, MapServer's and GeoServer's clients ask for; None if absent or out of reason."""
    options = dict(part.partition(":")[::2] for part in given.get("FORMAT_OPTIONS", "").lower().split(";"))
    text = given.get("MAP_RESOLUTION") or given.get("DPI") or options.get("dpi", "")
    value = int(text) if _INTEGER.fullmatch(text) else 0
    return value if 50 <= value <= 600 else None


def scale(given: Parameters) -> float | None:
    """SCALE, the denominator a legend is asked for; None if absent."""
    text = optional(given, "SCALE")
    if not text:
        return None
    value = float(text) if _NUMBER.fullmatch(text) else 0
    if not (isfinite(value) and value > 0):
        raise ServiceException("InvalidParameterValue", f"SCALE is {shown(text)}; expected a number above 0.")
    return value


def _integer(name: str, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ServiceException("InvalidParameterValue", f"{name} is {shown(text)}; expected a whole number.")
    return int(text)
