"""Figures as the checks of a load hand them on."""

# SPDX-License-Identifier: Apache-2.0

from typing import Any

from app.statistics.plausibility.doubts import Check, Doubt, Judged, english
from tests.app.statistics.figures import Row, checked, cube, exports


def figures(*rows: Row) -> list[dict[str, Any]]:
    """The values of rows that are right by themselves."""
    values, findings = checked(*rows)
    assert findings == []
    return values


def judge(check: Check, *rows: Row) -> Judged:
    """What a check says of rows."""
    return check.judge(figures(*rows), cube())


def text(doubt: Doubt) -> str:
    """A doubt in English."""
    return doubt.text(english(cube()))


def traded(indicator: str, value: str, **values: str) -> Row:
    """Nickel in ore that crosses the border, by contained metal."""
    flow = {"indicator": indicator, "content": "contained-metal", "unit": "kt", "partner": "_T"}
    return exports("_T", value) | flow | values
