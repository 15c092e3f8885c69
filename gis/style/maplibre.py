"""A style as MapLibre layers over vector tiles."""

# SPDX-License-Identifier: Apache-2.0

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from gis.layer import GeometryType, Layer
from gis.style.model import (
    LABEL_COLOUR,
    LABEL_HALO,
    LABEL_HALO_WIDTH,
    LABEL_SIZE,
    SIZE_BY_ZOOM,
    Label,
    Style,
    Symbol,
)
from gis.style.sprite import ICON

MEDIA_TYPE = "application/vnd.mapbox.style+json"

_NOTHING = "rgba(0, 0, 0, 0)"


def maplibre_style(
    layer: Layer, style: Style, tiles_url: str, bounds: tuple[float, float, float, float], sprite_url: str
) -> dict[str, Any]:
    """A complete MapLibre style document (version 8) of one layer over its vector tiles.

    tiles_url: template with {z}, {x}, {y}. sprite_url: address of the sprite of shapes without its extension, which
    points of other shapes than circles need.
    """
    drawn = list(maplibre_layers(layer, style))
    needs_sprite = any("icon-image" in one.get("layout", {}) for one in drawn)
    return {
        "version": 8,
        "name": style.title,
        "metadata": {"amdis:layer": layer.id, "amdis:style": style.id, "amdis:licence": layer.licence},
        **({"sprite": sprite_url} if needs_sprite else {}),
        "sources": {
            layer.id: {
                "type": "vector",
                "tiles": [tiles_url],
                "minzoom": layer.minzoom,
                "maxzoom": layer.maxzoom,
                "bounds": list(bounds),
                "attribution": layer.attribution,
            }
        },
        "layers": drawn,
    }


def maplibre_layers(layer: Layer, style: Style) -> Iterator[dict[str, Any]]:
    """The MapLibre layers of a style, bottom first; their ids start with the layer's id."""
    base = {"source": layer.id, "source-layer": layer.id}
    kinds: Counter[str] = Counter()
    for drawn in _PAINTERS[style.geometry_type](style):
        kind = drawn["type"]
        kinds[kind] += 1
        number = f"-{kinds[kind]}" if kinds[kind] > 1 else ""
        yield {"id": f"{layer.id}:{kind}{number}", **base, **drawn}
    if style.label:
        yield {"id": f"{layer.id}:label", "type": "symbol", **base, **_label(style.label)}


def _by_class(style: Style, attribute: str, absent: object) -> Any:
    """A MapLibre expression giving an attribute of the symbol by class; a plain value where all classes agree."""

    def value(symbol: Symbol) -> object:
        found = getattr(symbol, attribute)
        return absent if found is None else found

    rest = next((value(c.symbol) for c in style.classes if c.value is None), absent)
    cases = [(c.value, value(c.symbol)) for c in style.classes if c.value is not None]
    if style.field is None or all(v == rest for _, v in cases):
        return rest
    # A list even of one value: QGIS reads the values of a class from lists only.
    branches = (item for value, found in cases for item in ([value], found))
    return ["match", ["get", style.field], *branches, rest]


def _points(style: Style) -> Iterator[dict[str, Any]]:
    if all(c.symbol.shape == "circle" for c in style.classes):
        yield {"type": "circle", "paint": _circle_paint(style)}
        return
    paint = {
        "icon-color": _by_class(style, "fill", _NOTHING),
        "icon-halo-color": _by_class(style, "stroke", _NOTHING),
        "icon-halo-width": _by_class(style, "drawn_stroke", 0),
        "icon-opacity": _by_class(style, "fill_opacity", 1),
    }
    size = _by_class(style, "size", 8)
    layout = {
        "icon-image": _by_class(style, "shape", "square"),
        "icon-size": _by_zoom(["/", size, ICON] if isinstance(size, list) else size / ICON),
        "icon-allow-overlap": True,
        "icon-ignore-placement": True,
    }
    yield {"type": "symbol", "paint": paint, "layout": layout}


def _circle_paint(style: Style) -> Mapping[str, Any]:
    size = _by_class(style, "size", 8)
    radius = ["/", size, 2] if isinstance(size, list) else size / 2
    return {
        "circle-radius": _by_zoom(radius),
        "circle-color": _by_class(style, "fill", _NOTHING),
        "circle-opacity": _by_class(style, "fill_opacity", 1),
        "circle-stroke-color": _by_class(style, "stroke", _NOTHING),
        "circle-stroke-width": _by_class(style, "drawn_stroke", 0),
    }


def _by_zoom(size: Any) -> list[Any]:
    """Smaller where the map shows a whole region, larger where it shows a town."""
    steps = ((zoom, size if factor == 1 else ["*", factor, size]) for zoom, factor in SIZE_BY_ZOOM)
    return ["interpolate", ["linear"], ["zoom"], *(item for step in steps for item in step)]


def _lines(style: Style) -> Iterator[dict[str, Any]]:
    """One layer for all classes whose dashes are the same: a dash cannot depend on a value."""
    paint = {
        "line-color": _by_class(style, "stroke", _NOTHING),
        "line-width": _by_class(style, "drawn_stroke", 0),
    }
    dashes = list(dict.fromkeys(c.symbol.dash for c in style.classes))
    for dash in dashes:
        yield {
            "type": "line",
            "paint": {**paint, "line-dasharray": list(dash)} if dash else paint,
            "layout": {"line-join": "round", "line-cap": "butt" if dash else "round"},
            **({"filter": _with_dash(style, dash)} if len(dashes) > 1 else {}),
        }


def _with_dash(style: Style, dash: tuple[float, ...]) -> list[Any]:
    """A filter for the features whose class has that dash."""
    others = any(c.value is None and c.symbol.dash == dash for c in style.classes)
    values = [c.value for c in style.classes if c.value is not None and (c.symbol.dash == dash) is not others]
    # By match, as QGIS does not read the operator in.
    return ["match", ["get", style.field], values, not others, others]


def _polygons(style: Style) -> Iterator[dict[str, Any]]:
    if any(c.symbol.fill for c in style.classes):
        colour, opacity = _by_class(style, "fill", _NOTHING), _by_class(style, "fill_opacity", 1)
        yield {"type": "fill", "paint": {"fill-color": colour, "fill-opacity": opacity}}
    if any(c.symbol.drawn_stroke for c in style.classes):
        yield from _lines(style)


def _label(label: Label) -> dict[str, Any]:
    return {
        "minzoom": label.minzoom,
        "layout": {
            "text-field": ["get", label.field],
            "text-font": ["Noto Sans Regular"],
            "text-size": LABEL_SIZE,
            "text-offset": [0, 0.9],
            "text-anchor": "top",
            "text-optional": True,
        },
        "paint": {"text-color": LABEL_COLOUR, "text-halo-color": LABEL_HALO, "text-halo-width": LABEL_HALO_WIDTH},
    }


_PAINTERS = {GeometryType.POINT: _points, GeometryType.LINE: _lines, GeometryType.POLYGON: _polygons}
