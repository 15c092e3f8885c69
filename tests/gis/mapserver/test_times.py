"""TIME of a map request, as it is compared with what fields of a map's source hold."""

# SPDX-License-Identifier: Apache-2.0

import pytest

from gis.layer import FieldType
from gis.mapserver.times import read_times


@pytest.mark.parametrize("last", ["9999", "9999-12", "9999-12-31", "9999-12-31T23", "9999-12-31T23:59:59Z"])
def test_the_last_moment_there_is_can_be_asked_for(last: str) -> None:
    assert read_times(last, FieldType.DATETIME)[0][1] == "9999-12-31T23:59:59Z"


def test_years_have_four_digits_as_texts_are_compared() -> None:
    assert read_times("0999", FieldType.DATETIME) == [("0999-01-01T00:00:00Z", "0999-12-31T23:59:59Z")]
