"""The landing page: what the region has, makes, trades and invests."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.web.facts import TRADE, region_facts
from app.web.frame import Frame
from app.web.overview import Overview
from app.web.region_map import RegionMap, region_map
from app.web.releases import newest_releases
from app.web.words import Words

LEADING = "mine-production"
_MOST_LEADING = 6
_NEWEST = 5


class HomePage:
    """``/``"""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/", self.serve)]

    async def serve(self, request: Request) -> Response:
        """The landing page."""
        return await self._frame.page(request, "landing.html", self._values)

    async def prepare(self) -> None:
        """Make the page in every language before anybody asks for it."""
        for language in self._frame.pages.languages:
            await self._frame.prepare("/", "landing.html", language, self._values)

    async def _values(self, words: Words) -> Mapping[str, Any]:
        frame = self._frame
        overview = await frame.overview()
        leading = await frame.series.leading(LEADING, _MOST_LEADING)
        return {
            "overview": overview,
            "map": await drawn_map(frame, overview),
            "production": [
                await frame.chart(
                    "series", words, indicator=LEADING, commodity=row["commodity"], content=row["content"]
                )
                for row in leading
            ],
            "trade": [await frame.chart("trade", words, "half"), await frame.chart("trade-shares", words, "half")],
            "investment": await frame.chart("investment", words, "whole"),
            "facts": await region_facts(frame.figures, words, TRADE),
            "parts": frame.cooperation.parts,
            "releases": newest_releases(frame, _NEWEST),
        }


async def drawn_map(frame: Frame, overview: Overview) -> RegionMap:
    """The map of the region with the number of sites of each state."""
    shapes = await frame.borders()
    sites = {one.country: one.total for one in overview.countries}
    return region_map(shapes, frame.region.box, sites)
