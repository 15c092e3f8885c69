"""What is told of the tiles: the tilesets of a layer, of a raster and of all layers, and the tile matrix sets."""

# SPDX-License-Identifier: Apache-2.0

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.clients import not_modified
from app.errors import CollectionNotFoundError
from app.layers.catalogue import Catalogue
from app.layers.records import PublishedRaster
from app.ogc.freshness import headers_of
from app.ogc.negotiation import negotiated
from app.ogc.pages import HTML, ServicePages
from app.ogc.parameters import OF_A_DOCUMENT, check_names
from app.ogc.tiles import grid_of
from gis.layer import BBox, Layer, LayerState, Service
from gis.ogcapi.tiles import (
    TILEJSON,
    Tileset,
    has_tilejson,
    tile_matrix_set,
    tile_matrix_sets,
    tilejson,
    tileset_document,
    tilesets_document,
)
from gis.tiles import GRIDS, TileGrid

_JSON = {"json": "application/json"}
_PAGE = _JSON | {"html": HTML}
_TILESET = _PAGE | {"tilejson": TILEJSON}


class Tilesets:
    """The documents around the tiles.

    world: extent told of a layer without features. rasters: by id.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        pages: ServicePages,
        base_url: str,
        world: BBox,
        rasters: Mapping[str, PublishedRaster],
    ) -> None:
        self._catalogue = catalogue
        self._pages = pages
        self._base_url = base_url
        self._world = world
        self._rasters = rasters

    def routes(self) -> list[Route]:
        """Paths below /ogc."""
        return [
            Route("/tileMatrixSets", self.matrix_sets),
            Route("/tileMatrixSets/{grid}", self.matrix_set),
            *(
                Route(path + more, serve)
                for path in ("/tiles", "/collections/{collection}/tiles", "/collections/{collection}/map/tiles")
                for more, serve in (("", self.tilesets), ("/{grid}", self.tileset))
            ),
        ]

    async def matrix_sets(self, request: Request) -> Response:
        """The tile matrix sets."""
        sets = tile_matrix_sets(self._base_url)
        return self._answer(request, _PAGE, sets, "ogc/tiles/sets.html", sets)

    async def matrix_set(self, request: Request) -> Response:
        """The definition of one tile matrix set."""
        grid = grid_of(request.path_params["grid"])
        return self._answer(request, _JSON, tile_matrix_set(grid.id))

    async def tilesets(self, request: Request) -> Response:
        """The tilesets of a resource."""
        found = [self._tileset(request, grid) for grid in GRIDS.values()]
        document = tilesets_document(found, self._base_url)
        page = {"title": found[0].title, "tilesets": found, "base_url": self._base_url}
        return self._answer(request, _PAGE, document, "ogc/tiles/index.html", page)

    async def tileset(self, request: Request) -> Response:
        """Metadata of one tileset."""
        found = self._tileset(request, grid_of(request.path_params["grid"]))
        offers = _TILESET if has_tilejson(found) else _PAGE
        document = tileset_document(found, self._base_url)
        if negotiated(request, offers) == "tilejson":
            document = tilejson(found, self._base_url)
        page = {"title": found.title, "tilesets": [found], "base_url": self._base_url}
        return self._answer(request, offers, document, "ogc/tiles/index.html", page)

    def _answer(
        self,
        request: Request,
        offers: Mapping[str, str],
        document: dict[str, Any],
        template: str = "",
        page: Mapping[str, Any] = MappingProxyType({}),
    ) -> Response:
        """A document, or the page of a template and its values where that is asked for."""
        check_names(request.query_params, OF_A_DOCUMENT)
        asked = negotiated(request, offers)
        language = self._pages.language(request) if asked == "html" else ""
        headers = headers_of(request, str(self._catalogue.snapshot.version), asked, language)
        if known := not_modified(request, headers):
            return known
        if asked == "html":
            body = self._pages.page(request, template, **page)
        else:
            body = json.dumps(document, ensure_ascii=False)
        return Response(body, headers=headers, media_type=offers[asked])

    def _tileset(self, request: Request, grid: TileGrid) -> Tileset:
        name = request.path_params.get("collection")
        drawn = "/map/" in request.url.path
        if name is None:
            return self._of_all(grid)
        if drawn and name in self._rasters:
            return _of_raster(self._rasters[name], grid)
        layer = self._catalogue.layer(name)
        if (Service.WMS if drawn else Service.TILES) not in layer.services:
            raise CollectionNotFoundError(f"{layer.title} has no {'map' if drawn else 'vector'} tiles.")
        path = f"/collections/{layer.id}/{'map/' if drawn else ''}tiles"
        return self._of_layers(path, layer.title, grid, [layer], drawn=drawn)

    def _of_all(self, grid: TileGrid) -> Tileset:
        layers = [one.layer for one in self._catalogue.declared.values() if Service.TILES in one.layer.services]
        return self._of_layers("/tiles", "All layers", grid, layers, drawn=False)

    def _of_layers(self, path: str, title: str, grid: TileGrid, layers: list[Layer], *, drawn: bool) -> Tileset:
        states: list[tuple[Layer, LayerState]] = [(one, self._catalogue.state(one.id)) for one in layers]
        extents = [state.extent for _, state in states if state.extent]
        return Tileset(
            path,
            title,
            grid,
            tuple(states),
            _around(extents) if extents else self._world,
            drawn=drawn,
            minzoom=max(min(one.minzoom for one in layers) - grid.zoom_ahead, 0),
            maxzoom=max(one.maxzoom for one in layers) - grid.zoom_ahead,
            attribution="; ".join(dict.fromkeys(source for one in layers for source in self._sources(one))),
        )

    def _sources(self, layer: Layer) -> list[str]:
        """Whose data the features published now are; the layer as it is declared does not know."""
        return [source for source in self._catalogue.snapshot.layers[layer.id].attribution.split("; ") if source]


def _of_raster(one: PublishedRaster, grid: TileGrid) -> Tileset:
    return Tileset(
        f"/collections/{one.declared.id}/map/tiles",
        one.declared.title,
        grid,
        (),
        one.file.bbox,
        drawn=True,
        maxzoom=max(one.file.maxzoom() - grid.zoom_ahead, 0),
        attribution=one.declared.source,
    )


def _around(boxes: list[BBox]) -> BBox:
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
