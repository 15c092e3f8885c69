"""Tiles of the layers, vector and drawn, and of the rasters, each kept until its layer has a new release."""

# SPDX-License-Identifier: Apache-2.0

import gzip
from collections.abc import Sequence
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.clients import not_modified, takes_gzip
from app.db.pool import Connection, PublicReads
from app.errors import CollectionNotFoundError, StyleNotFoundError, TileMatrixSetNotFoundError
from app.layers.catalogue import Catalogue
from app.ogc.freshness import VERSION
from app.ogc.made_once import MadeOnce
from app.ogc.maptiles import MapTiles
from app.ogc.parameters import check_names
from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.layer import Layer, Service
from gis.ogcapi.tiles import MVT, PNG
from gis.raster.tiles import RasterTiles
from gis.tiles import GRIDS, SHARP, TileGrid, TileReader

_CACHE_BYTES = 64 * 2**20
_ENTRY = 200  # bytes an entry takes besides its tile
_GZIP_LEVEL = 5

# An address that names the release always answers the same; the plain one may change with a publication.
_FOR_EVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=60"
_A_DAY = "public, max-age=86400"

_RATIOS = ("1", str(SHARP))

Key = tuple[str, str, int | str, str, int, int, int, int]

Address = tuple[TileGrid, int, int, int]
"""Tile matrix set, matrix, row and column."""


class Tiles:
    """The tiles themselves; what is told of them is in app.ogc.tilesets."""

    def __init__(self, catalogue: Catalogue, reads: PublicReads, rasters: dict[str, Path], drawn: MapTiles) -> None:
        self._catalogue = catalogue
        self._reads = reads
        self._readers = {name: TileReader(one.layer) for name, one in catalogue.declared.items()}
        self._rasters = {name: RasterTiles(path) for name, path in rasters.items()}
        self._drawn = drawn
        self._made: MadeOnce[Key, bytes] = MadeOnce(_CACHE_BYTES, lambda tile: len(tile) + _ENTRY, _CACHE_BYTES // 2)

    @property
    def statistics(self) -> dict[str, int]:
        """How many tiles came from memory and how many were made, for the metrics."""
        return self._made.statistics

    def routes(self) -> list[Route]:
        """Paths below /ogc."""
        tile = "{grid}/{zoom}/{row}/{column}"
        return [
            Route(f"/tiles/{tile}", self.dataset),
            Route(f"/collections/{{collection}}/tiles/{tile}", self.vector),
            Route(f"/collections/{{collection}}/map/tiles/{tile}", self.picture),
        ]

    async def vector(self, request: Request) -> Response:
        """A vector tile of one layer; 204 where nothing is."""
        layer = self._tiled(request.path_params["collection"])
        check_names(request.query_params, {"f", "release"})
        _check_format(request, "mvt")
        grid, zoom, row, column = tile_address(request)
        release = self._catalogue.state(layer.id).release
        asked = request.query_params.get("release")
        headers = _freshness(f"{release}", lasting=asked == str(release))
        if known := not_modified(request, headers):
            return known
        tile = await self._vector(layer, grid, zoom, row, column)
        return _tile_response(request, tile, headers)

    async def dataset(self, request: Request) -> Response:
        """A vector tile of several layers; 204 where nothing is."""
        check_names(request.query_params, {"f", "collections"})
        _check_format(request, "mvt")
        address = tile_address(request)
        layers = self._asked_layers(request.query_params.get("collections"))
        headers = _freshness("-".join(str(self._catalogue.state(layer.id).release) for layer in layers))
        if known := not_modified(request, headers):
            return known
        parts = [await self._vector(layer, *address) for layer in layers]
        # A tile is a list of layers, so tiles written one after the other are the tile of all.
        whole = b"".join(gzip.decompress(part) for part in parts if part)
        return _tile_response(request, gzip.compress(whole, _GZIP_LEVEL) if whole else b"", headers)

    async def picture(self, request: Request) -> Response:
        """A tile of a layer's map or of a raster as PNG; 204 outside it."""
        name = request.path_params["collection"]
        check_names(request.query_params, {"f", "pixelRatio", *([] if name in self._rasters else ["style"])})
        _check_format(request, "png")
        ratio = request.query_params.get("pixelRatio", "1")
        if ratio not in _RATIOS:
            raise InvalidParameterError("pixelRatio", f"pixelRatio is {ratio[:40]!r}; expected {' or '.join(_RATIOS)}.")
        address = tile_address(request)
        return await self.drawn(request, name, request.query_params.get("style"), address, ratio=int(ratio))

    async def drawn(self, request: Request, name: str, style: str | None, address: Address, *, ratio: int) -> Response:
        """A tile of the map of a layer, in that style or the default one, or of a raster as PNG; 204 outside it.

        Raises CollectionNotFoundError, StyleNotFoundError, MapServerUnavailableError.
        """
        grid, zoom, row, column = address
        if name in self._rasters:
            raster = self._rasters[name]
            mark, lasting = raster.mark, _A_DAY

            async def make() -> bytes:
                return await run_in_threadpool(raster.png, grid.id, zoom, row, column, ratio)
        else:
            drawn_in = self._style(self._catalogue.layer(name), style)
            # Not the release: the engine follows it a moment later, and a style may change without one.
            mark, lasting = f"{self._drawn.mark(name)}-{drawn_in}", _BRIEFLY

            async def make() -> bytes:
                return await self._drawn.tile(name, drawn_in, grid.srid, grid.box(zoom, row, column), ratio)

        headers = _freshness(mark) | {"Cache-Control": lasting}
        if known := not_modified(request, headers):
            return known
        picture = await self._made.get((name, "drawn", mark, grid.id, zoom, row, column, ratio), make)
        return Response(picture, 200 if picture else 204, headers, PNG)

    def _style(self, layer: Layer, asked: str | None) -> str:
        """The id of the style that is asked for, or of the default one."""
        if Service.WMS not in layer.services:
            raise CollectionNotFoundError(f"{layer.title} is not drawn as a map.")
        styles = [style.id for style in self._catalogue.declared[layer.id].styles]
        if asked is not None and asked not in styles:
            close = nearest(asked, styles)
            raise StyleNotFoundError(f"{layer.title} has no style {asked[:60]!r}{close}. Known: {', '.join(styles)}.")
        return styles[0] if asked is None else asked

    async def _vector(self, layer: Layer, grid: TileGrid, zoom: int, row: int, column: int) -> bytes:
        """A tile compressed by gzip, empty when nothing is there."""
        release = self._catalogue.state(layer.id).release

        async def read(connection: Connection) -> bytes:
            return await self._readers[layer.id].tile(connection, grid, zoom, row, column)

        async def make() -> bytes:
            made = await self._reads(read)
            return await run_in_threadpool(gzip.compress, made, _GZIP_LEVEL) if made else b""

        return await self._made.get((layer.id, "vector", release, grid.id, zoom, row, column, 1), make)

    def _tiled(self, name: str) -> Layer:
        layer = self._catalogue.layer(name)
        if Service.TILES not in layer.services:
            raise CollectionNotFoundError(f"{layer.title} has no vector tiles.")
        return layer

    def _asked_layers(self, text: str | None) -> Sequence[Layer]:
        if text is None:
            every = (one.layer for one in self._catalogue.declared.values())
            return [layer for layer in every if Service.TILES in layer.services]
        try:
            return [self._tiled(name) for name in dict.fromkeys(text.split(","))]
        except CollectionNotFoundError as error:
            raise InvalidParameterError("collections", str(error)) from None


def _freshness(tag: str, *, lasting: bool = False) -> dict[str, str]:
    """The headers that say how long a tile is true. tag: changes with what is published."""
    return {"Cache-Control": _FOR_EVER if lasting else _BRIEFLY, "ETag": f'"{VERSION}-{tag}"'}


def _tile_response(request: Request, tile: bytes, headers: dict[str, str]) -> Response:
    headers = headers | {"Vary": "Accept-Encoding"}
    if not tile:
        return Response(status_code=204, headers=headers)
    if takes_gzip(request.headers):
        # The tag is weak, as it stands for two spellings.
        packed = {"Content-Encoding": "gzip", "ETag": f"W/{headers['ETag']}"}
        return Response(tile, headers=headers | packed, media_type=MVT)
    return Response(gzip.decompress(tile), headers=headers, media_type=MVT)


def _check_format(request: Request, only: str) -> None:
    if request.query_params.get("f", only) != only:
        raise InvalidParameterError("f", f"Tiles come as {only} only.")


def grid_of(name: str) -> TileGrid:
    """The tile matrix set of that id. Raises TileMatrixSetNotFoundError."""
    if name not in GRIDS:
        raise TileMatrixSetNotFoundError(
            f"There is no tile matrix set {name[:60]!r}{nearest(name, list(GRIDS))}. Known: {', '.join(GRIDS)}."
        )
    return GRIDS[name]


def tile_address(request: Request) -> Address:
    """The tile a path names. Raises InvalidParameterError, TileMatrixSetNotFoundError."""
    grid = grid_of(request.path_params["grid"])
    numbers = []
    for name, told in (("zoom", "tileMatrix"), ("row", "tileRow"), ("column", "tileCol")):
        text = request.path_params[name]
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise InvalidParameterError(told, f"{told} must be a whole number, not {text[:40]!r}.")
        numbers.append(int(text))
    zoom, row, column = numbers
    grid.check(zoom, row, column)
    return grid, zoom, row, column
