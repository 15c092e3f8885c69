"""Units convert into each other and back; what does not convert is refused."""

# SPDX-License-Identifier: Apache-2.0

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import IncompatibleUnitsError
from gis.errors import InvalidParameterError
from tests.app.statistics.figures import cube

UNITS = cube().units
CODES = list(cube().vocabularies["unit"].terms)
ALIKE = [(a, b) for a, b in product(CODES, CODES) if UNITS.kind(a) == UNITS.kind(b)]
APART = [(a, b) for a, b in product(CODES, CODES) if UNITS.kind(a) != UNITS.kind(b)]


@settings(deadline=None)
@given(st.sampled_from(ALIKE), st.floats(1e-6, 1e12))
def test_there_and_back_is_where_it_began(pair: tuple[str, str], value: float) -> None:
    there, back = pair
    assert UNITS.convert(UNITS.convert(value, there, back), back, there) == pytest.approx(value, rel=1e-12)


@settings(deadline=None)
@given(st.sampled_from(APART), st.floats(1e-6, 1e12))
def test_kinds_do_not_convert_into_each_other(pair: tuple[str, str], value: float) -> None:
    with pytest.raises(IncompatibleUnitsError, match="does not convert"):
        UNITS.convert(value, *pair)


@pytest.mark.parametrize("pair", APART)
def test_no_pair_of_different_kinds_converts(pair: tuple[str, str]) -> None:
    with pytest.raises(IncompatibleUnitsError):
        UNITS.convert(1.0, *pair)


@pytest.mark.parametrize(
    ("value", "unit", "other", "expected"),
    [
        (1.8, "Mt", "t", 1_800_000),
        (1, "oz-t", "g", 31.1034768),
        (5, "ct", "g", 1),
        (1, "TWh", "PJ", 3.6),
        (250, "GUSD", "USD", 250e9),
        (32.1507465686, "USD/oz-t", "USD/g", None),
        (1, "USD/oz-t", "USD/kg", 32.1507465686),
        (25, "percent", "fraction", 0.25),
        (240, "thousand-persons", "persons", 240_000),
    ],
)
def test_known_conversions(value: float, unit: str, other: str, expected: float | None) -> None:
    if expected is None:
        with pytest.raises(InvalidParameterError, match="USD/kg"):
            UNITS.known(other)
    else:
        assert UNITS.convert(value, unit, other) == pytest.approx(expected)
