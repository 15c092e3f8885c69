"""Web Map Tile Service 1.0.0 (OGC 07-057r7): the tiles of the maps, for programs that do not know the OGC API."""

# SPDX-License-Identifier: Apache-2.0

from gis.wmts.capabilities import capabilities
from gis.wmts.request import TileRequest, is_capabilities, read_tile_request
from gis.wmts.tiled import DEFAULT_STYLE, VERSION, TiledLayer, TiledStyle

__all__ = [
    "DEFAULT_STYLE",
    "VERSION",
    "TileRequest",
    "TiledLayer",
    "TiledStyle",
    "capabilities",
    "is_capabilities",
    "read_tile_request",
]
