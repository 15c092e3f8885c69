"""Frozen descriptions of how a layer looks: what every rendering is derived from."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from gis.layer import GeometryType
from gis.style.shapes import Shape

SIZE_BY_ZOOM = ((3, 0.6), (8, 1.0), (14, 1.5))
"""Factor of a point's size by zoom, where a rendering can change it steadily: smaller while a region is on the map."""

OVERVIEW_ZOOM = 6
OVERVIEW_SIZE = 0.7
"""Below that zoom points are that much smaller in renderings that know scales only."""

LABEL_SIZE = 11.0
LABEL_COLOUR = "#1f2a37"
LABEL_HALO = "#ffffff"
LABEL_HALO_WIDTH = 1.4


def scale_of_zoom(zoom: int) -> float:
    """Scale denominator of a MapLibre zoom level (512 px tiles, 0.28 mm pixels) at the equator."""
    return round(279541132.0143589 / (1 << zoom), 3)


@dataclass(frozen=True, slots=True)
class Symbol:
    """How one class looks. fill and stroke are #RRGGBB, None draws none.

    size: width and height of a point's shape inside its stroke. dash: lengths on and off, in widths of the stroke.
    """

    shape: Shape = "circle"
    size: float = 8
    fill: str | None = "#7a7a7a"
    fill_opacity: float = 1.0
    stroke: str | None = "#ffffff"
    stroke_width: float = 1.0
    dash: tuple[float, ...] = ()

    @property
    def drawn_stroke(self) -> float:
        """Width of the stroke that is drawn, 0 for none."""
        return self.stroke_width if self.stroke else 0

    def outline_size(self, factor: float = 1) -> float:
        """Size of a point's shape to the middle of its stroke, for renderings that draw the stroke on the outline."""
        return round(self.size * factor + self.drawn_stroke, 2)


@dataclass(frozen=True, slots=True)
class StyleClass:
    """One legend entry. value None stands for every value no other class names (and for no value)."""

    title: str
    value: str | None
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class Label:
    """Text beside a feature from one field, from a zoom level on."""

    field: str
    minzoom: int


@dataclass(frozen=True, slots=True)
class Style:
    """The look of a layer: classes in drawing and legend order; field is None when all features look alike.

    Sizes and widths are in CSS pixels (0.28 mm, as in OGC Symbology Encoding).
    """

    id: str
    title: str
    geometry_type: GeometryType
    field: str | None
    classes: tuple[StyleClass, ...]
    label: Label | None = None
    abstract: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields the style needs."""
        return tuple(name for name in (self.field, self.label.field if self.label else None) if name)

    def ordered(self) -> Iterator[StyleClass]:
        """The classes with the one for the rest last, for renderings whose first match wins."""
        return iter(sorted(self.classes, key=lambda one: one.value is None))

    def legend(self) -> list[dict[str, Any]]:
        """Legend entries as JSON objects: title, value and symbol."""
        return [{"title": c.title, "value": c.value, "symbol": asdict(c.symbol)} for c in self.classes]

    def only(self, values: set[str]) -> "Style":
        """The same style with the classes whose values occur in the data, and the class for the rest."""
        return replace(self, classes=tuple(c for c in self.classes if c.value is None or c.value in values))
