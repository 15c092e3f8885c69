"""What the system is, who stands behind it, how its figures come to be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.web.frame import Frame
from app.web.words import Words
from gis.declaration import Declaration, read_declaration


class Part(Declaration):
    """One part of the text on a region's cooperation, and the document it is drawn from."""

    title: str
    text: str
    source: str


class AboutRegion(Declaration):
    """about.yml beside region.yml"""

    parts: list[Part]


def read_about(path: Path) -> tuple[Part, ...]:
    """The parts of a region's text. Raises InvalidDeclarationError with file and line."""
    return tuple(read_declaration(path, AboutRegion).parts)


class AboutPage:
    """``/about``"""

    def __init__(self, frame: Frame, parts: Sequence[Part]) -> None:
        self._frame = frame
        self._parts = parts

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
            "parts": self._parts,
            "overview": await self._frame.overview(),
            "statistics_sources": sources.most_common(),
            "release": await self._frame.figures.release(None),
        }
