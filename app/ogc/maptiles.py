"""A layer's map in tiles, drawn by the map engine with a border around that is cut off."""

# SPDX-License-Identifier: Apache-2.0

import io
from collections.abc import Callable

from PIL import Image
from starlette.concurrency import run_in_threadpool

from app.ogc.answers import Answers
from gis.layer import BBox
from gis.mapserver.catalogue import Catalogue
from gis.mapserver.mapfile import RESOLUTION
from gis.mapserver.request import read_request
from gis.tiles import SIZE

_BORDER = 32
"""Pixels drawn around a tile: a symbol or label that stands on the edge is drawn in both tiles."""
SYSTEMS = {3857: "EPSG:3857", 4326: "CRS:84"}
"""Names of the coordinate systems of tiles whose first axis points east."""


class MapTiles:
    """Tiles drawn from the same mapfile as WMS. catalogue: gives the map engine's catalogue as it is now."""

    def __init__(self, answers: Answers, catalogue: Callable[[], Catalogue]) -> None:
        self._answers = answers
        self._catalogue = catalogue

    def mark(self, layer: str) -> str:
        """What changes with a layer's pictures: its release, fields and styles as the engine has them now."""
        return self._catalogue().layers[layer].mark

    async def tile(self, layer: str, style: str, srid: int, box: BBox, ratio: int = 1) -> bytes:
        """A tile as PNG with a transparent ground. box: in units of the coordinate system, longitude first.

        ratio: pixels for each of the grid's; symbols and texts grow with it.
        """
        west, south, east, north = box
        around = (east - west) * _BORDER / SIZE
        wide = (west - around, south - around, east + around, north + around)
        catalogue = self._catalogue()
        asked = read_request(
            {
                "SERVICE": "WMS",
                "VERSION": "1.3.0",
                "REQUEST": "GetMap",
                "LAYERS": layer,
                "STYLES": style,
                "CRS": SYSTEMS[srid],
                "BBOX": ",".join(map(repr, wide)),
                "WIDTH": str(ratio * (SIZE + 2 * _BORDER)),
                "HEIGHT": str(ratio * (SIZE + 2 * _BORDER)),
                **({"DPI": str(round(ratio * RESOLUTION))} if ratio > 1 else {}),
                "FORMAT": "image/png",
                "TRANSPARENT": "TRUE",
            },
            catalogue,
        )
        answer = await self._answers.ask(
            catalogue.maps.of([layer]),
            asked.queries[0],
            lambda one: one.headers.get("content-type", "").startswith("image/"),
        )
        return await run_in_threadpool(_cut, answer.body, ratio)


def _cut(picture: bytes, ratio: int) -> bytes:
    """The picture without its border."""
    target = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        first, last = ratio * _BORDER, ratio * (_BORDER + SIZE)
        image.crop((first, first, last, last)).save(target, "PNG", compress_level=3)
    return target.getvalue()
