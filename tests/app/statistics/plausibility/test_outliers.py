"""Outliers: a slip of the unit stands out of its series, a growing or lively series does not."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.statistics.plausibility.outliers import OUTLIERS
from tests.app.statistics.figures import Row, production
from tests.app.statistics.plausibility.figures import judge, text


def series(values: Sequence[float], first: int = 2010, **more: str) -> list[Row]:
    """Mine production year by year."""
    return [production(year=str(first + place), value=repr(float(one)), **more) for place, one in enumerate(values)]


def test_a_slip_of_the_unit_is_doubted_and_comes_first() -> None:
    found = judge(OUTLIERS, *series([100, 110, 105_000, 120, 115, 118, 122, 500, 125, 121, 119]))
    assert [doubt.figures[0]["year"] for doubt in found.doubts] == [2012, 2017]
    assert "2012: 105,000 kt, where the 5 years around it have 115 kt in the middle" in text(found.doubts[0])


def test_units_of_a_series_may_change() -> None:
    rows = [*series([100, 110, 105, 108]), *series([120_000, 115_000, 118_000], 2014, unit="t")]
    assert judge(OUTLIERS, *rows).doubts == ()


def test_growth_and_liveliness_do_not_stand_out() -> None:
    assert judge(OUTLIERS, *series([2**year for year in range(12)])).doubts == ()
    assert judge(OUTLIERS, *series([100, 220, 90, 300, 150, 260, 120, 280])).doubts == ()


def test_of_few_neighbours_nothing_is_concluded() -> None:
    found = judge(OUTLIERS, *series([1, 1, 1, 900]))
    assert (found.compared, found.doubts, sum(found.left_out.values())) == (0, (), 4)


def test_nothing_has_no_logarithm() -> None:
    found = judge(OUTLIERS, *series([100, 110, 0, 120, 115, 118, 110]))
    assert found.doubts == ()
    assert any("zero or negative" in reason for reason in found.left_out)


def test_ore_and_metal_are_two_series() -> None:
    ore = series([9000, 9100, 9200, 9300, 9400, 9500], content="gross-weight")
    assert judge(OUTLIERS, *series([100, 101, 102, 103, 104, 105]), *ore).doubts == ()


@given(st.lists(st.floats(10, 29), min_size=5, max_size=20), st.floats(1e-6, 1e6))
def test_what_is_within_the_factor_is_never_doubted_in_any_unit(values: list[float], scale: float) -> None:
    assert judge(OUTLIERS, *series([value * scale for value in values])).doubts == ()


@given(st.lists(st.floats(95, 105), min_size=7, max_size=15), st.data())
def test_a_factor_of_a_thousand_is_always_found(values: list[float], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    around = [one for one in range(place - 3, place + 4) if one != place and 0 <= one < len(values)]
    wrong = [value * (1000 if at == place else 1) for at, value in enumerate(values)]
    doubts = judge(OUTLIERS, *series(wrong)).doubts
    if len(around) >= 4:
        assert doubts[0].figures[0]["year"] == 2010 + place
        assert doubts[0].weight == pytest.approx(6.9, abs=0.3)
