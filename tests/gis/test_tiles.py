"""The tile matrix sets and what a tile covers."""

# SPDX-License-Identifier: Apache-2.0

import math

import morecantile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InvalidParameterError
from gis.tiles import GRIDS, MAX_ZOOM, WEB_MERCATOR_QUAD, WORLD_CRS84_QUAD, TileGrid

grids = pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)


def test_tile_of_zoom_0_is_the_square_world() -> None:
    assert WEB_MERCATOR_QUAD.degrees(0, 0, 0) == pytest.approx((-180, -85.0511287798066, 180, 85.0511287798066))
    assert WORLD_CRS84_QUAD.degrees(0, 0, 1) == (0, -90, 180, 90)


@grids
@settings(max_examples=60, deadline=None)
@given(st.integers(0, MAX_ZOOM), st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_tiles_are_those_of_the_registered_sets(grid: TileGrid, zoom: int, down: float, right: float) -> None:
    row, column = int(down * grid.rows * 2**zoom), int(right * grid.columns * 2**zoom)
    registered = morecantile.tms.get(grid.id)
    assert grid.box(zoom, row, column) == pytest.approx(
        tuple(registered.xy_bounds(morecantile.Tile(column, row, zoom))), abs=1e-6
    )
    assert grid.degrees(zoom, row, column) == pytest.approx(
        tuple(registered.bounds(morecantile.Tile(column, row, zoom))), abs=1e-9
    )


@grids
def test_margin_widens_a_tile_but_not_past_the_world(grid: TileGrid) -> None:
    assert grid.degrees(0, 0, 0, margin=0.1)[0] == -180
    west, _, east, _ = grid.degrees(3, 3, 3, margin=1 / 64)
    width = grid.degrees(3, 3, 3)[2] - grid.degrees(3, 3, 3)[0]
    assert math.isclose(east - west, width * (1 + 2 / 64))


@grids
@given(st.integers(0, 12), st.floats(-179, 179), st.floats(-84, 84))
def test_the_tile_of_a_place_covers_it(grid: TileGrid, zoom: int, lon: float, lat: float) -> None:
    first_row, last_row, first_column, last_column = grid.tiles_of((lon, lat, lon, lat), zoom)
    assert (first_row, first_column) == (last_row, last_column)
    west, south, east, north = grid.degrees(zoom, first_row, first_column)
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


@grids
@pytest.mark.parametrize(
    ("zoom", "row", "column", "named"),
    [(-1, 0, 0, "tileMatrix"), (MAX_ZOOM + 1, 0, 0, "tileMatrix"), (2, 4, 0, "tileRow"), (2, 0, 8, "tileCol")],
)
def test_a_tile_that_does_not_exist_is_named(grid: TileGrid, zoom: int, row: int, column: int, named: str) -> None:
    with pytest.raises(InvalidParameterError) as told:
        grid.check(zoom, row, column)
    assert told.value.parameter == named
