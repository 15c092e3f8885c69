"""Coordinate systems, compared with what PostGIS does."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator

import numpy as np
import psycopg
import pyproj
import pytest
import shapely

from app.db.roles import DatabaseUrls
from gis.crs import CRS84, STORED
from gis.crs import named as system_named
from gis.errors import InvalidParameterError
from tests.published import SYSTEMS

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.fixture(scope="module")
def connection(urls: DatabaseUrls) -> Iterator[psycopg.Connection[tuple[float, float]]]:
    with psycopg.connect(urls.admin.conninfo()) as connection:
        yield connection


def grid(area: tuple[float, float, float, float], side: int = 5) -> list[tuple[float, float]]:
    west, south, east, north = area
    return [
        (float(x), float(y))
        for x in np.linspace(west, east, side + 2)[1:-1]
        for y in np.linspace(south, north, side + 2)[1:-1]
    ]


@pytest.mark.parametrize("uri", [uri for uri, one in SYSTEMS.items() if not one.is_stored])
def test_postgis_does_what_is_told_of_the_operation(
    connection: psycopg.Connection[tuple[float, float]], uri: str
) -> None:
    """Where the two differed, the accuracy we state would be of another operation than the one carried out."""
    one = SYSTEMS[uri]
    transformer = pyproj.Transformer.from_crs(STORED, one.srid, always_xy=True)
    metres = 111_320 if one.decimals == 7 else 1
    for x, y in grid(one.area):
        done = connection.execute(
            "SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s::int) p",
            (x, y, one.srid),
        ).fetchone()
        assert done
        told = transformer.transform(x, y)
        assert max(abs(a - b) for a, b in zip(done, told, strict=True)) * metres < 0.01


def test_operations_carry_their_accuracy_and_a_missing_one_is_told() -> None:
    luzon = {one.name: one.accuracy for one in SYSTEMS[f"{EPSG}4253"].operations}
    assert luzon["Inverse of Luzon 1911 to WGS 84 (1)"] == 17.0
    # Within its area, but outside that of any operation: nothing is done, and nothing may be promised.
    assert None in luzon.values()
    assert [one.accuracy for one in SYSTEMS[f"{EPSG}32648"].operations] == [0.0]
    assert CRS84.operations == ()


@pytest.mark.parametrize("uri", list(SYSTEMS))
def test_every_system_tells_its_operations(uri: str) -> None:
    told = SYSTEMS[uri].operations
    assert all(one.name and (one.accuracy is None or one.accuracy >= 0) for one in told)
    assert bool(told) is not SYSTEMS[uri].is_stored


def test_what_is_stored_comes_first_and_axes_are_those_of_the_register() -> None:
    assert next(iter(SYSTEMS)) == CRS84.uri
    flipped = {one.srid for one in SYSTEMS.values() if one.flipped}
    assert flipped >= {4326, 4756, 3414}
    assert not flipped & {3857, 32648, 3405, 29850}
    assert not CRS84.flipped


@pytest.mark.parametrize("uri", list(SYSTEMS))
def test_a_point_comes_back_to_where_it_was(uri: str) -> None:
    one = SYSTEMS[uri]
    west, south, east, north = one.area
    x, y = (west + east) / 2, (south + north) / 2
    there = (x, y) if one.is_stored else pyproj.Transformer.from_crs(STORED, one.srid, always_xy=True).transform(x, y)
    back = one.to_degrees(shapely.Point(there[::-1] if one.flipped else there), "filter")
    assert back.distance(shapely.Point(x, y)) < 1e-6


def test_a_box_has_the_axes_of_its_system() -> None:
    assert SYSTEMS[f"{EPSG}4326"].box_to_degrees((-12, 90, 30, 142), "bbox") == (90, -12, 142, 30)
    assert CRS84.box_to_degrees((90, -12, 142, 30), "bbox") == (90, -12, 142, 30)
    west, south, east, north = SYSTEMS[f"{EPSG}3857"].box_to_degrees((11131949.07, 0, 12245143.98, 1118889.97), "bbox")
    assert (west, south, east, north) == pytest.approx((100, 0, 110, 10), abs=1e-6)


@pytest.mark.parametrize("edge", [20037508.34, 20037508.342789244, 20037508.3428, 30_000_000.0, 1e300])
def test_a_box_as_wide_as_the_world_or_wider_is_the_whole_world(edge: float) -> None:
    box = SYSTEMS[f"{EPSG}3857"].box_to_degrees((-edge, -1e7, edge, 1e7), "bbox")
    assert (box[0], box[2]) == pytest.approx((-180, 180), abs=1e-6)


@pytest.mark.parametrize(
    ("code", "corners", "message"),
    [
        (4326, (90, -12, 142, 30), "latitude, longitude"),
        (4326, (30, 0, -12, 10), "north of its north"),
        (3857, (float("inf"), 0, 1, 1), "finite"),
        (32648, (0, 0, 1e300, 1), "out of range"),
    ],
)
def test_a_box_that_cannot_be_is_told(code: int, corners: tuple[float, ...], message: str) -> None:
    with pytest.raises(InvalidParameterError, match=message) as caught:
        SYSTEMS[f"{EPSG}{code}"].box_to_degrees(corners, "bbox")
    assert caught.value.parameter == "bbox"


def test_the_outline_of_a_box_is_bent_as_its_sides_are() -> None:
    utm = SYSTEMS[f"{EPSG}32648"]
    outline = utm.outline((166_000, 0, 834_000, 2_200_000), "bbox")
    transformer = pyproj.Transformer.from_crs(32648, STORED, always_xy=True)
    # The middle of the upper side lies north of its corners.
    x, y = transformer.transform(500_000, 2_199_000)
    assert outline.contains(shapely.Point(x, y))
    assert y > transformer.transform(166_000, 2_200_000)[1]
    with pytest.raises(InvalidParameterError, match="lower corner"):
        utm.outline((834_000, 0, 166_000, 1), "bbox")
    with pytest.raises(InvalidParameterError, match="outside"):
        utm.outline((1e30, 1e30, 2e30, 2e30), "bbox")


def test_an_unknown_system_is_answered_with_the_nearest() -> None:
    assert system_named(f"{EPSG}4756", SYSTEMS, "crs").name == "VN-2000"
    assert system_named(f"{EPSG}4756".replace("http:", "https:"), SYSTEMS, "crs").name == "VN-2000"
    with pytest.raises(InvalidParameterError, match="did you mean") as caught:
        system_named(f"{EPSG}43260", SYSTEMS, "crs")
    assert caught.value.parameter == "crs"
