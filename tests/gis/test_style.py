"""One style source, several renderings that say the same."""

# SPDX-License-Identifier: Apache-2.0

from gis.layer import Field, FieldType, GeometryType, Layer
from gis.style import Label, Style, StyleClass, Symbol, maplibre_layers, maplibre_style

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
        "match", ["get", "status"], "operating", "#00aa00", "closed", "#aa0000", "#888888",
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
    document = maplibre_style(LAYER, style(), "/tiles/{z}/{y}/{x}", (90, -12, 142, 30))
    source = document["sources"]["mines"]
    assert source["tiles"] == ["/tiles/{z}/{y}/{x}"]
    assert source["attribution"] == "A source"
    assert {one["source-layer"] for one in document["layers"]} == {"mines"}
