"""/qgis/<region>.qgs: every layer of the region in QGIS by one click."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.clients import not_modified
from app.errors import ProjectNotFoundError
from app.layers.catalogue import Catalogue, Snapshot
from app.layers.declarations import PublishedLayer
from app.layers.records import PublishedRaster
from app.ogc.parameters import check_names
from app.regions import Region
from gis.layer import GeometryType, Service
from gis.qgis import MEDIA_TYPE, FeatureLayer, Group, MapLayer, Project, TileLayer
from gis.service import ServiceMetadata
from gis.tiles import SHARP


class QgisProject:
    """The project of a region's layers as they are published now. rasters: by id. release: of AMDIS itself."""

    def __init__(
        self,
        catalogue: Catalogue,
        region: Region,
        rasters: Mapping[str, PublishedRaster],
        service: ServiceMetadata,
        release: str,
    ) -> None:
        self._catalogue = catalogue
        self._region = region
        self._rasters = rasters
        self._service = service
        self._release = release
        self._kept: tuple[str, bytes] | None = None

    def routes(self) -> list[Route]:
        """The project's own path."""
        return [Route("/qgis/{region}.qgs", self.serve)]

    async def serve(self, request: Request) -> Response:
        """The project file."""
        name = request.path_params["region"]
        if name != self._region.id:
            raise ProjectNotFoundError(f"There is no project {name!r} here; the region is {self._region.id!r}.")
        check_names(request.query_params, ())
        now = self._catalogue.snapshot
        etag = f'W/"{self._release}-{now.version}"'
        headers = {"ETag": etag, "Cache-Control": "public, max-age=60"}
        headers["Content-Disposition"] = f'attachment; filename="{self._region.id}.qgs"'
        if known := not_modified(request, headers):
            return known
        if self._kept is None or self._kept[0] != now.version:
            self._kept = now.version, await run_in_threadpool(self._project(now).qgs)
        return Response(self._kept[1], headers=headers, media_type=MEDIA_TYPE)

    def _project(self, now: Snapshot) -> Project:
        layers = now.layers.values()
        west, south, east, north = self._region.bbox
        return Project(
            title=self._service.title,
            abstract=self._service.abstract,
            attribution=self._service.contact.organisation,
            bbox=(west, south, east, north),
            groups=(*self._feature_groups(now), self._maps(now), self._background()),
            licences=tuple(dict.fromkeys(one.licence for one in layers if one.licence)),
        )

    def _feature_groups(self, now: Snapshot) -> list[Group]:
        """The groups of the map page, points above lines above areas; without fill, boundaries are no area."""
        served = [one for one in self._catalogue.declared.values() if Service.FEATURES in one.layer.services]
        groups: dict[str, list[PublishedLayer]] = {}
        for one in sorted(served, key=_height):
            groups.setdefault(one.group, []).append(one)
        lowest_last = sorted(groups.items(), key=lambda group: max(map(_height, group[1])))
        return [Group(title, tuple(self._features(one, now) for one in members)) for title, members in lowest_last]

    def _features(self, one: PublishedLayer, now: Snapshot) -> FeatureLayer:
        name = one.layer.id
        return FeatureLayer(
            id=_identifier(name, "features"),
            layer=now.layers[name],
            styles=now.styles[name],
            api_url=f"{self._service.base_url}/ogc",
            extent=now.states[name].extent,
            visible=_height(one) < _AREAS,
        )

    def _maps(self, now: Snapshot) -> Group:
        served = [one for one in self._catalogue.declared.values() if Service.WMS in one.layer.services]
        layers = (now.layers[one.layer.id] for one in sorted(served, key=_height))
        maps = tuple(
            MapLayer(
                id=_identifier(layer.id, "map"),
                name=layer.id,
                title=layer.title,
                abstract=layer.abstract,
                attribution=layer.attribution,
                licence=layer.licence,
                style=now.styles[layer.id][0].id,
                wms_url=f"{self._service.base_url}/wms",
            )
            for layer in layers
        )
        return Group("Maps drawn by the server", maps, open=False)

    def _background(self) -> Group:
        tiles = f"map/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=png&pixelRatio={SHARP}"
        pictures = tuple(
            TileLayer(
                id=_identifier(name, "tiles"),
                title=one.declared.title,
                abstract=one.declared.abstract,
                attribution=one.declared.source,
                licence=one.declared.licence,
                url=f"{self._service.base_url}/ogc/collections/{name}/{tiles}",
                maxzoom=one.file.maxzoom(SHARP),
                visible=True,
            )
            for name, one in self._rasters.items()
        )
        return Group("Background", pictures)


_AREAS = 3


def _height(one: PublishedLayer) -> int:
    """How far below the top a layer is drawn."""
    if one.layer.geometry_type is GeometryType.POINT:
        return 0
    if one.layer.geometry_type is GeometryType.LINE:
        return 1
    has_fill = any(each.symbol.fill for each in one.styles[0].classes)
    return _AREAS if has_fill else 2


def _identifier(name: str, kind: str) -> str:
    """A layer's id in the project: letters, digits and _ only, and not short: QGIS loses layers whose id is."""
    return f"amdis_{name}_{kind}".replace("-", "_")
