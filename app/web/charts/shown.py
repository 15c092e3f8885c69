"""A chart as a page shows it: its words, its pictures' addresses, its table with a link to the rows of every value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from app.statistics.figures import PATH as STATISTICS
from app.web.charts.answer import Answer, Asked, Point, State
from app.web.charts.drawings import STATES
from app.web.charts.registry import Chart
from app.web.languages import message
from app.web.words import Words

SIZES: Mapping[str, tuple[int, int]] = {
    "small": (360, 240),
    "medium": (560, 320),
    "large": (720, 360),
    "wide": (1160, 400),
}
"""Width and height of a picture in pixels."""

Place = Literal["third", "half", "whole"]
"""How much of the width of a page on a desk a chart has."""

_PHONE, _TABLET, _LAPTOP = "(width < 44rem)", "(width < 72rem)", "(width < 80rem)"
_SOURCES: Mapping[Place, tuple[tuple[str, str], ...]] = {
    "third": (("", "small"),),
    "half": ((_PHONE, "small"), (_TABLET, "large"), ("", "medium")),
    "whole": ((_PHONE, "small"), (_LAPTOP, "large"), ("", "wide")),
}
"""Which size a screen gets, the narrowest first: letters stay readable, as a picture fills the width it has."""


MOST_LISTED = 60
"""So many values are in the table on a page; all are in the CSV file."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One chart on a page. Rows of the table come from its points, the newest first."""

    chart: Chart
    asked: Asked
    answer: Answer
    words: Words
    place: Place = "third"

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return self.chart.titled(self.words, self.asked)

    @property
    def unit(self) -> str:
        """The unit in words."""
        return self.words.unit(self.answer.unit) if self.answer.unit else ""

    @property
    def years(self) -> str:
        """First and last year with a value."""
        years = self.answer.years
        return "" if not years else f"{years[0]}–{years[-1]}" if years[0] < years[-1] else str(years[0])

    @property
    def states(self) -> tuple[str, ...]:
        """How the values came about, each kind that occurs."""
        found = {point.state for point in self.answer.points}
        return tuple(self.words.language.text(STATES[state]) for state in State if state in found)

    @property
    def coverage(self) -> str:
        """Which countries have no value in the newest year."""
        if not self.answer.points or len(self.answer.expected) < 2:
            return ""
        text = self.words.language.text
        year = self.answer.years[-1]
        covered = self.answer.coverage[year]
        if covered.whole:
            return text(message("In %(year)s every country has a figure."), year=year)
        return text(
            message("In %(year)s %(present)s of %(expected)s countries have a figure; none is known for %(missing)s."),
            year=year,
            present=len(covered.present),
            expected=len(covered.expected),
            missing=self.words.countries(covered.missing),
        )

    @property
    def table(self) -> list[Point]:
        """The newest values, those of one year with the largest first."""
        return sorted(self.answer.points, key=lambda one: (-one.year, -one.value))[:MOST_LISTED]

    @property
    def shortened(self) -> bool:
        """Whether the table leaves values out."""
        return len(self.answer.points) > MOST_LISTED

    @property
    def explorer(self) -> str:
        """The page of the series in the explorer, empty for a chart of several."""
        if "indicator" not in self.asked.codes:
            return ""
        return self.words.language.to(f"/statistics?{urlencode(self.asked.parameters(), safe=',')}")

    def state(self, point: Point) -> str:
        """How a value came about."""
        return self.words.language.text(STATES[point.state])

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Media conditions and the sizes to show where they hold; the last holds everywhere."""
        return _SOURCES[self.place]

    def height(self, size: str) -> int:
        """Height of a picture in pixels."""
        return self.chart.height(self.answer) if self.chart.height else SIZES[size][1]

    def width(self, size: str) -> int:
        """Width of a picture in pixels."""
        return SIZES[size][0]

    def address(self, suffix: str, **options: str) -> str:
        """Where the chart is in a format: svg, png, csv or vl.json."""
        release = self.answer.release
        asked = self.asked.parameters() | ({"release": str(release.number)} if release else {})
        asked |= {"lang": self.words.language.code} | options
        return f"/charts/{self.chart.id}.{suffix}?{urlencode(asked, safe=',')}"

    def why(self, point: Point) -> str:
        """The page that tells why a value is what it is: its rows, formula and release."""
        if "id" in point.rows:
            return self.words.language.to(f"/statistics/figures/{point.rows['id']}")
        return self.words.language.to(f"/statistics?{urlencode(point.rows, safe=',')}")


def rows_address(point: Point, unit: str) -> str:
    """The address in the API of the rows a value comes from."""
    if "id" in point.rows:
        return f"{STATISTICS}/observations/{point.rows['id']}"
    return f"{STATISTICS}/observations?{urlencode({**point.rows, 'unit': unit}, safe=',')}"
