"""The questions charts ask the statistics, one function each. Every answer is of one release and names its rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.db.pool import PublicReads
from app.errors import ConflictingFiguresError
from app.statistics import queries
from app.statistics.codes import TOTAL
from app.statistics.figures import Figures
from app.statistics.queries import Row
from app.statistics.selection import Selection
from app.statistics.totals import Coverage
from app.web.charts.answer import Answer, Asked, Point, State
from app.web.languages import message

MOST_ROWS = 10_000
MOST_YEARS = 50
"""A chart by year goes back so far from its last year, unless it is asked for other years."""

MONEY = "MUSD"
WHOLE = {"commodity": TOTAL, "partner": TOTAL}


class Series:
    """What is measured, of which commodities, kept until the next release."""

    def __init__(self, figures: Figures, reads: PublicReads) -> None:
        self.figures = figures
        self._reads = reads
        self._kept: tuple[int, Sequence[Row]] = (-1, ())

    async def __call__(self) -> Sequence[Row]:
        """Every series: indicator, commodity, content, observations, countries, first_year, last_year."""
        release = await self.figures.release(None)
        number = release.number if release else 0
        if self._kept[0] != number:
            self._kept = number, await self._reads(queries.all_series)
        return self._kept[1]

    async def leading(self, indicator: str, most: int, country: str | None = None) -> list[Row]:
        """The series of an indicator that most countries report in recent years.

        Recent: within two years of the newest figure. country: only series that have figures of it.
        """
        found = [row for row in await self() if row["indicator"] == indicator and row["commodity"] != TOTAL]
        found = [row for row in found if country is None or country in row["countries"]]
        newest = max((row["last_year"] for row in found), default=0)
        found.sort(key=lambda row: (row["last_year"] < newest - 2, -len(row["countries"]), -row["observations"]))
        return found[:most]


async def by_year(figures: Figures, asked: Asked) -> Answer:
    """One series by country and year.

    Sums where the indicator may be added; else the figures themselves, one a country and year. Raises
    ConflictingFiguresError, UnknownCodeError, InvalidParameterError.
    """
    selection = await figures.selection(dict(asked.codes), (asked.first, asked.last), asked.release)
    rows: Sequence[Row] = await _rows(figures, selection, None)
    if asked.first is None and asked.last is None:
        selection, rows = _lately(selection, rows)
    term = figures.cube.indicators.terms.get(asked.codes["indicator"])
    if term is None or term.extra["additive"] != "true":
        return await _figures_as_they_are(figures, selection, rows)
    return await _sums(figures, selection, rows, None)


async def trade(figures: Figures, asked: Asked) -> Answer:
    """Exports and imports of all minerals, all partners together, the newest year of each country."""
    return await _newest(figures, asked, "exports,imports", WHOLE, MONEY)


async def trade_shares(figures: Figures, asked: Asked) -> Answer:
    """What part of a country's exports and imports minerals are, the newest year of each country."""
    return await _newest(figures, asked, "exports-share,imports-share", {"commodity": TOTAL}, "percent")


async def world_shares(figures: Figures, asked: Asked) -> Answer:
    """What part of the world's production a country has, the newest year of each commodity."""
    return await _newest(figures, asked, "world-production-share", {}, "percent")


async def investment(figures: Figures, asked: Asked) -> Answer:
    """Foreign direct investment by country and year."""
    return await by_year(figures, Asked({**asked.codes, "indicator": "foreign-direct-investment"}))


async def _newest(figures: Figures, asked: Asked, indicators: str, codes: Mapping[str, str], unit: str) -> Answer:
    """The newest figure of each country, commodity and indicator, as it is, in a unit."""
    chosen = {**codes, **asked.codes, "indicator": indicators}
    selection = await figures.selection(chosen, (asked.first, asked.last), asked.release)
    rows = [row for row in await _rows(figures, selection, unit) if row["country"] != TOTAL or "country" in asked.codes]
    newest: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in ("indicator", "country", "commodity", "content"))
        if key not in newest or row["year"] > newest[key]["year"]:
            newest[key] = row
    return await _answer(figures, selection, unit, [_as_it_is(row) for row in newest.values()], list(newest.values()))


async def _figures_as_they_are(figures: Figures, selection: Selection, rows: Sequence[Row]) -> Answer:
    units = {row["unit"] for row in rows}
    if len(units) > 1:
        told = message("The figures are in several units, which do not go into one chart.")
        raise ConflictingFiguresError((told,))
    places = [(row["country"], row["year"]) for row in rows]
    if len(set(places)) < len(places):
        told = message("There are several figures of one country and year: choose a commodity or a partner.")
        raise ConflictingFiguresError((told,))
    return await _answer(figures, selection, next(iter(units), ""), [_as_it_is(row) for row in rows], rows)


async def _sums(figures: Figures, selection: Selection, rows: Sequence[Row], unit: str | None) -> Answer:
    found = await figures.totals(selection, ("country",), unit)
    release = await figures.release(selection.release)
    states = _states(rows)
    one = rows[0] if rows else {}
    points = [
        Point(
            indicator=selection.codes["indicator"][0],
            country=total.codes["country"],
            commodity=_only(selection, "commodity", one),
            content=_only(selection, "content", one),
            year=total.year,
            value=total.value,
            state=states.get((total.codes["country"], total.year), _unknown(total.estimates)),
            observations=total.observations,
            rows=figures.rows_of(selection, total.codes, total.year, release.number if release else 0).parameters(),
        )
        for total in found.totals
    ]
    return await _answer(figures, selection, found.unit, points, rows)


async def _answer(
    figures: Figures, selection: Selection, unit: str, points: Sequence[Point], rows: Sequence[Row]
) -> Answer:
    release = await figures.release(selection.release)
    present: defaultdict[int, set[str]] = defaultdict(set)
    for point in points:
        present[point.year].add(point.country)
    expected = tuple(sorted(selection.codes.get("country") or figures.cube.members))
    fills = [figures.cube.indicators.terms[code].extra["fill"] for code in selection.codes["indicator"]]
    return Answer(
        unit=unit,
        points=tuple(sorted(points, key=lambda one: (one.indicator, one.commodity, one.country, one.year))),
        coverage={year: Coverage(expected, tuple(sorted(present[year]))) for year in sorted(present)},
        sources=tuple(sorted({row["source"] for row in rows})),
        release=release,
        citation=figures.citation(release) if release else "",
        fill="" if points else next(filter(None, fills), ""),
    )


def _lately(selection: Selection, rows: Sequence[Row]) -> tuple[Selection, Sequence[Row]]:
    """The slice and its rows without years long past."""
    last = max((row["year"] for row in rows), default=None)
    if last is None:
        return selection, rows
    first = last - MOST_YEARS + 1
    return replace(selection, first_year=first, last_year=last), [row for row in rows if row["year"] >= first]


async def _rows(figures: Figures, selection: Selection, unit: str | None) -> list[Row]:
    return list((await figures.page(selection, MOST_ROWS, None, unit)).rows)


def _as_it_is(row: Row) -> Point:
    return Point(
        indicator=row["indicator"],
        country=row["country"],
        commodity=row["commodity"],
        content=row["content"],
        year=row["year"],
        value=row["value"],
        state=_state([row["estimated"]]),
        observations=1,
        rows={"id": str(row["id"])},
        precision=row["precision"],
    )


def _states(rows: Sequence[Row]) -> dict[tuple[str, int], State]:
    flags: defaultdict[tuple[str, int], list[bool | None]] = defaultdict(list)
    for row in rows:
        flags[row["country"], row["year"]].append(row["estimated"])
    return {place: _state(found) for place, found in flags.items()}


def _state(flags: Sequence[bool | None]) -> State:
    """Of a sum: estimated when any part is, reported when all are."""
    if any(flags):
        return State.ESTIMATED
    return State.NOT_STATED if None in flags else State.REPORTED


def _unknown(estimates: int) -> State:
    return State.ESTIMATED if estimates else State.NOT_STATED


def _only(selection: Selection, name: str, row: Row) -> str:
    codes = selection.codes.get(name, ())
    return codes[0] if len(codes) == 1 else str(row.get(name, ""))
