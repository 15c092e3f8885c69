"""Breaks between editions of the HS: a jump where the codes change is told from the usual change of a year."""

# SPDX-License-Identifier: Apache-2.0

from app.statistics.plausibility.editions import EDITIONS
from tests.app.statistics.figures import Row, exports
from tests.app.statistics.plausibility.figures import judge, text


def series(edition: str, **values: int) -> list[Row]:
    """Exports of nickel ore to Japan by one edition; values by year, as y2017=100."""
    return [
        exports("JPN", str(value), year=year.removeprefix("y"), hsEdition=edition) for year, value in values.items()
    ]


OLD = series("2017", y2019=100, y2020=110, y2021=105)


def test_a_jump_at_the_change_of_editions_is_doubted() -> None:
    found = judge(EDITIONS, *OLD, *series("2022", y2022=300, y2023=310))
    assert found.compared == 1
    assert "105 USD in 2021 by HS 2017, 300 USD in 2022 by HS 2022" in text(found.doubts[0])
    assert {figure["year"] for figure in found.doubts[0].figures} == {2021, 2022}


def test_the_usual_change_of_a_year_is_no_break() -> None:
    assert judge(EDITIONS, *OLD, *series("2022", y2022=140, y2023=150)).doubts == ()
    lively = series("2017", y2019=100, y2020=200, y2021=100)
    assert judge(EDITIONS, *lively, *series("2022", y2022=300)).doubts == ()


def test_codes_that_the_new_edition_does_not_have_are_named() -> None:
    bismuth = {"commodity": "bismuth", "hs": "810600", "hsEdition": "2017"}
    after = {"commodity": "bismuth", "hs": "810610", "hsEdition": "2022"}
    rows = [exports("JPN", "100", **bismuth, year="2021"), exports("JPN", "20", **after, year="2022")]
    assert "does not have: 810600" in text(judge(EDITIONS, *rows).doubts[0])


def test_two_editions_that_disagree_on_a_year_are_doubted() -> None:
    found = judge(EDITIONS, *OLD, *series("2022", y2021=90))
    assert "105 USD by HS 2017 and 90 USD by HS 2022, 14.3% apart" in text(found.doubts[0])
    assert judge(EDITIONS, *OLD, *series("2022", y2021=104)).doubts == ()


def test_codes_of_a_commodity_are_added_before_they_are_compared() -> None:
    split = [exports("JPN", value, year="2022", hs=hs) for value, hs in (("60", "260400"), ("50", "750120"))]
    assert judge(EDITIONS, *OLD, *split).doubts == ()


def test_one_edition_has_no_break() -> None:
    found = judge(EDITIONS, *OLD)
    assert (found.compared, sum(found.left_out.values())) == (0, 1)
