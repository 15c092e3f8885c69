"""What the executable test suite for OGC API - Tiles 1.0 asserts, by the names of its test methods."""

# SPDX-License-Identifier: Apache-2.0

from typing import Any

import httpx
import pytest

from gis.ogcapi.tiles import TILEJSON

TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-"
MATRIX, ROW, COLUMN = "{tileMatrix}", "{tileRow}", "{tileCol}"
BEYOND = 2**31 - 1


def lists(http: httpx.Client) -> list[str]:
    """Addresses of lists of tilesets: of the landing page, and of two collections."""
    landing = http.get("/ogc/").json()["links"]
    of_collections = [one["links"] for one in http.get("/ogc/collections").json()["collections"][:2]]
    return [one["href"] for links in (landing, *of_collections) for one in links if one["rel"].startswith(TILESETS)]


def template(tileset: dict[str, Any]) -> str:
    """The first address of a tile that a client has to fill in."""
    return str(next(one["href"] for one in tileset["links"] if MATRIX in one["href"]))


def filled(address: str, matrix: object, row: object, column: object) -> str:
    return address.replace(MATRIX, str(matrix)).replace(ROW, str(row)).replace(COLUMN, str(column))


def test_landing_page_retrieval_and_validate_tilesets_list_response(http: httpx.Client) -> None:
    assert any(one["rel"] == f"{TILESETS}vector" for one in http.get("/ogc/").json()["links"])
    for address in lists(http):
        assert "/tiles" in address
        assert "f=json" in address
        for tileset in http.get(address).json()["tilesets"]:
            assert tileset["tileMatrixSetURI"].startswith("http://www.opengis.net/def/tilematrixset/OGC/1.0/")


def test_every_link_of_a_list_of_tilesets_can_be_followed_as_it_stands(http: httpx.Client) -> None:
    """The suite follows each, with no value for a variable, and wants 200 and JSON."""
    for address in lists(http):
        for tileset in http.get(address).json()["tilesets"]:
            for link in tileset["links"]:
                answer = http.get(link["href"], headers={"Accept": "application/json"})
                assert answer.status_code == 200, link
                answer.json()


def test_validate_tile_matrix_row_and_col_definitions_are_available(http: httpx.Client) -> None:
    for address in lists(http):
        for tileset in http.get(address).json()["tilesets"]:
            (itself,) = [one["href"] for one in tileset["links"] if one["rel"] == "self"]
            assert all(name in template(http.get(itself).json()) for name in (MATRIX, ROW, COLUMN))


def test_validate_successful_tiles_execution_following_links_and_error_conditions(http: httpx.Client) -> None:
    for address in lists(http):
        for listed in http.get(address).json()["tilesets"]:
            (itself,) = [one["href"] for one in listed["links"] if one["rel"] == "self"]
            tileset = http.get(itself).json()
            first = tileset["tileMatrixSetLimits"][0]
            place = first["tileMatrix"], first["maxTileRow"], first["minTileCol"]
            tile = template(tileset)
            assert http.get(filled(tile, *place)).status_code in (200, 204)
            below = http.get(filled(tile, place[0], place[1] + 1, place[2]))
            assert below.status_code in ((400, 404) if place[0] == "0" else (200, 204, 400, 404))
            assert http.get(filled(tile, 4, BEYOND, BEYOND)).status_code in (400, 404)


ENDS = {"": ".getTileSetsList", "/{tileMatrixSetId}": ".getTileSet"}


def test_api_definition_operation_id_validation(http: httpx.Client) -> None:
    paths = http.get("/ogc/openapi").json()["paths"]
    told = {path: one["get"]["operationId"] for path, one in paths.items() if "/tiles" in path}
    assert len(told) > len(ENDS)
    for path, name in told.items():
        resource, _, rest = path.partition("/tiles")
        kind = (
            ".collection.map" if resource.endswith("/map") else ".collection.vector" if resource else ".dataset.vector"
        )
        assert name.endswith(kind + ENDS.get(rest, ".getTile")), path


@pytest.mark.parametrize("media_type", ["application/json", "text/html", TILEJSON])
def test_a_tileset_comes_by_the_accept_header_of_each_of_its_types(http: httpx.Client, media_type: str) -> None:
    answer = http.get("/ogc/tiles/WebMercatorQuad", headers={"Accept": media_type})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, media_type)
