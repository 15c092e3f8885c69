"""Vega-Lite specifications of charts: the very same for the server's pictures and the browser."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.web.charts.answer import Answer, Point, State
from app.web.languages import message
from app.web.words import Words

Specification = dict[str, Any]
Scheme = Literal["light", "dark"]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
FONT = "Noto Sans, Liberation Sans, DejaVu Sans, Arial, sans-serif"

FEW_YEARS = 12
"""So many years are drawn as stacked columns; more as lines, which show gaps as gaps."""

STATES = {
    State.REPORTED: message("as reported"),
    State.ESTIMATED: message("estimated by the source"),
    State.NOT_STATED: message("not stated whether estimated"),
}
_SHORT = {
    State.REPORTED: message("reported"),
    State.ESTIMATED: message("estimate"),
    State.NOT_STATED: message("not stated"),
}
"""The same for a legend."""

_OPACITY = {State.REPORTED: 1.0, State.NOT_STATED: 0.8, State.ESTIMATED: 0.45}

_INKS: Mapping[Scheme, tuple[str, str, str, str]] = {
    "light": ("#14222d", "#4a5a67", "#d5dcdf", "#ffffff"),
    "dark": ("#e9eff3", "#a9b7c2", "#2c3c48", "#131e26"),
}
"""Ink, second ink, lines and ground, as in frontend/ui/tokens.css."""

_LIGHT = "#0a6c8f #d1602b #3d8b4f #8a4fa3 #b88700 #c23b5a #4a63c9 #6b7d1f #0f9a8c #8c5a3c #5f6b76 #a1286b"
_DARK = "#5fc0e0 #f0955f #7fd19c #c79be0 #e6c04f #f28aa2 #9aaef5 #b9cc5f #5fd6c6 #d0a07c #a9b7c2 #e58cc0"
_PALETTES: Mapping[Scheme, list[str]] = {"light": _LIGHT.split(), "dark": _DARK.split()}
"""Colours of countries and series; each stands out from the ground by 3 to 1 at least (WCAG 1.4.11)."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a chart is drawn. width, height: in pixels, of the whole; title: what is written above it, with notes."""

    words: Words
    width: int
    height: int
    scheme: Scheme = "light"
    title: str = ""
    notes: tuple[str, ...] = ()


Draw = Callable[[Answer, Look], Specification]


def over_time(answer: Answer, look: Look) -> Specification:
    """Values by year: stacked columns of few years, lines of many; a colour a country, estimates paler or hollow."""
    rows = [_row(point, look.words) for point in answer.points]
    few = len(range(min(answer.years, default=0), max(answer.years, default=0) + 1)) <= FEW_YEARS
    layers = _columns(answer, look) if few else _lines(answer, look)
    data = rows if few else [*rows, *_gaps(answer, look.words)]
    return _whole(look, data, {"layer": layers})


def compared(answer: Answer, look: Look) -> Specification:
    """The newest value of each country (or commodity) as a bar, one beside the other for each indicator."""
    words, ink = look.words, _INKS[look.scheme]
    several = len({point.commodity for point in answer.points}) > 1
    rows = [_row(point, words) | {"row": _row_label(point, words, several)} for point in answer.points]
    for row in rows:
        row["told"] = f"{row['mark']}{words.language.number(row['value'])} ({row['year']})"
    indicators = [words.indicator(code) for code in dict.fromkeys(point.indicator for point in answer.points)]
    order = sorted({row["row"] for row in rows}, key=lambda name: -max(r["value"] for r in rows if r["row"] == name))
    y = {"field": "row", "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": look.width // 3}}
    offset = {"field": "indicator", "sort": indicators}
    room = max((row["value"] for row in rows), default=1) * 1.35
    x = {"field": "value", "type": "quantitative", "title": None, "scale": {"domain": [0, room]}, "axis": _VALUES}
    colour = _colour("indicator", indicators, _PALETTES[look.scheme], legend=len(indicators) > 1)
    label = {"type": "text", "align": "left", "dx": 4, "fontSize": 11, "color": ink[0]}
    return _whole(
        look,
        rows,
        {
            "layer": [
                {"mark": {"type": "bar"}, "encoding": {"color": colour, "tooltip": _tooltip(words)}},
                {"mark": label, "encoding": {"text": {"field": "told"}}},
            ],
            "encoding": {"y": y, "yOffset": offset, "x": x},
        },
    )


def bars_height(answer: Answer) -> int:
    """Height that the bars of `compared` need, in pixels."""
    rows = {(point.country, point.commodity) for point in answer.points}
    indicators = {point.indicator for point in answer.points}
    return 70 + len(rows) * (12 + 18 * max(len(indicators), 1))


def _columns(answer: Answer, look: Look) -> list[Specification]:
    words, ink = look.words, _INKS[look.scheme]
    years = list(range(min(answer.years, default=0), max(answer.years, default=0) + 1))
    axis = {"labelAngle": 0, "labelOverlap": True}
    x = {"field": "year", "type": "ordinal", "title": None, "axis": axis, "scale": {"domain": years}}
    y = {"field": "value", "type": "quantitative", "title": None, "stack": True, "axis": _VALUES}
    encoding = {
        "x": x,
        "y": y,
        "color": _countries(answer, look),
        "opacity": _states(answer, words, list(_OPACITY.values())),
        "tooltip": _tooltip(words),
    }
    band = min(0.75, _WIDEST * len(years) / look.width)
    columns: Specification = {"mark": {"type": "bar", "width": {"band": band}}, "encoding": encoding}
    if len(answer.countries) < 2:
        return [columns]
    # How many of the countries in the chart have a figure: a low column may be a gap.
    parts = {"op": "distinct", "field": "country", "as": "parts"}
    count = {
        "transform": [
            {"aggregate": [parts, {"op": "sum", "field": "value", "as": "total"}], "groupby": ["year"]},
            {"calculate": f"datum.parts + '/{len(answer.countries)}'", "as": "told"},
        ],
        "mark": {"type": "text", "dy": -7, "fontSize": 10, "color": ink[1]},
        "encoding": {
            "x": x,
            "y": {"field": "total", "type": "quantitative"},
            "text": {"field": "told"},
        },
    }
    return [columns, count]


def _lines(answer: Answer, look: Look) -> list[Specification]:
    words = look.words
    x = {"field": "year", "type": "quantitative", "title": None, "axis": {"format": "d", "grid": False, "tickCount": 6}}
    x |= {"scale": {"zero": False, "nice": False}}
    y = {"field": "value", "type": "quantitative", "title": None, "axis": _VALUES}
    colour = _countries(answer, look)
    fills = [_FILLED[state] for state in _OPACITY]
    return [
        {"mark": {"type": "line", "strokeWidth": 1.75}, "encoding": {"x": x, "y": y, "color": colour}},
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "size": 16, "filled": True},
            "encoding": {
                "x": x,
                "y": y,
                "color": colour,
                "shape": _states(answer, words, fills),
                "tooltip": _tooltip(words),
            },
        },
    ]


_WIDEST = 160  # pixels of a column, in a chart of few
_NEUTRAL = "#5f6b76"
_FILLED = {State.REPORTED: "circle", State.NOT_STATED: "square", State.ESTIMATED: "triangle-up"}
_VALUES = {"format": ",~r", "tickCount": 5, "domain": False, "ticks": False}


def _countries(answer: Answer, look: Look) -> Specification:
    """A colour a country, the same in every chart: by its place among the member states."""
    words = look.words
    members = list(words.cube.members)
    palette = _PALETTES[look.scheme]
    ordered = sorted(answer.countries, key=lambda code: members.index(code) if code in members else len(members))
    places = [members.index(code) if code in members else len(members) for code in ordered]
    colours = [palette[place % len(palette)] for place in places]
    if len(ordered) == 1:
        colours = [palette[0]]
    names = [words.country(code) for code in ordered]
    columns = max(look.width // 120, 1)
    return _colour("country", names, colours, legend=len(names) > 1, columns=columns)


def _colour(
    field: str, names: Sequence[str], colours: Sequence[str], *, legend: bool, columns: int = 2
) -> Specification:
    shown = {"title": None, "orient": "bottom", "columns": columns, "symbolType": "square"} if legend else None
    scale = {"domain": list(names), "range": list(colours[: len(names)])}
    return {"field": field, "type": "nominal", "scale": scale, "legend": shown}


def _states(answer: Answer, words: Words, values: Sequence[Any]) -> Specification:
    """How values came about; the legend tells what occurs, and nothing where all are of one kind."""
    occurring = {point.state for point in answer.points}
    chosen = [(words.language.text(_SHORT[state]), value) for state, value in zip(_OPACITY, values, strict=True)]
    chosen = [one for state, one in zip(_OPACITY, chosen, strict=True) if state in occurring]
    legend = {"title": None, "orient": "top", "symbolFillColor": _NEUTRAL} if len(chosen) > 1 else None
    # A scale of opacities would interpolate between the first two if it were not said to be ordinal.
    scale = {"type": "ordinal", "domain": [name for name, _ in chosen], "range": [value for _, value in chosen]}
    return {"field": "state", "type": "nominal", "scale": scale, "legend": legend}


def _tooltip(words: Words) -> list[Specification]:
    named = (
        ("country", message("Country")),
        ("commodity", message("Commodity")),
        ("indicator", message("Indicator")),
        ("year", message("Year")),
        ("told_value", message("Value")),
        ("told_state", message("Source")),
    )
    return [{"field": field, "type": "nominal", "title": words.language.text(title)} for field, title in named]


def _row(point: Point, words: Words) -> dict[str, Any]:
    return {
        "country": words.country(point.country),
        "commodity": words.commodity(point.commodity),
        "indicator": words.indicator(point.indicator),
        "year": point.year,
        "value": point.value,
        "told_value": words.language.number(point.value),
        "state": words.language.text(_SHORT[point.state]),
        "told_state": words.language.text(STATES[point.state]),
        "mark": _MARKS.get(point.precision or "", ""),
    }


_MARKS = {"approximate": "≈ ", "at-least": "≥ ", "at-most": "≤ "}


def _row_label(point: Point, words: Words, several: bool) -> str:
    country = words.country(point.country)
    return f"{words.commodity(point.commodity)} ({country})" if several else country


def _gaps(answer: Answer, words: Words) -> list[dict[str, Any]]:
    """Rows without a value for the years a country has none, so that its line breaks there."""
    found: list[dict[str, Any]] = []
    for country in answer.countries:
        years = {point.year for point in answer.points if point.country == country}
        missing = set(range(min(years), max(years))) - years
        found += [{"country": words.country(country), "year": year, "value": None} for year in sorted(missing)]
    return found


def _whole(look: Look, rows: Sequence[Mapping[str, Any]], drawing: Specification) -> Specification:
    ink, second, line, ground = _INKS[look.scheme]
    title = {"text": look.title, "subtitle": list(look.notes), "anchor": "start", "offset": 12} if look.title else None
    return {
        "$schema": SCHEMA,
        "description": look.title,
        "width": look.width,
        "height": look.height,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 4, "right": 12, "top": 8, "bottom": 4},
        "background": ground,
        **({"title": title} if title else {}),
        "data": {"values": list(rows)},
        **drawing,
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "title": {"color": ink, "subtitleColor": second, "fontSize": 15, "subtitleFontSize": 11},
            "axis": {
                "labelColor": second,
                "titleColor": second,
                "gridColor": line,
                "domainColor": line,
                "tickColor": line,
                "labelFontSize": 11,
            },
            "legend": {"labelColor": second, "labelFontSize": 11, "labelLimit": 240, "rowPadding": 2},
            "bar": {"discreteBandSize": {"band": 0.75}},
        },
    }
