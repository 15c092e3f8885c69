"""Extents of the map and its layers."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Sequence

from gis.layer import BBox, GeometryType, Layer

WORLD: BBox = (-180.0, -85.0, 180.0, 85.0)
"""Extent of a layer nobody has measured; Web Mercator ends there."""

_MARKER = 0.02  # of the longer side: half a marker where a layer is 400 pixels wide
_LEAST_MARGIN = 0.01  # degrees, around a single point


def union(extents: Sequence[BBox]) -> BBox:
    """The least box around all of them, the world if there are none."""
    if not extents:
        return WORLD
    west, south, east, north = zip(*extents, strict=True)
    return min(west), min(south), max(east), max(north)


def with_markers(extent: BBox, layer: Layer) -> BBox:
    """The extent with room for the markers of the outermost points: QGIS asks for no map beyond a layer's box."""
    if layer.geometry_type is not GeometryType.POINT:
        return extent
    west, south, east, north = extent
    return around(extent, max(_MARKER * max(east - west, north - south), _LEAST_MARGIN))


def around(extent: BBox, margin: float = 1e-4) -> BBox:
    """The extent with a margin, in degrees: MapServer counts what lies inside, after it has rounded the sides."""
    west, south, east, north = extent
    return (
        max(-180.0, round(west - margin, 6)),
        max(-90.0, round(south - margin, 6)),
        min(180.0, round(east + margin, 6)),
        min(90.0, round(north + margin, 6)),
    )
