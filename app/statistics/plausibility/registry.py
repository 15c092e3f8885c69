"""All checks of plausibility, over published figures or over those of a submission beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.statistics.checks import Cube
from app.statistics.models import DIMENSIONS
from app.statistics.plausibility.balance import BALANCE
from app.statistics.plausibility.doubts import Check, Judged, Row, english
from app.statistics.plausibility.editions import EDITIONS
from app.statistics.plausibility.mirror import MIRROR
from app.statistics.plausibility.outliers import OUTLIERS
from gis.validate import Finding

CHECKS: Sequence[Check] = (MIRROR, BALANCE, EDITIONS, OUTLIERS)
"""The checks, in the order they are told."""


def judged(rows: Sequence[Row], cube: Cube) -> Mapping[str, Judged]:
    """What each check finds among figures, by its id. Figures that are checked themselves, as `checks` does."""
    return {check.id: check.judge(rows, cube) for check in CHECKS}


def findings(submitted: Iterable[tuple[int, Row]], published: Iterable[Row], cube: Cube) -> Iterator[Finding]:
    """What the checks say of submitted figures (line and values) beside those that are published.

    A submitted figure stands for the published one of its key. Only doubts that a submitted figure has a part in are
    told, each on the line of the first such figure.
    """
    lines: dict[int, int] = {}
    rows: dict[tuple[object, ...], Row] = {tuple(row[name] for name in DIMENSIONS): row for row in published}
    for line, row in submitted:
        rows[tuple(row[name] for name in DIMENSIONS)] = row
        lines[id(row)] = line
    say = english(cube)
    for check, found in judged(list(rows.values()), cube).items():
        for doubt in found.doubts:
            told = [lines[id(row)] for row in doubt.figures if id(row) in lines]
            if told:
                yield Finding(told[0], "value", check, doubt.text(say))
