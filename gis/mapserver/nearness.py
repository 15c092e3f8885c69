"""Shapes of a filter widened by a distance: MapServer 8.0 takes metres for degrees, and for Beyond everything."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Iterator
from functools import partial

import numpy as np
import pyproj
import shapely
from lxml import etree

from gis.crs import STORED, systems
from gis.errors import InvalidParameterError
from gis.mapserver.crs import address, urn
from gis.mapserver.places import AREAS, BOXES, LINES, places
from gis.mapserver.xml import Element, local, text_of

FARTHEST = 2_000_000
"""Metres. A plane around the middle of a shape tells distances well enough up to there."""

MOST_PLACES = 200
"""Coordinates of a shape that is widened, which takes a few hundredths of a second."""

# EPSG calls the metre 9001 and the degree 9102.
_METRES = {
    **dict.fromkeys(("m", "metre", "meter", "metres", "meters", "9001"), 1),
    **dict.fromkeys(("km", "kilometre", "kilometer", "kilometres", "kilometers"), 1000),
}
_DEGREES = dict.fromkeys(("deg", "dd", "degree", "degrees", "9102"), 1)
_FARTHEST_DEGREES = 20
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_SEGMENTS = 32  # a quarter of a circle, which is then too small by 1/3,000 at most


def near(shape: Element, distance: Element, epsg: int) -> Element:
    """All places at most so far from a shape, in GML in degrees, latitude first.

    shape: of GML without namespaces, in the system of that EPSG code, axes in the order of the register. distance: a
    number with a unit, of length along the ground, or degrees. Raises ValueError that says what is wrong with them.
    """
    size, in_metres = _read(distance)
    try:
        given = shapely.GeometryCollection(list(_shapes(shape)))
    except (TypeError, ValueError, shapely.GEOSException):
        raise ValueError("the coordinates make no geometry") from None
    if shapely.get_num_coordinates(given) > MOST_PLACES:
        raise ValueError(f"a distance is measured from at most {MOST_PLACES} coordinates")
    try:
        found = systems([epsg])[address(epsg)].to_degrees(given, "the geometry")
    except InvalidParameterError as error:
        raise ValueError(str(error).rstrip(".")) from None
    return _written(_around(found, size) if in_metres else shapely.buffer(found, size, quad_segs=_SEGMENTS))


def _read(distance: Element) -> tuple[float, bool]:
    """A distance in metres or degrees, and whether it is in metres."""
    unit = re.split("[:/#]", distance.get("uom") or distance.get("units") or "")[-1].lower()
    text = text_of(distance)
    if local(distance) != "Distance" or unit not in _METRES | _DEGREES or not _NUMBER.fullmatch(text):
        raise ValueError("expected a Distance in metres, kilometres or degrees")
    in_metres = unit in _METRES
    size = float(text) * _METRES.get(unit, 1)
    if not 0 < size <= (FARTHEST if in_metres else _FARTHEST_DEGREES):
        raise ValueError(
            f"a Distance is more than 0 and at most {FARTHEST // 1000} km or {_FARTHEST_DEGREES} degrees, not {text}"
        )
    return size, in_metres


def _written(wide: shapely.Geometry) -> Element:
    polygons = [_polygon(one) for one in shapely.get_parts(wide)]
    if len(polygons) == 1:
        (result,) = polygons
    else:
        result = etree.Element("MultiSurface")
        for one in polygons:
            etree.SubElement(result, "surfaceMember").append(one)
    result.set("srsName", urn(STORED))
    return result


def _around(shape: shapely.Geometry, metres: float) -> shapely.Geometry:
    """A shape in degrees, widened on a plane that touches the Earth in its middle."""
    x, y = shapely.get_coordinates(shapely.centroid(shape))[0]
    plane = pyproj.CRS.from_dict({"proj": "aeqd", "lat_0": y, "lon_0": x, "datum": "WGS84"})
    there = pyproj.Transformer.from_crs(STORED, plane, always_xy=True)

    def moved(points: np.ndarray, direction: str) -> np.ndarray:
        return np.column_stack(there.transform(points[:, 0], points[:, 1], direction=direction))

    flat = shapely.transform(shape, partial(moved, direction="FORWARD"))
    degrees = shapely.transform(shapely.buffer(flat, metres, quad_segs=_SEGMENTS), partial(moved, direction="INVERSE"))
    # What reaches across the antimeridian stays in one piece.
    turned: shapely.Geometry = shapely.transform(degrees, lambda points: points + _turn(points[:, 0] - x))
    return turned


def _turn(away: np.ndarray) -> np.ndarray:
    return np.column_stack([np.round(-away / 360) * 360, np.zeros_like(away)])


def _shapes(element: Element) -> Iterator[shapely.Geometry]:
    name = local(element)
    if name == "Point":
        yield shapely.Point(*places(element))
    elif name in BOXES:
        yield shapely.box(*np.min(places(element), 0), *np.max(places(element), 0))
    elif name in LINES:
        yield shapely.LineString(places(element))
    elif name in AREAS:
        outer, *inner = [places(ring) for ring in element.iter("LinearRing")] or [[]]
        yield shapely.Polygon(outer, inner)
    else:
        for part in element:
            yield from _shapes(part)


def _polygon(polygon: shapely.Geometry) -> Element:
    result = etree.Element("Polygon")
    for number, ring in enumerate(shapely.get_rings(polygon)):
        side = etree.SubElement(result, "interior" if number else "exterior")
        places = etree.SubElement(etree.SubElement(side, "LinearRing"), "posList")
        places.text = " ".join(f"{y:.7f} {x:.7f}" for x, y in shapely.get_coordinates(ring))
    return result
