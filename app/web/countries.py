"""Pages of the member states: what is known of each."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.layers.pictures import preview_address
from app.layers.records import framed
from app.regions import Member
from app.statistics.codes import TOTAL
from app.statistics.queries import Row
from app.web.charts.shown import Shown
from app.web.facts import ECONOMY, PRODUCTION, RESERVES, TRADE, WORLD, Fact, newest_facts
from app.web.frame import Frame
from app.web.home import LEADING, drawn_map
from app.web.missing import Missing
from app.web.overview import BOUNDARIES, CountryFigures
from app.web.words import Words
from gis.layer import BBox

_MOST_CHARTS = 6


@dataclass(frozen=True, slots=True)
class Holding:
    """A commodity of a country: sites that have it, and series that are measured of it."""

    code: str
    sites: int
    series: int


@dataclass(frozen=True, slots=True)
class Country:
    """Everything a page or a brief tells of a member state."""

    member: Member
    figures: CountryFigures
    layers: Sequence[Any]
    holdings: Sequence[Holding]
    box: BBox | None
    production: Sequence[Fact]
    reserves: Sequence[Fact]
    trade: Sequence[Fact]
    economy: Sequence[Fact]
    world: Sequence[Fact]
    charts: Sequence[Shown]


class CountryPages:
    """``/countries`` and ``/countries/{iso3}``"""

    def __init__(self, frame: Frame, missing: Missing) -> None:
        self._frame = frame
        self._missing = missing

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/countries", self.countries), Route("/countries/{country}", self.country)]

    async def countries(self, request: Request) -> Response:
        """All member states."""
        return await self._frame.page(request, "countries.html", self._listing)

    async def country(self, request: Request) -> Response:
        """One member state; 404 with the nearest ones for an unknown code."""
        code = request.path_params["country"]
        members = self._frame.figures.cube.members
        if code not in members:
            return await self._missing.answer(request, "countries", code, members)
        return await self._frame.page(request, "country.html", lambda words: self._values(words, code))

    async def _listing(self, words: Words) -> Mapping[str, Any]:
        overview = await self._frame.overview()
        series = await self._frame.series()
        measured = Counter(code for row in series for code in row["countries"])
        members = {member.country: member for member in self._frame.region.members}
        return {
            "overview": overview,
            "members": members,
            "measured": measured,
            "map": await drawn_map(self._frame, overview),
        }

    async def _values(self, words: Words, code: str) -> Mapping[str, Any]:
        country = await read_country(self._frame, words, code)
        picture = (
            preview_address(framed(country.box), ["relief", _GEOLOGY, BOUNDARIES, *_POINTS]) if country.box else None
        )
        box = framed(country.box) if country.box else None
        fills = {name: words.fill(*indicators) for name, indicators in _INDICATORS.items()}
        return {
            "country": country,
            "picture": picture,
            "box": box,
            "view": _view(box) if box else "",
            "fills": fills,
            "geology": self._frame.catalogue.state(_GEOLOGY).count > 0,
        }


_GEOLOGY = "geologic-units"
_POINTS = ("mineral-occurrences", "mineral-deposits", "mines")
_INDICATORS = {"production": PRODUCTION, "reserves": RESERVES, "world": WORLD, "trade": TRADE, "economy": ECONOMY}


async def read_country(frame: Frame, words: Words, code: str) -> Country:
    """What is known of a member state."""
    overview = await frame.overview()
    series = [row for row in await frame.series() if code in row["countries"]]
    leading = await frame.series.leading(LEADING, _MOST_CHARTS, code)

    measured = await newest_facts(frame.figures, words, [*PRODUCTION, *RESERVES, *WORLD], country=code)
    summed = await newest_facts(frame.figures, words, [*TRADE, *ECONOMY], country=code, commodity=TOTAL)

    def known(indicators: Sequence[str]) -> list[Fact]:
        return [one for one in (*measured, *summed) if one.row["indicator"] in indicators]

    return Country(
        member=next(member for member in frame.region.members if member.country == code),
        figures=next(one for one in overview.countries if one.country == code),
        layers=overview.site_layers,
        holdings=await _holdings(frame, code, series),
        box=await _box(frame, code),
        production=known(PRODUCTION),
        reserves=known(RESERVES),
        trade=known(TRADE),
        economy=known(ECONOMY),
        world=known(WORLD),
        charts=[
            await frame.chart(
                "series", words, indicator=LEADING, country=code, commodity=row["commodity"], content=row["content"]
            )
            for row in leading
        ],
    )


def _view(box: BBox) -> str:
    """Where the map is opened to show a box, as its permanent links tell it: zoom, latitude, longitude."""
    west, south, east, north = box
    zoom = math.log2(360 / max(east - west, 1.5 * (north - south))) + 0.5
    return f"{zoom:.1f}/{(south + north) / 2:.2f}/{(west + east) / 2:.2f}"


async def _holdings(frame: Frame, country: str, series: Sequence[Row]) -> list[Holding]:
    """The commodities of a country, those with most sites first."""
    sites: Counter[str] = Counter()
    for counts in (await frame.holdings()).values():
        sites.update({code: count for (place, code), count in counts.items() if place == country})
    measured = Counter(
        row["commodity"] for row in series if row["commodity"] in frame.vocabularies["commodity-code"].terms
    )
    codes = sorted({*sites, *measured}, key=lambda code: (-sites[code], -measured[code], code))
    return [Holding(code, sites[code], measured[code]) for code in codes]


async def _box(frame: Frame, country: str) -> BBox | None:
    return next((one.box for one in await frame.borders() if one.country == country), None)
