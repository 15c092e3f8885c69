"""Mirror trade: both ends of a flow are compared, the largest gaps come first, silence is told apart from nothing."""

# SPDX-License-Identifier: Apache-2.0

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.statistics.plausibility.mirror import MIRROR
from tests.app.statistics.figures import Row, exports
from tests.app.statistics.plausibility.figures import judge, text


def sent(value: str, **values: str) -> Row:
    """What Indonesia says it exports to the Philippines."""
    return exports("PHL", value, **values)


def received(value: str, **values: str) -> Row:
    """What the Philippines say they import from Indonesia."""
    return exports("IDN", value, indicator="imports", country="PHL") | values


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("100", "300", "The gap is 200 USD, 66.7% of the larger"),
        ("100", "94", "The gap is 6 USD, 6.0% of the larger"),
        ("100", "116", "The gap is 16 USD"),
        ("0", "5", "The gap is 5 USD, 100.0% of the larger"),
    ],
)
def test_reports_that_are_far_from_each_other_are_doubted(one: str, other: str, told: str) -> None:
    found = judge(MIRROR, sent(one), received(other))
    assert found.compared == 1
    assert told in text(found.doubts[0])
    assert {figure["indicator"] for figure in found.doubts[0].figures} == {"exports", "imports"}


@pytest.mark.parametrize("other", ["96", "100", "114"])
def test_freight_and_insurance_are_no_gap(other: str) -> None:
    assert judge(MIRROR, sent("100"), received(other)).doubts == ()


def test_a_mass_is_the_same_at_both_ends() -> None:
    mass = {"content": "gross-weight", "unit": "kt"}
    tonnes = {"content": "gross-weight", "unit": "t"}
    assert judge(MIRROR, sent("100", **mass), received("100000", **tonnes)).doubts == ()
    assert len(judge(MIRROR, sent("100", **mass), received("110000", **tonnes)).doubts) == 1


def test_the_largest_gap_comes_first_whatever_its_unit() -> None:
    rows = [sent("100"), received("300"), sent("1", year="2022", unit="MUSD"), received("3", year="2022", unit="MUSD")]
    doubts = judge(MIRROR, *rows).doubts
    assert [doubt.figures[0]["year"] for doubt in doubts] == [2022, 2023]
    assert sum(doubt.weight for doubt in doubts) == pytest.approx(2 / 3)


def test_a_state_that_reports_nothing_of_a_year_is_not_doubted() -> None:
    found = judge(MIRROR, sent("100"))
    assert (found.compared, found.doubts) == (0, ())
    assert sum(found.left_out.values()) == 1


def test_a_state_that_reports_other_imports_but_not_these_is() -> None:
    other = received("1", partner="MYS", hs="260500", commodity="cobalt")
    found = judge(MIRROR, sent("100"), other)
    assert "which reports none from Indonesia but other imports of that year" in text(found.doubts[0])


def test_totals_and_other_regions_have_no_mirror() -> None:
    assert judge(MIRROR, exports("_T", "100"), exports("ASEAN", "100")).compared == 0


def test_a_code_that_means_the_same_in_both_editions_is_compared() -> None:
    found = judge(MIRROR, sent("100", hsEdition="2017"), received("300", hsEdition="2022"))
    assert len(found.doubts) == 1


@given(st.floats(0, 1e12), st.floats(0.96, 1.14))
def test_what_agrees_is_never_doubted(value: float, ratio: float) -> None:
    assert judge(MIRROR, sent(repr(value)), received(repr(value * ratio))).doubts == ()


@given(st.floats(1, 1e9), st.floats(1, 1e9))
def test_a_gap_weighs_at_most_the_whole(one: float, other: float) -> None:
    for doubt in judge(MIRROR, sent(repr(one)), received(repr(other))).doubts:
        assert 0 < doubt.weight <= 1
