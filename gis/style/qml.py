"""A style as QGIS reads it (QML, from QGIS 3.22 on)."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping

from gis.elements import Element, element, written
from gis.layer import GeometryType, Layer
from gis.style.model import (
    LABEL_COLOUR,
    LABEL_HALO,
    LABEL_HALO_WIDTH,
    LABEL_SIZE,
    OVERVIEW_SIZE,
    OVERVIEW_ZOOM,
    Label,
    Style,
    Symbol,
    scale_of_zoom,
)

MEDIA_TYPE = "application/vnd.qgis.qml+xml"
"""Not registered; what GeoNode and others use."""

VERSION = "3.22.0"
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"

_POINTS = 0.75  # typographic points a CSS pixel: on a screen of 96 dots an inch exactly one pixel, right in print too
_SCREEN = 0.28 / (25.4 / 96)  # QGIS reckons scales with pixels of 96 an inch, OGC with 0.28 mm
_BELOW = 7  # quadrant of a label under its point
_DASH_END = {True: "flat", False: "round"}
_NO_COLOUR = "0,0,0,0"


def qml(layer: Layer, style: Style) -> bytes:
    """The document of a style file, UTF-8."""
    root = element("qgis", *qml_parts(style), version=VERSION, styleCategories="Symbology|Labeling|Rendering")
    for name, value in qml_attributes(layer, style).items():
        root.set(name, value)
    return written(root, DOCTYPE)


def qml_attributes(layer: Layer, style: Style) -> Mapping[str, str]:
    """What stands at the root of a style file and at a layer of a project: the scales, and whether it has labels."""
    return {
        "labelsEnabled": str(int(style.label is not None)),
        "hasScaleBasedVisibilityFlag": str(int(layer.minzoom > 0)),
        "minScale": f"{screen_scale(layer.minzoom):.0f}",
        "maxScale": "0",
    }


def qml_parts(style: Style) -> list[Element]:
    """The renderer and the labels."""
    return [_renderer(style), *([_labels(style.label, style.geometry_type)] if style.label else [])]


def screen_scale(zoom: int) -> float:
    """Scale denominator QGIS shows at a MapLibre zoom level."""
    return scale_of_zoom(zoom) * _SCREEN


def _renderer(style: Style) -> Element:
    ordered = list(style.ordered())
    symbols = element("symbols", *(_symbol(str(i), one.symbol, style.geometry_type) for i, one in enumerate(ordered)))
    common = {"forceraster": "0", "symbollevels": "0", "enableorderby": "0"}
    if style.field is None:
        return element("renderer-v2", symbols, type="singleSymbol", **common)
    # An empty value is QGIS's "all other values".
    categories = element(
        "categories",
        *(
            element("category", value=one.value or "", type="string", symbol=str(i), label=one.title, render="true")
            for i, one in enumerate(ordered)
        ),
    )
    return element("renderer-v2", categories, symbols, type="categorizedSymbol", attr=style.field, **common)


def _symbol(name: str, symbol: Symbol, geometry_type: GeometryType) -> Element:
    kind, layer_class, options = _SYMBOLS[geometry_type]
    expressions = {"size": _size(symbol)} if geometry_type is GeometryType.POINT else {}
    layer = element(
        "layer",
        _options(options(symbol)),
        *([_data_defined(expressions)] if expressions else []),
        **{"class": layer_class, "enabled": "1", "pass": "0", "locked": "0"},
    )
    return element("symbol", layer, name=name, type=kind, alpha="1", clip_to_extent="1", force_rhr="0")


def _size(symbol: Symbol) -> str:
    """A marker is smaller on overviews, its stroke is not."""
    small, full = (symbol.outline_size(factor) * _POINTS for factor in (OVERVIEW_SIZE, 1))
    return f"CASE WHEN @map_scale > {screen_scale(OVERVIEW_ZOOM):.0f} THEN {small:.4g} ELSE {full:.4g} END"


def _marker(symbol: Symbol) -> Mapping[str, str]:
    return {
        "name": symbol.shape,
        "color": _rgba(symbol.fill, symbol.fill_opacity),
        "size": f"{symbol.outline_size() * _POINTS:.4g}",
        "size_unit": "Point",
        "scale_method": "diameter",
        **_outline(symbol),
    }


def _line(symbol: Symbol) -> Mapping[str, str]:
    dashes = ";".join(f"{length * symbol.stroke_width * _POINTS:.4g}" for length in symbol.dash)
    return {
        "line_color": _rgba(symbol.stroke),
        "line_style": "solid" if symbol.drawn_stroke else "no",
        "line_width": f"{symbol.drawn_stroke * _POINTS:.4g}",
        "line_width_unit": "Point",
        "joinstyle": "round",
        "capstyle": _DASH_END[bool(dashes)],
        "use_custom_dash": str(int(bool(dashes))),
        "customdash": dashes or "5;2",
        "customdash_unit": "Point",
    }


def _fill(symbol: Symbol) -> Mapping[str, str]:
    return {
        "color": _rgba(symbol.fill, symbol.fill_opacity),
        "style": "solid" if symbol.fill else "no",
        **_outline(symbol),
    }


def _outline(symbol: Symbol) -> Mapping[str, str]:
    return {
        "outline_color": _rgba(symbol.stroke),
        "outline_style": ("dash" if symbol.dash else "solid") if symbol.drawn_stroke else "no",
        "outline_width": f"{symbol.drawn_stroke * _POINTS:.4g}",
        "outline_width_unit": "Point",
        "joinstyle": "round",
    }


def _labels(label: Label, geometry_type: GeometryType) -> Element:
    text = element(
        "text-style",
        element(
            "text-buffer",
            bufferDraw="1",
            bufferColor=_rgba(LABEL_HALO),
            bufferSize=f"{LABEL_HALO_WIDTH * _POINTS:.4g}",
            bufferSizeUnits="Point",
            bufferOpacity="1",
        ),
        fieldName=label.field,
        isExpression="0",
        fontFamily="Noto Sans",
        fontSize=f"{LABEL_SIZE * _POINTS:.4g}",
        fontSizeUnit="Point",
        textColor=_rgba(LABEL_COLOUR),
        textOpacity="1",
    )
    is_point = geometry_type is GeometryType.POINT
    # Placement 1 is over the point with an offset, 0 around the middle of anything else.
    where = {"quadOffset": str(_BELOW), "yOffset": "6", "offsetUnits": "Point"} if is_point else {}
    placement = element("placement", placement=str(int(is_point)), priority="5", **where)
    limits = {"scaleVisibility": "1", "scaleMin": "0", "scaleMax": f"{screen_scale(label.minzoom):.0f}"}
    rendering = element("rendering", drawLabels="1", obstacle="1", **limits)
    return element("labeling", element("settings", text, placement, rendering), type="simple")


def _data_defined(expressions: Mapping[str, str]) -> Element:
    properties = (
        element(
            "Option",
            element("Option", name="active", value="true", type="bool"),
            element("Option", name="expression", value=expression, type="QString"),
            element("Option", name="type", value="3", type="int"),
            name=name,
            type="Map",
        )
        for name, expression in expressions.items()
    )
    return element(
        "data_defined_properties",
        element(
            "Option",
            element("Option", name="name", value="", type="QString"),
            element("Option", *properties, name="properties", type="Map"),
            element("Option", name="type", value="collection", type="QString"),
            type="Map",
        ),
    )


def _options(values: Mapping[str, str]) -> Element:
    return element(
        "Option", *(element("Option", name=k, value=v, type="QString") for k, v in values.items()), type="Map"
    )


def _rgba(colour: str | None, opacity: float = 1) -> str:
    if not colour:
        return _NO_COLOUR
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


_SYMBOLS = {
    GeometryType.POINT: ("marker", "SimpleMarker", _marker),
    GeometryType.LINE: ("line", "SimpleLine", _line),
    GeometryType.POLYGON: ("fill", "SimpleFill", _fill),
}
