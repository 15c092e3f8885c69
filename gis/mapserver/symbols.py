"""MapServer symbols, classes and labels from a style."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gis.layer import GeometryType
from gis.mapserver.text import Texts
from gis.style.model import OVERVIEW_SIZE, OVERVIEW_ZOOM, Label, Style, StyleClass, Symbol, scale_of_zoom
from gis.style.shapes import OUTLINES, Shape

_LABEL_SIZE = 8


def symbols() -> list[dict[str, Any]]:
    """The point symbols a style can name."""
    circle = {"__type__": "symbol", "name": "circle", "type": "ELLIPSE", "filled": True, "points": [[1, 1]]}
    return [circle, *(_vector(name, corners) for name, corners in OUTLINES.items())]


def classes(styles: Iterable[Style], texts: Texts, font: str | None) -> list[dict[str, Any]]:
    """One mapfile CLASS for each class of each style, which is its group."""
    return [_class(style, one, texts, font) for style in styles for one in style.ordered()]


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
    limit = scale_of_zoom(OVERVIEW_ZOOM)
    yield {**_marker(symbol, OVERVIEW_SIZE), "minscaledenom": limit}
    yield {**_marker(symbol, 1), "maxscaledenom": limit}


def _marker(symbol: Symbol, factor: float) -> dict[str, Any]:
    stroke = symbol.drawn_stroke
    size = round(symbol.outline_size(factor) * _height(symbol.shape), 2)
    outline = {"outlinecolor": symbol.stroke, "width": stroke, "linejoin": "ROUND"} if stroke else {}
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


def _vector(name: Shape, corners: Iterable[tuple[float, float]]) -> dict[str, Any]:
    """The outline moved to the origin; its anchor stays where the place is, which need not be its middle."""
    xs, ys = zip(*corners, strict=True)
    left, top = min(xs), min(ys)
    points = [[round(x - left, 4), round(y - top, 4)] for x, y in zip(xs, ys, strict=True)]
    return {
        "__type__": "symbol",
        "name": name,
        "type": "VECTOR",
        "filled": True,
        "points": [*points, points[0]],
        "anchorpoint": [round(-left / (max(xs) - left), 4), round(-top / (max(ys) - top), 4)],
    }


def _height(shape: Shape) -> float:
    """Height of a shape of size 1: MapServer scales symbols by it, and a pentagon does not fill its box."""
    ys = [y for _, y in OUTLINES.get(shape, ((0, -1), (0, 1)))]
    return (max(ys) - min(ys)) / 2


_STYLE: Mapping[str, Any] = {"__type__": "style"}
_PAINTERS = {GeometryType.POINT: _point, GeometryType.LINE: _line, GeometryType.POLYGON: _polygon}
