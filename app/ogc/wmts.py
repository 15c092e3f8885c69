"""The Web Map Tile Service at /wmts: its capabilities lead to the map tiles of the OGC API, which it also serves by
key-value pairs."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.layers.catalogue import Catalogue, Snapshot
from app.layers.records import PublishedRaster
from app.ogc import ows
from app.ogc.answers import Reply, tag_of
from app.ogc.freshness import VERSION as RELEASE
from app.ogc.kvp import read_parameters
from app.ogc.maptiles import SYSTEMS
from app.ogc.tiles import Tiles
from app.ogc.wms import Wms
from gis import wmts
from gis.errors import MapServerUnavailableError
from gis.layer import BBox, Layer, Service
from gis.mapserver.exceptions import ServiceException
from gis.mapserver.extent import with_markers
from gis.ogcapi.styles import legend_address
from gis.ogcapi.tiles import tile_matrix_set
from gis.service import ServiceMetadata
from gis.style import Style
from gis.tiles import GRIDS, SIZE

_LONGEST_QUERY = 16_384  # bytes
_MOST_FEATURES = "10"  # at a pixel
_REPORTS = ows.Reports(wmts.VERSION, "1.1", {})
_TILE = "map/tiles/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}?f=png"


class Wmts:
    """The service over the tiles and the Web Map Service.

    rasters: by id. world: extent told of a layer without features.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        rasters: Mapping[str, PublishedRaster],
        tiles: Tiles,
        wms: Wms,
        service: ServiceMetadata,
        world: BBox,
    ) -> None:
        self._catalogue = catalogue
        self._rasters = rasters
        self._tiles = tiles
        self._wms = wms
        self._service = service
        self._world = world
        self._offered: tuple[Snapshot, Mapping[str, wmts.TiledLayer]] | None = None

    def routes(self) -> list[Route]:
        """The service's route, /wmts, and the address of its capabilities as a resource."""
        return [
            Route("/wmts", self.answer, methods=["GET"], name="wmts"),
            Route(f"/wmts/{wmts.VERSION}/WMTSCapabilities.xml", self.capabilities, methods=["GET"]),
        ]

    async def answer(self, request: Request) -> Response:
        """Answer one request; a mistake becomes an exception report of OWS Common."""
        try:
            given = read_parameters(request.scope["query_string"], _LONGEST_QUERY)
            if wmts.is_capabilities(given):
                return await self.capabilities(request)
            asked = wmts.read_tile_request(given, self._layers())
            if asked.pixel:
                return await self._features(request, asked, asked.pixel)
            address = asked.grid, asked.zoom, asked.row, asked.column
            return await self._tiles.drawn(request, asked.layer.id, asked.style, address, ratio=1)
        except (ServiceException, MapServerUnavailableError) as error:
            return _REPORTS.of(error)

    async def capabilities(self, request: Request) -> Response:
        """The capabilities."""

        async def make() -> Reply:
            sets = [tile_matrix_set(name) for name in GRIDS]
            document = wmts.capabilities(self._layers().values(), sets, self._service)
            return Reply(document, {"Content-Type": ows.XML})

        tag = tag_of((wmts.VERSION, RELEASE, self._catalogue.snapshot.version))
        return await self._wms.answers.respond(request, tag, make)

    async def _features(self, request: Request, asked: wmts.TileRequest, pixel: tuple[int, int]) -> Response:
        """The features at a pixel of a tile, as the Web Map Service finds them."""
        column, row = pixel
        box = asked.grid.box(asked.zoom, asked.row, asked.column)
        given = {
            "LAYERS": asked.layer.id,
            "QUERY_LAYERS": asked.layer.id,
            "STYLES": asked.style,
            "CRS": SYSTEMS[asked.grid.srid],
            "BBOX": ",".join(map(repr, box)),
            "WIDTH": str(SIZE),
            "HEIGHT": str(SIZE),
            "I": str(column),
            "J": str(row),
            "INFO_FORMAT": asked.format,
            "FEATURE_COUNT": _MOST_FEATURES,
        }
        return await self._wms.features_at(request, given)

    def _layers(self) -> Mapping[str, wmts.TiledLayer]:
        """What is served now, by id."""
        snapshot = self._catalogue.snapshot
        if self._offered is None or self._offered[0] is not snapshot:
            layers = [
                self._layer(layer, snapshot.styles[name], snapshot.states[name].extent)
                for name, layer in snapshot.layers.items()
                if Service.WMS in layer.services
            ]
            found = [*layers, *map(self._raster, self._rasters.values())]
            self._offered = snapshot, {one.id: one for one in found}
        return self._offered[1]

    def _layer(self, layer: Layer, styles: tuple[Style, ...], extent: BBox | None) -> wmts.TiledLayer:
        base = self._service.base_url
        offered = (wmts.TiledStyle(s.id, s.title, s.abstract, base + legend_address(layer, s)) for s in styles)
        return wmts.TiledLayer(
            id=layer.id,
            title=layer.title,
            abstract=layer.abstract,
            keywords=layer.keywords,
            extent=with_markers(extent, layer) if extent else self._world,
            styles=tuple(offered),
            tiles=f"{base}/ogc/collections/{layer.id}/{_TILE}&style={{Style}}",
            is_queryable=True,
        )

    def _raster(self, one: PublishedRaster) -> wmts.TiledLayer:
        declared = one.declared
        return wmts.TiledLayer(
            id=declared.id,
            title=declared.title,
            abstract=declared.abstract,
            keywords=("raster",),
            extent=one.file.bbox,
            styles=(wmts.TiledStyle(wmts.DEFAULT_STYLE, "As it is"),),
            tiles=f"{self._service.base_url}/ogc/collections/{declared.id}/{_TILE}",
            is_queryable=False,
        )
