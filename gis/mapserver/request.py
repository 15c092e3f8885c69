"""A map request, checked: every name is looked up in the catalogue and only known parameters go to MapServer."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from gis.mapserver import parameters as read
from gis.mapserver.catalogue import Catalogue, MapLayer
from gis.mapserver.exceptions import ServiceException, shown
from gis.mapserver.outputs import GEOJSON, GML, HTML, JSON, PNG, TEXT, image_types
from gis.mapserver.parameters import Parameters

MOST_FEATURES = 50
"""Features of one layer a GetFeatureInfo answers at most."""

_INFO_TYPES = frozenset({TEXT, HTML, JSON, GEOJSON, GML})
_FORMATS = {name.replace(" ", "").lower(): name for name in image_types()} | {"png": PNG}
_NOT_SERVED = {
    "SLD": "Styles from a client are not served: leave out SLD and use STYLES.",
    "SLD_BODY": "Styles from a client are not served: leave out SLD_BODY and use STYLES.",
    "FILTER": "Filters are not served here: leave out FILTER. The features service under /ogc filters.",
}


@dataclass(frozen=True, slots=True)
class MapRequest:
    """One checked request. queries: one MapServer query for each backend request, parameters in canonical order.

    layers: those it shows, of GetFeatureInfo those it asks. format: media type of the answer, empty for MapServer's.
    crs: coordinate system of the map, for feature information.
    """

    operation: str
    version: str
    queries: tuple[str, ...]
    layers: tuple[MapLayer, ...] = field(default=())
    format: str = ""
    crs: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What the answer depends on, apart from capabilities: the parameters and what is published of the layers."""
        return self.queries, self.format, tuple(layer.mark for layer in self.layers)


def read_request(given: Parameters, catalogue: Catalogue) -> MapRequest:
    """The request in those parameters. Raises ServiceException with the WMS code of the first mistake."""
    service = read.optional(given, "SERVICE")
    name = read.required(given, "REQUEST").lower()
    if (service or name == "getcapabilities") and service.upper() != "WMS":
        code = "InvalidParameterValue" if service else "MissingParameterValue"
        raise ServiceException(code, f"SERVICE is {shown(service)}; expected WMS.")
    reader = _OPERATIONS.get(name)
    if reader is None:
        raise ServiceException("OperationNotSupported", f"REQUEST {shown(given['REQUEST'])} is not served.")
    for parameter, sentence in _NOT_SERVED.items():
        if parameter in given:
            raise ServiceException("OperationNotSupported", sentence)
    if name != "getcapabilities":
        _check_dimensions(given)
    return reader(given, catalogue)


def _capabilities(given: Parameters, catalogue: Catalogue) -> MapRequest:
    version = read.negotiated(given)
    _check_sequence(read.optional(given, "UPDATESEQUENCE"), catalogue.version)
    return MapRequest("GetCapabilities", version, (_query("GetCapabilities", version=version),))


def _check_sequence(sequence: str, current: int) -> None:
    """WMS 1.3.0, 7.2.3.5: equal says "you have it", higher is a mistake; what is no number is not compared."""
    if not sequence:
        return
    if not (sequence.isascii() and sequence.isdigit() and len(sequence) < 19):
        raise ServiceException("InvalidUpdateSequence", f"UPDATESEQUENCE {shown(sequence)} is none of this service.")
    if int(sequence) == current:
        raise ServiceException("CurrentUpdateSequence", f"UPDATESEQUENCE {current} is current.")
    if int(sequence) > current:
        raise ServiceException("InvalidUpdateSequence", f"UPDATESEQUENCE {sequence} is above the current {current}.")


def _schema_extension(given: Parameters, catalogue: Catalogue) -> MapRequest:
    return MapRequest("GetSchemaExtension", "1.3.0", (_query("GetSchemaExtension", version="1.3.0"),))


def _map(given: Parameters, catalogue: Catalogue) -> MapRequest:
    version = read.exact_version(given)
    layers = _layers(given, "LAYERS", catalogue)
    view = _view(given, version, layers, catalogue)
    media = _image_format(given)
    query = _query(
        "GetMap",
        **view,
        format=media,
        transparent=str(read.yes(given, "TRANSPARENT")).upper(),
        bgcolor=read.colour(given),
        **_dpi(given),
    )
    return MapRequest("GetMap", version, (query,), layers, media)


def _view(given: Parameters, version: str, layers: tuple[MapLayer, ...], catalogue: Catalogue) -> dict[str, str]:
    """What map is meant: layers, styles, coordinate system, box and size.

    CRS:84 becomes the EPSG:4326 of WMS 1.1.1, which is the same: one map, one name.
    """
    styles = _styles(given, layers)
    crs_name, crs = _crs(given, version, catalogue)
    if crs == "CRS:84":
        version, crs_name, crs = "1.1.1", "srs", "EPSG:4326"
    return {
        "version": version,
        "layers": ",".join(layer.id for layer in layers),
        "styles": styles,
        crs_name: crs,
        "bbox": read.box(given),
        "width": str(read.pixels(given, "WIDTH")),
        "height": str(read.pixels(given, "HEIGHT")),
    }


def _feature_info(given: Parameters, catalogue: Catalogue) -> MapRequest:
    version = read.exact_version(given)
    drawn = _layers(given, "LAYERS", catalogue)
    view = _view(given, version, drawn, catalogue)
    asked = _layers(given, "QUERY_LAYERS", catalogue)
    for layer in asked:
        if layer not in drawn:
            raise ServiceException("LayerNotDefined", f"QUERY_LAYERS: {layer.id} is not in LAYERS.")
        if not layer.queryable:
            raise ServiceException("LayerNotQueryable", f"QUERY_LAYERS: {layer.id} cannot be queried.")
    media = _info_format(given)
    place = {
        **_place(given, version, view),
        "info_format": GML if media == GML else JSON,
        "format": PNG,
        "feature_count": str(read.feature_count(given, MOST_FEATURES)),
    }
    # GeoJSON holds one layer, so each layer is asked by itself.
    alone = [",".join(a.id for a in asked)] if media == GML else [a.id for a in asked]
    queries = [
        _query("GetFeatureInfo", **{**view, "layers": ids, "styles": ""}, query_layers=ids, **place) for ids in alone
    ]
    crs = view.get("crs") or view["srs"]
    return MapRequest("GetFeatureInfo", version, tuple(queries), asked, media, crs)


def _place(given: Parameters, version: str, view: Mapping[str, str]) -> dict[str, str]:
    """The clicked pixel, under the names of the version MapServer is asked in."""
    names = ("I", "J") if version == "1.3.0" else ("X", "Y")
    pixel = [read.point(given, name, int(view[size])) for name, size in zip(names, ("width", "height"), strict=True)]
    asked = ("i", "j") if view["version"] == "1.3.0" else ("x", "y")
    return dict(zip(asked, map(str, pixel), strict=True))


def _legend(given: Parameters, catalogue: Catalogue) -> MapRequest:
    version = read.exact_version(given) if given.get("VERSION") else "1.3.0"
    name = read.required(given, "LAYER")
    layer = _layer("LAYER", name, catalogue)
    style = read.optional(given, "STYLE")
    if style not in {"", "default", layer.style}:
        raise ServiceException("StyleNotDefined", f"STYLE {shown(style)} is no style of {layer.id}.")
    if _image_format(given) != PNG:
        raise ServiceException("InvalidFormat", f"Legends are served as {PNG}.")
    denominator = read.scale(given)
    query = _query(
        "GetLegendGraphic",
        version=version,
        layer=layer.id,
        format=PNG,
        sld_version="1.1.0",
        **({"style": layer.style} if layer.style else {}),
        **({"scale": repr(denominator)} if denominator else {}),
        **_rule(given, layer),
        **_dpi(given),
    )
    return MapRequest("GetLegendGraphic", version, (query,), (layer,), PNG)


def _rule(given: Parameters, layer: MapLayer) -> dict[str, str]:
    """One class's icon alone: its title and the size of the picture."""
    rule = read.optional(given, "RULE")
    if not rule:
        return {}
    if rule not in layer.rules:
        raise ServiceException("InvalidParameterValue", f"RULE {shown(rule)} is no class of {layer.id}.")
    sizes = {name.lower(): str(read.pixels(given, name, 512)) for name in ("WIDTH", "HEIGHT") if given.get(name)}
    return {"rule": rule, **sizes}


def _layers(given: Parameters, name: str, catalogue: Catalogue) -> tuple[MapLayer, ...]:
    names = read.required(given, name).split(",")
    if len(names) > len(catalogue.layers) + 20:
        raise ServiceException("InvalidParameterValue", f"{name} has more names than there are layers.")
    return tuple(_layer(name, one, catalogue) for one in names)


def _layer(parameter: str, name: str, catalogue: Catalogue) -> MapLayer:
    layer = catalogue.layers.get(name)
    if layer is None:
        raise ServiceException("LayerNotDefined", f"{parameter}: there is no layer {shown(name)}.")
    return layer


def _styles(given: Parameters, layers: tuple[MapLayer, ...]) -> str:
    text = read.optional(given, "STYLES")
    names = text.split(",") if text else [""] * len(layers)
    if len(names) != len(layers):
        raise ServiceException("StyleNotDefined", f"STYLES has {len(names)} names for {len(layers)} layers.")
    for name, layer in zip(names, layers, strict=True):
        if name not in {"", "default", layer.style}:
            raise ServiceException("StyleNotDefined", f"STYLES: {shown(name)} is no style of {layer.id}.")
    return ",".join(layer.style for layer in layers)


def _crs(given: Parameters, version: str, catalogue: Catalogue) -> tuple[str, str]:
    name, code = ("CRS", "InvalidCRS") if version == "1.3.0" else ("SRS", "InvalidSRS")
    text = read.required(given, name)
    if text.upper() not in catalogue.crs:
        raise ServiceException(code, f"{name} {shown(text)} is not served. The capabilities list those that are.")
    return name.lower(), text.upper()


def _image_format(given: Parameters) -> str:
    text = read.required(given, "FORMAT")
    media = _FORMATS.get(text.replace(" ", "").lower())
    if media is None:
        raise ServiceException("InvalidFormat", f"FORMAT {shown(text)} is not served: {', '.join(image_types())}.")
    return media


def _info_format(given: Parameters) -> str:
    text = read.optional(given, "INFO_FORMAT") or TEXT
    if text not in _INFO_TYPES:
        raise ServiceException("InvalidFormat", f"INFO_FORMAT {shown(text)} is not served.")
    return text


def _dpi(given: Parameters) -> dict[str, str]:
    value = read.resolution(given)
    return {"map_resolution": str(value)} if value else {}


def _check_dimensions(given: Parameters) -> None:
    """Refuse a time, elevation or other dimension: no layer has one, and ignoring it would show the wrong map."""
    for name, value in given.items():
        if value and (name in {"TIME", "ELEVATION"} or name.startswith("DIM_")):
            raise ServiceException("InvalidDimensionValue", f"No layer has the dimension {shown(name)}.")


def _query(operation: str, **values: str) -> str:
    return urlencode({"service": "WMS", "request": operation, **values, "exceptions": "XML"})


_OPERATIONS: Mapping[str, Callable[[Parameters, Catalogue], MapRequest]] = {
    "getcapabilities": _capabilities,
    "getmap": _map,
    "getfeatureinfo": _feature_info,
    "getlegendgraphic": _legend,
    "getschemaextension": _schema_extension,
}
