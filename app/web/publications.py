"""The region's publications: what was released here, and the documents of its cooperation, listed with their source."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.web.frame import Frame
from app.web.releases import newest_releases
from app.web.words import Words

_MOST = 50


class PublicationsPage:
    """``/publications``"""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/publications", self.serve)]

    async def serve(self, request: Request) -> Response:
        """Releases and documents."""
        return await self._frame.page(request, "publications.html", self._values)

    async def _values(self, words: Words) -> Mapping[str, Any]:
        kinds = self._frame.cooperation.by_heading()
        gaps = [heading for heading, documents in kinds.items() if not documents]
        return {"releases": newest_releases(self._frame, _MOST), "kinds": kinds, "gaps": gaps}
