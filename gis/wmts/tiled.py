"""What is served in tiles, by the names the Web Map Tile Service has for it."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import dataclass

from gis.layer import BBox
from gis.mapserver.outputs import GEOJSON, HTML, JSON, TEXT

VERSION = "1.0.0"

DEFAULT_STYLE = "default"
"""Name of the style of what has none, such as a raster."""

INFO_FORMATS = (TEXT, HTML, JSON, GEOJSON)
"""Media types of the features at a place."""


@dataclass(frozen=True, slots=True)
class TiledStyle:
    """A style of a layer. legend: address of its picture, empty without one."""

    id: str
    title: str
    abstract: str = ""
    legend: str = ""


@dataclass(frozen=True, slots=True)
class TiledLayer:
    """One layer. extent: in degrees. styles: the default first.

    tiles: address of a tile, with places for TileMatrixSet, TileMatrix, TileRow and TileCol, and for Style where there
    are several. is_queryable: whether the features at a place can be asked for.
    """

    id: str
    title: str
    abstract: str
    keywords: tuple[str, ...]
    extent: BBox
    styles: tuple[TiledStyle, ...]
    tiles: str
    is_queryable: bool
