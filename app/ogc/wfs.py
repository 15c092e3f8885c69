"""The Web Feature Service 2.0 at /wfs: simple and basic, read only, out of the pool of map processes."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.ogc import ows
from app.ogc.answers import Answers, Reply
from app.ogc.kvp import FORM, media_of, read_body, read_parameters
from gis.errors import MapServerUnavailableError
from gis.mapserver.capabilities import of_wfs
from gis.mapserver.catalogue import Catalogue
from gis.mapserver.downloads import PREFIX
from gis.mapserver.exceptions import ServiceException
from gis.mapserver.fastcgi import Answer
from gis.mapserver.features import FeatureRequest, Query, read_features_request
from gis.mapserver.outputs import CSV, GEOJSON, ZIP
from gis.mapserver.parameters import Parameters
from gis.mapserver.posted import read_posted
from gis.mapserver.xml import LARGEST

_LONGEST_QUERY = 98_304  # bytes, among them an escaped filter
_XML = frozenset({"text/xml", "application/xml", "application/gml+xml", ""})
# MapServer writes a field without a value as an empty element, which is no number; the schema lets it be absent.
_EMPTY = re.compile(rb"\s*<(%b:[\w.-]+)\s*(?:/>|></\1>)" % PREFIX.encode())
_SUFFIXES = {GEOJSON: "json", CSV: "csv", ZIP: "zip"}
# WFS 2.0, table D.2
_REPORTS = ows.Reports("2.0.0", "1.1", {"NotFound": 404, "OperationProcessingFailed": 403})


class Wfs:
    """The service over one catalogue. namespace: that of the feature types."""

    def __init__(self, answers: Answers, catalogue: Callable[[], Catalogue], namespace: str) -> None:
        self._answers = answers
        self._catalogue = catalogue
        self._namespace = namespace

    def routes(self) -> list[Route]:
        """The service's route, /wfs."""
        return [Route("/wfs", self.wfs, methods=["GET", "POST"], name="wfs")]

    async def wfs(self, request: Request) -> Response:
        """Answer one request; a mistake becomes an exception report of OWS Common."""
        try:
            given, queries = await self._read(request)
            catalogue = self._catalogue()
            asked = read_features_request(given, catalogue, self._namespace, queries)
            tag = ows.tag(asked, catalogue)
            return await self._answers.respond(request, tag, lambda: self._made(asked, catalogue))
        except (ServiceException, MapServerUnavailableError) as error:
            return _REPORTS.of(error)

    async def prepare(self, catalogue: Catalogue) -> None:
        """Make the capabilities before anybody asks for them."""
        given = {"SERVICE": "WFS", "REQUEST": "GetCapabilities"}
        asked = read_features_request(given, catalogue, self._namespace)
        await self._answers.prepare(ows.tag(asked, catalogue), lambda: self._made(asked, catalogue))

    async def _read(self, request: Request) -> tuple[Parameters, list[Query] | None]:
        query = request.scope["query_string"]
        if request.method != "POST":
            return read_parameters(query, _LONGEST_QUERY), None
        if media_of(request) == FORM:
            body = await read_body(request, _LONGEST_QUERY)
            return read_parameters(body + b"&" + query, _LONGEST_QUERY), None
        if media_of(request) not in _XML:
            raise ServiceException("OperationParsingFailed", "POST is served for text/xml and forms.")
        return read_posted(await read_body(request, LARGEST), self._namespace)

    async def _made(self, asked: FeatureRequest, catalogue: Catalogue) -> Reply:
        mapfile = ows.mapfile(asked, catalogue)
        answer = await self._answers.ask(mapfile, asked.query, lambda answer: _good(answer, asked))
        if asked.operation == ows.CAPABILITIES:
            return Reply(await run_in_threadpool(of_wfs, answer.body), {"Content-Type": ows.XML})
        if asked.format == GEOJSON:
            body = answer.body.replace(b'": ""', b'": null')
        elif asked.operation == "GetFeature" and asked.format not in _SUFFIXES:
            body = _EMPTY.sub(b"", answer.body)
        else:
            body = answer.body
        media = answer.headers["content-type"]
        headers = {"Content-Type": f"{media}; charset=UTF-8" if asked.format == CSV else media}
        if asked.format in _SUFFIXES:
            name = f"{asked.layers[0].id}.{_SUFFIXES[asked.format]}"
            headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return Reply(body, headers)


def _good(answer: Answer, asked: FeatureRequest) -> bool:
    if asked.format in _SUFFIXES:
        return answer.headers.get("content-type", "").startswith(asked.format)
    return ows.is_document(answer)
