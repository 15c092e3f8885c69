"""The Web Coverage Service 2.0 at /wcs: the region's rasters, read only, out of the pool of map processes."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.ogc.answers import RETRY_AFTER, Answers, Reply, tag_of
from gis.errors import MapServerUnavailableError
from gis.mapserver.capabilities import of_wcs
from gis.mapserver.catalogue import Catalogue
from gis.mapserver.coverages import CoverageRequest, read_coverage_request
from gis.mapserver.exceptions import ServiceException
from gis.mapserver.fastcgi import Answer
from gis.mapserver.outputs import TIFF

_LONGEST_QUERY = 16_384  # bytes
_MOST_PARAMETERS = 50
# WCS 2.0, table 18
_STATUS = {"NoSuchCoverage": 404, "InvalidAxisLabel": 404, "InvalidSubsetting": 404, "emptyCoverageIdList": 404}


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
            asked = read_coverage_request(_pairs(request.scope["query_string"]), catalogue)
            return await self._answers.respond(request, _tag(asked, catalogue), lambda: self._made(asked, catalogue))
        except ServiceException as error:
            return _refused(error)
        except MapServerUnavailableError as error:
            return _refused(ServiceException(None, str(error), available=False))

    async def prepare(self, catalogue: Catalogue) -> None:
        """Make the capabilities before anybody asks for them."""
        asked = read_coverage_request([("SERVICE", "WCS"), ("REQUEST", "GetCapabilities")], catalogue)
        await self._answers.prepare(_tag(asked, catalogue), lambda: self._made(asked, catalogue))

    async def _made(self, asked: CoverageRequest, catalogue: Catalogue) -> Reply:
        named = asked.operation != "GetCapabilities"
        files = catalogue.downloads
        mapfile = files.of(layer.id for layer in asked.layers) if named else files.whole()
        answer = await self._answers.ask(mapfile, asked.query, lambda answer: _good(answer, asked))
        if asked.operation == "GetCapabilities":
            return Reply(of_wcs(answer.body), {"Content-Type": "text/xml; charset=UTF-8"})
        if asked.operation == "DescribeCoverage":
            return Reply(answer.body, {"Content-Type": "text/xml; charset=UTF-8"})
        name = f"{asked.layers[0].id}.{'tif' if asked.format == TIFF else 'png'}"
        return Reply(
            answer.body,
            {"Content-Type": asked.format, "Content-Disposition": f'attachment; filename="{name}"'},
        )


def _tag(asked: CoverageRequest, catalogue: Catalogue) -> str:
    return tag_of((asked.key, catalogue.mark if asked.operation == "GetCapabilities" else ""))


def _good(answer: Answer, asked: CoverageRequest) -> bool:
    media = answer.headers.get("content-type", "")
    if asked.operation == "GetCoverage":
        return media.startswith(asked.format)
    return "xml" in media and b"ExceptionReport" not in answer.body[:400]


def _pairs(query: bytes) -> list[tuple[str, str]]:
    if len(query) > _LONGEST_QUERY:
        raise ServiceException("InvalidParameterValue", f"The request is longer than {_LONGEST_QUERY} bytes.")
    try:
        return parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise ServiceException(
            "InvalidParameterValue", f"The request has more than {_MOST_PARAMETERS} parameters."
        ) from None


def _refused(error: ServiceException) -> Response:
    status = _STATUS.get(error.code or "", 400) if error.available else 503
    headers = {"Cache-Control": "no-store"} | ({} if error.available else {"Retry-After": RETRY_AFTER})
    return Response(error.ows("2.0.1", "2.0"), status, headers, "text/xml")
