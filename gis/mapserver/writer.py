"""Writes the mapfiles of all published layers; what has not changed since the last time is not made again."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from gis.layer import BBox, Layer, Service
from gis.mapserver.downloads import coverage_part, features_part
from gis.mapserver.downloads import head as downloads_head
from gis.mapserver.extent import WORLD, around, union, with_markers
from gis.mapserver.files import Mapfiles, MapFolder
from gis.mapserver.mapfile import drawn_in_order, head, raster_part, vector_part
from gis.mapserver.parts import Part
from gis.mapserver.raster import RasterLayer
from gis.service import ServiceMetadata
from gis.style import Style

Pairs = Sequence[tuple[Layer, Sequence[Style]]]


class MapfileWriter:
    """The mapfiles in a folder in which MapServer runs.

    connection: libpq connection string of the role that reads public data. epsg: coordinate systems besides 4326,
    CRS:84 and 3857.
    """

    def __init__(
        self,
        folder: Path,
        rasters: Sequence[RasterLayer],
        service: ServiceMetadata,
        *,
        connection: str,
        epsg: Sequence[int],
    ) -> None:
        self._folder = MapFolder(folder)
        self._rasters = rasters
        self._service = service
        self._connection = connection
        self._epsg = epsg
        self._known: dict[tuple[str, str], tuple[object, str]] = {}
        self._served: tuple[str, ...] = ()

    def write(
        self,
        layers: Pairs,
        *,
        extents: Mapping[str, BBox] | None = None,
        times: Mapping[str, tuple[str, str]] | None = None,
        version: int = 0,
    ) -> tuple[Mapfiles, Mapfiles]:
        """The mapfiles of maps and of downloads, with their files.

        layers: each with its styles, the default first. extents: what is published of each, by id. times: first and
        last moment of each layer that has time. version: number of the catalogue.
        Takes some ten milliseconds for each layer that has changed. Raises InvalidDeclarationError for a layer or
        style that cannot be drawn.
        """
        fresh: list[Part] = []
        bounds = extents or {}
        found = (
            self._maps(layers, bounds, times or {}, version, fresh),
            self._downloads(layers, bounds, version, fresh),
        )
        self._folder.keep(fresh)
        pieces = tuple(piece for one in found for piece in one.pieces)
        if self._served:
            self._folder.clean(self._served, pieces)
        self._served = pieces
        return found

    def _maps(
        self,
        layers: Pairs,
        extents: Mapping[str, BBox],
        times: Mapping[str, tuple[str, str]],
        version: int,
        fresh: list[Part],
    ) -> Mapfiles:
        with_room = {layer.id: with_markers(extents[layer.id], layer) for layer, _ in layers if layer.id in extents}
        extent = union([*with_room.values(), *(one.extent for one in self._rasters)])
        drawn = {one.id: self._name(raster_part(one, self._service), fresh) for one in self._rasters}
        for layer, styles in drawn_in_order(layers):
            bounds, time = with_room.get(layer.id, WORLD), times.get(layer.id)
            make = partial(
                vector_part, layer, styles, self._service, connection=self._connection, extent=bounds, time=time
            )
            drawn[layer.id] = self._unchanged(("map", layer.id), (layer, styles, bounds, time), make, fresh)
        service = head(self._service, self._epsg, extent=extent, version=version)
        shared = head(self._service, self._epsg)
        return Mapfiles(self._folder, self._name(service, fresh), self._name(shared, fresh), drawn)

    def _downloads(self, layers: Pairs, extents: Mapping[str, BBox], version: int, fresh: list[Part]) -> Mapfiles:
        bounds = {name: around(extent) for name, extent in extents.items()}
        extent = union([*bounds.values(), *(one.extent for one in self._rasters)])
        offered = {}
        for layer in (layer for layer, _ in layers if Service.FEATURES in layer.services):
            make = partial(
                features_part, layer, self._service, connection=self._connection, extent=bounds.get(layer.id, WORLD)
            )
            offered[layer.id] = self._unchanged(("download", layer.id), (layer, bounds.get(layer.id)), make, fresh)
        offered |= {one.id: self._name(coverage_part(one, one.grid), fresh) for one in self._rasters if one.grid}
        service = downloads_head(self._rasters, self._service, self._epsg, extent=extent, version=version)
        shared = downloads_head(self._rasters, self._service, self._epsg)
        return Mapfiles(self._folder, self._name(service, fresh), self._name(shared, fresh), offered)

    def _unchanged(self, key: tuple[str, str], content: object, make: Callable[[], Part], fresh: list[Part]) -> str:
        """Name of a layer's piece, made anew if what is to be in it has changed."""
        known = self._known.get(key)
        if known is None or known[0] != content:
            known = self._known[key] = content, self._name(make(), fresh)
        return known[1]

    @staticmethod
    def _name(part: Part, fresh: list[Part]) -> str:
        fresh.append(part)
        return part.name
