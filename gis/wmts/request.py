"""What is asked of the Web Map Tile Service by key-value pairs."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
from dataclasses import dataclass

from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.mapserver.exceptions import ServiceException, shown
from gis.mapserver.outputs import PNG
from gis.mapserver.parameters import Parameters, optional
from gis.tiles import GRIDS, SIZE, TileGrid
from gis.wmts.tiled import DEFAULT_STYLE, INFO_FORMATS, VERSION, TiledLayer

_OPERATIONS = ("GetCapabilities", "GetTile", "GetFeatureInfo")


@dataclass(frozen=True, slots=True)
class TileRequest:
    """A tile, or the features at a pixel of it. style: its id. pixel: column and row; format: of the features."""

    layer: TiledLayer
    style: str
    grid: TileGrid
    zoom: int
    row: int
    column: int
    pixel: tuple[int, int] | None = None
    format: str = PNG


def is_capabilities(given: Parameters) -> bool:
    """Whether the capabilities are asked for. Raises ServiceException where no operation is, or no version we have."""
    if _required(given, "Service").upper() != "WMTS":
        raise _invalid("Service", f"is {shown(given['SERVICE'])}; expected WMTS")
    name = _required(given, "Request")
    if name not in _OPERATIONS:
        close = nearest(name, _OPERATIONS)
        raise ServiceException(
            "OperationNotSupported", f"Request {shown(name)} is not served{close}.", locator="request"
        )
    if name != "GetCapabilities":
        return False
    accepted = {one.strip() for one in optional(given, "ACCEPTVERSIONS").split(",") if one.strip()}
    if accepted and VERSION not in accepted:
        message = f"AcceptVersions: none of them is served, only {VERSION}."
        raise ServiceException("VersionNegotiationFailed", message, locator="acceptversions")
    return True


def read_tile_request(given: Parameters, layers: Mapping[str, TiledLayer]) -> TileRequest:
    """GetTile or GetFeatureInfo. Raises ServiceException with the OWS code of the first mistake."""
    if (version := _required(given, "Version")) != VERSION:
        raise _invalid("Version", f"{shown(version)} is not served, only {VERSION}")
    is_tile = given["REQUEST"] == "GetTile"
    layer = layers[_one_of(given, "Layer", list(layers))]
    style = _style(given, layer)
    if is_tile or "FORMAT" in given:  # QGIS leaves it out where it asks for features
        _one_of(given, "Format", [PNG])
    grid = GRIDS[_one_of(given, "TileMatrixSet", list(GRIDS))]
    zoom, row, column = (_number(given, name) for name in ("TileMatrix", "TileRow", "TileCol"))
    try:
        grid.check(zoom, row, column)
    except InvalidParameterError as error:
        code = "InvalidParameterValue" if error.parameter == "tileMatrix" else "TileOutOfRange"
        raise ServiceException(code, str(error), locator=error.parameter.lower()) from None
    if is_tile:
        return TileRequest(layer, style, grid, zoom, row, column)
    if not layer.is_queryable:
        raise _invalid("Layer", f"{layer.id} cannot be queried")
    pixel = _number(given, "I"), _number(given, "J")
    if max(pixel) >= SIZE:
        message = f"I and J are from 0 to {SIZE - 1}."
        raise ServiceException("PointIJOutOfRange", message, locator="i" if pixel[0] >= SIZE else "j")
    # A plus sign that a client did not escape arrives as a space.
    media = given.get("INFOFORMAT", "").replace("geo json", "geo+json")
    info = _one_of({**given, "INFOFORMAT": media}, "InfoFormat", list(INFO_FORMATS))
    return TileRequest(layer, style, grid, zoom, row, column, pixel, info)


def _style(given: Parameters, layer: TiledLayer) -> str:
    """The id of the style that is asked for; an empty name, which many clients send, is the default one."""
    if given.get("STYLE") in {"", DEFAULT_STYLE}:
        return layer.styles[0].id
    return _one_of(given, "Style", [one.id for one in layer.styles])


def _required(given: Parameters, name: str) -> str:
    text = optional(given, name.upper())
    if not text:
        raise ServiceException("MissingParameterValue", f"{name} is missing.", locator=name.lower())
    return text


def _one_of(given: Parameters, name: str, known: list[str]) -> str:
    text = _required(given, name)
    if text not in known:
        raise _invalid(name, f"{shown(text)} is not served{nearest(text, known)}. Served: {', '.join(known)}")
    return text


def _number(given: Parameters, name: str) -> int:
    text = _required(given, name)
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise _invalid(name, f"is {shown(text)}; expected a whole number")
    return int(text)


def _invalid(name: str, message: str) -> ServiceException:
    return ServiceException("InvalidParameterValue", f"{name} {message}.", locator=name.lower())
