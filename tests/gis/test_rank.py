"""From which zoom level on a point is drawn."""

# SPDX-License-Identifier: Apache-2.0

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.rank import CELLS, lowest_zooms

MAXZOOM = 6
places = st.lists(st.tuples(st.floats(-180, 180), st.floats(-85, 85), st.integers(0, 3)), min_size=1, max_size=60)


def cell(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    width = CELLS * 2**zoom
    x = (lon + 180) / 360
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2
    return min(int(x * width), width - 1), min(max(int(y * width), 0), width - 1)


@settings(max_examples=200, deadline=None)
@given(places)
def test_one_point_a_cell_is_drawn_and_it_is_the_most_important(points: list[tuple[float, float, int]]) -> None:
    lon, lat, importance = (np.array(values) for values in zip(*points, strict=True))
    zooms = lowest_zooms(lon.astype(float), lat.astype(float), importance, MAXZOOM)
    for zoom in range(MAXZOOM):
        first: dict[tuple[int, int], int] = {}
        for number in sorted(range(len(points)), key=lambda n: -points[n][2]):
            first.setdefault(cell(points[number][0], points[number][1], zoom), number)
        assert sorted(np.flatnonzero(zooms <= zoom)) == sorted(first.values())
    assert (zooms <= MAXZOOM).all()


@pytest.mark.parametrize("lat", [-90.0, 90.0])
def test_the_poles_have_a_cell(lat: float) -> None:
    assert lowest_zooms(np.array([180.0]), np.array([lat]), np.array([1]), MAXZOOM).tolist() == [0]
