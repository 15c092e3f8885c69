"""Pictures that stand for an error: a blank one, or one with the message written on it."""

# SPDX-License-Identifier: Apache-2.0

import textwrap
from dataclasses import dataclass
from io import BytesIO
from typing import Self

from PIL import Image, ImageDraw, ImageFont

from gis.mapserver import parameters as read
from gis.mapserver.exceptions import ServiceException
from gis.mapserver.outputs import JPEG, PNG, PNG8
from gis.mapserver.parameters import Parameters

_BLANK = frozenset({"BLANK", "application/vnd.ogc.se_blank"})
_IN_IMAGE = frozenset({"INIMAGE", "application/vnd.ogc.se_inimage"})
_TEXT_SIZE = 13  # pixels


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture a client wants instead of an error document."""

    written: bool
    media: str
    size: tuple[int, int]
    background: str
    transparent: bool

    @classmethod
    def wanted(cls, given: Parameters) -> Self | None:
        """What EXCEPTIONS asks for; None if it asks for a document, or if size or format are themselves wrong."""
        mode = given.get("EXCEPTIONS", "")
        media = given.get("FORMAT", "")
        if mode not in _BLANK | _IN_IMAGE or given.get("REQUEST", "").lower() != "getmap":
            return None
        if media not in {PNG, PNG8, JPEG}:
            return None
        try:
            size = read.pixels(given, "WIDTH"), read.pixels(given, "HEIGHT")
            transparent = read.yes(given, "TRANSPARENT") and media != JPEG
            return cls(mode in _IN_IMAGE, media, size, "#" + read.colour(given)[2:], transparent)
        except ServiceException:
            return None

    def of(self, error: ServiceException) -> bytes:
        """The picture, with the error's text if it was asked for."""
        canvas = Image.new("RGBA", self.size, self.background if not self.transparent else (0, 0, 0, 0))
        if self.written:
            font = ImageFont.load_default(_TEXT_SIZE)
            lines = "\n".join(textwrap.wrap(str(error), max(8, self.size[0] // (_TEXT_SIZE // 2 + 1))))
            ImageDraw.Draw(canvas).multiline_text(
                (6, 6), lines, fill="#b91c1c", font=font, stroke_width=1, stroke_fill="#ffffff"
            )
        return self._encoded(canvas)

    def _encoded(self, canvas: Image.Image) -> bytes:
        output = BytesIO()
        if self.media == JPEG:
            canvas.convert("RGB").save(output, "JPEG", quality=85)
        else:
            (canvas if self.transparent else canvas.convert("RGB")).save(output, "PNG", compress_level=1)
        return output.getvalue()


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height of a picture in pixels."""
    with Image.open(BytesIO(picture)) as opened:
        return opened.size
