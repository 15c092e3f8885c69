"""The charts there are. Another one is a question, a drawing where none fits, and a line in CHARTS."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from app.errors import UnknownCodeError
from app.statistics.figures import Figures
from app.statistics.selection import CODED
from app.web.charts import questions
from app.web.charts.answer import Answer, Asked
from app.web.charts.drawings import Draw, bars_height, compared, over_time
from app.web.languages import message
from app.web.words import Words
from gis.declaration import nearest

Question = Callable[[Figures, Asked], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. title: a message, or empty where the series gives it; parameters: codes it may be asked for.

    height: what the drawing needs for an answer in pixels, None for that of the place it is shown in.
    """

    id: str
    title: str
    question: Question
    draw: Draw
    parameters: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    height: Callable[[Answer], int] | None = None

    def titled(self, words: Words, asked: Asked) -> str:
        """The title of the chart for what is asked."""
        text = words.language.text(self.title) if self.title else series_title(words, asked)
        only = asked.codes.get("country", "")
        return f"{text}, {words.countries(only.split(','))}" if only else text


def series_title(words: Words, asked: Asked) -> str:
    """The title of a series, such as "tin: mine production, contained metal"."""
    commodity, content = asked.codes.get("commodity", ""), asked.codes.get("content", "")
    measured = [words.indicator(asked.codes["indicator"]), words.content(content) if content else ""]
    told = ", ".join(within(text) for text in measured if text)
    names = ", ".join(words.commodity(code) for code in commodity.split(",")) if commodity else ""
    return f"{names}: {told}" if names else told


def within(label: str) -> str:
    """A label as it is written inside a line."""
    return label[:1].lower() + label[1:]


CHARTS: Mapping[str, Chart] = {
    chart.id: chart
    for chart in (
        Chart("series", "", questions.by_year, over_time, CODED, ("indicator",)),
        Chart(
            "trade",
            message("Exports and imports of minerals"),
            questions.trade,
            compared,
            ("country",),
            height=bars_height,
        ),
        Chart(
            "trade-shares",
            message("Part of minerals in all exports and imports"),
            questions.trade_shares,
            compared,
            ("country",),
            height=bars_height,
        ),
        Chart(
            "world-shares",
            message("Part of the world's mine production"),
            questions.world_shares,
            compared,
            ("country", "commodity"),
            height=bars_height,
        ),
        Chart(
            "investment",
            message("Foreign direct investment in mining"),
            questions.investment,
            over_time,
            ("country", "isic"),
        ),
    )
}


def chart_of(name: str) -> Chart:
    """The chart of an id. Raises UnknownCodeError with the nearest one."""
    found = CHARTS.get(name)
    if found is None:
        raise UnknownCodeError(f"There is no chart {name[:60]!r}{nearest(name, list(CHARTS))}.")
    return found
