"""The documents of the OGC API around items and tiles, as pygeoapi makes them."""

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.layers.catalogue import Catalogue
from app.ogc.freshness import headers_of_content, not_modified
from app.ogc.negotiation import negotiated
from app.ogc.parameters import check_names
from gis.layer import Layer
from gis.ogcapi.frame import Answer, Frame

_FORMATS = {"json": "application/json", "html": "text/html"}
_KNOWN = frozenset({"f", "lang"})


class Documents:
    """Landing page, conformance, OpenAPI, collections, queryables, schema."""

    def __init__(self, catalogue: Catalogue, frame: Frame) -> None:
        self._catalogue = catalogue
        self._frame = frame

    def routes(self) -> list[Route]:
        """Paths below /ogc."""
        return [
            Route("/", self.landing),
            Route("/conformance", self._plain(self._frame.conformance)),
            Route("/openapi", self._plain(self._frame.openapi)),
            Route("/collections", self._plain(self._frame.collections)),
            Route("/collections/{collection}", self._of_layer(self._frame.collection)),
            Route("/collections/{collection}/queryables", self._of_layer(self._frame.queryables)),
            Route("/collections/{collection}/schema", self._of_layer(self._frame.schema)),
        ]

    async def landing(self, request: Request) -> Response:
        """The landing page of the OGC API, with and without a slash at its end."""
        return _response(request, await run_in_threadpool(self._frame.landing, _checked(request)))

    def _plain(self, make: Callable[[Request], Answer]) -> Callable[[Request], object]:
        async def serve(request: Request) -> Response:
            return _response(request, await run_in_threadpool(make, _checked(request)))

        return serve

    def _of_layer(self, make: Callable[[Request, Layer], Answer]) -> Callable[[Request], object]:
        async def serve(request: Request) -> Response:
            layer = self._catalogue.layer(request.path_params["collection"])
            return _response(request, await run_in_threadpool(make, _checked(request), layer))

        return serve


def _checked(request: Request) -> Request:
    """The request with its format as the parameter f: pygeoapi reads the Accept header less exactly than we do."""
    check_names(request.query_params, _KNOWN)
    asked = {**request.query_params, "f": negotiated(request, _FORMATS)}
    return Request({**request.scope, "query_string": urlencode(asked).encode()})


def _response(request: Request, answer: Answer) -> Response:
    headers = headers_of_content(answer.body)
    if answer.status == 200 and (known := not_modified(request, headers)):
        return known
    return Response(answer.body, answer.status, headers, media_type=answer.media_type)
