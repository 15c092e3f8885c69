"""Mirror trade: what an exporter reports beside what the importer reports of the same goods in the same year."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.statistics.checks import Cube
from app.statistics.codes import NOT_APPLICABLE, TOTAL, UNSPECIFIED
from app.statistics.plausibility.doubts import Amount, Check, Code, Doubt, Judged, Part, Row, message, ranked

ALLOWED: Mapping[str, tuple[float, float]] = {"money": (0.95, 1.15), "mass": (0.95, 1.05)}
"""Between which the importer's report may be as a part of the exporter's, by kind of unit.

Imports are valued with freight and insurance, exports without; a mass is the same at both ends.
"""

_BOTH = message(
    "%(commodity)s, %(year)s: %(exporter)s reports exports of %(sent)s to %(importer)s, %(importer)s imports of "
    "%(received)s from %(exporter)s. The gap is %(gap)s, %(part)s of the larger."
)
_NOT_SENT = message(
    "%(commodity)s, %(year)s: %(importer)s reports imports of %(received)s from %(exporter)s, which reports none to "
    "%(importer)s but other exports of that year."
)
_NOT_RECEIVED = message(
    "%(commodity)s, %(year)s: %(exporter)s reports exports of %(sent)s to %(importer)s, which reports none from "
    "%(exporter)s but other imports of that year."
)
_OUTSIDE = message("the partner reports to somebody else, or has reported nothing of that year")

_NO_PLACE = frozenset({TOTAL, UNSPECIFIED, NOT_APPLICABLE})

_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both reports of one flow; at least one is there."""

    exporter: str
    importer: str
    sent: Row | None
    received: Row | None


def judge(rows: Sequence[Row], cube: Cube) -> Judged:
    """Compare each flow that both ends report, or one end though the other reports of that year."""
    pairs, left_out = [], 0
    reporting = {(row["indicator"], row["country"], row["year"]) for row in rows if _has_partner(row, cube)}
    for pair in _pairs(rows, cube):
        told = pair.sent or pair.received
        silent = ("imports", pair.importer) if pair.sent else ("exports", pair.exporter)
        if told and not (pair.sent and pair.received) and (*silent, told["year"]) not in reporting:
            left_out += 1
        else:
            pairs.append(pair)
    whole = _compared_trade(pairs, cube)
    doubts = [found for pair in pairs if (found := _doubt(pair, cube, whole))]
    return Judged(len(pairs), ranked(doubts), {_OUTSIDE: left_out} if left_out else {})


def _has_partner(row: Row, cube: Cube) -> bool:
    return row["indicator"] in {"exports", "imports"} and row["partner"] not in (*_NO_PLACE, cube.region)


def _pairs(rows: Sequence[Row], cube: Cube) -> Iterator[_Pair]:
    changed = _changed_codes(cube)
    sent: dict[_Key, Row] = {}
    received: dict[_Key, Row] = {}
    # Of two editions of the HS in one year the newer counts.
    for row in sorted((row for row in rows if _has_partner(row, cube)), key=lambda row: row["hsEdition"]):
        here, there = row["country"], row["partner"]
        ends = (here, there) if row["indicator"] == "exports" else (there, here)
        edition = row["hsEdition"] if row["hs"] in changed else ""
        goods = (row["commodity"], row["hs"], edition, row["content"], cube.units.kind(row["unit"]), row["year"])
        (sent if row["indicator"] == "exports" else received)[*ends, *goods] = row
    for key in sorted(sent.keys() | received.keys()):
        yield _Pair(key[0], key[1], sent.get(key), received.get(key))


def _changed_codes(cube: Cube) -> frozenset[str]:
    """HS codes that do not mean the same in every edition that has them."""
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for (_, code), title in cube.crosswalk.hs.items():
        titles[code].add(title)
    return frozenset(code for code, found in titles.items() if len(found) > 1)


def _compared_trade(pairs: Sequence[_Pair], cube: Cube) -> Mapping[str, tuple[float, str]]:
    """By kind of unit, all trade that is compared, in a unit: by its part of that a gap is weighed."""
    found: dict[str, tuple[float, str]] = {}
    for pair in pairs:
        row = pair.sent or pair.received
        if row is not None:
            kind = cube.units.kind(row["unit"])
            before, unit = found.get(kind, (0.0, row["unit"]))
            found[kind] = before + max(_values(pair, unit, cube)), unit
    return found


def _values(pair: _Pair, unit: str, cube: Cube) -> tuple[float, float]:
    """What was sent and what was received, in a unit; nothing where nothing is reported."""
    sent, received = (
        cube.units.convert(row["value"], row["unit"], unit) if row else 0.0 for row in (pair.sent, pair.received)
    )
    return sent, received


def _doubt(pair: _Pair, cube: Cube, whole: Mapping[str, tuple[float, str]]) -> Doubt | None:
    figures = tuple(row for row in (pair.sent, pair.received) if row)
    first = figures[0]
    kind, unit = cube.units.kind(first["unit"]), first["unit"]
    sent, received = _values(pair, unit, cube)
    low, high = ALLOWED.get(kind, ALLOWED["mass"])
    if sent * low <= received <= sent * high:
        return None
    gap, larger = abs(received - sent), max(sent, received)
    trade, counted_in = whole[kind]
    weight = cube.units.convert(gap, unit, counted_in) / trade
    return Doubt(
        figures=figures,
        message=_BOTH if len(figures) == 2 else _NOT_RECEIVED if pair.sent else _NOT_SENT,
        values={
            "commodity": Code("commodity", first["commodity"]),
            "year": first["year"],
            "exporter": Code("country", pair.exporter),
            "importer": Code("country", pair.importer),
            "sent": Amount(sent, unit),
            "received": Amount(received, unit),
            "gap": Amount(gap, unit),
            "part": Part(gap / larger),
        },
        weight=weight,
    )


MIRROR = Check(
    "mirror-trade",
    message("Mirror trade"),
    message(
        "The exporter's report beside the importer's, for the same goods, partners and year. Doubted where the "
        "importer reports less than 95 % or more than 105 % of the mass, less than 95 % or more than 115 % of the "
        "value (imports are valued with freight and insurance), or where one of them reports nothing at all. Ranked "
        "by the part the gap has of all trade compared."
    ),
    message("Exports and imports by partner of at least two states, by HS six-digit code or commodity"),
    judge,
)
