"""A map request, checked: every name is looked up in the catalogue and only known parameters go to MapServer."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from gis.mapserver import parameters as read
from gis.mapserver.catalogue import Catalogue, MapLayer, MapStyle
from gis.mapserver.drawing import Drawing, named_layer, named_layers, named_style, read_drawing
from gis.mapserver.exceptions import ServiceException, shown
from gis.mapserver.outputs import GEOJSON, GML, HTML, JSON, PNG, TEXT, image_types
from gis.mapserver.parameters import Parameters

MOST_FEATURES = 50
"""Features of one layer a GetFeatureInfo answers at most."""

_INFO_TYPES = (TEXT, HTML, JSON, GEOJSON, GML)
_FORMATS = {name.replace(" ", "").lower(): name for name in image_types()} | {"png": PNG}


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
    reader = _READERS.get(name)
    if reader is None:
        known = ", ".join(_OPERATIONS)
        raise ServiceException("OperationNotSupported", f"REQUEST {shown(given['REQUEST'])} is not served: {known}.")
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
    drawing = read_drawing(given, catalogue)
    media = _image_format(given)
    query = _query(
        "GetMap",
        **_view(given, version, drawing, catalogue),
        format=media,
        transparent=str(read.yes(given, "TRANSPARENT")).upper(),
        bgcolor=read.colour(given),
        **_dpi(given),
    )
    return MapRequest("GetMap", version, (query,), drawing.layers, media)


def _view(given: Parameters, version: str, drawing: Drawing, catalogue: Catalogue) -> dict[str, str]:
    """What map is meant: layers, styles, filters, coordinate system, box and size.

    CRS:84 becomes the EPSG:4326 of WMS 1.1.1, which is the same: one map, one name.
    """
    crs_name, crs = _crs(given, version, catalogue)
    if crs == "CRS:84":
        version, crs_name, crs = "1.1.1", "srs", "EPSG:4326"
    return {
        "version": version,
        **drawing.parameters(),
        crs_name: crs,
        "bbox": read.box(given),
        "width": str(read.pixels(given, "WIDTH")),
        "height": str(read.pixels(given, "HEIGHT")),
    }


def _feature_info(given: Parameters, catalogue: Catalogue) -> MapRequest:
    version = read.exact_version(given)
    drawing = read_drawing(given, catalogue)
    view = _view(given, version, drawing, catalogue)
    asked = named_layers(given, "QUERY_LAYERS", catalogue)
    for layer in asked:
        if layer not in drawing.layers:
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
    alone = [asked] if media == GML else [(layer,) for layer in asked]
    queries = [
        _query(
            "GetFeatureInfo",
            **{**view, **drawing.of(layers).parameters()},
            query_layers=",".join(layer.id for layer in layers),
            **place,
        )
        for layers in alone
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
    layer = named_layer("LAYER", name, catalogue)
    style = named_style("STYLE", read.optional(given, "STYLE"), layer)
    if _image_format(given) != PNG:
        raise ServiceException("InvalidFormat", f"Legends are served as {PNG}.")
    denominator = read.scale(given)
    query = _query(
        "GetLegendGraphic",
        version=version,
        layer=layer.id,
        format=PNG,
        sld_version="1.1.0",
        **({"style": style.id} if style.id else {}),
        **({"scale": repr(denominator)} if denominator else {}),
        **_rule(given, style),
        **_dpi(given),
    )
    return MapRequest("GetLegendGraphic", version, (query,), (layer,), PNG)


def _rule(given: Parameters, style: MapStyle) -> dict[str, str]:
    """One class's icon alone: its title and the size of the picture."""
    rule = read.optional(given, "RULE")
    if not rule:
        return {}
    if rule not in style.rules:
        raise ServiceException("InvalidParameterValue", f"RULE {shown(rule)} is no class of {style.id}.")
    sizes = {name.lower(): str(read.pixels(given, name, 512)) for name in ("WIDTH", "HEIGHT") if given.get(name)}
    return {"rule": rule, **sizes}


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
    # A plus sign that a client did not escape arrives as a space.
    text = (read.optional(given, "INFO_FORMAT") or TEXT).replace("geo json", "geo+json")
    if text not in _INFO_TYPES:
        raise ServiceException("InvalidFormat", f"INFO_FORMAT {shown(text)} is not served: {', '.join(_INFO_TYPES)}.")
    return text


def _dpi(given: Parameters) -> dict[str, str]:
    value = read.resolution(given)
    return {"map_resolution": str(value)} if value else {}


def _query(operation: str, **values: str) -> str:
    return urlencode({"service": "WMS", "request": operation, **values, "exceptions": "XML"})


_OPERATIONS: Mapping[str, Callable[[Parameters, Catalogue], MapRequest]] = {
    "GetCapabilities": _capabilities,
    "GetMap": _map,
    "GetFeatureInfo": _feature_info,
    "GetLegendGraphic": _legend,
    "GetSchemaExtension": _schema_extension,
}
_READERS = {name.lower(): reader for name, reader in _OPERATIONS.items()}
