"""Geometries of a filter in GML, without namespaces: what they hold, and whether their coordinates make a geometry.

What makes none is found out by PostgreSQL, of whose error MapServer says no more than that the database failed.
"""

# SPDX-License-Identifier: Apache-2.0

import re

from gis.mapserver.xml import Element, local

LINES = frozenset({"LineString", "LineStringSegment"})
AREAS = frozenset({"Polygon", "PolygonPatch"})
BOXES = frozenset({"Envelope", "Box"})
GEOMETRIES = frozenset(
    {
        *("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "MultiCurve"),
        *("MultiSurface", "Curve", "Surface", "Envelope", "Box"),
    }
)
COORDINATES_IN = ("pos", "posList", "coordinates", "lowerCorner", "upperCorner")
_SIDES = frozenset({"exterior", "interior", "outerBoundaryIs", "innerBoundaryIs"})
GEOMETRY_PARTS = GEOMETRIES | {
    *("LinearRing", "pointMember", "pointMembers"),
    *("lineStringMember", "polygonMember", "curveMember", "surfaceMember", "curveMembers", "surfaceMembers"),
    *("segments", "LineStringSegment", "patches", "PolygonPatch"),
    *_SIDES,
    *COORDINATES_IN,
}

_FEWEST = {**dict.fromkeys(LINES, 2), "LinearRing": 4}  # places


def check_places(shape: Element) -> None:
    """Raise ValueError that says why a geometry, or a part of it, is none."""
    for part in shape.iter():
        name = local(part)
        if name in AREAS and (len(part) == 0 or any(local(side) not in _SIDES for side in part)):
            raise ValueError(f"a {name} has an exterior and interiors")
        if name in _SIDES and [local(ring) for ring in part] != ["LinearRing"]:
            raise ValueError(f"an {name} holds one LinearRing")
        if name in _FEWEST and len(places(part)) < _FEWEST[name]:
            raise ValueError(f"a {name} has {_FEWEST[name]} places or more, the last of a ring being its first")


def places(element: Element) -> list[tuple[float, float]]:
    """The coordinates of a shape without parts. Raises ValueError."""
    numbers = [float(one) for one in re.split(r"[\s,]+", " ".join(map(str, element.itertext()))) if one]
    if len(numbers) % 2:
        raise ValueError("coordinates come in pairs")
    return list(zip(numbers[::2], numbers[1::2], strict=True))
