"""The map of the region as a drawing inside a page: outlines of the states, coloured by a figure of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.layers.queries import Outline

CLASSES = 5
"""Shades of the member states that have the figure, from few to many."""

_SMALL = 1.5  # degrees: a state of less is marked by a circle too
_RADIUS = 0.7


@dataclass(frozen=True, slots=True)
class Shape:
    """A state as it is drawn. shade: 1 to CLASSES, 0 without a figure, None for a state of another region."""

    country: str | None
    path: str
    shade: int | None
    centre: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class RegionMap:
    """The drawing. view: viewBox of the SVG, in degrees with y downwards; legend: least and most figure of a shade."""

    view: str
    width: int
    height: int
    radius: float
    shapes: tuple[Shape, ...]
    legend: tuple[tuple[int, int, int], ...]


def region_map(
    outlines: Sequence[Outline], box: tuple[float, float, float, float], figures: Mapping[str, int]
) -> RegionMap:
    """The map of the states in a box. figures: of the member states by code, 0 for a gap."""
    west, south, east, north = box
    shades = _shades(figures)
    shapes = [
        Shape(one.country, one.path, shades.get(one.country or ""), _centre(one) if one.country in figures else None)
        for one in outlines
    ]
    width = 960
    return RegionMap(
        view=f"{west:g} {-north:g} {east - west:g} {north - south:g}",
        width=width,
        height=round(width * (north - south) / (east - west)),
        radius=_RADIUS,
        # Members above their neighbours, so that their outlines are whole.
        shapes=tuple(sorted(shapes, key=lambda one: (one.shade is not None, one.centre is not None))),
        legend=_legend(figures, shades),
    )


def _shades(figures: Mapping[str, int]) -> dict[str, int]:
    """The shade of each state: states are spread over the shades by their rank, equal figures alike."""
    ranked = sorted({figure for figure in figures.values() if figure})
    places = {figure: 1 + rank * CLASSES // len(ranked) for rank, figure in enumerate(ranked)}
    return {country: places.get(figure, 0) for country, figure in figures.items()}


def _legend(figures: Mapping[str, int], shades: Mapping[str, int]) -> tuple[tuple[int, int, int], ...]:
    by_shade: dict[int, list[int]] = {}
    for country, shade in shades.items():
        by_shade.setdefault(shade, []).append(figures[country])
    return tuple((shade, min(found), max(found)) for shade, found in sorted(by_shade.items()))


def _centre(one: Outline) -> tuple[float, float] | None:
    west, south, east, north = one.box
    small = max(east - west, north - south) < _SMALL
    return ((west + east) / 2, -(south + north) / 2) if small else None
