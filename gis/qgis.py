"""QGIS projects: layers of services in groups, styled, as QGIS 3.22 and later open them."""

# SPDX-License-Identifier: Apache-2.0

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from gis.elements import Element, element, written
from gis.layer import BBox, Field, GeometryType, Layer
from gis.style import Style
from gis.style.qml import DOCTYPE, VERSION, qml_attributes, qml_parts
from gis.tiles import SHARP

MEDIA_TYPE = "application/x-qgis-project"

_EARTH = 6378137.0
_SRSIDS = {3857: 3857, 4326: 3452}
_CHECKED = {True: "Qt::Checked", False: "Qt::Unchecked"}
_GEOMETRIES = {
    GeometryType.POINT: ("Point", "Point"),
    GeometryType.LINE: ("Line", "MultiLineString"),
    GeometryType.POLYGON: ("Polygon", "MultiPolygon"),
}


@dataclass(frozen=True, slots=True)
class FeatureLayer:
    """A layer by its features, from an OGC API - Features. styles: the first is the one it opens with."""

    id: str
    layer: Layer
    styles: tuple[Style, ...]
    api_url: str
    extent: BBox | None = None
    visible: bool = True


@dataclass(frozen=True, slots=True)
class MapLayer:
    """A layer as pictures from a Web Map Service."""

    id: str
    name: str
    title: str
    abstract: str
    attribution: str
    licence: str
    style: str
    wms_url: str
    visible: bool = False


@dataclass(frozen=True, slots=True)
class TileLayer:
    """A layer as tiles in Web Mercator. url: template with {z}, {x} and {y}, whose tiles are SHARP."""

    id: str
    title: str
    abstract: str
    attribution: str
    licence: str
    url: str
    maxzoom: int
    visible: bool = False


ProjectLayer = FeatureLayer | MapLayer | TileLayer


@dataclass(frozen=True, slots=True)
class Group:
    """Layers under one title, the top one first. open: whether they are listed at the start."""

    title: str
    layers: tuple[ProjectLayer, ...]
    visible: bool = True
    open: bool = True


@dataclass(frozen=True, slots=True)
class Project:
    """A project in Web Mercator that opens on a bounding box in degrees; the top group first."""

    title: str
    abstract: str
    attribution: str
    bbox: BBox
    groups: tuple[Group, ...]
    licences: tuple[str, ...] = field(default=())

    def qgs(self) -> bytes:
        """The project file, UTF-8."""
        layers = [one for group in self.groups for one in group.layers]
        root = element(
            "qgis",
            element("title", self.title),
            element("projectCrs", _crs(3857)),
            element("layer-tree-group", *(_tree_group(group) for group in self.groups)),
            self._canvas(),
            element("projectlayers", *(_maplayer(one) for one in layers)),
            element("layerorder", *(element("layer", id=one.id) for one in layers)),
            element("properties", element("SpatialRefSys", element("ProjectionsEnabled", "1", type="int"))),
            self._metadata(),
            element(
                "ProjectViewSettings",
                _view("DefaultViewExtent", _mercator(self.bbox), _crs(3857)),
                UseProjectScales="0",
            ),
            version=VERSION,
            projectname=self.title,
        )
        return written(root, DOCTYPE)

    def _canvas(self) -> Element:
        extent = _box("extent", _mercator(self.bbox))
        return element(
            "mapcanvas", element("units", "meters"), extent, element("destinationsrs", _crs(3857)), name="theMapCanvas"
        )

    def _metadata(self) -> Element:
        return element(
            "projectMetadata",
            element("title", self.title),
            element("abstract", self.abstract),
            element("author", self.attribution),
            *(element("license", one) for one in self.licences),
        )


def _tree_group(group: Group) -> Element:
    leaves = (
        element(
            "layer-tree-layer",
            id=one.id,
            name=_title(one),
            source=_source(one),
            providerKey=_PROVIDERS[type(one)],
            checked=_CHECKED[one.visible],
            expanded="0",
        )
        for one in group.layers
    )
    is_open = str(int(group.open))
    return element("layer-tree-group", *leaves, name=group.title, checked=_CHECKED[group.visible], expanded=is_open)


def _maplayer(one: ProjectLayer) -> Element:
    if isinstance(one, FeatureLayer):
        return _features(one)
    return element("maplayer", *_common(one, 3857, one.abstract, one.attribution, one.licence), type="raster")


def _features(one: FeatureLayer) -> Element:
    layer, (style, *others) = one.layer, one.styles
    geometry, wkb_type = _GEOMETRIES[layer.geometry_type]
    attributes = {"type": "vector", "geometry": geometry, "wkbType": wkb_type, "styleCategories": "AllStyleCategories"}
    extent = [_box("extent", one.extent)] if one.extent else []
    return element(
        "maplayer",
        *extent,
        *_common(one, 4326, layer.abstract, layer.attribution, layer.licence),
        _styles(layer, style, others),
        element("aliases", *(element("alias", field=one.name, name=_alias(one)) for one in layer.public_fields)),
        *qml_parts(style),
        **attributes,
        **qml_attributes(layer, style),
    )


def _common(one: ProjectLayer, srid: int, abstract: str, attribution: str, licence: str) -> Iterator[Element]:
    yield element("id", one.id)
    yield element("datasource", _source(one))
    yield element("layername", _title(one))
    yield element("title", _title(one))
    yield element("abstract", abstract)
    yield element("attribution", attribution)
    yield element("srs", _crs(srid))
    yield element(
        "resourceMetadata",
        element("title", _title(one)),
        element("abstract", abstract),
        *([element("rights", attribution)] if attribution else []),
        *([element("license", licence)] if licence else []),
    )
    yield element("provider", _PROVIDERS[type(one)], encoding="UTF-8")
    yield element(
        "flags",
        element("Identifiable", "1"),
        element("Removable", "1"),
        element("Searchable", "1"),
        element("Private", "0"),
    )


def _styles(layer: Layer, style: Style, others: Sequence[Style]) -> Element:
    """All styles under their titles; the current one is the layer's own description."""
    rest = (
        element(
            "map-layer-style",
            element("qgis", *qml_parts(other), version=VERSION, **qml_attributes(layer, other)),
            name=other.title,
        )
        for other in others
    )
    return element("map-layer-style-manager", element("map-layer-style", name=style.title), *rest, current=style.title)


def _alias(one: Field) -> str:
    """What stands over a field's column in the table of attributes."""
    return f"{one.title} ({one.unit})" if one.unit else one.title


def _title(one: ProjectLayer) -> str:
    return one.layer.title if isinstance(one, FeatureLayer) else one.title


def _source(one: ProjectLayer) -> str:
    if isinstance(one, FeatureLayer):
        return f"url='{one.api_url}' typename='{one.layer.id}' restrictToRequestBBOX='1'"
    if isinstance(one, MapLayer):
        asked = {"crs": "EPSG:3857", "dpiMode": "7", "featureCount": "10", "format": "image/png"}
        return urlencode({**asked, "layers": one.name, "styles": one.style, "url": one.wms_url}, safe=":/")
    asked = {"type": "xyz", "zmin": "0", "zmax": str(one.maxzoom), "tilePixelRatio": str(SHARP)}
    return f"{urlencode(asked)}&url={quote(one.url, safe=':/')}"


def _crs(srid: int) -> Element:
    # QGIS looks at the authority's code only beside a number of its own.
    return element(
        "spatialrefsys",
        element("srsid", str(_SRSIDS[srid])),
        element("srid", str(srid)),
        element("authid", f"EPSG:{srid}"),
    )


def _mercator(bbox: BBox) -> BBox:
    def metres(longitude: float, latitude: float) -> tuple[float, float]:
        return _EARTH * math.radians(longitude), _EARTH * math.asinh(math.tan(math.radians(latitude)))

    return *metres(*bbox[:2]), *metres(*bbox[2:])


def _box(tag: str, bbox: BBox) -> Element:
    names = ("xmin", "ymin", "xmax", "ymax")
    return element(tag, *(element(name, f"{side:.6f}") for name, side in zip(names, bbox, strict=True)))


def _view(tag: str, bbox: BBox, crs: Element) -> Element:
    sides = {name: f"{side:.3f}" for name, side in zip(("xmin", "ymin", "xmax", "ymax"), bbox, strict=True)}
    return element(tag, crs, **sides)


_PROVIDERS: Mapping[type[ProjectLayer], str] = {FeatureLayer: "OAPIF", MapLayer: "wms", TileLayer: "wms"}
