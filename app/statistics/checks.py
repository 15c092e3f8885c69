"""Checks of figures: each row by itself against the cube's lists and units, then all rows against each other."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.minerals.crosswalk import Crosswalk, read_crosswalk
from app.regions import Region
from app.statistics.models import DIMENSIONS, NOT_APPLICABLE, TOTAL, UNSPECIFIED
from app.statistics.queries import observation_fields
from app.statistics.units import Units
from gis.declaration import nearest
from gis.formats import Record
from gis.validate import Checks, Finding
from gis.vocabulary import Vocabulary

Values = dict[str, Any]

TOLERANCE = 0.005
"""How far a total may be from the sum of its parts, as a part of the total: sources round both."""

_SPECIAL = frozenset({TOTAL, UNSPECIFIED, NOT_APPLICABLE})
_COUNTRY = re.compile("[A-Z]{3}")
_MEASURED = frozenset({"mass", "energy"})


@dataclass(frozen=True)
class Cube:
    """The lists figures are checked against. members: names of the states by code; region: its code as a partner."""

    vocabularies: Mapping[str, Vocabulary]
    crosswalk: Crosswalk
    units: Units
    members: Mapping[str, str]
    region: str

    @property
    def indicators(self) -> Vocabulary:
        """The indicators."""
        return self.vocabularies["indicator"]


def read_cube(region: Region, vocabularies: Mapping[str, Vocabulary]) -> Cube:
    """The lists of a region's figures."""
    members = {member.country: member.name for member in region.members}
    return Cube(vocabularies, read_crosswalk(), Units(vocabularies["unit"]), members, region.id.upper())


@dataclass
class FigureChecks:
    """Checks of one load, which may be of several files: keys must be unique over all of them."""

    cube: Cube
    _first: dict[tuple[Any, ...], str] = field(default_factory=dict)
    _amounts: list[tuple[str, int, Values]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._checks = Checks(observation_fields(), self.cube.vocabularies, _SPECIAL)

    def row(self, file: str, record: Record) -> tuple[Values, list[Finding]]:
        """Values of a record by field, with the codes for what a figure does not have, and what was found."""
        values, _, findings = self._checks.apply(record)
        for name in DIMENSIONS:
            values[name] = values[name] if values[name] is not None else NOT_APPLICABLE
        if findings:
            return values, [self._with_nearest(finding, values, record) for finding in findings]
        found = _broken_rules(self.cube, values)
        key = tuple(values[name] for name in DIMENSIONS)
        before = self._first.setdefault(key, f"line {record.line} of {file}")
        if before != f"line {record.line} of {file}":
            found.append(("year", f"the figure of {before} has the same key: indicator, country ... and year"))
        elif not found and self._adds_up(values):
            self._amounts.append((file, record.line, values))
        return values, [Finding(record.line, name, "statistics", message) for name, message in found]

    def totals(self) -> Iterator[tuple[str, Finding]]:
        """Totals that are not the sum of their parts, with the name of the file; for after the last row."""
        for name, exact in (("partner", True), ("commodity", False), ("country", False)):
            for file, line, message in _wrong_totals(self.cube, self._amounts, name, exact=exact):
                yield file, Finding(line, name, "total", message)

    def _adds_up(self, values: Values) -> bool:
        return self.cube.indicators.terms[values["indicator"]].extra["additive"] == "true"

    def _with_nearest(self, finding: Finding, values: Values, record: Record) -> Finding:
        """A finding of an unknown code, with the nearest one."""
        if finding.rule != "vocabulary":
            return finding
        vocabulary = next(f.vocabulary for f in observation_fields() if f.name == finding.field)
        known = list(self.cube.vocabularies[str(vocabulary)].terms)
        close = nearest(str(record.values[finding.field]), known)
        return Finding(finding.row, finding.field, finding.rule, finding.message + close)


def _broken_rules(cube: Cube, values: Values) -> list[tuple[str, str]]:
    """What is wrong with a row; nothing more once a field is wrong that the other rules go by."""
    found: list[tuple[str, str]] = []
    for name, rule in RULES:
        messages = [(name, message) for message in rule(cube, values)]
        if messages and name in _CAUSES:
            return messages
        found += messages
    return found


def _indicator(cube: Cube, values: Values) -> Iterator[str]:
    term = cube.indicators.terms.get(values["indicator"])
    if term is None or not term.extra["kinds"]:
        known = [t.code for t in cube.indicators if t.extra["kinds"]]
        yield f"{values['indicator']!r} is no indicator that has figures{nearest(values['indicator'], known)}"


def _country(cube: Cube, values: Values) -> Iterator[str]:
    code = values["country"]
    if code not in (*cube.members, TOTAL):
        yield f"{code!r} is no member of the region{nearest(code, list(cube.members))}"


def _partner(cube: Cube, values: Values) -> Iterator[str]:
    code, has_partner = values["partner"], _extra(cube, values, "partner") == "true"
    if has_partner and code == NOT_APPLICABLE:
        yield f"is required for {values['indicator']}; {TOTAL} for all partners together"
    elif not has_partner and code != NOT_APPLICABLE:
        yield f"{values['indicator']} has no partner, not {code!r}"
    elif code not in (*_SPECIAL, cube.region) and not _COUNTRY.fullmatch(code):
        yield f"{code!r} is no country code of three capital letters{nearest(code, list(cube.members))}"


def _commodity(cube: Cube, values: Values) -> Iterator[str]:
    if values["commodity"] in (NOT_APPLICABLE, UNSPECIFIED):
        yield f"{values['commodity']!r} is no commodity; {TOTAL} for all of them together"


def _unit(cube: Cube, values: Values) -> Iterator[str]:
    kinds = str(_extra(cube, values, "kinds")).split("|")
    if values["unit"] in _SPECIAL:
        yield f"{values['unit']!r} is no unit"
    elif cube.units.kind(values["unit"]) not in kinds:
        fitting = [t.code for t in cube.vocabularies["unit"] if t.extra["kind"] in kinds]
        yield f"{values['unit']!r} is wrong for {values['indicator']}: {', '.join(fitting)}"


def _content(cube: Cube, values: Values) -> Iterator[str]:
    kind = _kind(cube, values)
    content = values["content"]
    if kind in _MEASURED and content in _SPECIAL:
        yield f"is required for a {kind}: {', '.join(cube.vocabularies['content'].terms)}"
    elif kind not in _MEASURED and content != NOT_APPLICABLE:
        yield f"a figure in {values['unit']} has no content, not {content!r}"
    elif kind in _MEASURED and (kind == "energy") != (content == "energy-content"):
        yield f"{content} is not counted in {values['unit']}"


def _value(cube: Cube, values: Values) -> Iterator[str]:
    if values["value"] < 0 and _extra(cube, values, "signed") != "true":
        yield f"{values['value']:g} is negative"
    if _kind(cube, values) == "ratio" and cube.units.convert(values["value"], values["unit"], "percent") > 100:
        yield f"{values['value']:g} {values['unit']} is more than the whole"


def _hs(cube: Cube, values: Values) -> Iterator[str]:
    yield from _class_code(cube.crosswalk.hs, values, "hs", "hsEdition", "edition")


def _isic(cube: Cube, values: Values) -> Iterator[str]:
    yield from _class_code(cube.crosswalk.isic, values, "isic", "isicRevision", "revision")


def _class_code(
    titles: Mapping[tuple[str, str], str], values: Values, name: str, edition_name: str, word: str
) -> Iterator[str]:
    code, edition = values[name], values[edition_name]
    editions = sorted({known for known, _ in titles})
    if (code in _SPECIAL) != (edition in _SPECIAL):
        yield f"a code and its {edition_name} belong together ({word} {' or '.join(editions)})"
    elif code not in _SPECIAL and (edition, code) not in titles:
        known = [other for other_edition, other in titles if other_edition == edition]
        yield f"there is no code {code!r} in {word} {edition}{nearest(code, known)}"


def _extra(cube: Cube, values: Values, name: str) -> str | None:
    term = cube.indicators.terms.get(values["indicator"])
    return term.extra[name] if term else None


def _kind(cube: Cube, values: Values) -> str:
    return "" if values["unit"] in _SPECIAL else cube.units.kind(values["unit"])


Rule = Callable[[Cube, Values], Iterator[str]]
RULES: Sequence[tuple[str, Rule]] = (
    ("indicator", _indicator),
    ("unit", _unit),
    ("country", _country),
    ("partner", _partner),
    ("commodity", _commodity),
    ("content", _content),
    ("value", _value),
    ("hs", _hs),
    ("isic", _isic),
)
"""The rules for a row, by the field they are about."""

_CAUSES = frozenset({"indicator", "unit"})
"""Fields that the rules after them go by: where one is wrong, these would find nothing but its consequences."""


def _wrong_totals(
    cube: Cube, amounts: Sequence[tuple[str, int, Values]], name: str, *, exact: bool
) -> Iterator[tuple[str, int, str]]:
    """Rows whose code of a dimension is the total, beside rows of its parts that do not add up to it.

    exact: all parts are expected (the rest as _X); otherwise parts may be missing, but not exceed the total.
    """
    parts: defaultdict[tuple[Any, ...], list[Values]] = defaultdict(list)
    rest = [other for other in DIMENSIONS if other != name]

    def place(values: Values) -> tuple[Any, ...]:
        return (*(values[other] for other in rest), cube.units.kind(values["unit"]))

    for _, _, values in amounts:
        if values[name] not in (TOTAL, NOT_APPLICABLE):
            parts[place(values)].append(values)
    for file, line, values in amounts:
        found = parts.get(place(values), []) if values[name] == TOTAL else []
        if name == "commodity":
            found = _disjoint(cube, found)
        unit, total = values["unit"], values["value"]
        summed = sum(cube.units.convert(part["value"], part["unit"], unit) for part in found)
        excess, allowed = summed - total, abs(total) * TOLERANCE
        if found and (excess > allowed or (exact and excess < -allowed)):
            hint = f"; put the rest under {UNSPECIFIED}" if excess < 0 else ""
            yield file, line, f"the total is {total:g} {unit}, its {len(found)} parts add up to {summed:g} {unit}{hint}"


def _disjoint(cube: Cube, parts: Sequence[Values]) -> list[Values]:
    """The parts without those that stand under another one in the hierarchy of commodities."""
    codes = {part["commodity"] for part in parts}
    vocabulary = cube.vocabularies["commodity-code"]
    inner = {
        below
        for code in codes
        if code in vocabulary.terms
        for below in vocabulary.with_narrower(code) & codes
        if below != code
    }
    return [part for part in parts if part["commodity"] not in inner]
