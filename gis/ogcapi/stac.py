"""The STAC catalogue of the rasters beside the OGC API, as its description tells it."""

from collections.abc import Mapping
from typing import Any

from gis.layer import Layer
from gis.links import link
from gis.ogcapi.blocks import Block
from gis.ogcapi.openapi import BINARY, GEOJSON, JSON, NOT_FOUND, answer, get
from gis.raster.stac import GEOTIFF

_TAG = "Rasters"


def stac(base_url: str, rasters: Mapping[str, str]) -> Block:
    """The block of a server at ``<base_url>/ogc``. rasters: titles by id."""

    def paths(_: Mapping[str, Layer]) -> dict[str, Any]:
        found = {"/stac": get("getStac", _TAG, "STAC catalog of the rasters", answer(None, html=False), formats=())}
        for name, title in rasters.items():
            path = f"/stac/collections/{name}"
            found[path] = get(f"stac-{name}", _TAG, title, answer(None, html=False), formats=())
            found[f"{path}/items/{name}"] = get(
                f"stac-item-{name}", _TAG, f"{title}: its file", answer(None, GEOJSON, html=False), formats=()
            )
            found[f"/stac/assets/{name}.tif"] = get(
                f"stac-asset-{name}", _TAG, f"{title}: cloud-optimised GeoTIFF", _FILE | NOT_FOUND, formats=()
            )
        return found

    address = f"{base_url}/ogc/stac"
    return Block(
        paths=paths,
        landing_links=(link("child", JSON, "STAC of the rasters", address),),
    )


_FILE = {
    "200": {"description": "The file", "content": {GEOTIFF: {"schema": BINARY}}},
    "206": {"description": "The bytes asked for", "content": {GEOTIFF: {"schema": BINARY}}},
}
