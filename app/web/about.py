"""What the system is, who stands behind it, how its figures come to be."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.web.frame import Frame
from app.web.words import Words


class AboutPage:
    """``/about``"""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/about", self.serve)]

    async def serve(self, request: Request) -> Response:
        """The page."""
        return await self._frame.page(request, "about.html", self._values)

    async def _values(self, words: Words) -> Mapping[str, Any]:
        contents = await self._frame.figures.contents()
        sources = Counter({name: use.observations for name, use in contents.get("source", {}).items()})
        return {
            "parts": self._frame.cooperation.parts,
            "overview": await self._frame.overview(),
            "statistics_sources": sources.most_common(),
            "release": await self._frame.figures.release(None),
        }
