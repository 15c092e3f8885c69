"""Mass balance: more cannot be used than there is, ore and metal are kept apart, what is not known is not assumed."""

# SPDX-License-Identifier: Apache-2.0

from typing import Any

import pytest

from app.statistics.plausibility.balance import BALANCE
from tests.app.statistics.figures import production
from tests.app.statistics.plausibility.figures import judge, text, traded

SMELTED: dict[str, Any] = {"indicator": "smelter-production"}


def test_more_than_the_capacity_is_doubted() -> None:
    able = production(indicator="smelter-capacity", value="100")
    found = judge(BALANCE, able, production(**SMELTED, value="120"))
    assert "said to have made 120 kt, and to be able to make 100 kt" in text(found.doubts[0])
    assert found.doubts[0].weight == pytest.approx(0.2)
    assert judge(BALANCE, able, production(**SMELTED, value="104")).doubts == ()


def test_more_metal_than_ore_is_doubted() -> None:
    rows = [
        production(value="100"),
        traded("imports", "10"),
        traded("exports", "40"),
        production(**SMELTED, value="90"),
    ]
    found = judge(BALANCE, *rows)
    assert found.compared == 1
    assert "bring 110 kt; exports of ore and what smelters or refineries made take 130 kt" in text(found.doubts[0])
    assert len(found.doubts[0].figures) == 4


def test_refining_what_was_smelted_takes_no_ore_again() -> None:
    refined = production(indicator="refinery-production", value="95")
    rows = [production(value="100"), traded("imports", "0"), production(**SMELTED, value="100"), refined]
    assert judge(BALANCE, *rows).doubts == ()


def test_exports_of_metal_take_no_ore() -> None:
    metal = traded("exports", "500", hs="750210")
    rows = [production(value="100"), traded("imports", "0"), production(**SMELTED, value="100"), metal]
    assert judge(BALANCE, *rows).doubts == ()


def test_imports_that_are_not_reported_are_not_taken_for_none() -> None:
    found = judge(BALANCE, production(value="100"), production(**SMELTED, value="900"))
    assert (found.compared, found.doubts) == (0, ())
    assert "imports of ore are not reported" in next(iter(found.left_out))


def test_ore_is_not_compared_with_metal() -> None:
    found = judge(
        BALANCE, production(value="100", content="gross-weight"), traded("imports", "0"), production(**SMELTED)
    )
    assert found.doubts == ()
    assert "mine production in the same content is not reported" in next(iter(found.left_out))


def test_partners_are_not_counted_beside_all_of_them_together() -> None:
    imports = [traded("imports", "50"), traded("imports", "50", partner="AUS")]
    rows = [production(value="50"), *imports, production(**SMELTED, value="120")]
    assert "bring 100 kt" in text(judge(BALANCE, *rows).doubts[0])
