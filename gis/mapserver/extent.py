"""Extents of the map and its layers."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Sequence

from gis.layer import BBox

WORLD: BBox = (-180.0, -85.0, 180.0, 85.0)
"""Extent of a layer nobody has measured; Web Mercator ends there."""


def union(extents: Sequence[BBox]) -> BBox:
    """The least box around all of them, the world if there are none."""
    if not extents:
        return WORLD
    west, south, east, north = zip(*extents, strict=True)
    return min(west), min(south), max(east), max(north)


def around(extent: BBox, margin: float = 1e-4) -> BBox:
    """The extent with a margin, in degrees: MapServer counts what lies inside, after it has rounded the sides."""
    west, south, east, north = extent
    return (
        max(-180.0, round(west - margin, 6)),
        max(-90.0, round(south - margin, 6)),
        min(180.0, round(east + margin, 6)),
        min(90.0, round(north + margin, 6)),
    )
