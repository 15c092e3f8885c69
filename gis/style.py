"""One style source for every rendering: a frozen Style becomes a MapLibre style, MapServer classes and a legend.

A style is a base symbol and, if it has a field, one class a value with its own colours. Sizes and widths are in
CSS pixels (0.28 mm, as in OGC Symbology Encoding).
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from gis.layer import GeometryType, Layer

_ICON = 16  # pixels of the images of shapes

Shape = Literal["circle", "square", "triangle", "diamond", "pentagon", "star"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """How one class looks. fill and stroke are #RRGGBB, None draws none. size: diameter of a point. dash: on, off."""

    shape: Shape = "circle"
    size: float = 8
    fill: str | None = "#7a7a7a"
    fill_opacity: float = 1.0
    stroke: str | None = "#ffffff"
    stroke_width: float = 1.0
    dash: tuple[float, ...] = ()


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
    """The look of a layer: classes in drawing and legend order; field is None when all features look alike."""

    id: str
    title: str
    geometry_type: GeometryType
    field: str | None
    classes: tuple[StyleClass, ...]
    label: Label | None = None

    def legend(self) -> list[dict[str, Any]]:
        """Legend entries as JSON objects: title, value and symbol."""
        return [{"title": c.title, "value": c.value, "symbol": asdict(c.symbol)} for c in self.classes]

    def only(self, values: set[str]) -> "Style":
        """The same style with the classes whose values occur in the data, and the class for the rest."""
        return replace(self, classes=tuple(c for c in self.classes if c.value is None or c.value in values))


def maplibre_style(
    layer: Layer, style: Style, tiles_url: str, bounds: tuple[float, float, float, float]
) -> dict[str, Any]:
    """A complete MapLibre style document (version 8) of one layer over its vector tiles.

    tiles_url: template with {z}, {x}, {y}. Point shapes other than circle ask for an image of the shape's name
    (a signed distance field, so that icon-color colours it).
    """
    return {
        "version": 8,
        "name": style.title,
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
        "layers": list(maplibre_layers(layer, style)),
    }


def maplibre_layers(layer: Layer, style: Style) -> Iterator[dict[str, Any]]:
    """The MapLibre layers of a style, bottom first; their ids start with the layer's id."""
    base = {"source": layer.id, "source-layer": layer.id}
    for kind, paint, layout in _PAINTERS[style.geometry_type](style):
        one = {"id": f"{layer.id}:{kind}", "type": kind, **base, "paint": paint}
        yield {**one, "layout": layout} if layout else one
    if style.label:
        yield {
            "id": f"{layer.id}:label",
            "type": "symbol",
            **base,
            "minzoom": style.label.minzoom,
            **_label(style.label),
        }


def _by_class(style: Style, attribute: str, absent: object) -> Any:
    """A MapLibre expression giving an attribute of the symbol by class; a plain value where all classes agree."""

    def value(symbol: Symbol) -> object:
        found = getattr(symbol, attribute)
        return absent if found is None else found

    rest = next((value(c.symbol) for c in style.classes if c.value is None), absent)
    cases = [(c.value, value(c.symbol)) for c in style.classes if c.value is not None]
    if style.field is None or all(v == rest for _, v in cases):
        return rest
    return ["match", ["get", style.field], *(item for case in cases for item in case), rest]


def _point_painters(style: Style) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    if all(c.symbol.shape == "circle" for c in style.classes):
        yield "circle", _circle_paint(style), {}
        return
    paint = {
        "icon-color": _by_class(style, "fill", "#000000"),
        "icon-halo-color": _by_class(style, "stroke", "#ffffff"),
        "icon-halo-width": _by_class(style, "stroke_width", 0),
    }
    size = _by_class(style, "size", 8)
    layout = {
        "icon-image": _by_class(style, "shape", "square"),
        "icon-size": _by_zoom(["/", size, _ICON] if isinstance(size, list) else size / _ICON),
        "icon-allow-overlap": True,
        "icon-ignore-placement": True,
    }
    yield "symbol", paint, layout


def _circle_paint(style: Style) -> Mapping[str, Any]:
    size = _by_class(style, "size", 8)
    radius = ["/", size, 2] if isinstance(size, list) else size / 2
    return {
        "circle-radius": _by_zoom(radius),
        "circle-color": _by_class(style, "fill", "#000000"),
        "circle-opacity": _by_class(style, "fill_opacity", 1),
        "circle-stroke-color": _by_class(style, "stroke", "#ffffff"),
        "circle-stroke-width": _by_class(style, "stroke_width", 0),
    }


def _by_zoom(size: Any) -> list[Any]:
    """Smaller where the map shows a whole region, larger where it shows a town."""
    return ["interpolate", ["linear"], ["zoom"], 3, ["*", 0.6, size], 8, size, 14, ["*", 1.5, size]]


def _line_painters(style: Style) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    paint: dict[str, Any] = {
        "line-color": _by_class(style, "stroke", "#000000"),
        "line-width": _by_class(style, "stroke_width", 1),
    }
    dash = style.classes[0].symbol.dash
    if dash:
        paint["line-dasharray"] = list(dash)
    yield "line", paint, {"line-join": "round", "line-cap": "butt" if dash else "round"}


def _polygon_painters(style: Style) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    if any(c.symbol.fill for c in style.classes):
        yield (
            "fill",
            {"fill-color": _by_class(style, "fill", "#000000"), "fill-opacity": _by_class(style, "fill_opacity", 1)},
            {},
        )
    if any(c.symbol.stroke for c in style.classes):
        yield from _line_painters(style)


def _label(label: Label) -> dict[str, Any]:
    return {
        "layout": {
            "text-field": ["get", label.field],
            "text-font": ["Noto Sans Regular"],
            "text-size": 11,
            "text-offset": [0, 0.9],
            "text-anchor": "top",
            "text-optional": True,
        },
        "paint": {"text-color": "#1f2a37", "text-halo-color": "#ffffff", "text-halo-width": 1.4},
    }


_PAINTERS = {
    GeometryType.POINT: _point_painters,
    GeometryType.LINE: _line_painters,
    GeometryType.POLYGON: _polygon_painters,
}
