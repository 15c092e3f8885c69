"""A style as OGC Styled Layer Descriptor: 1.1.0 with Symbology Encoding, or 1.0.0."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from gis.elements import Element, element, written
from gis.layer import GeometryType
from gis.style.model import (
    LABEL_COLOUR,
    LABEL_HALO,
    LABEL_HALO_WIDTH,
    LABEL_SIZE,
    OVERVIEW_SIZE,
    OVERVIEW_ZOOM,
    Label,
    Style,
    StyleClass,
    Symbol,
    scale_of_zoom,
)

Version = Literal["1.0.0", "1.1.0"]

MEDIA_TYPES: Mapping[Version, str] = {
    "1.0.0": "application/vnd.ogc.sld+xml;version=1.0",
    "1.1.0": "application/vnd.ogc.sld+xml;version=1.1",
}

_SLD = "http://www.opengis.net/sld"
_SE = "http://www.opengis.net/se"
_OGC = "http://www.opengis.net/ogc"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def sld(layer_id: str, style: Style, version: Version = "1.1.0") -> bytes:
    """The document, UTF-8: one NamedLayer of the layer's name with the style as its only UserStyle.

    Points have two rules a class, a smaller symbol for overviews and the full one. Shapes the standard does not name
    (diamond, pentagon) go by their own names, which MapServer here and QGIS know.
    """
    return _DIALECTS[version].document(layer_id, style)


@dataclass(frozen=True)
class _Dialect:
    """The two versions differ in namespaces, in where titles stand and in the name of a parameter."""

    version: Version
    symbology: str
    parameter: str

    def document(self, layer_id: str, style: Style) -> bytes:
        user_style = element(
            "UserStyle",
            self._e("Name", style.id),
            *self._about(style.title, style.abstract),
            element("IsDefault", "1", namespace=_SLD),
            self._e("FeatureTypeStyle", self._e("FeatureTypeName", layer_id), *self._rules(style)),
            namespace=_SLD,
        )
        if style.label:
            names = self._names(style.label)
            user_style.append(self._e("FeatureTypeStyle", self._e("FeatureTypeName", layer_id), names))
        prefixes: dict[str | None, str] = {None: _SLD, "ogc": _OGC, "xsi": _XSI}
        if self.symbology == _SE:
            prefixes["se"] = _SE
        root = etree.Element(f"{{{_SLD}}}StyledLayerDescriptor", {"version": str(self.version)}, nsmap=prefixes)  # type: ignore[arg-type]
        root.append(element("NamedLayer", self._e("Name", layer_id), user_style, namespace=_SLD))
        schema = f"http://schemas.opengis.net/sld/{self.version}/StyledLayerDescriptor.xsd"
        root.set(f"{{{_XSI}}}schemaLocation", f"{_SLD} {schema}")
        etree.cleanup_namespaces(root)
        return written(root)

    def _e(self, tag: str, *children: Element | str, **attributes: str) -> Element:
        return element(tag, *children, namespace=self.symbology, **attributes)

    def _about(self, title: str, abstract: str = "") -> list[Element]:
        told = [self._e("Title", title), *([self._e("Abstract", abstract)] if abstract else [])]
        return [self._e("Description", *told)] if self.symbology == _SE else told

    def _rules(self, style: Style) -> Iterator[Element]:
        # The rest comes first: QGIS takes an ElseFilter for no filter, and so draws the rest below the others.
        for number, one in enumerate(reversed(list(style.ordered()))):
            for suffix, drawn in self._drawn(style.geometry_type, one.symbol):
                yield self._rule(style, one, f"class-{number}{suffix}", drawn)

    def _drawn(self, geometry_type: GeometryType, symbol: Symbol) -> Iterator[tuple[str, list[Element]]]:
        """Symbolizers with their scales, and what tells their rules apart."""
        if geometry_type is GeometryType.POINT:
            limit = _scale(OVERVIEW_ZOOM)
            yield "-overview", [self._e("MinScaleDenominator", limit), self._point(symbol, OVERVIEW_SIZE)]
            yield "", [self._e("MaxScaleDenominator", limit), self._point(symbol)]
        elif geometry_type is GeometryType.LINE:
            yield "", [self._e("LineSymbolizer", *self._stroke(symbol))]
        else:
            yield "", [self._e("PolygonSymbolizer", *self._fill(symbol), *self._stroke(symbol))]

    def _rule(self, style: Style, one: StyleClass, name: str, rest: list[Element]) -> Element:
        about = [self._e("Name", name), *self._about(one.title)]
        if style.field is None:
            return self._e("Rule", *about, *rest)
        if one.value is None:
            return self._e("Rule", *about, self._e("ElseFilter"), *rest)
        equal = _ogc("PropertyIsEqualTo", _ogc("PropertyName", style.field), _ogc("Literal", one.value))
        return self._e("Rule", *about, _ogc("Filter", equal), *rest)

    def _names(self, label: Label) -> Element:
        below = self._e(
            "PointPlacement",
            self._e("AnchorPoint", self._e("AnchorPointX", "0.5"), self._e("AnchorPointY", "1")),
            self._e("Displacement", self._e("DisplacementX", "0"), self._e("DisplacementY", "-10")),
        )
        text = self._e(
            "TextSymbolizer",
            self._e("Label", _ogc("PropertyName", label.field)),
            self._e("Font", self._parameter("font-size", f"{LABEL_SIZE:g}")),
            self._e("LabelPlacement", below),
            self._e(
                "Halo", self._e("Radius", f"{LABEL_HALO_WIDTH:g}"), self._e("Fill", self._parameter("fill", LABEL_HALO))
            ),
            self._e("Fill", self._parameter("fill", LABEL_COLOUR)),
        )
        limit = self._e("MaxScaleDenominator", _scale(label.minzoom))
        return self._e("Rule", self._e("Name", "names"), limit, text)

    def _point(self, symbol: Symbol, factor: float = 1) -> Element:
        mark = self._e("Mark", self._e("WellKnownName", symbol.shape), *self._fill(symbol), *self._stroke(symbol))
        return self._e("PointSymbolizer", self._e("Graphic", mark, self._e("Size", f"{symbol.outline_size(factor):g}")))

    def _fill(self, symbol: Symbol) -> list[Element]:
        if not symbol.fill:
            return []
        opacity = [self._parameter("fill-opacity", f"{symbol.fill_opacity:g}")] if symbol.fill_opacity < 1 else []
        return [self._e("Fill", self._parameter("fill", symbol.fill), *opacity)]

    def _stroke(self, symbol: Symbol) -> list[Element]:
        if not symbol.stroke or not symbol.drawn_stroke:
            return []
        lengths = " ".join(f"{length * symbol.stroke_width:g}" for length in symbol.dash)
        return [
            self._e(
                "Stroke",
                self._parameter("stroke", symbol.stroke),
                self._parameter("stroke-width", f"{symbol.stroke_width:g}"),
                self._parameter("stroke-linejoin", "round"),
                self._parameter("stroke-linecap", "butt" if lengths else "round"),
                *([self._parameter("stroke-dasharray", lengths)] if lengths else []),
            )
        ]

    def _parameter(self, name: str, value: str) -> Element:
        return self._e(self.parameter, value, name=name)


def _ogc(tag: str, *children: Element | str) -> Element:
    return element(tag, *children, namespace=_OGC)


def _scale(zoom: int) -> str:
    """Scale denominator of a zoom level; QGIS reads whole numbers only."""
    return f"{scale_of_zoom(zoom):.0f}"


_DIALECTS: Mapping[Version, _Dialect] = {
    "1.0.0": _Dialect("1.0.0", _SLD, "CssParameter"),
    "1.1.0": _Dialect("1.1.0", _SE, "SvgParameter"),
}
