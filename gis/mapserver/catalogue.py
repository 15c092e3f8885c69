"""What the map service offers now: the names a request may use, looked up and never interpreted."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from gis.layer import Layer
from gis.mapserver.metadata import crs_names
from gis.mapserver.raster import RasterLayer
from gis.style import Style


@dataclass(frozen=True, slots=True)
class MapLayer:
    """One layer by the names a request can use. style: name of its only style, empty for a raster.

    rules: titles of the legend's classes. titles: field name to title, in order; empty if it cannot be queried.
    mark: changes with its release number, declaration or style, so that it can stand in cache keys and entity tags.
    """

    id: str
    title: str
    style: str
    rules: frozenset[str]
    titles: Mapping[str, str]
    id_field: str
    mark: str

    @property
    def queryable(self) -> bool:
        """Whether GetFeatureInfo may ask it."""
        return bool(self.titles)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The service's layers by id and coordinate systems. version: rises with every change of the capabilities."""

    version: int
    title: str
    layers: Mapping[str, MapLayer]
    crs: frozenset[str]
    mark: str


def catalogue(
    layers: Iterable[tuple[Layer, Style]],
    rasters: Iterable[RasterLayer],
    *,
    title: str,
    epsg: Iterable[int],
    releases: Mapping[str, int],
    version: int,
) -> Catalogue:
    """The catalogue that belongs to a mapfile of the same layers. releases: release number by layer id, 0 if absent."""
    offered = [_vector(layer, style, releases.get(layer.id, 0)) for layer, style in layers]
    offered += [_raster(one, releases.get(one.id, 0)) for one in rasters]
    mark = _mark(version, title, *(one.mark for one in offered))
    return Catalogue(version, title, {one.id: one for one in offered}, frozenset(crs_names(epsg)), mark)


def _vector(layer: Layer, style: Style, release: int) -> MapLayer:
    titles = {f.name: f.title for f in layer.public_fields}
    rules = frozenset(c.title for c in style.classes)
    mark = _mark(release, layer.schema, layer.table, layer.public_fields, layer.minzoom, style)
    return MapLayer(layer.id, layer.title, style.id, rules, titles, layer.id_field, mark)


def _raster(raster: RasterLayer, release: int) -> MapLayer:
    return MapLayer(raster.id, raster.title, "", frozenset(), {}, "", _mark(release, raster))


def _mark(*parts: object) -> str:
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()
