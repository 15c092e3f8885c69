"""Pictures that stand for the site elsewhere: the card that social networks show, the icon of a browser's tab."""

import io

from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.web.frame import Frame
from app.web.home import drawn_map

CARD = (1200, 630)
"""Width and height of the card in pixels, as Open Graph's readers crop it least."""

_ICON = 48


class Emblems:
    """``/card.png`` and ``/favicon.ico``"""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/card.png", self.card), Route("/favicon.ico", self.icon)]

    async def card(self, request: Request) -> Response:
        """The name of the site over the map of its region."""
        language = self._frame.pages.languages.of(request)

        async def make() -> bytes:
            overview = await self._frame.overview()
            drawn = await drawn_map(self._frame, overview)
            svg = self._frame.pages.render("pictures/card.svg", language, map=drawn, overview=overview, size=CARD)
            return await run_in_threadpool(_png, svg, 1.0)

        return await self._frame.kept.respond(request, language, make, "image/png")

    async def icon(self, request: Request) -> Response:
        """The mark as an icon of several sizes."""

        async def make() -> bytes:
            svg = self._frame.pages.render("pictures/mark.svg")
            return await run_in_threadpool(_ico, svg)

        return await self._frame.kept.respond(request, None, make, "image/x-icon")


def _png(svg: str, scale: float) -> bytes:
    import vl_convert  # noqa: PLC0415  (its engine takes a second and much memory, which most processes need not)

    return bytes(vl_convert.svg_to_png(svg, scale=scale))


def _ico(svg: str) -> bytes:
    drawn = Image.open(io.BytesIO(_png(svg, _ICON / 32)))
    written = io.BytesIO()
    drawn.save(written, "ICO", sizes=[(16, 16), (32, 32), (_ICON, _ICON)])
    return written.getvalue()
