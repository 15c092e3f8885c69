"""The point shapes as a MapLibre sprite of signed distance fields, so that one image serves every colour and stroke."""

# SPDX-License-Identifier: Apache-2.0

from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gis.style.shapes import OUTLINES, SHAPES, Shape

ICON = 16
"""Pixels a shape is wide where icon-size is 1."""

_PADDING = 6  # pixels around a shape for its stroke; the field ends there
_RATIO = 3  # pixels of the picture for one of the screen
_SIDE = (ICON + 2 * _PADDING) * _RATIO
# The renderer's convention: the outline lies at 3/4 of full opacity, which falls by 1/8 a pixel.
_EDGE, _SLOPE = 0.75, 1 / 8

Distances = NDArray[np.float64]


def sprite_index() -> dict[str, Any]:
    """Where each shape is in the picture, as the sprite's JSON file says it."""
    return {
        shape: {"x": i * _SIDE, "y": 0, "width": _SIDE, "height": _SIDE, "pixelRatio": _RATIO, "sdf": True}
        for i, shape in enumerate(SHAPES)
    }


@cache
def sprite_png() -> bytes:
    """The picture of all shapes side by side."""
    alpha = np.hstack([_image(shape) for shape in SHAPES])
    picture = Image.merge("RGBA", [*[Image.new("L", alpha.shape[::-1], 255)] * 3, Image.fromarray(alpha)])
    target = BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()


def _image(shape: Shape) -> NDArray[np.uint8]:
    radius = ICON / 2
    along = ((np.arange(_SIDE) + 0.5) / _RATIO - radius - _PADDING) / radius
    x, y = np.meshgrid(along, along)
    inside = _EDGE - signed_distance(shape, x, y) * radius * _SLOPE
    return np.clip(np.round(255 * inside), 0, 255).astype(np.uint8)


def signed_distance(shape: Shape, x: Distances, y: Distances) -> Distances:
    """Distance of places to the shape's outline in a box from -1 to 1, negative inside."""
    if shape == "circle":
        return np.hypot(x, y) - 1
    corners = OUTLINES[shape]
    distance = np.full(x.shape, np.inf)
    inside = np.zeros(x.shape, bool)
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        dx, dy = bx - ax, by - ay
        share = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0, 1)
        distance = np.minimum(distance, np.hypot(x - ax - share * dx, y - ay - share * dy))
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < dx * (y - ay) / dy + ax)
    return np.where(inside, -distance, distance)
