"""What is wrong with a figure is told by row and field, with what would be right."""

# SPDX-License-Identifier: Apache-2.0

import pytest

from tests.app.statistics.figures import checked, exports, production


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"commodity": "nikel"}, "commodity", "'nickel'"),
        ({"indicator": "mine-prodution"}, "indicator", "'mine-production'"),
        ({"indicator": "production"}, "indicator", "is no indicator that has figures"),
        ({"country": "IND"}, "country", "'IDN'"),
        ({"partner": "JPN"}, "partner", "has no partner"),
        ({"unit": "USD"}, "unit", "g, kg, oz-t, ct, t, kt, Mt"),
        ({"unit": "kilotons"}, "unit", "not in the vocabulary unit"),
        ({"content": ""}, "content", "is required for a mass: gross-weight, contained-metal"),
        ({"content": "energy-content"}, "content", "is not counted in kt"),
        ({"value": "-1"}, "value", "-1 is negative"),
        ({"value": "nan"}, "value", "is not of type"),
        ({"value": "1,800"}, "value", "is not of type"),
        ({"year": "23"}, "year", "23 is below 1500"),
        ({"year": "2203"}, "year", "2203 is above 2100"),
        ({"precision": "exact"}, "precision", "not in the vocabulary precision"),
        ({"hs": "260400"}, "hs", "belong together"),
        ({"hs": "260401", "hsEdition": "2022"}, "hs", "there is no code '260401' in edition 2022"),
        ({"isic": "0728", "isicRevision": "4"}, "isic", "there is no code '0728' in revision 4 (did you mean"),
        ({"measure": "ore"}, "measure", "no such field"),
        ({"source": ""}, "source", "is required"),
    ],
)
def test_a_wrong_field_is_told_with_its_row_and_what_would_be_right(
    values: dict[str, str], field: str, told: str
) -> None:
    _, findings = checked(production(year="2020"), production(**values))
    assert [(found.row, found.field) for found in findings] == [(3, field)]
    assert told in findings[0].message


def test_a_right_row_has_no_findings_and_says_what_it_has_not() -> None:
    (values,), findings = checked(production())
    assert findings == []
    assert (values["value"], values["partner"], values["hs"], values["isic"]) == (1800.0, "_Z", "_Z", "_Z")


def test_a_key_that_comes_twice_is_told_with_the_line_of_the_first() -> None:
    _, findings = checked(production(), production(value="1"))
    assert [found.row for found in findings] == [3]
    assert "line 2 of figures.csv" in findings[0].message


def test_ore_and_contained_metal_are_two_keys() -> None:
    assert checked(production(), production(content="gross-weight", value="138", unit="Mt"))[1] == []


def test_investment_may_flow_back() -> None:
    flow = production(indicator="foreign-direct-investment", content="", partner="_T", unit="MUSD", value="-5")
    assert checked(flow)[1] == []


def test_a_share_of_more_than_the_whole_is_told() -> None:
    _, findings = checked(production(indicator="gdp-share", commodity="_T", content="", unit="fraction", value="7.2"))
    assert [found.message for found in findings] == ["7.2 fraction is more than the whole"]


def test_trade_needs_a_partner() -> None:
    _, findings = checked(exports("", "1"))
    assert [found.field for found in findings] == ["partner"]


@pytest.mark.parametrize(("total", "told"), [("100", "add up to 90"), ("80", "add up to 90")])
def test_a_total_that_is_not_the_sum_of_its_partners_is_told_on_its_row(total: str, told: str) -> None:
    _, findings = checked(exports("JPN", "40"), exports("_T", total), exports("CHN", "0.05", unit="kUSD"))
    assert [(found.row, found.field) for found in findings] == [(3, "partner")]
    assert told in findings[0].message


def test_a_total_may_be_rounded_and_the_rest_may_be_unspecified() -> None:
    assert checked(exports("JPN", "40"), exports("_X", "60.2"), exports("_T", "100"))[1] == []


def test_some_commodities_need_not_be_all_but_may_not_be_more_than_all() -> None:
    total = exports("_T", "100", commodity="_T", hs="", hsEdition="")
    one = exports("_T", "60", hs="", hsEdition="")
    other = exports("_T", "60", commodity="tin", hs="", hsEdition="")
    assert checked(total, one)[1] == []
    assert [found.field for found in checked(total, one, other)[1]] == ["commodity"]
