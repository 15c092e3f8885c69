"""Breaks between editions of the Harmonized System: a series that jumps where its codes change, or is told in two."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import exp, log
from statistics import median
from typing import Any

from app.statistics.checks import Cube
from app.statistics.codes import NOT_APPLICABLE
from app.statistics.plausibility.doubts import Amount, Check, Code, Doubt, Judged, Part, Row, Told, message, ranked

LEAST_JUMP = 1.5
"""A change by less than this factor is no break."""
TIMES_USUAL = 3
"""A break is a change so many times as large as the series usually has from year to year."""
TOLERANCE = 0.05
"""How far the sums of two editions in one year may be from each other, as a part of the larger."""

_JUMP = message(
    "%(commodity)s, %(indicator)s of %(country)s with %(partner)s: %(before)s in %(last)s by HS %(old)s, %(after)s in "
    "%(first)s by HS %(new)s. Codes of the old edition that the new one does not have: %(lost)s."
)
_TWICE = message(
    "%(commodity)s, %(indicator)s of %(country)s with %(partner)s in %(year)s: %(before)s by HS %(old)s and %(after)s "
    "by HS %(new)s, %(part)s apart; both count the same goods."
)
_ONE_EDITION = message("all of the series is by one edition of the HS")

_Series = tuple[Any, ...]
_Years = Mapping[int, Sequence[Row]]


def judge(rows: Sequence[Row], cube: Cube) -> Judged:
    """Compare the end of each edition with the beginning of the next, and editions that tell of the same year."""
    doubts: list[Doubt] = []
    compared = left_out = 0
    for editions in _series(rows, cube).values():
        left_out += len(editions) == 1
        for old, new in pairwise(sorted(editions)):
            compared += 1
            doubts += _between(editions[old], editions[new], cube)
    return Judged(compared, ranked(doubts), {_ONE_EDITION: left_out} if left_out else {})


def _series(rows: Sequence[Row], cube: Cube) -> Mapping[_Series, Mapping[str, _Years]]:
    """Figures with an HS code by series, edition and year."""
    found: dict[_Series, dict[str, dict[int, list[Row]]]] = {}
    for row in rows:
        if row["hs"] != NOT_APPLICABLE:
            names = ("indicator", "country", "partner", "commodity", "content")
            key = (*(row[name] for name in names), cube.units.kind(row["unit"]))
            years = found.setdefault(key, {}).setdefault(row["hsEdition"], defaultdict(list))
            years[row["year"]].append(row)
    return found


def _between(old: _Years, new: _Years, cube: Cube) -> Iterator[Doubt]:
    first, last = min(new), max(old)
    unit = new[first][0]["unit"]
    before, after = (_sums(years, unit, cube) for years in (old, new))
    shared = sorted(old.keys() & new.keys())
    for year in shared:
        larger = max(before[year], after[year])
        apart = abs(before[year] - after[year]) / larger if larger else 0.0
        if apart > TOLERANCE:
            told: dict[str, Told] = {"year": year, "part": Part(apart)}
            yield _doubt(_TWICE, (old[year], new[year]), (before[year], after[year]), unit, told, apart)
    if not shared and before[last] > 0 and after[first] > 0:
        jump = abs(log(after[first] / before[last]))
        if jump > max(log(LEAST_JUMP), TIMES_USUAL * _usual(before, after)):
            known = {code for edition, code in cube.crosswalk.hs if edition == new[first][0]["hsEdition"]}
            lost = ", ".join(sorted({row["hs"] for row in old[last]} - known)) or "–"
            values: dict[str, Told] = {"last": last, "first": first, "lost": lost}
            yield _doubt(_JUMP, (old[last], new[first]), (before[last], after[first]), unit, values, exp(jump) - 1)


def _sums(years: _Years, unit: str, cube: Cube) -> Mapping[int, float]:
    return {
        year: sum(cube.units.convert(row["value"], row["unit"], unit) for row in rows) for year, rows in years.items()
    }


def _usual(*parts: Mapping[int, float]) -> float:
    """The median of the changes from year to year within the editions, as logarithms; 0 where there are none."""
    changes = [
        abs(log(part[year + 1] / part[year]))
        for part in parts
        for year in part
        if part[year] > 0 and part.get(year + 1, 0) > 0
    ]
    return median(changes) if changes else 0.0


def _doubt(
    told: str,
    rows: tuple[Sequence[Row], Sequence[Row]],
    sums: tuple[float, float],
    unit: str,
    values: Mapping[str, Told],
    weight: float,
) -> Doubt:
    old, new = rows
    row = new[0]
    names = ("indicator", "country", "partner", "commodity")
    codes: Mapping[str, Told] = {name: Code(name, row[name]) for name in names}
    editions: Mapping[str, Told] = {"old": old[0]["hsEdition"], "new": row["hsEdition"]}
    amounts: Mapping[str, Told] = {"before": Amount(sums[0], unit), "after": Amount(sums[1], unit)}
    return Doubt((*new, *old), told, {**codes, **editions, **amounts, **values}, weight)


EDITIONS = Check(
    "hs-editions",
    message("Breaks between HS editions"),
    message(
        "All codes of a commodity together, the last year by one edition of the HS beside the first year by the next. "
        "Doubted where they differ by more than the factor 1.5 and by more than three times what the series usually "
        "changes in a year, or where two editions tell of one year and are more than 5 % apart. Ranked by the change."
    ),
    message("Exports and imports by HS six-digit code with the edition, over a change of editions"),
    judge,
)
