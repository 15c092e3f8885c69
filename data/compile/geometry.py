"""Geometry as it is shipped: valid, multi-part, right-handed, with as many decimals as its source supports."""

from typing import Any

import shapely
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPolygon, Polygon, mapping
from shapely.geometry.base import BaseGeometry

DECIMALS = 4


def polygons(geometry: BaseGeometry) -> MultiPolygon:
    """The polygons of a geometry in degrees, valid on a grid of 0.0001 degree, exteriors counter-clockwise."""
    snapped = shapely.set_precision(shapely.make_valid(geometry), 10.0**-DECIMALS)
    parts = [part for part in _parts(snapped) if isinstance(part, Polygon) and not part.is_empty]
    return MultiPolygon([shapely.geometry.polygon.orient(part) for part in parts])


def lines(geometry: BaseGeometry) -> MultiLineString:
    """The lines of a geometry in degrees."""
    return MultiLineString([part for part in _parts(geometry) if isinstance(part, LineString) and not part.is_empty])


def feature(geometry: BaseGeometry, properties: dict[str, Any]) -> dict[str, Any]:
    """A GeoJSON Feature with rounded coordinates; its id is the identifier."""
    shape = mapping(geometry)
    rounded = {"type": shape["type"], "coordinates": _rounded(shape["coordinates"])}
    return {"type": "Feature", "id": properties["identifier"], "properties": properties, "geometry": rounded}


def _parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    if isinstance(geometry, (MultiPolygon, MultiLineString, GeometryCollection)):
        return [piece for part in geometry.geoms for piece in _parts(part)]
    return [geometry]


def _rounded(value: Any) -> Any:
    return round(value, DECIMALS) if isinstance(value, float) else [_rounded(item) for item in value]
