"""No total without its members, none of what does not belong together, shares that are parts of a whole."""

# SPDX-License-Identifier: Apache-2.0

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ConflictingFiguresError
from app.statistics.totals import Totals, totals
from tests.app.statistics.figures import cube

MEMBERS = tuple(cube().members)


def summed(country: str, year: int, value: float, **values: Any) -> dict[str, Any]:
    """A sum as the database gives it."""
    row = {"indicator": "mine-production", "country": country, "year": year, "content": "contained-metal"}
    counted = {"unit": "kt", "value": value, "observations": 1, "estimates": 0}
    other = {"commodity": "nickel", "partner_kind": "_Z", "has_hs": False, "isic": "_Z", "hsEdition": "_Z"}
    return row | counted | other | values


def made(rows: list[dict[str, Any]], by: tuple[str, ...] = (), unit: str | None = None) -> Totals:
    return totals(rows, by, MEMBERS, unit, cube().units, cube().vocabularies)


SUMS = st.dictionaries(
    st.tuples(st.sampled_from(MEMBERS), st.integers(2000, 2005), st.sampled_from(["t", "kt", "Mt"])),
    st.floats(0.001, 1e6),
    min_size=1,
    max_size=40,
).map(lambda found: [summed(country, year, value, unit=unit) for (country, year, unit), value in found.items()])


@given(SUMS)
def test_every_total_is_the_sum_of_its_members_and_names_them(rows: list[dict[str, Any]]) -> None:
    expected: defaultdict[int, float] = defaultdict(float)
    members: defaultdict[int, set[str]] = defaultdict(set)
    for row in rows:
        expected[row["year"]] += row["value"] * {"t": 1, "kt": 1e3, "Mt": 1e6}[row["unit"]]
        members[row["year"]].add(row["country"])
    found = made(rows, unit="t")
    assert {one.year: one.value for one in found.totals} == pytest.approx(dict(expected))
    assert all(set(one.countries) == members[one.year] and one.observations > 0 for one in found.totals)
    for year, coverage in found.coverage.items():
        assert set(coverage.present) == members[year]
        assert set(coverage.missing) == set(MEMBERS) - members[year]
        assert coverage.whole is (members[year] == set(MEMBERS))


@given(st.lists(st.floats(0.001, 1e6), min_size=len(MEMBERS), max_size=len(MEMBERS)))
def test_shares_sum_to_one_where_the_coverage_is_whole(values: list[float]) -> None:
    rows = [summed(country, 2020, value) for country, value in zip(MEMBERS, values, strict=True)]
    found = made(rows, by=("country",))
    assert found.coverage[2020].whole
    assert sum(one.share or 0 for one in found.totals) == pytest.approx(1)


def test_growth_is_told_for_the_same_countries_only() -> None:
    rows = [summed("IDN", 2020, 10), summed("IDN", 2021, 15), summed("IDN", 2022, 15), summed("PHL", 2022, 15)]
    assert [one.growth for one in made(rows).totals] == [None, pytest.approx(0.5), None]
    assert [one.growth for one in made(rows, by=("country",)).totals] == [
        None,
        pytest.approx(0.5),
        pytest.approx(0),
        None,
    ]


def test_years_without_any_figure_are_named() -> None:
    assert made([summed("IDN", 2018, 1), summed("IDN", 2021, 1)]).missing_years == (2019, 2020)


def test_nothing_has_no_totals() -> None:
    assert made([]) == Totals("", (), {}, ())


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({}, {"content": "gross-weight"}, "ore is not contained metal"),
        ({}, {"indicator": "reserves"}, "measure different things"),
        ({}, {"unit": "USD"}, "do not convert"),
        ({}, {"country": "_T"}, "The total over country (_T) stands beside its parts"),
        ({}, {"commodity": "_T"}, "The total over commodity (_T) stands beside its parts"),
        ({"partner_kind": "_X"}, {"partner_kind": "_T"}, "The total over partner (_T) stands beside its parts"),
        ({}, {"has_hs": True}, "with and without HS code"),
        ({}, {"commodity": "base-metal"}, "base-metal includes nickel"),
        ({"isic": "B"}, {"isic": "0729"}, "ISIC 0729 is in B"),
        ({"isic": "07"}, {"isic": "0729"}, "ISIC 0729 is in 07"),
        ({"hsEdition": "2017"}, {"hsEdition": "2022"}, "count the same goods"),
        ({}, {"indicator": "gdp-share"}, "are never added"),
    ],
)
def test_what_does_not_belong_together_is_not_added_and_told_why(
    one: dict[str, Any], other: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ConflictingFiguresError) as caught:
        made([summed("IDN", 2020, 1) | one, summed("IDN", 2020, 1) | other])
    assert any(reason in told for told in caught.value.reasons)


@pytest.mark.parametrize("codes", [("_T", "_X"), ("_X", "_T")])
def test_one_country_may_tell_the_total_and_another_one_the_parts(codes: tuple[str, str]) -> None:
    first, second = codes
    rows = [summed("IDN", 2020, 1, partner_kind=first), summed("PHL", 2020, 2, partner_kind=second)]
    assert [one.value for one in made(rows).totals] == [3]


def test_indicators_may_stand_beside_each_other() -> None:
    rows = [summed("IDN", 2020, 1), summed("IDN", 2020, 2, content="gross-weight")]
    assert [one.value for one in made(rows, by=("content",)).totals] == [1, 2]
