"""The point shapes of the styles, drawn once: every rendering takes its outlines from here."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping, Sequence
from math import cos, pi, sin
from typing import Literal, get_args

Shape = Literal["circle", "square", "triangle", "diamond", "pentagon", "star"]

Point = tuple[float, float]

SHAPES: Sequence[Shape] = get_args(Shape)


def _on_circle(radii: Sequence[float]) -> tuple[Point, ...]:
    """Corners clockwise from the top, each at its distance from the centre."""
    turns = [2 * pi * i / len(radii) for i in range(len(radii))]
    return tuple(
        (round(radius * sin(turn), 4), round(-radius * cos(turn), 4)) for radius, turn in zip(radii, turns, strict=True)
    )


_GOLDEN = 0.382
"""Inner radius of a five-pointed star whose edges lie on straight lines; what QGIS draws too."""

OUTLINES: Mapping[Shape, tuple[Point, ...]] = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle": ((0, -1), (1, 1), (-1, 1)),
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
    "pentagon": _on_circle([1] * 5),
    "star": _on_circle([1, _GOLDEN] * 5),
}
"""Corners in a box from -1 to 1 around the place, y downward as in pictures. A circle has none: it fills the box."""
