"""Pages of the commodities: where each is found, what is made of it, what it is called elsewhere."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale, UnknownLocaleError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.db.pool import Connection
from app.layers.queries import countries_having
from app.statistics.queries import Row
from app.web.charts.shown import Shown
from app.web.commodities import CommodityOut
from app.web.facts import RESERVES, WORLD, Fact, newest_facts
from app.web.frame import CODES, Frame
from app.web.languages import message
from app.web.missing import Missing
from app.web.overview import CountryFigures, LayerFigures
from app.web.words import Words

STAGES = (message("ore"), message("processed"), message("scrap"), message("verified"), message("unverified"))
"""Words of the crosswalk: stage of a code, and whether its source was at hand."""

_MOST_CHARTS = 8
_CHARTED = 2
"""So many years a series must span to be worth a chart."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A commodity in the list of all: features that name it, series that are measured of it."""

    code: str
    group: str
    sites: int
    series: int


@dataclass(frozen=True, slots=True)
class CommodityStory:
    """Everything a page or a brief tells of a commodity. countries: sites of it or of one below it by layer."""

    known: CommodityOut
    layers: Sequence[LayerFigures]
    countries: Sequence[CountryFigures]
    series: Sequence[Row]
    charts: Sequence[Shown]
    world: Sequence[Fact]
    reserves: Sequence[Fact]

    @property
    def sites(self) -> int:
        """Features in all countries and seas."""
        return sum(one.count for one in self.layers)


class CommodityPages:
    """``/commodities`` and ``/commodities/{code}``"""

    def __init__(self, frame: Frame, missing: Missing) -> None:
        self._frame = frame
        self._missing = missing

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/commodities", self.commodities), Route("/commodities/{code}", self.commodity)]

    async def commodities(self, request: Request) -> Response:
        """All commodities by group."""
        return await self._frame.page(request, "commodities.html", self._listing)

    async def commodity(self, request: Request) -> Response:
        """One commodity; 404 with the nearest ones for an unknown code."""
        code = request.path_params["code"]
        terms = self._frame.vocabularies["commodity-code"].terms
        if code not in terms:
            labels = {one: term.label for one, term in terms.items()}
            return await self._missing.answer(request, "commodities", code, labels)
        return await self._frame.page(request, "commodity.html", lambda words: self._values(words, code))

    async def _listing(self, words: Words) -> Mapping[str, Any]:
        entries = await read_entries(self._frame)
        groups: dict[str, list[Entry]] = {term.code: [] for term in self._frame.vocabularies["commodity-group"]}
        for entry in entries:
            groups.setdefault(entry.group, []).append(entry)
        ordered = {
            group: sorted(found, key=lambda one: (-one.sites, -one.series, words.commodity(one.code)))
            for group, found in groups.items()
        }
        return {"groups": ordered, "group_label": self._group_label(words)}

    async def _values(self, words: Words, code: str) -> Mapping[str, Any]:
        story = await read_commodity(self._frame, words, code)
        names = {tag: text for tag, text in story.known.labels.items() if tag != words.language.code}
        return {
            "story": story,
            "names": [(tag, _language_name(tag, words), text) for tag, text in sorted(names.items())],
            "group_label": self._group_label(words),
        }

    def _group_label(self, words: Words) -> Any:
        groups = self._frame.vocabularies["commodity-group"]
        return lambda code: words.language.text(groups.label(code)) if code else ""


async def read_entries(frame: Frame) -> list[Entry]:
    """All commodities with what there is of each by itself, not counting those below it."""
    sites: Counter[str] = Counter()
    for counts in (await frame.holdings()).values():
        for (_, code), count in counts.items():
            sites[code] += count
    measured = Counter(row["commodity"] for row in await frame.series())
    terms = frame.vocabularies["commodity-code"]
    return [Entry(term.code, term.extra["group"], sites[term.code], measured[term.code]) for term in terms]


async def read_commodity(frame: Frame, words: Words, code: str) -> CommodityStory:
    """What is known of a commodity. Raises UnknownCodeError."""
    known = await frame.commodities(code)
    counts = await _counts(frame, code)
    layers = [
        LayerFigures(one.layer, one.title, "", "", "points", one.count, 0, None) for one in known.sites if one.count
    ]
    series = [row for row in await frame.series() if row["commodity"] == code]
    order = list(frame.figures.cube.indicators.terms)
    series.sort(key=lambda row: (order.index(row["indicator"]), -row["last_year"], -row["observations"]))
    drawn = [row for row in series if row["last_year"] - row["first_year"] + 1 >= _CHARTED]
    members = frame.figures.cube.members
    countries = [
        CountryFigures(country, name, tuple(counts[one.id].get(country, 0) for one in layers))
        for country, name in members.items()
    ]
    return CommodityStory(
        known=known,
        layers=layers,
        countries=sorted((one for one in countries if one.total), key=lambda one: -one.total),
        series=series,
        charts=await _charts(frame, words, code, drawn[:_MOST_CHARTS]),
        world=await newest_facts(frame.figures, words, WORLD, commodity=code),
        reserves=await newest_facts(frame.figures, words, RESERVES, commodity=code),
    )


async def _charts(frame: Frame, words: Words, code: str, drawn: Sequence[Row]) -> list[Shown]:
    """Charts of series, two beside each other; one without a neighbour has the width of the page."""
    alone = len(drawn) - 1 if len(drawn) % 2 else None
    return [
        await frame.chart(
            "series",
            words,
            "whole" if number == alone else "half",
            indicator=row["indicator"],
            commodity=code,
            content=row["content"],
        )
        for number, row in enumerate(drawn)
    ]


async def _counts(frame: Frame, code: str) -> dict[str, dict[str | None, int]]:
    codes = frame.vocabularies["commodity-code"].with_narrower(code)
    layers = [one.layer for one in frame.catalogue.declared.values() if one.layer.field(CODES)]

    async def read(connection: Connection) -> dict[str, dict[str | None, int]]:
        return {layer.id: await countries_having(connection, layer, CODES, codes) for layer in layers}

    return await frame.reads(read)


def _language_name(tag: str, words: Words) -> str:
    try:
        named = Locale.parse(tag, sep="-").get_display_name(words.language.locale)
    except (ValueError, UnknownLocaleError):
        named = None
    return named or tag
