"""One style source, several renderings that say the same."""

# SPDX-License-Identifier: Apache-2.0

import numpy as np
import pytest
from lxml import etree

from gis.layer import Field, FieldType, GeometryType, Layer
from gis.style import Label, Style, StyleClass, Symbol, maplibre_layers, maplibre_style
from gis.style.qml import qml
from gis.style.shapes import OUTLINES
from gis.style.sld import Version, sld
from gis.style.sprite import signed_distance

LAYER = Layer(
    id="mines",
    title="Mines",
    abstract="",
    keywords=(),
    geometry_type=GeometryType.POINT,
    schema="minerals",
    table="mine_current",
    fields=(Field("identifier", FieldType.STRING, "Identifier"), Field("status", FieldType.STRING, "Status")),
    style="mines",
    summary=("status",),
    services=frozenset(),
    attribution="A source",
    licence="",
)


def style(shape: str = "circle") -> Style:
    def symbol(fill: str) -> Symbol:
        return Symbol(shape=shape, fill=fill)  # type: ignore[arg-type]

    classes = (
        StyleClass("Operating", "operating", symbol("#00aa00")),
        StyleClass("Closed", "closed", symbol("#aa0000")),
        StyleClass("Not stated", None, symbol("#888888")),
    )
    return Style("mines", "By status", GeometryType.POINT, "status", classes, Label("identifier", 8))


def test_colours_by_class_end_in_the_colour_of_the_rest() -> None:
    circle, label = maplibre_layers(LAYER, style())
    assert circle["paint"]["circle-color"] == [
        "match", ["get", "status"], ["operating"], "#00aa00", ["closed"], "#aa0000", "#888888",
    ]  # fmt: skip
    assert circle["paint"]["circle-stroke-width"] == 1.0
    assert label["layout"]["text-field"] == ["get", "identifier"]
    assert label["minzoom"] == 8


def test_other_shapes_are_images_of_their_name() -> None:
    symbol, _ = maplibre_layers(LAYER, style("square"))
    assert symbol["type"] == "symbol"
    assert symbol["layout"]["icon-image"] == "square"


def test_legend_keeps_only_classes_that_occur_and_the_rest() -> None:
    assert [c.title for c in style().only({"closed"}).classes] == ["Closed", "Not stated"]
    assert style().legend()[0]["symbol"]["fill"] == "#00aa00"


def test_a_style_document_names_its_tiles_and_attribution() -> None:
    document = maplibre_style(LAYER, style(), "/tiles/{z}/{y}/{x}", (90, -12, 142, 30), "/sprite")
    source = document["sources"]["mines"]
    assert source["tiles"] == ["/tiles/{z}/{y}/{x}"]
    assert source["attribution"] == "A source"
    assert {one["source-layer"] for one in document["layers"]} == {"mines"}


def test_a_style_document_with_other_shapes_names_their_sprite() -> None:
    bounds = (90, -12, 142, 30)
    assert maplibre_style(LAYER, style("square"), "/t", bounds, "/sprite")["sprite"] == "/sprite"
    assert "sprite" not in maplibre_style(LAYER, style(), "/t", bounds, "/sprite")


def lines(*dashes: tuple[float, ...]) -> Style:
    classes = [
        StyleClass(str(i), str(i), Symbol(fill=None, stroke="#000000", dash=dash)) for i, dash in enumerate(dashes)
    ]
    rest = StyleClass("Rest", None, Symbol(fill=None, stroke="#000000"))
    return Style("lines", "Lines", GeometryType.LINE, "status", (*classes, rest))


def test_each_dash_is_a_layer_of_its_own_and_every_feature_is_in_one() -> None:
    plain, dashed = maplibre_layers(LAYER, lines((), (4, 2), (4, 2)))
    assert plain["filter"] == ["match", ["get", "status"], ["1", "2"], False, True]
    assert dashed["filter"] == ["match", ["get", "status"], ["1", "2"], True, False]
    assert dashed["paint"]["line-dasharray"] == [4, 2]
    assert "line-dasharray" not in plain["paint"]
    assert plain["id"] != dashed["id"]
    (only,) = maplibre_layers(LAYER, lines((), ()))
    assert "filter" not in only


def test_what_has_no_fill_is_not_drawn_black() -> None:
    classes = (StyleClass("A", "a", Symbol(fill="#00aa00")), StyleClass("Rest", None, Symbol(fill=None)))
    areas = Style("areas", "Areas", GeometryType.POLYGON, "status", classes)
    fill, _ = maplibre_layers(LAYER, areas)
    assert fill["paint"]["fill-color"] == ["match", ["get", "status"], ["a"], "#00aa00", "rgba(0, 0, 0, 0)"]


@pytest.mark.parametrize(("version", "namespace"), [("1.0.0", "sld"), ("1.1.0", "se")])
def test_sld_has_two_rules_a_class_of_points_and_one_for_the_names(version: Version, namespace: str) -> None:
    root = etree.fromstring(sld("mines", style(), version))
    ns = {"s": f"http://www.opengis.net/{namespace}", "ogc": "http://www.opengis.net/ogc"}
    assert root.get("version") == version
    symbols, names = root.findall(".//s:FeatureTypeStyle", ns)
    rules = symbols.findall("s:Rule", ns)
    assert len(rules) == 6
    assert len({rule.findtext("s:Name", None, ns) for rule in rules}) == 6
    values = [rule.findtext(".//ogc:Literal", None, ns) for rule in rules]
    assert sorted(filter(None, values)) == ["closed", "closed", "operating", "operating"]
    assert [rule.find("s:ElseFilter", ns) is not None for rule in rules] == [True, True, False, False, False, False]
    limits = {one.text for rule in rules for one in rule.iter("{*}MinScaleDenominator", "{*}MaxScaleDenominator")}
    assert limits == {"4367830"}, "QGIS reads whole numbers only"
    assert names.findtext(".//ogc:PropertyName", None, ns) == "identifier"


def test_values_and_titles_stay_text_in_sld_and_qml() -> None:
    odd = "<a> & \"b\" 'c' ]]> é ຫີນ"
    one = Style(
        "s", odd, GeometryType.POINT, "status", (StyleClass(odd, odd, Symbol()), StyleClass("Rest", None, Symbol()))
    )
    root = etree.fromstring(sld("mines", one))
    assert odd in [e.text for e in root.iter("{*}Literal")]
    assert odd in [e.text for e in root.iter("{*}Title")]
    (category, rest) = etree.fromstring(qml(LAYER, one)).iter("category")
    assert (category.get("value"), category.get("label")) == (odd, odd)
    assert rest.get("value") == ""


def test_shapes_stand_in_the_middle_of_their_box() -> None:
    for shape, corners in OUTLINES.items():
        assert all(abs(x) <= 1 and abs(y) <= 1 for x, y in corners), shape
        assert min(y for _, y in corners) == -1, shape
    inside = signed_distance("star", np.array([[0.0]]), np.array([[0.0]]))
    outside = signed_distance("star", np.array([[0.9]]), np.array([[0.9]]))
    assert inside[0, 0] < 0 < outside[0, 0]
