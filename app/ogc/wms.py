"""The Web Map Service at /wms: checks a request, answers it from memory or from the pool of map processes."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.ogc import ows
from app.ogc.answers import Answers, Remembered, Reply, tag_of
from app.ogc.kvp import FORM, media_of, read_body, read_parameters
from gis.errors import MapServerUnavailableError
from gis.mapserver import parameters as read
from gis.mapserver.capabilities import of_wms
from gis.mapserver.catalogue import Catalogue
from gis.mapserver.exceptions import ServiceException, media_type
from gis.mapserver.fastcgi import Answer
from gis.mapserver.featureinfo import collection, found, text
from gis.mapserver.outputs import GML, HTML, PNG, TEXT
from gis.mapserver.parameters import Parameters
from gis.mapserver.picture import Picture, size_of
from gis.mapserver.request import MapRequest, read_request

TEMPLATES = Path(__file__).resolve().parents[2] / "frontend" / "templates" / "wms"

LONGEST_QUERY = 98_304
"""Bytes of the parameters, among them a style or filter of at most gis.mapserver.xml.LARGEST, escaped."""

_UNMARKED = {"GetCapabilities", "GetSchemaExtension"}


class Wms:
    """The service over one catalogue and one pool.

    catalogue: gives the catalogue as it is now.
    """

    def __init__(self, answers: Answers, catalogue: Callable[[], Catalogue], *, base_url: str) -> None:
        self.answers = answers
        self._catalogue = catalogue
        self._base_url = base_url
        self._known: Remembered[MapRequest] = Remembered()
        self._sizes: Mapping[tuple[str, str], tuple[int, int]] = {}
        self._template = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template(
            "feature-info.html"
        )
        self._css = (TEMPLATES / "feature-info.css").read_text(encoding="utf-8")
        digest = base64.b64encode(sha256(self._css.encode()).digest()).decode()
        nothing = "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        self._policy = f"{nothing}; style-src 'sha256-{digest}'"

    def routes(self) -> list[Route]:
        """The service's route, /wms."""
        return [Route("/wms", self.wms, methods=["GET", "POST"], name="wms")]

    async def wms(self, request: Request) -> Response:
        """Answer one request; a mistake becomes a service exception in the form the request asks for."""
        query, catalogue = request.scope["query_string"], self._catalogue()
        known = self._known.get(query, catalogue) if request.method == "GET" else None
        given: Parameters = {}
        try:
            if known is None:
                given = await _parameters(request)
                asked = read_request(given, catalogue)
                known = asked, _tag(asked, catalogue)
                if request.method == "GET":
                    self._known.put(query, *known)
            asked, tag = known
            return await self.answers.respond(request, tag, lambda: self._made(asked, catalogue))
        except ServiceException as error:
            return _refused(error, given)
        except MapServerUnavailableError as error:
            return _refused(ows.unavailable(error), given)

    async def features_at(self, request: Request, given: Parameters) -> Response:
        """The answer to GetFeatureInfo. Raises ServiceException, MapServerUnavailableError."""
        catalogue = self._catalogue()
        asked = read_request({**given, "SERVICE": "WMS", "VERSION": "1.3.0", "REQUEST": "GetFeatureInfo"}, catalogue)
        return await self.answers.respond(request, _tag(asked, catalogue), lambda: self._made(asked, catalogue))

    async def prepare(self, catalogue: Catalogue) -> None:
        """Make the capabilities, which take longer the more layers there are, before anybody asks for them."""
        for version in reversed(read.VERSIONS):
            given = {"SERVICE": "WMS", "REQUEST": "GetCapabilities", "VERSION": version}
            asked = read_request(given, catalogue)
            await self.answers.prepare(_tag(asked, catalogue), partial(self._made, asked, catalogue))

    async def _made(self, asked: MapRequest, catalogue: Catalogue) -> Reply:
        shown = [layer.id for layer in asked.layers]
        mapfile = catalogue.maps.whole() if asked.operation in _UNMARKED else catalogue.maps.of(shown)
        answers = await asyncio.gather(
            *(self.answers.ask(mapfile, query, lambda answer: _good(answer, asked)) for query in asked.queries)
        )
        if asked.operation == "GetFeatureInfo" and asked.format != GML:
            return self._features(asked, answers, catalogue)
        body = answers[0].body
        if asked.operation == "GetCapabilities":
            styles = [style for layer in catalogue.layers.values() for style in layer.styles.values()]
            abstracts = {style.id: style.abstract for style in styles}
            body = await run_in_threadpool(of_wms, body, abstracts, await self._legend_sizes(catalogue))
        return Reply(body, {"Content-Type": answers[0].headers["content-type"]})

    async def _legend_sizes(self, catalogue: Catalogue) -> Mapping[str, tuple[int, int]]:
        """Width and height of the legend of each style that is not its layer's default, kept while the layer stays."""
        wanted = [(layer, style) for layer in catalogue.layers.values() for style in [*layer.styles][1:]]
        known = {(layer.mark, style): self._sizes.get((layer.mark, style)) for layer, style in wanted}
        for layer, style in wanted:
            known[layer.mark, style] = known[layer.mark, style] or await self._legend_size(layer.id, style, catalogue)
        self._sizes = {key: size for key, size in known.items() if size}
        return {style: size for (_, style), size in self._sizes.items()}

    async def _legend_size(self, layer: str, style: str, catalogue: Catalogue) -> tuple[int, int] | None:
        given = {"REQUEST": "GetLegendGraphic", "VERSION": "1.3.0", "LAYER": layer, "STYLE": style, "FORMAT": PNG}
        try:
            legend = await self._made(read_request(given, catalogue), catalogue)
        except (ServiceException, MapServerUnavailableError):  # the capabilities come all the same
            return None
        return size_of(legend.body)

    def _features(self, asked: MapRequest, answers: list[Answer], catalogue: Catalogue) -> Reply:
        features = collection(asked.layers, [answer.body for answer in answers], asked.crs)
        if asked.format not in {TEXT, HTML}:
            body = json.dumps(features, ensure_ascii=False, separators=(",", ":")).encode()
            return Reply(body, {"Content-Type": asked.format})
        layers = found(asked.layers, features["features"])
        if asked.format == TEXT:
            return Reply(text(layers).encode(), {"Content-Type": "text/plain; charset=utf-8"})
        page = self._template.render(title=catalogue.title, layers=layers, base_url=self._base_url, css=self._css)
        return Reply(
            page.encode(), {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": self._policy}
        )


def _tag(asked: MapRequest, catalogue: Catalogue) -> str:
    """The same parameters and the same published data have the same answer."""
    return tag_of((asked.key, catalogue.mark if asked.operation in _UNMARKED else ""))


def _good(answer: Answer, asked: MapRequest) -> bool:
    media = answer.headers.get("content-type", "")
    if asked.operation in _UNMARKED:
        return "xml" in media and b"<ServiceException" not in answer.body[:1000]
    if asked.operation == "GetFeatureInfo":
        return media.startswith((GML, "application/json"))
    return media.startswith("image/")


async def _parameters(request: Request) -> Parameters:
    """The parameters of the query or of a posted form."""
    query = request.scope["query_string"]
    if request.method == "POST":
        if media_of(request) != FORM:
            raise ServiceException("OperationNotSupported", f"POST is served for {FORM}.")
        query = await read_body(request, LONGEST_QUERY) + b"&" + query
    return read_parameters(query, LONGEST_QUERY)


def _refused(error: ServiceException, given: Parameters) -> Response:
    headers = ows.headers_of_exception(error)
    picture = Picture.wanted(given)
    if picture:
        return Response(picture.of(error), media_type=picture.media, headers=headers)
    version = read.negotiated(given)
    status = 400 if error.available else 503
    return Response(error.xml(version), status, headers | {"Content-Type": media_type(version)})
