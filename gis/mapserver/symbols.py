"""MapServer symbols, classes and labels from a style."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator, Mapping
from math import cos, pi, sin
from typing import Any

from gis.layer import GeometryType
from gis.mapserver.text import Texts
from gis.style import Label, Style, StyleClass, Symbol

_OVERVIEW_ZOOM = 6
_OVERVIEW_SIZE = 0.7
"""Points are that much smaller below that zoom, where a whole region is on the map."""

_LABEL_SIZE = 8

_HEIGHTS = {"circle": 1.0, "square": 0.9, "triangle": 1.1, "diamond": 1.2, "pentagon": 1.0, "star": 1.35}
"""Height of a shape that looks as large as a circle of diameter 1."""


def scale_of_zoom(zoom: int) -> float:
    """Scale denominator of a MapLibre zoom level (512 px tiles, 0.28 mm pixels) at the equator."""
    return round(279541132.0143589 / (1 << zoom), 3)


def symbols() -> list[dict[str, Any]]:
    """The point symbols a style can name, one unit high."""
    circle = {"__type__": "symbol", "name": "circle", "type": "ELLIPSE", "filled": True, "points": [[1, 1]]}
    return [circle, *(_vector(name, corners) for name, corners in _outlines().items())]


def classes(style: Style, texts: Texts, font: str | None) -> list[dict[str, Any]]:
    """One mapfile CLASS for each class of the style, the one for the rest last because the first match wins."""
    ordered = sorted(style.classes, key=lambda c: c.value is None)
    return [_class(style, one, texts, font) for one in ordered]


def _class(style: Style, one: StyleClass, texts: Texts, font: str | None) -> dict[str, Any]:
    result: dict[str, Any] = {"__type__": "class", "name": texts(one.title), "group": texts(style.id)}
    if style.field is not None and one.value is not None:
        result["expression"] = texts(one.value)
    result["styles"] = list(_PAINTERS[style.geometry_type](one.symbol))
    if style.label:
        result["labels"] = [_label(style.label, style.geometry_type, font)]
    return result


def _point(symbol: Symbol) -> Iterator[dict[str, Any]]:
    """The symbol small for overviews, then full. A legend, which has no scale, draws the full one over the small one.

    Not by SYMBOLSCALEDENOM, which would scale labels and their offsets too.
    """
    limit = scale_of_zoom(_OVERVIEW_ZOOM)
    yield {**_marker(symbol, _OVERVIEW_SIZE), "minscaledenom": limit}
    yield {**_marker(symbol, 1), "maxscaledenom": limit}


def _marker(symbol: Symbol, factor: float) -> dict[str, Any]:
    stroke = symbol.stroke_width if symbol.stroke else 0
    # MapLibre strokes outside the radius, MapServer on the line: half a stroke more on each side makes them equal.
    size = round(symbol.size * _HEIGHTS[symbol.shape] * factor + stroke, 2)
    outline = {"outlinecolor": symbol.stroke, "width": stroke} if stroke else {}
    return {**_STYLE, "symbol": symbol.shape, "size": size, **_fill(symbol), **outline}


def _line(symbol: Symbol) -> Iterator[dict[str, Any]]:
    if symbol.stroke and symbol.stroke_width:
        yield {
            **_STYLE,
            "color": symbol.stroke,
            "width": symbol.stroke_width,
            "linejoin": "ROUND",
            "linecap": "BUTT" if symbol.dash else "ROUND",
            **_dash(symbol),
        }


def _polygon(symbol: Symbol) -> Iterator[dict[str, Any]]:
    if symbol.fill:
        yield {**_STYLE, **_fill(symbol)}
    if symbol.stroke and symbol.stroke_width:
        yield {
            **_STYLE,
            "outlinecolor": symbol.stroke,
            "width": symbol.stroke_width,
            "linejoin": "ROUND",
            **_dash(symbol),
        }


def _fill(symbol: Symbol) -> Mapping[str, str]:
    if not symbol.fill:
        return {}
    alpha = f"{round(symbol.fill_opacity * 255):02x}" if symbol.fill_opacity < 1 else ""
    return {"color": symbol.fill + alpha}


def _dash(symbol: Symbol) -> Mapping[str, Any]:
    # MapLibre counts dashes in line widths, MapServer in pixels.
    lengths = [length * symbol.stroke_width for length in symbol.dash]
    return {"pattern": [lengths[i : i + 2] for i in range(0, len(lengths), 2)]} if lengths else {}


def _label(label: Label, geometry_type: GeometryType, font: str | None) -> dict[str, Any]:
    below = {"position": "LC", "offset": [0, 5]} if geometry_type is GeometryType.POINT else {"position": "CC"}
    return {
        "__type__": "label",
        **({"font": font} if font else {}),
        "type": "TRUETYPE",
        "size": _LABEL_SIZE,
        "color": "#1f2a37",
        "outlinecolor": "#ffffff",
        "outlinewidth": 2,
        "buffer": 3,
        "partials": False,
        "maxscaledenom": scale_of_zoom(label.minzoom),
        **below,
    }


def _vector(name: str, corners: list[tuple[float, float]]) -> dict[str, Any]:
    points = [[round(x, 4), round(y, 4)] for x, y in [*corners, corners[0]]]
    return {"__type__": "symbol", "name": name, "type": "VECTOR", "filled": True, "points": points}


def _outlines() -> Mapping[str, list[tuple[float, float]]]:
    return {
        "square": [(0, 0), (1, 0), (1, 1), (0, 1)],
        "triangle": [(0.5773, 0), (1.1547, 1), (0, 1)],
        "diamond": [(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)],
        "pentagon": _fit([_turn(i / 5, 1) for i in range(5)]),
        "star": _fit([_turn(i / 10, 1 if i % 2 == 0 else 0.45) for i in range(10)]),
    }


def _turn(share: float, radius: float) -> tuple[float, float]:
    """The point that share of a turn clockwise from the top, y downwards as in pictures."""
    return radius * sin(2 * pi * share), -radius * cos(2 * pi * share)


def _fit(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The shape moved to the origin and made one unit high."""
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    height = max(y for _, y in corners) - top
    return [((x - left) / height, (y - top) / height) for x, y in corners]


_STYLE: Mapping[str, Any] = {"__type__": "style"}
_PAINTERS = {GeometryType.POINT: _point, GeometryType.LINE: _line, GeometryType.POLYGON: _polygon}
