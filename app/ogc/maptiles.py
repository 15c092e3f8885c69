"""A layer's map in tiles, drawn by the map engine with a border around that is cut off."""

# SPDX-License-Identifier: Apache-2.0

import io
from collections.abc import Callable

from PIL import Image
from starlette.concurrency import run_in_threadpool

from app.ogc.answers import Answers
from gis.layer import BBox
from gis.mapserver.catalogue import Catalogue
from gis.mapserver.request import read_request

SIZE = 256
"""Pixels of a tile's side."""
_BORDER = 32
"""Pixels drawn around a tile: a symbol or label that stands on the edge is drawn in both tiles."""
_SYSTEMS = {3857: "EPSG:3857", 4326: "CRS:84"}


class MapTiles:
    """Tiles drawn from the same mapfile as WMS. catalogue: gives the map engine's catalogue as it is now."""

    def __init__(self, answers: Answers, catalogue: Callable[[], Catalogue]) -> None:
        self._answers = answers
        self._catalogue = catalogue

    def mark(self, layer: str) -> str:
        """What changes with a layer's pictures: its release, fields and styles as the engine has them now."""
        return self._catalogue().layers[layer].mark

    async def tile(self, layer: str, style: str, srid: int, box: BBox) -> bytes:
        """A tile as PNG with a transparent ground. box: in units of the coordinate system, longitude first."""
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
                "CRS": _SYSTEMS[srid],
                "BBOX": ",".join(map(repr, wide)),
                "WIDTH": str(SIZE + 2 * _BORDER),
                "HEIGHT": str(SIZE + 2 * _BORDER),
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
        return await run_in_threadpool(_cut, answer.body)


def _cut(picture: bytes) -> bytes:
    """The picture without its border."""
    target = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.crop((_BORDER, _BORDER, _BORDER + SIZE, _BORDER + SIZE)).save(target, "PNG", compress_level=3)
    return target.getvalue()
