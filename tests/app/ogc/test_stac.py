"""The STAC of the rasters, read by pystac and by GDAL, which has to find in it what is in the file."""

# SPDX-License-Identifier: Apache-2.0

from pathlib import Path
from typing import Any

import httpx
import pystac
import pytest
import rasterio
from pystac import STACObjectType
from pystac.errors import STACValidationError
from pystac.validation.stac_validator import JsonSchemaSTACValidator

RELIEF = Path(__file__).parents[3] / "data" / "regions" / "asean" / "relief.tif"
ITEM = "/ogc/stac/collections/relief/items/relief"


def document(http: httpx.Client, path: str) -> dict[str, Any]:
    answer = http.get(path)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/ogc/stac", STACObjectType.CATALOG),
        ("/ogc/stac/collections/relief", STACObjectType.COLLECTION),
        (ITEM, STACObjectType.ITEM),
    ],
)
def test_documents_are_valid_by_the_schemas_of_stac(http: httpx.Client, path: str, kind: STACObjectType) -> None:
    validator, found = JsonSchemaSTACValidator(), document(http, path)
    assert validator.validate_core(found, kind, "1.1.0")
    with pytest.raises(STACValidationError):
        validator.validate_core({**found, "links": None}, kind, "1.1.0")


def test_every_link_answers_as_it_says(http: httpx.Client) -> None:
    for path in ("/ogc/stac", "/ogc/stac/collections/relief", ITEM):
        for link in document(http, path)["links"]:
            if link["rel"] != "license":
                answer = http.get(link["href"])
                assert (answer.status_code, answer.headers["content-type"]) == (200, link["type"]), link


def test_item_says_what_the_file_says(http: httpx.Client) -> None:
    item = pystac.Item.from_dict(document(http, ITEM))
    asset = item.assets["data"].to_dict()
    with rasterio.open(RELIEF) as file:
        assert asset["proj:shape"] == [file.height, file.width]
        assert asset["proj:transform"] == list(file.transform)[:6]
        assert asset["proj:bbox"] == list(file.bounds)
        assert asset["proj:code"] == f"EPSG:{file.crs.to_epsg()}"
        assert [(one["name"], one["data_type"]) for one in asset["bands"]] == [
            ("red", "uint8"),
            ("green", "uint8"),
            ("blue", "uint8"),
        ]
    assert asset["file:size"] == RELIEF.stat().st_size


def test_file_is_the_raster_whole_and_in_parts(http: httpx.Client) -> None:
    address = document(http, ITEM)["assets"]["data"]["href"]
    assert http.get(address).content == RELIEF.read_bytes()
    part = http.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, RELIEF.read_bytes()[100:200])


def test_file_is_read_in_parts_by_gdal(http: httpx.Client) -> None:
    address = document(http, ITEM)["assets"]["data"]["href"]
    with rasterio.open(f"/vsicurl/{address}") as remote, rasterio.open(RELIEF) as file:
        assert (remote.profile, remote.overviews(1)) == (file.profile, file.overviews(1))


@pytest.mark.parametrize("path", ["/ogc/stac/collections/releif", "/ogc/stac/assets/nothing.tif", f"{ITEM}s"])
def test_unknown_raster_is_not_found(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
