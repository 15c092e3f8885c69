"""Estimates of resources and reserves are added where they may be, and nowhere else."""

# SPDX-License-Identifier: Apache-2.0

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ConflictingFiguresError, UnknownCodeError
from app.resources.additivity import conflicts
from app.resources.bridges import bridge_of, read_bridges
from app.resources.estimates import NOT_ASSESSED, Axes, Estimate
from app.resources.totals import matrix, totals
from gis.errors import InvalidDeclarationError
from tests.app.resources.made_up import bridge, estimate, vocabularies

CATEGORIES = vocabularies()["unfc-category"]


def reasons(*found: Estimate, **asked: Any) -> tuple[str, ...]:
    with pytest.raises(ConflictingFiguresError) as raised:
        totals(found, asked.get("quantity", "contained"), asked.get("by", ()), asked.get("bridge"))
    return raised.value.reasons


def test_estimates_of_one_code_and_category_are_added_with_their_members() -> None:
    (total,) = totals([estimate("one"), estimate("two", contained=5_000.0)], "contained", (), None)
    assert (total.value, total.members, total.deposits) == (15_000.0, ("one", "two"), 2)


def test_measured_and_indicated_of_one_code_are_added() -> None:
    (total,) = totals([estimate("one"), estimate("two", category="measured-mineral-resource")], "contained", (), None)
    assert total.value == 20_000


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"method": "ni-43-101"}, "jorc-code, ni-43-101 define their categories each in its own way"),
        ({"method": ""}, "1 estimate (two) without the code"),
        ({"category": "inferred-mineral-resource"}, "are not known equally well"),
        ({"measure": "reserve"}, "reserve, resource are different measures"),
        ({"commodity": "gold"}, "copper, gold are different things"),
        ({"contained": None}, "1 estimate (two) without contained"),
        ({"deposit": "deposit-one", "effective": date(2020, 1, 1)}, "estimates of different dates of deposit-one"),
        ({"deposit": "deposit-one"}, "several estimates of the same date of deposit-one"),
        ({"deposit": "deposit-one", "measure": "reserve"}, "which resources may include"),
        ({"deposit": "deposit-one", "measure": "endowment"}, "endowment of deposit-one includes"),
        (
            {"deposit": "deposit-one", "category": "measured-and-indicated-mineral-resource"},
            "of deposit-one includes indicated-mineral-resource",
        ),
    ],
)
def test_what_is_not_additive_is_refused_with_its_ground(values: dict[str, Any], told: str) -> None:
    assert any(told in reason for reason in reasons(estimate("one"), estimate("two", **values)))


def test_all_grounds_are_told_at_once() -> None:
    told = reasons(estimate("one"), estimate("two", method="", category="", measure="", commodity="gold"))
    assert len(told) == 4


def test_ore_of_several_metals_would_count_several_times() -> None:
    gold = estimate("two", deposit="deposit-one", commodity="gold")
    (reason,) = reasons(estimate("one"), gold, quantity="tonnage")
    assert "would count several times" in reason


def test_split_by_what_differs_it_may_be_added() -> None:
    found = totals([estimate("one"), estimate("two", method="ni-43-101")], "contained", ("method",), None)
    assert [(one.codes["method"], one.members) for one in found] == [("jorc-code", ("one",)), ("ni-43-101", ("two",))]


def test_a_bridge_brings_codes_together_on_one_place_of_the_unfc() -> None:
    found = [estimate("one"), estimate("two", method="ni-43-101"), estimate("three", category="proved-ore-reserves")]
    told = totals(found, "contained", (), bridge())
    assert [(one.codes["unfc"], one.members) for one in told] == [("E1F1G1", ("three",)), ("E2F2G2", ("one", "two"))]


def test_a_bridge_does_not_lead_from_what_is_not_stated() -> None:
    (reason,) = reasons(estimate("one"), estimate("two", method="", category=""), bridge=bridge())
    assert reason.startswith("1 estimate (two) without a place in the UNFC")


def test_an_estimate_that_is_classified_keeps_its_place() -> None:
    own = estimate("one", axes=Axes("E1.1", "F1.1", "G1"), version="2019")
    assert bridge().across(own).axes == Axes("E1.1", "F1.1", "G1")


def test_versions_of_the_unfc_are_not_mixed() -> None:
    own = estimate("two", axes=Axes("E2", "F2", "G2"), version="2019")
    assert "UNFC of 2009, 2019" in reasons(estimate("one"), own, bridge=bridge())[0]


def test_what_nobody_classified_stands_in_the_matrix_without_a_sum() -> None:
    found = matrix([estimate("one"), estimate("two")], "contained", None, CATEGORIES)
    (cell,) = found.cells
    assert (cell.axes, cell.members, cell.value) == (Axes(), ("one", "two"), None)
    assert "without a place in the UNFC" in cell.reasons[0]
    assert found.e == ("E1", "E2", "E3", NOT_ASSESSED)


def test_finer_categories_count_with_the_broad_one_above_them() -> None:
    fine = [estimate("one", axes=Axes("E1.1", "F1.3", "G4.2")), estimate("two", axes=Axes("E1.2", "F1", "G4"))]
    (cell,) = matrix(fine, "contained", None, CATEGORIES).cells
    assert (cell.axes.code, cell.value) == ("E1F1G4", 20_000)


def test_an_unknown_bridge_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownCodeError, match="did you mean 'crirsco-default'"):
        bridge_of(read_bridges(vocabularies()), "crirsco-defalt")


def test_a_bridge_to_a_category_there_is_not_names_its_line(tmp_path: Any) -> None:
    table = tmp_path / "bridge.csv"
    table.write_text(
        "bridge,title,method,category,e,f,g,unfc_version,valid_from,status,source\n"
        "b,B,jorc-code,inferred-mineral-resource,E2,F5,G3,2009,2009-01-01,verified,none\n"
    )
    with pytest.raises(InvalidDeclarationError, match=r"bridge\.csv: line 2: f: 'F5' is not in unfc-category"):
        read_bridges(vocabularies(), table)


ESTIMATES = st.lists(
    st.builds(
        estimate,
        st.integers(0, 5).map(str),
        deposit=st.sampled_from(["a", "b", "c"]),
        commodity=st.sampled_from(["copper", "gold"]),
        category=st.sampled_from(["", "measured-mineral-resource", "inferred-mineral-resource", "proved-ore-reserves"]),
        method=st.sampled_from(["", "jorc-code", "sni-coal"]),
        measure=st.sampled_from(["", "resource", "reserve"]),
        contained=st.one_of(st.none(), st.floats(0, 1e9)),
    ),
    max_size=8,
    unique_by=lambda one: one.identifier,
)


@given(ESTIMATES, st.booleans())
def test_no_total_is_without_its_members_or_against_a_ground(found: list[Estimate], bridged: bool) -> None:
    chosen = bridge() if bridged else None
    if grounds := conflicts([chosen.across(one) if chosen else one for one in found], "contained", bridged=bridged):
        assert reasons(*found, bridge=chosen) == grounds
        return
    told = totals(found, "contained", (), chosen)
    known = {one.identifier: one for one in found}
    assert sorted(name for total in told for name in total.members) == sorted(one.identifier for one in found)
    for total in told:
        assert total.members
        assert total.value == pytest.approx(sum(known[name].contained or 0 for name in total.members))


@given(ESTIMATES)
def test_every_estimate_stands_in_the_matrix_once(found: list[Estimate]) -> None:
    cells = matrix(found, "contained", bridge(), CATEGORIES).cells
    assert sorted(name for cell in cells for name in cell.members) == sorted(one.identifier for one in found)
    assert all((cell.value is None) == bool(cell.reasons) for cell in cells)


def test_rules_have_no_say_over_a_single_right_estimate() -> None:
    assert conflicts([estimate("one")], "contained", bridged=False) == ()
