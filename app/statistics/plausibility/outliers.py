"""Outliers: a figure far from those of the years around it in its own series (a Hampel filter over logarithms).

F. R. Hampel, "The influence curve and its role in robust estimation", Journal of the American Statistical Association
69 (1974): the median of the neighbours, and their median absolute deviation in place of the standard deviation.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import exp, log
from statistics import median

from app.statistics.checks import Cube
from app.statistics.models import DIMENSIONS
from app.statistics.plausibility.doubts import Amount, Check, Code, Doubt, Judged, Row, Told, message, ranked

REACH = 3
"""So many years before and after a figure are its neighbours."""
LEAST_NEIGHBOURS = 4
"""Of fewer neighbours nothing is concluded."""
DEVIATIONS = 3
"""So many deviations from the median are far."""
LEAST_FACTOR = 3.0
"""A figure within this factor of the median is not far, however alike its neighbours are."""
_NORMAL = 1.4826  # of a normal distribution, the standard deviation is so many median absolute deviations

_FAR = message(
    "%(commodity)s, %(indicator)s of %(country)s, %(year)s: %(value)s, where the %(count)s years around it have "
    "%(median)s in the middle."
)
_FEW = message("there are fewer than four figures within three years before and after")
_NOT_POSITIVE = message("the figure is zero or negative, which has no logarithm")


def judge(rows: Sequence[Row], cube: Cube) -> Judged:
    """Compare each figure with the median of its neighbours."""
    left_out: Counter[str] = Counter()
    doubts: list[Doubt] = []
    compared = 0
    for series in _series(rows, cube):
        unit = series[0]["unit"]
        values = {row["year"]: cube.units.convert(row["value"], row["unit"], unit) for row in series}
        logs = {year: log(value) for year, value in values.items() if value > 0}
        for row in series:
            around = [logs[year] for year in _around(row["year"]) if year in logs]
            if row["year"] not in logs or len(around) < LEAST_NEIGHBOURS:
                left_out[_NOT_POSITIVE if row["year"] not in logs else _FEW] += 1
                continue
            compared += 1
            doubts += _far(row, logs[row["year"]], around, cube, unit)
    return Judged(compared, ranked(doubts), dict(left_out))


def _series(rows: Sequence[Row], cube: Cube) -> Sequence[Sequence[Row]]:
    """Figures that differ in nothing but the year."""
    found: Mapping[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        key = (*(row[name] for name in DIMENSIONS if name != "year"), cube.units.kind(row["unit"]))
        found[key].append(row)
    return list(found.values())


def _around(year: int) -> list[int]:
    return [year + step for step in range(-REACH, REACH + 1) if step]


def _far(row: Row, here: float, around: Sequence[float], cube: Cube, unit: str) -> list[Doubt]:
    middle = median(around)
    spread = _NORMAL * median(abs(one - middle) for one in around)
    distance = abs(here - middle)
    if distance <= max(DEVIATIONS * spread, log(LEAST_FACTOR)):
        return []
    codes: Mapping[str, Told] = {name: Code(name, row[name]) for name in ("indicator", "country", "commodity")}
    amounts: Mapping[str, Told] = {
        "value": Amount(row["value"], row["unit"]),
        "median": Amount(cube.units.convert(exp(middle), unit, row["unit"]), row["unit"]),
    }
    return [Doubt((row,), _FAR, {**codes, **amounts, "year": row["year"], "count": len(around)}, distance)]


OUTLIERS = Check(
    "outliers",
    message("Outliers"),
    message(
        "Each figure beside the median of those within three years before and after it in its series. Doubted where it "
        "is more than three robust standard deviations away and differs by more than the factor 3, as a slip of the "
        "unit does. Ranked by that factor. A mine that opens or closes looks the same: a doubt is a question, no error."
    ),
    message("At least five figures of a series within seven years"),
    judge,
)
