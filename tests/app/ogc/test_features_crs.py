"""Coordinate systems by reference: OGC API - Features Part 2 (18-058r1), by the requirements the names carry."""

# SPDX-License-Identifier: Apache-2.0

import json

import httpx
import numpy as np
import pyproj
import pytest
import shapely

from gis.crs import CRS84, CoordinateSystem
from tests.app.ogc.test_features import identifiers, items, link, refused, walk
from tests.published import LAYERS, SYSTEMS, rows
from tests.running import Running

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
SOME = [f"{EPSG}{code}" for code in (4326, 3857, 32648, 32748, 4756, 3405, 3414, 4683, 3123, 24047, 4298, 5246)]
POINTS = ["mines", "mineral-deposits"]


def coordinates(feature: dict[str, object]) -> shapely.Geometry:
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def to_system(shape: shapely.Geometry, system: CoordinateSystem) -> shapely.Geometry:
    """A geometry in degrees as the register of a system writes it, by pyproj."""
    transformer = pyproj.Transformer.from_crs(4326, system.srid, always_xy=True)
    moved = shapely.transform(shape, transformer.transform, interleaved=False)
    return shapely.transform(moved, lambda x, y: (y, x), interleaved=False) if system.flipped else moved


@pytest.mark.parametrize("name", LAYERS)
def test_crs_fc_md_crs_list_starts_with_the_storage_crs(http: httpx.Client, name: str) -> None:
    collection = http.get(f"/ogc/collections/{name}").json()
    assert collection["storageCrs"] == collection["crs"][0] == CRS84.uri
    assert collection["crs"] == list(SYSTEMS)
    for uri in (CRS84.uri, f"{EPSG}4326", f"{EPSG}3857", f"{EPSG}32648", f"{EPSG}4756", f"{EPSG}4683"):
        assert uri in collection["crs"]


def test_crs_fc_md_crs_list_global_is_the_list_collections_point_to(http: httpx.Client) -> None:
    document = http.get("/ogc/collections").json()
    assert document["crs"] == list(SYSTEMS)
    assert all(one["crs"] == ["#/crs"] for one in document["collections"] if one["id"] in LAYERS)


@pytest.mark.parametrize("uri", SOME)
@pytest.mark.parametrize("name", POINTS)
def test_crs_fc_crs_action_gives_coordinates_of_that_system(http: httpx.Client, name: str, uri: str) -> None:
    box = ",".join(map(str, shrunk(SYSTEMS[uri])))
    plain = items(http, name, limit=50, bbox=box)
    answer = http.get(f"/ogc/collections/{name}/items", params={"limit": 50, "bbox": box, "crs": uri})
    assert answer.headers["content-crs"] == f"<{uri}>"
    moved = answer.json()
    assert identifiers(moved) == identifiers(plain)
    for one, other in zip(plain["features"], moved["features"], strict=True):
        expected = to_system(coordinates(one), SYSTEMS[uri])
        assert coordinates(other).distance(expected) < (1e-6 if SYSTEMS[uri].decimals == 7 else 0.02)


def shrunk(system: CoordinateSystem) -> tuple[float, ...]:
    """The part of a system's area that is in the region."""
    west, south, east, north = system.area
    return max(west, 90), max(south, -12), min(east, 142), min(north, 30)


@pytest.mark.parametrize("name", LAYERS)
def test_crs_fc_crs_action_of_every_system_on_every_layer(http: httpx.Client, name: str) -> None:
    for uri, system in SYSTEMS.items():
        box = ",".join(map(str, shrunk(system)))
        answer = http.get(f"/ogc/collections/{name}/items", params={"crs": uri, "limit": 2, "bbox": box})
        assert (answer.status_code, answer.headers["content-crs"]) == (200, f"<{uri}>"), answer.text[:300]
        for one in answer.json()["features"]:
            assert np.isfinite(shapely.get_coordinates(coordinates(one))).all()


@pytest.mark.parametrize("uri", [CRS84.uri, *SOME[:5]])
def test_crs_ogc_crs_header_is_also_with_one_feature(http: httpx.Client, uri: str) -> None:
    first = items(http, "mines", limit=1, crs=uri)["features"][0]
    answer = http.get(f"/ogc/collections/mines/items/{first['id']}", params={"crs": uri})
    assert answer.headers["content-crs"] == f"<{uri}>"
    assert answer.json()["geometry"] == first["geometry"]


@pytest.mark.parametrize("uri", SOME)
@pytest.mark.parametrize("name", ["mines", "geologic-units"])
def test_crs_fc_bbox_crs_action_selects_what_meets_the_box(
    server: Running, http: httpx.Client, name: str, uri: str
) -> None:
    system = SYSTEMS[uri]
    west, south, east, north = shrunk(system)
    lower = (0.7 * west + 0.3 * east, 0.7 * south + 0.3 * north)
    middle = shapely.box(*lower, (west + east) / 2, (south + north) / 2)
    corners = shapely.bounds(to_system(middle, system))
    box = ",".join(repr(float(side)) for side in corners)
    found = items(http, name, limit=10_000, bbox=box, **{"bbox-crs": uri})
    outline = system.outline(tuple(map(float, corners)), "bbox")
    meets = "ST_Intersects(shape, ST_GeomFromText(%s, 4326))"
    text = str(shapely.to_wkt(outline, rounding_precision=-1))
    wanted = {row[0] for row in rows(server, LAYERS[name], "identifier", meets, text)}
    assert set(identifiers(found)) == wanted
    assert found["numberMatched"] == len(wanted)


def test_crs_fc_bbox_crs_action_of_latitude_first_is_the_same_box_turned(http: httpx.Client) -> None:
    plain = items(http, "mines", bbox="100,-5,120,15", limit=10_000)
    turned = items(http, "mines", bbox="-5,100,15,120", limit=10_000, **{"bbox-crs": f"{EPSG}4326"})
    assert identifiers(plain) == identifiers(turned)
    across = items(http, "mines", bbox="-12,130,30,100", limit=10_000, **{"bbox-crs": f"{EPSG}4326"})
    assert identifiers(across) == identifiers(items(http, "mines", bbox="130,-12,100,30", limit=10_000))


@pytest.mark.parametrize("parameter", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize(
    "uri", ["", "EPSG:4326", f"{EPSG}999999", f"{EPSG}43260", "urn:ogc:def:crs:EPSG::4326", "x" * 500]
)
def test_crs_fc_crs_valid_value_others_are_refused(http: httpx.Client, parameter: str, uri: str) -> None:
    given = {"bbox": "1,2,3,4", "filter": "name = 'x'", parameter: uri}
    refused(http.get("/ogc/collections/mines/items", params=given), parameter)


def test_crs_of_an_item_others_are_refused(http: httpx.Client) -> None:
    first = items(http, "mines", limit=1)["features"][0]
    refused(http.get(f"/ogc/collections/mines/items/{first['id']}", params={"crs": f"{EPSG}1"}), "crs")


def test_next_pages_stay_in_their_system(http: httpx.Client) -> None:
    pages = list(walk(http, "mines", limit=200, crs=f"{EPSG}3857"))
    assert len(pages) > 2
    for page in pages:
        assert all(abs(one["geometry"]["coordinates"][0]) > 1e6 for one in page["features"])
    assert link(pages[0], "next")


def test_operations_between_datums_are_told_with_their_accuracy(http: httpx.Client) -> None:
    first = items(http, "mines", limit=1, crs=f"{EPSG}4253")
    told = {one["name"]: one["accuracy"] for one in first["coordinateOperations"]}
    assert told["Inverse of Luzon 1911 to WGS 84 (1)"] == 17.0
    assert "coordinateOperations" not in items(http, "mines", limit=1, crs=f"{EPSG}4326")
