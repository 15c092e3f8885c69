"""Single figures of the statistics as pages tell them: value, unit, year, source, and where the number comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.statistics.codes import TOTAL
from app.statistics.figures import Figures
from app.statistics.queries import Row
from app.web.charts.answer import State
from app.web.charts.drawings import STATES
from app.web.words import Words

MOST = 500
"""So many series are told of at most."""

_AT_ONCE = 10_000
_SERIES = ("indicator", "country", "partner", "commodity", "hs", "isic", "content")
PRODUCTION = (
    "mine-production",
    "smelter-production",
    "refinery-production",
    "primary-metal-production",
    "plant-production",
    "pig-iron-production",
    "raw-steel-production",
    "smelter-capacity",
)
RESERVES = ("reserves",)
TRADE = ("exports", "imports", "exports-share", "imports-share", "trade", "trade-share")
ECONOMY = ("foreign-direct-investment", "value-added", "gdp-share", "employment", "exploration-spending")
WORLD = ("world-production-share", "world-reserves-share")


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure in words. why: the page of the figure; state: whether it is an estimate."""

    row: Row
    words: Words

    @property
    def value(self) -> str:
        """The number with its unit, as exact as the source says."""
        precision = self.words.precision(self.row["precision"]).partition(" (")[0]
        told = self.words.value(self.row["value"], self.row["unit"])
        return f"{precision} {told}" if precision else told

    @property
    def state(self) -> str:
        """How it came about."""
        flag = self.row["estimated"]
        found = State.NOT_STATED if flag is None else State.ESTIMATED if flag else State.REPORTED
        return self.words.language.text(STATES[found])

    @property
    def estimated(self) -> bool:
        """Whether the source estimated it."""
        return bool(self.row["estimated"])

    @property
    def why(self) -> str:
        """The page that tells where it comes from."""
        return self.words.language.to(f"/statistics/figures/{self.row['id']}")


async def newest_facts(figures: Figures, words: Words, indicators: Sequence[str], **codes: str) -> list[Fact]:
    """The newest figure of each series: indicator, country, partner, commodity, content and class."""
    selection = await figures.selection({**codes, "indicator": ",".join(indicators)}, (None, None), None)
    newest: dict[tuple[str, ...], Row] = {}
    after: int | None = None
    while True:
        page = await figures.page(selection, _AT_ONCE, after, None)
        for row in page.rows:
            key = tuple(row[name] for name in _SERIES)
            if key not in newest or row["year"] > newest[key]["year"]:
                newest[key] = row
        after = page.next
        if after is None or len(newest) >= MOST:
            return [Fact(row, words) for row in newest.values()]


async def region_facts(figures: Figures, words: Words, indicators: Sequence[str]) -> list[Fact]:
    """Figures of the whole region."""
    return await newest_facts(figures, words, indicators, country=TOTAL)
