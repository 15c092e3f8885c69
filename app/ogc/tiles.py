"""Tiles of the layers (vector) and of the rasters (pictures), each kept until its layer has a new release."""

import gzip
from pathlib import Path

from cachetools import LRUCache
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.db.pool import Connection, PublicReads
from app.errors import CollectionNotFoundError
from app.layers.catalogue import Catalogue
from app.ogc.parameters import check_names
from gis.errors import InvalidParameterError
from gis.raster.tiles import RasterTiles
from gis.tiles import TileReader, check_tile

MVT = "application/vnd.mapbox-vector-tile"
_KNOWN = frozenset({"f", "release"})
_CACHE_BYTES = 64 * 2**20
_GZIP_LEVEL = 5

# An address that names the release always answers the same; the plain one may change with a publication.
_FOR_EVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=60"

Key = tuple[str, int, int, int, int]


class Tiles:
    """Tiles in WebMercatorQuad."""

    def __init__(self, catalogue: Catalogue, reads: PublicReads, rasters: dict[str, Path]) -> None:
        self._catalogue = catalogue
        self._reads = reads
        self._readers = {name: TileReader(one.layer) for name, one in catalogue.declared.items()}
        self._rasters = {name: RasterTiles(path) for name, path in rasters.items()}
        self._kept: LRUCache[Key, bytes] = LRUCache(_CACHE_BYTES, getsizeof=lambda tile: len(tile) + 200)
        self.hits = 0
        self.misses = 0

    def routes(self) -> list[Route]:
        """Paths below /ogc."""
        matrix = "WebMercatorQuad/{zoom}/{row}/{column}"
        return [
            Route(f"/collections/{{collection}}/tiles/{matrix}", self.vector),
            Route(f"/collections/{{collection}}/map/tiles/{matrix}", self.picture),
        ]

    async def vector(self, request: Request) -> Response:
        """A vector tile; 204 where nothing is."""
        layer = self._catalogue.layer(request.path_params["collection"])
        check_names(request.query_params, _KNOWN)
        _check_format(request, "mvt")
        zoom, row, column = _address(request)
        release = self._catalogue.state(layer.id).release
        key = (layer.id, release, zoom, row, column)
        tile = self._kept.get(key)
        if tile is None:
            self.misses += 1

            async def read(connection: Connection) -> bytes:
                return await self._readers[layer.id].tile(connection, zoom, row, column)

            made = await self._reads(read)
            tile = self._kept[key] = gzip.compress(made, _GZIP_LEVEL) if made else b""
        else:
            self.hits += 1
        return _tile_response(request, tile, release)

    async def picture(self, request: Request) -> Response:
        """A picture of a raster; 204 outside it."""
        name = request.path_params["collection"]
        raster = self._rasters.get(name)
        if raster is None:
            raise CollectionNotFoundError(f"There is no raster {name!r}. Known: {', '.join(self._rasters) or 'none'}.")
        check_names(request.query_params, _KNOWN)
        _check_format(request, "png")
        zoom, row, column = _address(request)
        key = (name, -1, zoom, row, column)
        picture = self._kept.get(key)
        if picture is None:
            self.misses += 1
            picture = self._kept[key] = await run_in_threadpool(raster.png, zoom, row, column)
        else:
            self.hits += 1
        headers = {"Cache-Control": "public, max-age=86400"}
        return Response(picture, 200 if picture else 204, headers, "image/png")


def _tile_response(request: Request, tile: bytes, release: int) -> Response:
    asked = request.query_params.get("release")
    headers = {
        "Cache-Control": _FOR_EVER if asked == str(release) else _BRIEFLY,
        "ETag": f'"{release}"',
        "Vary": "Accept-Encoding",
    }
    if not tile:
        return Response(status_code=204, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(tile, headers=headers | {"Content-Encoding": "gzip"}, media_type=MVT)
    return Response(gzip.decompress(tile), headers=headers, media_type=MVT)


def _check_format(request: Request, only: str) -> None:
    if request.query_params.get("f", only) != only:
        raise InvalidParameterError("f", f"Tiles come as {only} only.")


def _address(request: Request) -> tuple[int, int, int]:
    numbers = []
    for name, told in (("zoom", "tileMatrix"), ("row", "tileRow"), ("column", "tileCol")):
        text = request.path_params[name]
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise InvalidParameterError(told, f"{told} must be a whole number, not {text[:40]!r}.")
        numbers.append(int(text))
    zoom, row, column = numbers
    check_tile(zoom, row, column)
    return zoom, row, column
