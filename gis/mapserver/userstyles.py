"""Styles that clients send as SLD 1.0 or 1.1: checked and written anew for layers of this service.

What is let through draws marks, lines, fills and names of fields in plain numbers and colours. Nothing in it can name
a file, an address, a font, a foreign layer or a function.
"""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from gis.declaration import nearest
from gis.mapserver.catalogue import Catalogue, MapLayer
from gis.mapserver.exceptions import ServiceException, shown
from gis.mapserver.filters import read_filter
from gis.mapserver.xml import Element, local, namespace, parsed, text_of
from gis.style.shapes import SHAPES

_NAMESPACES = frozenset({"http://www.opengis.net/sld", "http://www.opengis.net/se", ""})
_OGC = frozenset({"http://www.opengis.net/ogc", "http://www.opengis.net/fes/2.0", ""})
_MOST_RULES = 200
_MARKS = frozenset({"square", "circle", "triangle", "star", "cross", "x", *SHAPES})
_NUMBER = re.compile(r"[+-]?(\d{1,12}(\.\d{0,9})?|\.\d{1,9})")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")

_NUMBERS = re.compile(r"\d{1,4}(\.\d{1,4})?([\s,]+\d{1,4}(\.\d{1,4})?){0,15}")
_PARAMETERS = {
    "fill": _COLOUR,
    "fill-opacity": _NUMBER,
    "stroke": _COLOUR,
    "stroke-opacity": _NUMBER,
    "stroke-width": _NUMBER,
    "stroke-dasharray": _NUMBERS,
    "stroke-linejoin": re.compile("mitre|round|bevel"),
    "stroke-linecap": re.compile("butt|round|square"),
    "stroke-dashoffset": _NUMBER,
    "font-size": _NUMBER,
    "font-style": re.compile("normal|italic|oblique"),
    "font-weight": re.compile("normal|bold"),
}
_LEFT_OUT = frozenset({"Title", "Abstract", "Description", "FeatureTypeName", "SemanticTypeIdentifier"})
_HOLDERS: Mapping[str, frozenset[str]] = {
    "FeatureTypeStyle": frozenset({"Name", "Rule"}),
    "Rule": frozenset(
        {"Name", "Filter", "ElseFilter", "MinScaleDenominator", "MaxScaleDenominator"}
        | {"PointSymbolizer", "LineSymbolizer", "PolygonSymbolizer", "TextSymbolizer"}
    ),
    "PointSymbolizer": frozenset({"Graphic"}),
    "LineSymbolizer": frozenset({"Stroke"}),
    "PolygonSymbolizer": frozenset({"Fill", "Stroke"}),
    "TextSymbolizer": frozenset({"Label", "Font", "LabelPlacement", "Halo", "Fill"}),
    "Graphic": frozenset({"Mark", "Size", "Opacity", "Rotation"}),
    "Mark": frozenset({"WellKnownName", "Fill", "Stroke"}),
    "Fill": frozenset({"CssParameter", "SvgParameter"}),
    "Stroke": frozenset({"CssParameter", "SvgParameter"}),
    "Font": frozenset({"CssParameter", "SvgParameter"}),
    "Halo": frozenset({"Radius", "Fill"}),
    "LabelPlacement": frozenset({"PointPlacement", "LinePlacement"}),
    "PointPlacement": frozenset({"AnchorPoint", "Displacement", "Rotation"}),
    "LinePlacement": frozenset({"PerpendicularOffset"}),
    "AnchorPoint": frozenset({"AnchorPointX", "AnchorPointY"}),
    "Displacement": frozenset({"DisplacementX", "DisplacementY"}),
}


@dataclass(frozen=True, slots=True)
class UserStyles:
    """What a document says. body: the document as MapServer is to read it, empty if it only names styles of ours.

    layers: those it names, in its order. named: id of the layer's own style by id of the layer.
    """

    body: str
    layers: tuple[MapLayer, ...]
    named: Mapping[str, str]


def read_styles(text: str, catalogue: Catalogue, wanted: Sequence[str]) -> UserStyles:
    """The styles in a document. wanted: names of user styles the request asks for, where a layer has several.

    Raises ServiceException that names what cannot be.
    """
    root = parsed(text, "SLD_BODY")
    if local(root) != "StyledLayerDescriptor" or namespace(root) not in _NAMESPACES:
        raise _refused("expected a StyledLayerDescriptor")
    version = root.get("version", "1.0.0")
    if version not in {"1.0.0", "1.1.0"}:
        raise _refused(f"version {shown(version)} is not served, only 1.0.0 and 1.1.0")
    return _Reader(catalogue, frozenset(wanted)).document(root, version)


class _Reader:
    """Copies what it knows, element by element."""

    def __init__(self, catalogue: Catalogue, wanted: frozenset[str]) -> None:
        self._catalogue = catalogue
        self._wanted = wanted
        self._rules = 0

    def document(self, root: Element, version: str) -> UserStyles:
        """The whole document."""
        result = etree.Element("StyledLayerDescriptor", version=version)
        layers: list[MapLayer] = []
        named: dict[str, str] = {}
        for one in root:
            if local(one) in _LEFT_OUT | {"Name"}:
                continue
            if local(one) != "NamedLayer":
                raise _refused(f"{shown(local(one))} is not served; styles are for layers of this service")
            layer = self._layer(one)
            if layer in layers:
                raise _refused(f"{layer.id} is named twice")
            layers.append(layer)
            self._style(one, layer, result, named)
        if not layers:
            raise _refused("it names no layer")
        body = str(etree.tostring(result, encoding="unicode")) if len(result) else ""
        return UserStyles(body, tuple(layers), named)

    def _layer(self, element: Element) -> MapLayer:
        name = next((text_of(one) for one in element if local(one) == "Name"), "")
        layer = self._catalogue.layers.get(name)
        if layer is None:
            close = nearest(name, [*self._catalogue.layers])
            raise ServiceException("LayerNotDefined", f"SLD_BODY: there is no layer {shown(name)}{close}.")
        if not layer.queryable:
            raise _refused(f"{name} is a picture, which has no styles")
        return layer

    def _style(self, element: Element, layer: MapLayer, result: Element, named: dict[str, str]) -> None:
        styles = [one for one in element if local(one) in {"UserStyle", "NamedStyle"}]
        others = [local(one) for one in element if one not in styles and local(one) not in _LEFT_OUT | {"Name"}]
        if others:
            raise _refused(f"{shown(others[0])} of a NamedLayer is not served")
        if not styles:
            return
        chosen = self._chosen(styles)
        if local(chosen) == "NamedStyle":
            name = _name(chosen)
            style = layer.style(name)
            if style is None:
                raise ServiceException("StyleNotDefined", f"SLD_BODY: {shown(name)} is no style of {layer.id}.")
            named[layer.id] = style.id
            return
        holder = etree.SubElement(result, "NamedLayer")
        etree.SubElement(holder, "Name").text = layer.id
        style_of = etree.SubElement(holder, "UserStyle")
        for one in chosen:
            if local(one) == "FeatureTypeStyle":
                style_of.append(self._copied(one, layer))
            elif local(one) not in _LEFT_OUT | {"Name", "IsDefault"}:
                raise _refused(f"{shown(local(one))} of a UserStyle is not served")
        if not len(style_of):
            raise _refused(f"the style of {layer.id} draws nothing")

    def _chosen(self, styles: list[Element]) -> Element:
        """The style the request asks for by its name, else the default one, else the first."""
        asked = [one for one in styles if _name(one) in self._wanted]
        default = [
            one for one in styles for flag in one if local(flag) == "IsDefault" and text_of(flag) in {"1", "true"}
        ]
        return [*asked, *default, *styles][0]

    def _copied(self, element: Element, layer: MapLayer) -> Element:
        name = local(element)
        if name == "Filter":
            if namespace(element) not in _OGC:
                raise _refused("a Filter is of OGC Filter Encoding")
            return etree.fromstring(read_filter(element, layer, self._catalogue, "SLD_BODY"))
        if namespace(element) not in _NAMESPACES:
            raise _refused(f"{shown(name)} is of another namespace")
        if name == "Label":
            return self._label(element, layer)
        if name in _LEAVES:
            return _leaf(element)
        self._rules += name == "Rule"
        if self._rules > _MOST_RULES:
            raise _refused(f"more than {_MOST_RULES} rules are not drawn")
        result = etree.Element(name)
        for one in element:
            # Fonts are the service's own.
            if local(one) in _LEFT_OUT or one.get("name") == "font-family":
                continue
            if local(one) not in _HOLDERS[name]:
                raise _refused(f"{shown(local(one))} of a {name} is not served")
            result.append(self._copied(one, layer))
        return result

    def _label(self, element: Element, layer: MapLayer) -> Element:
        """The name of one field; MapServer would read other text as an expression of its own."""
        if text_of(element) or len(element) != 1 or local(element[0]) != "PropertyName":
            raise _refused("a Label is the PropertyName of one field")
        field = text_of(element[0]).rpartition("/")[2].rpartition(":")[2]
        if field not in layer.types:
            raise _refused(f"{layer.id} has no field {shown(text_of(element[0]))}{nearest(field, [*layer.types])}")
        result = etree.Element("Label")
        etree.SubElement(result, "PropertyName").text = field
        return result


def _leaf(element: Element) -> Element:
    """An element that holds one plain value."""
    name, text = local(element), text_of(element)
    if len(element) == 1 and not text and local(element[0]) == "Literal":
        text = text_of(element[0])
    elif len(element):
        raise _refused(f"{name} is a plain value, no expression")
    result = etree.Element(name)
    if name in {"CssParameter", "SvgParameter"}:
        parameter = element.get("name", "")
        pattern = _PARAMETERS.get(parameter)
        if pattern is None:
            raise _refused(f"the parameter {shown(parameter)} is not served")
        result.set("name", parameter)
        name = parameter
    else:
        pattern = _LEAVES[name]
    if not pattern.fullmatch(text):
        raise _refused(f"{name} cannot be {shown(text)}")
    result.text = text
    return result


def _name(element: Element) -> str:
    return next((text_of(one) for one in element if local(one) == "Name"), "")


def _refused(sentence: str) -> ServiceException:
    return ServiceException("InvalidParameterValue", f"SLD_BODY: {sentence}.", locator="sld_body")


_LEAVES: Mapping[str, re.Pattern[str]] = {
    "Name": re.compile(r"[\w .:-]{0,100}"),
    "ElseFilter": re.compile(""),
    "WellKnownName": re.compile("|".join(sorted(_MARKS))),
    "CssParameter": re.compile(""),
    "SvgParameter": re.compile(""),
    **dict.fromkeys(
        (
            *("MinScaleDenominator", "MaxScaleDenominator", "Size", "Opacity", "Rotation", "Radius"),
            *("PerpendicularOffset", "AnchorPointX", "AnchorPointY", "DisplacementX", "DisplacementY"),
        ),
        _NUMBER,
    ),
}
