"""The Web Coverage Service 2.0 at /wcs: the region's rasters, read only, out of the pool of map processes."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.ogc import ows
from app.ogc.answers import Answers, Reply
from app.ogc.kvp import read_pairs
from gis.errors import MapServerUnavailableError
from gis.mapserver.capabilities import of_wcs
from gis.mapserver.catalogue import Catalogue
from gis.mapserver.coverages import CoverageRequest, read_coverage_request
from gis.mapserver.exceptions import ServiceException
from gis.mapserver.fastcgi import Answer
from gis.mapserver.outputs import TIFF

_LONGEST_QUERY = 16_384  # bytes
# WCS 2.0, table 18
_NOT_FOUND = ("NoSuchCoverage", "InvalidAxisLabel", "InvalidSubsetting", "emptyCoverageIdList")
_REPORTS = ows.Reports("2.0.1", "2.0", dict.fromkeys(_NOT_FOUND, 404))


class Wcs:
    """The service over one catalogue and one pool."""

    def __init__(self, answers: Answers, catalogue: Callable[[], Catalogue]) -> None:
        self._answers = answers
        self._catalogue = catalogue

    def routes(self) -> list[Route]:
        """The service's route, /wcs."""
        return [Route("/wcs", self.wcs, methods=["GET"], name="wcs")]

    async def wcs(self, request: Request) -> Response:
        """Answer one request; a mistake becomes an exception report of OWS Common."""
        try:
            catalogue = self._catalogue()
            pairs = read_pairs(request.scope["query_string"], _LONGEST_QUERY)
            asked = read_coverage_request(pairs, catalogue)
            tag = ows.tag(asked, catalogue)
            return await self._answers.respond(request, tag, lambda: self._made(asked, catalogue))
        except (ServiceException, MapServerUnavailableError) as error:
            return _REPORTS.of(error)

    async def prepare(self, catalogue: Catalogue) -> None:
        """Make the capabilities before anybody asks for them."""
        asked = read_coverage_request([("SERVICE", "WCS"), ("REQUEST", "GetCapabilities")], catalogue)
        await self._answers.prepare(ows.tag(asked, catalogue), lambda: self._made(asked, catalogue))

    async def _made(self, asked: CoverageRequest, catalogue: Catalogue) -> Reply:
        mapfile = ows.mapfile(asked, catalogue)
        answer = await self._answers.ask(mapfile, asked.query, lambda answer: _good(answer, asked))
        if asked.operation == ows.CAPABILITIES:
            return Reply(of_wcs(answer.body), {"Content-Type": ows.XML})
        if asked.operation == "DescribeCoverage":
            return Reply(answer.body, {"Content-Type": ows.XML})
        name = f"{asked.layers[0].id}.{'tif' if asked.format == TIFF else 'png'}"
        return Reply(
            answer.body,
            {"Content-Type": asked.format, "Content-Disposition": f'attachment; filename="{name}"'},
        )


def _good(answer: Answer, asked: CoverageRequest) -> bool:
    if asked.operation == "GetCoverage":
        return answer.headers.get("content-type", "").startswith(asked.format)
    return ows.is_document(answer)
