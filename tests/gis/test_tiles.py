"""The tile matrix set and what a tile covers."""

# SPDX-License-Identifier: Apache-2.0

import math

import pytest

from gis.errors import InvalidParameterError
from gis.tiles import MAX_ZOOM, check_tile, tile_bounds


def test_tile_of_zoom_0_is_the_square_world() -> None:
    assert tile_bounds(0, 0, 0) == pytest.approx((-180, -85.0511287798066, 180, 85.0511287798066))


def test_tiles_of_a_zoom_meet_without_gap_or_overlap() -> None:
    west, south, east, north = tile_bounds(5, 12, 25)
    assert tile_bounds(5, 12, 26)[0] == pytest.approx(east)
    assert tile_bounds(5, 11, 25)[1] == pytest.approx(north)
    assert east - west == pytest.approx(360 / 32)
    assert south < north


def test_margin_widens_a_tile_but_not_past_the_world() -> None:
    assert tile_bounds(0, 0, 0, margin=0.1) == pytest.approx(tile_bounds(0, 0, 0))
    west, _, east, _ = tile_bounds(3, 3, 3, margin=1 / 64)
    assert east - west == pytest.approx(45 * (1 + 2 / 64))
    assert math.isclose(west, -45 - 45 / 64)


@pytest.mark.parametrize(
    ("zoom", "row", "column", "named"),
    [(-1, 0, 0, "tileMatrix"), (MAX_ZOOM + 1, 0, 0, "tileMatrix"), (2, 4, 0, "tileRow"), (2, 0, 4, "tileCol")],
)
def test_a_tile_that_does_not_exist_is_named(zoom: int, row: int, column: int, named: str) -> None:
    with pytest.raises(InvalidParameterError) as told:
        check_tile(zoom, row, column)
    assert told.value.parameter == named
