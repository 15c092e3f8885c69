"""What the map service offers now: the names a request may use, looked up and never interpreted."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from gis.layer import FieldType, Layer
from gis.mapserver.files import Mapfiles
from gis.mapserver.items import of_styles
from gis.mapserver.metadata import crs_names
from gis.mapserver.raster import RasterLayer
from gis.raster.grid import Grid
from gis.style import Style


@dataclass(frozen=True, slots=True)
class MapStyle:
    """One style of a layer.

    rules: titles of its classes. parameters: what tells MapServer by which field they are. abstract: one sentence.
    """

    id: str
    rules: frozenset[str] = frozenset()
    parameters: Mapping[str, str] = field(default_factory=dict)
    abstract: str = ""


@dataclass(frozen=True, slots=True)
class MapLayer:
    """One layer by the names a request can use.

    styles: by id, the default first; empty for a raster. titles: field name to title, in order; empty if it cannot be
    queried.
    mark: changes with its release number, declaration or style, so that it can stand in cache keys and entity tags.
    types: type of each field of titles. geometry_field, time_field: as gis.layer.Layer has them.
    grid: cells of a raster that is handed out as a coverage.
    """

    id: str
    title: str
    styles: Mapping[str, MapStyle]
    titles: Mapping[str, str]
    id_field: str
    mark: str
    types: Mapping[str, FieldType] = field(default_factory=dict)
    geometry_field: str = "shape"
    time_field: str | None = None
    grid: Grid | None = None

    def style(self, name: str) -> MapStyle | None:
        """The style of that name, the default one for an empty name or 'default'; None if it has no such style."""
        if name in {"", "default"}:
            return next(iter(self.styles.values()), MapStyle(""))
        return self.styles.get(name)

    @property
    def queryable(self) -> bool:
        """Whether GetFeatureInfo may ask it."""
        return bool(self.titles)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The service's layers by id and coordinate systems. version: rises with every change of the capabilities.

    maps, downloads: the mapfiles that go with it. base_url: public address of the site, without a slash at the end.
    """

    version: int
    title: str
    layers: Mapping[str, MapLayer]
    crs: frozenset[str]
    mark: str
    maps: Mapfiles
    downloads: Mapfiles
    base_url: str = ""


def catalogue(
    layers: Iterable[tuple[Layer, Sequence[Style]]],
    rasters: Iterable[RasterLayer],
    mapfiles: tuple[Mapfiles, Mapfiles],
    *,
    title: str,
    epsg: Iterable[int],
    releases: Mapping[str, int],
    version: int,
    base_url: str = "",
) -> Catalogue:
    """The catalogue that belongs to mapfiles of the same layers and styles.

    mapfiles: those of maps and of downloads. releases: release number by layer id, 0 if absent.
    """
    offered = [_vector(layer, styles, releases.get(layer.id, 0)) for layer, styles in layers]
    offered += [_raster(one, releases.get(one.id, 0)) for one in rasters]
    mark = _mark(version, title, *(one.mark for one in offered))
    named = {one.id: one for one in offered}
    return Catalogue(version, title, named, frozenset(crs_names(epsg)), mark, *mapfiles, base_url)


def _vector(layer: Layer, styles: Sequence[Style], release: int) -> MapLayer:
    titles = {f.name: f.title for f in layer.public_fields}
    items = of_styles(layer, styles)
    offered = (MapStyle(s.id, frozenset(c.title for c in s.classes), items.parameters(s), s.abstract) for s in styles)
    mark = _mark(release, layer.schema, layer.table, layer.public_fields, layer.minzoom, styles)
    types = {f.name: f.type for f in layer.public_fields}
    return MapLayer(
        layer.id,
        layer.title,
        {one.id: one for one in offered},
        titles,
        layer.id_field,
        mark,
        types,
        layer.geometry_field,
        layer.time_field,
    )


def _raster(raster: RasterLayer, release: int) -> MapLayer:
    return MapLayer(raster.id, raster.title, {}, {}, "", _mark(release, raster), grid=raster.grid)


def _mark(*parts: object) -> str:
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()
