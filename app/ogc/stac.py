"""The STAC catalogue of the rasters, and their files, of which a client may ask for parts."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from app.clients import not_modified
from app.errors import CollectionNotFoundError
from app.layers.pictures import preview_address
from app.layers.records import PublishedRaster
from app.ogc.freshness import document
from app.ogc.parameters import check_names
from gis.declaration import nearest
from gis.ogcapi.openapi import GEOJSON, JSON
from gis.raster.stac import GEOTIFF, Asset, Stac
from gis.records import licence
from gis.service import ServiceMetadata

_KNOWN = frozenset({"f"})


class StacCatalogue:
    """Catalog, collections, items and files; made once, as the rasters change with the software only."""

    def __init__(self, rasters: Mapping[str, PublishedRaster], folder: Path, service: ServiceMetadata) -> None:
        self._address = f"{service.base_url}/ogc/stac"
        self._files = {name: folder / one.declared.file for name, one in rasters.items()}
        self._assets = {name: self._asset(one, service) for name, one in rasters.items()}
        self._stac = Stac(self._assets.values(), service, self._address)

    def routes(self) -> list[Route]:
        """Paths below /ogc."""
        return [
            Route("/stac", self.catalog),
            Route("/stac/collections/{raster}", self._of_raster(self._stac.collection, JSON)),
            Route("/stac/collections/{raster}/items/{item}", self._of_raster(self._stac.item, GEOJSON)),
            Route("/stac/assets/{raster}.tif", self.file),
        ]

    async def catalog(self, request: Request) -> Response:
        """The root."""
        check_names(request.query_params, _KNOWN)
        return document(request, json.dumps(self._stac.catalog()).encode(), JSON)

    async def file(self, request: Request) -> Response:
        """The GeoTIFF, whole or the byte ranges asked for."""
        path = self._files[self._named(request).id]
        headers = {"Cache-Control": "public, max-age=3600", "Content-Disposition": f'inline; filename="{path.name}"'}
        answer = FileResponse(path, headers=headers, media_type=GEOTIFF, stat_result=path.stat())
        known = not_modified(request, {name: answer.headers[name] for name in ("ETag", "Cache-Control")})
        return known or answer

    def _of_raster(self, make: Callable[[Asset], dict[str, Any]], media_type: str) -> Callable[[Request], object]:
        async def serve(request: Request) -> Response:
            check_names(request.query_params, _KNOWN)
            asset = self._named(request)
            item = request.path_params.get("item", asset.id)
            if item != asset.id:
                raise CollectionNotFoundError(
                    f"The collection {asset.id!r} has one item, {asset.id!r}, and no {item!r}."
                )
            return document(request, json.dumps(make(asset)).encode(), media_type)

        return serve

    def _named(self, request: Request) -> Asset:
        name = request.path_params["raster"]
        asset = self._assets.get(name)
        if asset is None:
            raise CollectionNotFoundError(f"There is no raster {name!r}{nearest(name, list(self._assets))}.")
        return asset

    def _asset(self, raster: PublishedRaster, service: ServiceMetadata) -> Asset:
        declared, file = raster.declared, raster.file
        return Asset(
            id=declared.id,
            title=declared.title,
            description=declared.abstract or declared.title,
            keywords=("raster", declared.topic),
            source=declared.source,
            licence=licence(declared.licence) if declared.licence else None,
            date=declared.date,
            href=f"{self._address}/assets/{declared.id}.tif",
            preview=service.base_url + preview_address(file.bbox, [declared.id]),
            file=file,
        )
