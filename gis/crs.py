"""Coordinate systems by reference: their URI, order of axes, and the operations that lead to them from WGS 84.

Coordinates inside gis are degrees of WGS 84, longitude first. PostGIS and pyproj choose the operation between two
datums by the same library and database, so what is told here of an operation is what was done; a test compares both.
"""

# SPDX-License-Identifier: Apache-2.0

import math
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pyproj
import shapely

from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.layer import BBox

_OGC, _EPSG = "http://www.opengis.net/def/crs/OGC/1.3/", "http://www.opengis.net/def/crs/EPSG/0/"

STORED = 4326
"""EPSG code of what is stored."""

_GRID = 7  # points a side at which the operations inside an area are looked up
_SIDE = 1 / 20  # of a box's side: where a straight side is bent when it is transformed
_WEB_MERCATOR = 3857
_WORLD = 20037508.342789244  # metres from its centre to its edges
_PLAIN = frozenset({STORED, _WEB_MERCATOR})  # systems in which a box is a box in degrees as well


@dataclass(frozen=True, slots=True)
class Operation:
    """A step from WGS 84 to another datum, as the EPSG register names it. accuracy: metres, None if unknown."""

    name: str
    accuracy: float | None


@dataclass(frozen=True)
class CoordinateSystem:
    """A system clients may name by its URI.

    srid: its EPSG code. flipped: whether northing or latitude comes first. decimals: digits published, about 1 cm.
    area: where it is meant to be used, in degrees.
    """

    uri: str
    srid: int
    name: str
    flipped: bool
    decimals: int
    area: BBox

    @property
    def is_stored(self) -> bool:
        """Whether it is what is stored, but for the order of axes."""
        return self.srid == STORED

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """The operations used between WGS 84 and this system inside its area, the most used first."""
        if self.is_stored:
            return ()
        west, south, east, north = self.area
        transformer = _transformer(STORED, self.srid, threading.get_ident())
        used: dict[Operation, int] = {}
        for x in np.linspace(west, east, _GRID + 2)[1:-1]:
            for y in np.linspace(south, north, _GRID + 2)[1:-1]:
                transformer.transform(float(x), float(y))
                one = _last_operation(transformer)
                used[one] = used.get(one, 0) + 1
        return tuple(sorted(used, key=lambda one: -used[one]))

    def to_degrees(self, shape: shapely.Geometry, parameter: str) -> shapely.Geometry:
        """A geometry of this system in degrees, longitude first. Raises InvalidParameterError if it is elsewhere."""

        def moved(points: np.ndarray) -> np.ndarray:
            x, y = (points[:, 1], points[:, 0]) if self.flipped else (points[:, 0], points[:, 1])
            if not self.is_stored:
                x, y = _transformer(self.srid, STORED, threading.get_ident()).transform(x, y)
            return np.column_stack([x, y])

        found = shapely.transform(shape, moved)
        points = shapely.get_coordinates(found)
        if not (np.isfinite(points).all() and (np.abs(points) <= (180, 90)).all()):
            raise InvalidParameterError(
                parameter, f"{parameter} has coordinates outside {self.name}; its axes are {self._axes}."
            )
        return found

    def box_to_degrees(self, corners: Iterable[float], parameter: str) -> BBox:
        """West, south, east, north of a box of this system. Raises InvalidParameterError.

        corners: the smaller and the greater end of the first and second axis. West is greater than east across the
        antimeridian.
        """
        a, b, c, d = self._reach(corners)
        if not all(map(math.isfinite, (a, b, c, d))):
            raise InvalidParameterError(parameter, f"{parameter} has a number that is not finite.")
        (west, east), (south, north) = ((b, d), (a, c)) if self.flipped else ((a, c), (b, d))
        if not self.is_stored:
            if self.srid == _WEB_MERCATOR:  # past the antimeridian it would come in again from the other side
                west, east = (min(max(side, -_WORLD), _WORLD) for side in (west, east))
            transformer = _transformer(self.srid, STORED, threading.get_ident())
            (west, east), (south, north) = transformer.transform([west, east], [south, north])
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
            raise InvalidParameterError(
                parameter, f"{parameter} is out of range: the axes of {self.name} are {self._axes}."
            )
        if south > north:
            raise InvalidParameterError(parameter, f"{parameter} has its south ({south:g}) north of its north.")
        return west, south, east, north

    @property
    def keeps_boxes(self) -> bool:
        """Whether a box of this system is a box in degrees."""
        return self.srid in _PLAIN

    def outline(self, corners: Iterable[float], parameter: str) -> shapely.Geometry:
        """A box of this system as the polygon it is in degrees. Raises InvalidParameterError."""
        a, b, c, d = self._reach(corners)
        if not all(map(math.isfinite, (a, b, c, d))) or a > c or b > d:
            raise InvalidParameterError(
                parameter, f"{parameter} needs the lower corner before the upper; the axes are {self._axes}."
            )
        box = shapely.box(a, b, c, d) if a < c and b < d else shapely.envelope(shapely.LineString([(a, b), (c, d)]))
        step = max(c - a, d - b) * _SIDE
        return self.to_degrees(shapely.segmentize(box, step) if step else box, parameter)

    def _reach(self, corners: Iterable[float]) -> BBox:
        """A box with a rim as wide as the last digit told of coordinates in this system, which rounding and the way
        there and back may be off: a feature is in the box of its own coordinates."""
        a, b, c, d = corners
        off = 0 if self.is_stored else 10**-self.decimals
        return a - off, b - off, c + off, d + off

    @property
    def _axes(self) -> str:
        named = ("latitude", "longitude") if self.decimals > 4 else ("northing", "easting")
        first, second = named if self.flipped else reversed(named)
        return f"{first}, {second}"


CRS84 = CoordinateSystem(f"{_OGC}CRS84", STORED, "WGS 84 (CRS84)", False, 7, (-180.0, -90.0, 180.0, 90.0))
"""WGS 84, longitude first: what is stored and the default everywhere."""


def systems(epsg: Iterable[int]) -> Mapping[str, CoordinateSystem]:
    """CRS84 and the systems of these EPSG codes, by URI, in the order given. Raises KeyError for an unknown code."""
    return {one.uri: one for one in (CRS84, *(_system(code) for code in dict.fromkeys(epsg)))}


def named(uri: str, known: Mapping[str, CoordinateSystem], parameter: str) -> CoordinateSystem:
    """The system of a URI. Raises InvalidParameterError with the nearest known one."""
    found = known.get(uri) or known.get(uri.replace("https://", "http://", 1))
    if found is None:
        raise InvalidParameterError(
            parameter,
            f"{parameter}: there is no coordinate system {uri[:120]!r} here{nearest(uri[:120], list(known))}. "
            "The collection lists them as 'crs'.",
        )
    return found


def _system(code: int) -> CoordinateSystem:
    try:
        found = pyproj.CRS.from_epsg(code)
    except pyproj.exceptions.CRSError:
        raise KeyError(code) from None
    area = found.area_of_use
    bounds = (area.west, area.south, area.east, area.north) if area else CRS84.area
    flipped = found.axis_info[0].direction in ("north", "south")
    return CoordinateSystem(f"{_EPSG}{code}", code, found.name, flipped, 7 if found.is_geographic else 2, bounds)


@lru_cache(maxsize=512)
def _transformer(source: int, target: int, thread: int) -> pyproj.Transformer:
    """One a thread: PROJ's objects must not be used by two at once."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _last_operation(transformer: pyproj.Transformer) -> Operation:
    try:
        used = transformer.get_last_used_operation()
    except pyproj.exceptions.ProjError:  # there was only one to choose from
        used = transformer
    return Operation(_without_axis_steps(used.description), used.accuracy if used.accuracy >= 0 else None)


def _without_axis_steps(description: str) -> str:
    """An operation's name without the steps that only turn axes."""
    steps = [step for step in description.split(" + ") if not step.startswith("axis order change")]
    return " + ".join(steps) or description
