"""The capabilities of the Web Map Tile Service."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from lxml import etree

from gis.elements import Element, element, written
from gis.mapserver.outputs import PNG
from gis.service import Contact, ServiceMetadata
from gis.tiles import GRIDS
from gis.wmts.tiled import INFO_FORMATS, VERSION, TiledLayer, TiledStyle

_WMTS, _OWS = "http://www.opengis.net/wmts/1.0", "http://www.opengis.net/ows/1.1"
_XLINK, _XSI = "http://www.w3.org/1999/xlink", "http://www.w3.org/2001/XMLSchema-instance"
_PREFIXES: dict[str | None, str] = {None: _WMTS, "ows": _OWS, "xlink": _XLINK, "xsi": _XSI}
_SCHEMA = f"{_WMTS} http://schemas.opengis.net/wmts/1.0/wmtsGetCapabilities_response.xsd"

_SYSTEMS = {3857: "urn:ogc:def:crs:EPSG::3857", 4326: "urn:ogc:def:crs:OGC:1.3:CRS84"}
# Those of WorldCRS84Quad begin a level further down than any set that is well known.
_SCALE_SETS = {"WebMercatorQuad": "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible"}

_wmts, _ows = partial(element, namespace=_WMTS), partial(element, namespace=_OWS)


def capabilities(
    layers: Iterable[TiledLayer], matrix_sets: Iterable[Mapping[str, Any]], about: ServiceMetadata
) -> bytes:
    """The document, UTF-8. matrix_sets: those of GRIDS, as OGC Two Dimensional Tile Matrix Set 2.0 has them in JSON."""
    address = f"{about.base_url}/wmts"
    root = etree.Element(f"{{{_WMTS}}}Capabilities", {"version": VERSION}, nsmap=_PREFIXES)  # type: ignore[arg-type]
    root.set(f"{{{_XSI}}}schemaLocation", _SCHEMA)
    root.append(_identification(about))
    root.append(_provider(about.contact))
    names = ("GetCapabilities", "GetTile", "GetFeatureInfo")
    root.append(_ows("OperationsMetadata", *(_operation(name, f"{address}?") for name in names)))
    root.append(_wmts("Contents", *map(_layer, layers), *map(_matrix_set, matrix_sets)))
    root.append(_linked(_wmts("ServiceMetadataURL"), f"{address}/{VERSION}/WMTSCapabilities.xml"))
    return written(root)


def _identification(about: ServiceMetadata) -> Element:
    return _ows(
        "ServiceIdentification",
        *_described(about.title, about.abstract, about.keywords),
        _ows("ServiceType", "OGC WMTS"),
        _ows("ServiceTypeVersion", VERSION),
        _ows("Fees", about.fees),
        _ows("AccessConstraints", about.access_constraints),
    )


def _provider(contact: Contact) -> Element:
    address = (
        ("DeliveryPoint", contact.address),
        ("City", contact.city),
        ("Country", contact.country),
        ("ElectronicMailAddress", contact.email),
    )
    reached = [
        *([_ows("Phone", _ows("Voice", contact.phone))] if contact.phone else []),
        *([_ows("Address", *_known(address))] if any(text for _, text in address) else []),
    ]
    person = _known((("IndividualName", contact.person), ("PositionName", contact.position)))
    site = [_linked(_ows("ProviderSite"), contact.url)] if contact.url else []
    info = [_ows("ContactInfo", *reached)] if reached else []
    return _ows(
        "ServiceProvider", _ows("ProviderName", contact.organisation), *site, _ows("ServiceContact", *person, *info)
    )


def _known(texts: Iterable[tuple[str, str]]) -> Iterator[Element]:
    return (_ows(name, text) for name, text in texts if text)


def _operation(name: str, address: str) -> Element:
    pairs = _ows("Constraint", _ows("AllowedValues", _ows("Value", "KVP")), name="GetEncoding")
    get = _linked(_ows("Get", pairs), address)
    return _ows("Operation", _ows("DCP", _ows("HTTP", get)), name=name)


def _layer(layer: TiledLayer) -> Element:
    west, south, east, north = layer.extent
    return _wmts(
        "Layer",
        *_described(layer.title, layer.abstract, layer.keywords),
        _ows(
            "WGS84BoundingBox",
            _ows("LowerCorner", f"{west:.10g} {south:.10g}"),
            _ows("UpperCorner", f"{east:.10g} {north:.10g}"),
        ),
        _ows("Identifier", layer.id),
        *(_style(style, is_default=style is layer.styles[0]) for style in layer.styles),
        _wmts("Format", PNG),
        *(_wmts("InfoFormat", media) for media in INFO_FORMATS if layer.is_queryable),
        *(_wmts("TileMatrixSetLink", _wmts("TileMatrixSet", name)) for name in GRIDS),
        _wmts("ResourceURL", format=PNG, resourceType="tile", template=layer.tiles),
    )


def _style(style: TiledStyle, *, is_default: bool) -> Element:
    legend = [_linked(_wmts("LegendURL", format=PNG), style.legend)] if style.legend else []
    described = _described(style.title, style.abstract)
    return _wmts("Style", *described, _ows("Identifier", style.id), *legend, isDefault=str(is_default).lower())


def _matrix_set(definition: Mapping[str, Any]) -> Element:
    name = definition["id"]
    scales = [_wmts("WellKnownScaleSet", _SCALE_SETS[name])] if name in _SCALE_SETS else []
    return _wmts(
        "TileMatrixSet",
        _ows("Title", definition["title"]),
        _ows("Identifier", name),
        _ows("SupportedCRS", _SYSTEMS[GRIDS[name].srid]),
        *scales,
        *map(_matrix, definition["tileMatrices"]),
    )


def _matrix(one: Mapping[str, Any]) -> Element:
    told = {
        "ScaleDenominator": repr(one["scaleDenominator"]),
        "TopLeftCorner": " ".join(map(repr, one["pointOfOrigin"])),
        "TileWidth": str(one["tileWidth"]),
        "TileHeight": str(one["tileHeight"]),
        "MatrixWidth": str(one["matrixWidth"]),
        "MatrixHeight": str(one["matrixHeight"]),
    }
    return _wmts("TileMatrix", _ows("Identifier", one["id"]), *(_wmts(name, text) for name, text in told.items()))


def _described(title: str, abstract: str, keywords: Iterable[str] = ()) -> list[Element]:
    words = [_ows("Keyword", word) for word in keywords]
    return [
        _ows("Title", title),
        *([_ows("Abstract", abstract)] if abstract else []),
        *([_ows("Keywords", *words)] if words else []),
    ]


def _linked(one: Element, address: str) -> Element:
    one.set(f"{{{_XLINK}}}href", address)
    return one
