"""Sums over a slice, with what they cover: nothing is added that does not belong together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from app.errors import ConflictingFiguresError
from app.statistics.models import NOT_APPLICABLE, TOTAL
from app.statistics.units import Units
from gis.vocabulary import Vocabulary

Sums = Sequence[Mapping[str, Any]]
"""Sums of figures by year, country, indicator, content, unit and further dimensions, as queries.sums gives them."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which of the countries a total is expected to have it has. whole: all of them."""

    expected: tuple[str, ...]
    present: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Countries without a figure: nobody says that they have nothing."""
        return tuple(country for country in self.expected if country not in self.present)

    @property
    def whole(self) -> bool:
        """Whether every country has a figure."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Total:
    """One sum. codes: of the dimensions it is by. share: its part of the year. growth: since the year before.

    share and growth are fractions. share is empty where there is nothing to be a part of, growth where the year before
    has no total of the very same countries.
    """

    codes: Mapping[str, str]
    year: int
    value: float
    observations: int
    estimates: int
    countries: tuple[str, ...]
    share: float | None
    growth: float | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of a slice in one unit. coverage: by year; missing_years: years between without any figure."""

    unit: str
    totals: tuple[Total, ...]
    coverage: Mapping[int, Coverage]
    missing_years: tuple[int, ...]


def totals(
    sums: Sums,
    by: Sequence[str],
    expected: Sequence[str],
    unit: str | None,
    units: Units,
    vocabularies: Mapping[str, Vocabulary],
) -> Totals:
    """Totals by year and further dimensions, in a unit (by default the one of most figures).

    expected: the countries a total should have. Raises ConflictingFiguresError that tells every ground on which the
    figures may not be added.
    """
    reasons = tuple(conflicts(sums, by, units, vocabularies))
    if reasons:
        raise ConflictingFiguresError(reasons)
    chosen = unit or _usual_unit(sums)
    groups = _grouped(sums, by)
    values = {
        key: sum(units.convert(row["value"], row["unit"], chosen) for row in rows) for key, rows in groups.items()
    }
    yearly = _yearly(values, by)
    countries = {key: tuple(sorted({row["country"] for row in rows})) for key, rows in groups.items()}
    found = tuple(
        Total(
            codes=dict(zip(by, key[:-1], strict=True)),
            year=key[-1],
            value=values[key],
            observations=sum(row["observations"] for row in rows),
            estimates=sum(row["estimates"] for row in rows),
            countries=countries[key],
            share=_share(key, values[key], yearly, by),
            growth=_growth(key, values, countries),
        )
        for key, rows in sorted(groups.items())
    )
    return Totals(chosen, found, _coverage(sums, expected), _missing_years(sums))


def conflicts(sums: Sums, by: Sequence[str], units: Units, vocabularies: Mapping[str, Vocabulary]) -> Iterator[str]:
    """Every ground on which figures may not be added."""
    indicators, contents = _codes(sums, "indicator"), _codes(sums, "content")
    if len(indicators) > 1 and "indicator" not in by:
        yield f"{', '.join(indicators)} measure different things: choose one indicator."
    for code in indicators:
        if vocabularies["indicator"].terms[code].extra["additive"] != "true":
            yield f"Figures of {code} are never added: they are shares or prices."
    if len(contents) > 1 and "content" not in by:
        yield f"{', '.join(contents)} are not the same thing, ore is not contained metal: choose one content."
    kinds = sorted({units.kind(row["unit"]) for row in sums})
    if len(kinds) > 1:
        yield f"Units of {' and '.join(kinds)} do not convert into each other: choose a content or an indicator."
    nested = _nested(sums, by, vocabularies["commodity-code"])
    # One reason for all the countries and years it is found in.
    yield from dict.fromkeys(chain(_total_beside_parts(sums, by), nested, _several_editions(sums, by)))


def _total_beside_parts(sums: Sums, by: Sequence[str]) -> Iterator[str]:
    told = "The total over {0} (" + TOTAL + ") stands beside its parts: choose {0}=" + TOTAL + " or codes."
    for name, column in (("partner", "partner_kind"), ("commodity", "commodity")):
        if name not in by and any(TOTAL in codes and codes - _WHOLES for codes in _together(sums, column)):
            yield told.format(name)
    countries = _codes(sums, "country")
    if "country" not in by and TOTAL in countries and len(countries) > 1:
        yield told.format("country")
    if "hs" not in by and any(len(found) > 1 for found in _together(sums, "has_hs")):
        yield f"Figures with and without HS code stand beside each other: choose hs={NOT_APPLICABLE} or codes."


def _nested(sums: Sums, by: Sequence[str], commodities: Vocabulary) -> Iterator[str]:
    for codes in () if "commodity" in by else _together(sums, "commodity"):
        for code in sorted(codes & commodities.terms.keys()):
            inner = sorted((commodities.with_narrower(code) - {code}) & codes)
            if inner:
                yield f"{code} includes {', '.join(inner)}: choose the one or the others."
    for classes in () if "isic" in by else _together(sums, "isic"):
        found = next(((a, b) for a in sorted(classes) for b in sorted(classes - {a}) if _includes(a, b)), None)
        if found:
            yield f"ISIC {found[1]} is in {found[0]}: choose classes of one level."


def _includes(outer: str, inner: str) -> bool:
    """Whether one ISIC code holds another; sections are letters, and a figure without a class is of all of them."""
    return inner.startswith(outer) or outer.isalpha() or outer == NOT_APPLICABLE


def _several_editions(sums: Sums, by: Sequence[str]) -> Iterator[str]:
    for editions in () if "hsEdition" in by else _together(sums, "hsEdition"):
        if len(editions - _WHOLES) > 1:
            yield f"Figures by HS {' and '.join(sorted(editions))} count the same goods: choose one hsEdition."


def _together(sums: Sums, column: str) -> Iterable[frozenset[Any]]:
    """The different sets of codes that figures of one country and year have: what would be added to each other."""
    found: defaultdict[tuple[str, int], set[Any]] = defaultdict(set)
    for row in sums:
        found[row["country"], row["year"]].add(row[column])
    return dict.fromkeys(map(frozenset, found.values()))


_WHOLES = frozenset({TOTAL, NOT_APPLICABLE})


def _codes(sums: Sums, name: str) -> list[str]:
    return sorted({row[name] for row in sums})


def _usual_unit(sums: Sums) -> str:
    counts: defaultdict[str, int] = defaultdict(int)
    for row in sums:
        counts[row["unit"]] += row["observations"]
    return max(sorted(counts), key=counts.__getitem__, default="")


def _grouped(sums: Sums, by: Sequence[str]) -> dict[tuple[Any, ...], list[Mapping[str, Any]]]:
    groups: defaultdict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in sums:
        groups[(*(row[name] for name in by), row["year"])].append(row)
    return dict(groups)


def _yearly(values: Mapping[tuple[Any, ...], float], by: Sequence[str]) -> Mapping[int, float] | None:
    """What all totals of a year add up to; None where they are not parts of one thing."""
    if not by or not set(by) <= {"country", "partner", "commodity"}:
        return None
    summed: defaultdict[int, float] = defaultdict(float)
    for key, value in values.items():
        if TOTAL not in key:
            summed[key[-1]] += value
    return summed


def _share(key: tuple[Any, ...], value: float, yearly: Mapping[int, float] | None, by: Sequence[str]) -> float | None:
    whole = yearly.get(key[-1]) if yearly and TOTAL not in key else None
    return value / whole if whole else None


def _growth(
    key: tuple[Any, ...], values: Mapping[tuple[Any, ...], float], countries: Mapping[tuple[Any, ...], tuple[str, ...]]
) -> float | None:
    before = (*key[:-1], key[-1] - 1)
    comparable = before in values and countries[before] == countries[key] and values[before]
    return values[key] / values[before] - 1 if comparable else None


def _coverage(sums: Sums, expected: Iterable[str]) -> Mapping[int, Coverage]:
    present: defaultdict[int, set[str]] = defaultdict(set)
    for row in sums:
        present[row["year"]].add(row["country"])
    wanted = tuple(sorted(expected))
    return {year: Coverage(wanted, tuple(sorted(present[year]))) for year in sorted(present)}


def _missing_years(sums: Sums) -> tuple[int, ...]:
    years = {row["year"] for row in sums}
    return tuple(year for year in range(min(years), max(years)) if year not in years) if years else ()
