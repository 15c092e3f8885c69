"""The documents of the OGC API around items and tiles, as pygeoapi makes them, and the pages of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.clients import not_modified
from app.layers.catalogue import Catalogue
from app.ogc.freshness import headers_of_content
from app.ogc.negotiation import negotiated
from app.ogc.pages import HTML, ServicePages
from app.ogc.parameters import OF_A_DOCUMENT, check_names
from gis.layer import Layer
from gis.ogcapi.frame import Answer, Frame
from gis.ogcapi.openapi import OPENAPI, SCHEMA

_FORMATS = {"json": "application/json", "html": HTML}
_SCHEMA = {"json": SCHEMA, "html": HTML}
_OPENAPI = {"json": OPENAPI, "html": HTML}
_OK = 200

Make = Callable[[Request], Answer]
MakeOfLayer = Callable[[Request, Layer], Answer]


class Documents:
    """Landing page, conformance, OpenAPI, collections, queryables, schema. address: of the services, without a slash
    at the end."""

    def __init__(self, catalogue: Catalogue, frame: Frame, pages: ServicePages, address: str) -> None:
        self._catalogue = catalogue
        self._frame = frame
        self._pages = pages
        self._address = address

    def routes(self) -> list[Route]:
        """Paths below /ogc."""
        frame, of_layer = self._frame, "/collections/{collection}"
        return [
            Route("/", self.landing),
            Route("/conformance", self._plain(frame.conformance, "ogc/conformance.html")),
            Route("/openapi", self._plain(frame.openapi, "ogc/openapi.html", _OPENAPI)),
            Route("/collections", self._plain(frame.collections, "ogc/collections/index.html")),
            Route(of_layer, self._of_layer(frame.collection, "ogc/collections/collection.html")),
            Route(
                f"{of_layer}/queryables", self._of_layer(frame.queryables, "ogc/collections/queryables.html", _SCHEMA)
            ),
            Route(f"{of_layer}/schema", self._of_layer(frame.schema, "ogc/collections/schema.html", _SCHEMA)),
        ]

    async def landing(self, request: Request) -> Response:
        """The landing page of the OGC API, with and without a slash at its end."""
        return await self._respond(request, self._frame.landing, "ogc/landing_page.html", _FORMATS)

    def _plain(self, make: Make, template: str, formats: Mapping[str, str] = _FORMATS) -> Callable[[Request], object]:
        async def serve(request: Request) -> Response:
            return await self._respond(request, make, template, formats)

        return serve

    def _of_layer(
        self, make: MakeOfLayer, template: str, formats: Mapping[str, str] = _FORMATS
    ) -> Callable[[Request], object]:
        async def serve(request: Request) -> Response:
            layer = self._catalogue.layer(request.path_params["collection"])
            return await self._respond(request, lambda asked: make(asked, layer), template, formats, layer=layer)

        return serve

    async def _respond(
        self, request: Request, make: Make, template: str, formats: Mapping[str, str], **values: object
    ) -> Response:
        check_names(request.query_params, OF_A_DOCUMENT)
        as_page = negotiated(request, formats) == "html"
        language = self._pages.language(request) if as_page else ""

        def made() -> Answer:
            answer = make(_as_json(request))
            if not as_page or answer.status != _OK:
                return answer
            told = {"document": answer.document, "services": self._address, **values}
            page = self._pages.page(request, template, **told)
            return replace(answer, media_type=HTML, body=page.encode())

        answer = await run_in_threadpool(made)
        headers = headers_of_content(answer.body, language)
        if answer.status == _OK and (known := not_modified(request, headers)):
            return known
        return Response(answer.body, answer.status, headers, media_type=answer.media_type)


def _as_json(request: Request) -> Request:
    """The request with its format as the parameter f: pygeoapi reads the Accept header less exactly than we do."""
    asked = {**request.query_params, "f": "json"}
    return Request({**request.scope, "query_string": urlencode(asked).encode()})
