"""A WCS 2.0 request, checked: coverages and axes are looked up, and the size of what comes out is bounded."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, isfinite
from urllib.parse import urlencode

from pyproj import CRS, Transformer

from gis.crs import STORED
from gis.declaration import nearest
from gis.mapserver.catalogue import Catalogue, MapLayer
from gis.mapserver.crs import address, crs_code
from gis.mapserver.downloads import MOST_CELLS
from gis.mapserver.exceptions import ServiceException, shown
from gis.mapserver.outputs import PNG, TIFF, coverage_media
from gis.mapserver.parameters import Parameters
from gis.mapserver.parameters import optional as _text
from gis.raster.grid import Grid

VERSION = "2.0.1"

_ACCEPTED_VERSIONS = frozenset({"2.0.0", "2.0.1"})
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_SUBSET = re.compile(rf"(\w{{1,20}})(?:,([^(]{{1,200}}))?\(({_NUMBER}|\*),({_NUMBER}|\*)\)")
_SIZES = re.compile(r"(?:[^()]*/)?(\w{1,20})\((\d{1,6})\)")
_FACTORS = re.compile(rf"(?:[^()]*/)?(\w{{1,20}})\(({_NUMBER})\)")
_EXTENTS = re.compile(r"(?:[^()]*/)?(\w{1,20})\((-?\d{1,9})[,:](-?\d{1,9})\)")
_DEGREES = {**dict.fromkeys(("long", "lon", "longitude"), "x"), **dict.fromkeys(("lat", "latitude"), "y")}
_AXES = {
    **_DEGREES,
    **dict.fromkeys(("x", "e", "easting", "i"), "x"),
    **dict.fromkeys(("y", "n", "northing", "j"), "y"),
}
_FEWEST_CELLS = 2  # on an axis: of one, MapServer cannot tell how large it is, and puts it nowhere
_INTERPOLATIONS = {
    **dict.fromkeys(("nearest", "nearest-neighbor", "near"), "NEAREST"),
    **dict.fromkeys(("bilinear", "linear"), "BILINEAR"),
    "average": "AVERAGE",
}
_FORMATS = {**dict.fromkeys(("image/tiff", "gtiff", "image/tiff;application=geotiff"), TIFF), "image/png": PNG}


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """One checked request. query: what MapServer is asked. layers: the coverages. format: media type of the answer."""

    operation: str
    query: str
    layers: tuple[MapLayer, ...] = field(default=())
    format: str = "text/xml"

    @property
    def key(self) -> tuple[object, ...]:
        """What the answer depends on, apart from the capabilities."""
        return self.query, tuple(layer.mark for layer in self.layers)


def read_coverage_request(pairs: Iterable[tuple[str, str]], catalogue: Catalogue) -> CoverageRequest:
    """The request in those parameters, of which SUBSET may come several times.

    Raises ServiceException with the OWS code of the first mistake.
    """
    pairs = list(pairs)
    given: dict[str, str] = {}
    for name, value in pairs:
        given.setdefault(name.upper(), value)
    subsets = [value for name, value in pairs if name.upper() == "SUBSET"]
    name, service = _text(given, "REQUEST"), _text(given, "SERVICE")
    if not name or not service:
        missing = "REQUEST" if service else "SERVICE"
        raise ServiceException("MissingParameterValue", f"{missing} is missing.", locator=missing.lower())
    if service.upper() != "WCS":
        raise _invalid("SERVICE", f"is {shown(service)}; expected WCS")
    reader = _OPERATIONS.get(name.lower())
    if reader is None:
        raise ServiceException("OperationNotSupported", f"REQUEST {shown(name)} is not served.", locator="request")
    if name.lower() != "getcapabilities" and _text(given, "VERSION") not in _ACCEPTED_VERSIONS:
        raise _invalid("VERSION", f"{shown(_text(given, 'VERSION'))} is not served, only {VERSION}")
    return reader(given, subsets, catalogue)


def _capabilities(given: Parameters, subsets: Sequence[str], catalogue: Catalogue) -> CoverageRequest:
    accepted = {one.strip() for one in _text(given, "ACCEPTVERSIONS").split(",") if one.strip()}
    if accepted and not accepted & _ACCEPTED_VERSIONS:
        message = f"ACCEPTVERSIONS: none of them is served, only {VERSION}."
        raise ServiceException("VersionNegotiationFailed", message, locator="acceptVersions")
    return CoverageRequest("GetCapabilities", _query("GetCapabilities"))


def _description(given: Parameters, subsets: Sequence[str], catalogue: Catalogue) -> CoverageRequest:
    text = _text(given, "COVERAGEID")
    if not text:
        raise ServiceException("emptyCoverageIdList", "COVERAGEID is missing.", locator="coverageId")
    layers = tuple(_coverage(one, catalogue)[0] for one in text.split(",")[: len(catalogue.layers) + 1])
    query = _query("DescribeCoverage", coverageid=",".join(dict.fromkeys(one.id for one in layers)))
    return CoverageRequest("DescribeCoverage", query, layers)


def _data(given: Parameters, subsets: Sequence[str], catalogue: Catalogue) -> CoverageRequest:
    layer, grid = _coverage(_text(given, "COVERAGEID"), catalogue)
    for name in ("MEDIATYPE", "SLICE", "RANGESUBSET"):
        if _text(given, name) and name != "RANGESUBSET":
            raise ServiceException("OptionNotSupported", f"{name} is not served.", locator=name.lower())
    given_crs = _text(given, "SUBSETTINGCRS")
    crs = _crs(given_crs, "SUBSETTINGCRS", catalogue) if given_crs else grid.epsg
    out = _crs(_text(given, "OUTPUTCRS"), "OUTPUTCRS", catalogue) if _text(given, "OUTPUTCRS") else crs
    box = _subsets(subsets, grid, crs)
    size = _size(given, grid, box, crs, out)
    media = _format(given)
    if media == PNG and grid.kind != "uint8":
        raise _invalid("FORMAT", f"{layer.id} holds measured values, which are served as {TIFF} only")
    values = {
        "coverageid": layer.id,
        "format": coverage_media(layer.id, media),
        "subsettingcrs": address(crs),
        "outputcrs": address(out),
        "interpolation": _interpolation(given),
        **_bands(given, grid),
    }
    trims = [("subset", f"{axis}({low!r},{high!r})") for axis, (low, high) in box.items()]
    scale = ",".join(f"{axis}({count})" for axis, count in zip("xy", size, strict=True))
    query = f"{_query('GetCoverage', **values)}&{urlencode([*trims, ('scalesize', scale)])}"
    return CoverageRequest("GetCoverage", query, (layer,), media)


def _coverage(name: str, catalogue: Catalogue) -> tuple[MapLayer, Grid]:
    layer = catalogue.layers.get(name)
    if layer is None or layer.grid is None:
        known = [one.id for one in catalogue.layers.values() if one.grid]
        message = f"COVERAGEID: there is no coverage {shown(name)}{nearest(name, known)}."
        raise ServiceException("NoSuchCoverage", message, locator="coverageId")
    return layer, layer.grid


def _crs(name: str, parameter: str, catalogue: Catalogue) -> int:
    code = crs_code(name)
    if code is None or f"EPSG:{code}" not in catalogue.crs:
        raise ServiceException(
            "SubsettingCrs-NotSupported" if parameter == "SUBSETTINGCRS" else "OutputCrs-NotSupported",
            f"{parameter} {shown(name)} is not served.",
            locator=parameter.lower(),
        )
    return code


def _subsets(texts: Sequence[str], grid: Grid, crs: int) -> dict[str, tuple[float, float]]:
    """The trimmed range of each axis, x and y, the whole where nothing is said."""
    west, south, east, north = _bounds(grid, crs)
    whole = {"x": (west, east), "y": (south, north)}
    box = dict(whole)
    for text in texts:
        match = _SUBSET.fullmatch(text.replace(" ", ""))
        if not match:
            raise _subset_error("InvalidSubsetting", f"SUBSET {shown(text)}: expected axis(low,high).")
        axis = _axis(match[1], text, crs)
        if match[2] and crs_code(match[2]) != crs:
            raise _subset_error("InvalidSubsetting", f"SUBSET {shown(text)}: give the system as SUBSETTINGCRS.")
        low = whole[axis][0] if match[3] == "*" else float(match[3])
        high = whole[axis][1] if match[4] == "*" else float(match[4])
        meets = low < whole[axis][1] and high > whole[axis][0]
        if not (isfinite(low) and isfinite(high) and low < high and meets):
            reach = " to ".join(f"{end:.10g}" for end in whole[axis])
            message = f"SUBSET {shown(text)} does not meet the coverage, which reaches from {reach}."
            raise _subset_error("InvalidSubsetting", message)
        box[axis] = max(low, whole[axis][0]), min(high, whole[axis][1])
    return box


def _axis(label: str, text: str, crs: int) -> str:
    """The axis of a label, x or y. Degrees of a system that has none would be taken for metres."""
    axis = _AXES.get(label.lower())
    if axis is None:
        raise _subset_error("InvalidAxisLabel", f"SUBSET {shown(text)}: the axes are x and y.")
    if label.lower() in _DEGREES and not _is_geographic(crs):
        message = f"the axes of EPSG:{crs} are x and y; for degrees add SUBSETTINGCRS={address(STORED)}"
        raise _subset_error("InvalidAxisLabel", f"SUBSET {shown(text)}: {message}.")
    return axis


@lru_cache
def _is_geographic(crs: int) -> bool:
    return CRS.from_epsg(crs).is_geographic


def _bounds(grid: Grid, crs: int) -> tuple[float, float, float, float]:
    if crs == grid.epsg:
        return grid.bounds
    west, south, east, north = Transformer.from_crs(grid.epsg, crs, always_xy=True).transform_bounds(*grid.bounds)
    if not all(map(isfinite, (west, south, east, north))):
        raise _subset_error("SubsettingCrs-NotSupported", "SUBSETTINGCRS does not reach the coverage.")
    return west, south, east, north


def _size(given: Parameters, grid: Grid, box: Mapping[str, tuple[float, float]], crs: int, out: int) -> tuple[int, int]:
    """Columns and rows of the answer: those of the source, scaled as asked for, within the bound."""
    west, south, east, north = _bounds(grid, crs)
    columns = grid.width * (box["x"][1] - box["x"][0]) / (east - west)
    rows = grid.height * (box["y"][1] - box["y"][0]) / (north - south)
    size = {"x": max(_FEWEST_CELLS, ceil(columns - 1e-6)), "y": max(_FEWEST_CELLS, ceil(rows - 1e-6))}
    if _text(given, "SCALEFACTOR"):
        factor = _factor(_text(given, "SCALEFACTOR"), "SCALEFACTOR")
        size = {axis: max(_FEWEST_CELLS, round(count * factor)) for axis, count in size.items()}
    for axis, (text,) in _scaled(given, "SCALEAXES", _FACTORS):
        size[axis] = max(_FEWEST_CELLS, round(size[axis] * _factor(text, "SCALEAXES")))
    for axis, (text,) in _scaled(given, "SCALESIZE", _SIZES):
        size[axis] = int(text)
    for axis, (low, high) in _scaled(given, "SCALEEXTENT", _EXTENTS):
        size[axis] = int(high) - int(low) + 1
    if not all(_FEWEST_CELLS <= count <= MOST_CELLS for count in size.values()):
        raise ServiceException(
            "InvalidScaleFactor",
            f"The coverage would have {size['x']} by {size['y']} cells; ask for another part, or for "
            f"SCALESIZE=x(n),y(n) with {_FEWEST_CELLS} to {MOST_CELLS}.",
            locator="scaleSize",
        )
    return size["x"], size["y"]


def _factor(text: str, name: str) -> float:
    value = float(text) if re.fullmatch(_NUMBER, text) else 0
    if not 0 < value <= 1000:
        raise ServiceException(
            "InvalidScaleFactor", f"{name} is {shown(text)}; expected a number above 0.", locator=name
        )
    return value


def _scaled(given: Parameters, name: str, pattern: re.Pattern[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Axes and the numbers behind them."""
    text = _text(given, name)
    found = []
    for part in filter(None, re.split(r",(?![^(]*\))", text)):
        match = pattern.fullmatch(part.strip())
        axis = _AXES.get(match[1].lower()) if match else None
        if match is None or axis is None:
            what = "low:high" if pattern is _EXTENTS else "number"
            raise ServiceException("InvalidScaleFactor", f"{name} {shown(part)}: expected axis({what}).", locator=name)
        found.append((axis, match.groups()[1:]))
    return found


def _bands(given: Parameters, grid: Grid) -> dict[str, str]:
    text = _text(given, "RANGESUBSET")
    if not text:
        return {}
    names = [name for part in text.split(",") for name in _interval(part, grid.bands)]
    for name in names:
        if name not in grid.bands:
            message = f"RANGESUBSET: there is no band {shown(name)}{nearest(name, list(grid.bands))}."
            raise ServiceException("NoSuchField", message, locator="rangeSubset")
    return {"rangesubset": ",".join(dict.fromkeys(names))}


def _interval(text: str, bands: Sequence[str]) -> Sequence[str]:
    """The bands from one to another; a text that is no such interval alone."""
    first, colon, last = text.partition(":")
    if not colon or first not in bands or last not in bands:
        return (text,)
    return bands[bands.index(first) : bands.index(last) + 1] or (text,)


def _format(given: Parameters) -> str:
    text = _text(given, "FORMAT")
    media = _FORMATS.get(text.replace(" ", "").lower()) if text else TIFF
    if media is None:
        raise _invalid("FORMAT", f"{shown(text)} is not served: {TIFF}, {PNG}")
    return media


def _interpolation(given: Parameters) -> str:
    text = _text(given, "INTERPOLATION") or "nearest"
    found = _INTERPOLATIONS.get(text.rpartition("/")[2].lower())
    if found is None:
        raise ServiceException(
            "InterpolationMethodNotSupported", f"INTERPOLATION {shown(text)} is not served.", locator="interpolation"
        )
    return found


def _invalid(name: str, sentence: str) -> ServiceException:
    return ServiceException("InvalidParameterValue", f"{name}: {sentence}.", locator=name.lower())


def _subset_error(code: str, message: str) -> ServiceException:
    return ServiceException(code, message, locator="subset")


def _query(operation: str, **values: str) -> str:
    return urlencode({"service": "WCS", "version": VERSION, "request": operation, **values})


_OPERATIONS: Mapping[str, Callable[[Parameters, Sequence[str], Catalogue], CoverageRequest]] = {
    "getcapabilities": _capabilities,
    "describecoverage": _description,
    "getcoverage": _data,
}
