"""The Web Map Service at /wms: checks a request, answers it from memory or from the pool of map processes."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import base64
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from urllib.parse import parse_qsl

from cachetools import LRUCache
from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gis.errors import MapServerUnavailableError
from gis.mapserver import parameters as read
from gis.mapserver.catalogue import Catalogue
from gis.mapserver.exceptions import ServiceException, media_type
from gis.mapserver.failures import explained, of_database
from gis.mapserver.fastcgi import Answer, FastCGIClient
from gis.mapserver.featureinfo import collection, found, text
from gis.mapserver.outputs import GML, HTML, TEXT
from gis.mapserver.parameters import Parameters
from gis.mapserver.picture import Picture
from gis.mapserver.request import MapRequest, read_request

_log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).resolve().parents[2] / "frontend" / "templates" / "wms"

_MOST_PARAMETERS = 100
_LONGEST_QUERY = 16_384  # bytes
_ENTRY = 600  # bytes an entry takes besides its body
_MAX_AGE = "public, max-age=60"
_RETRY_AFTER = "5"  # seconds
_UNMARKED = {"GetCapabilities", "GetSchemaExtension"}


@dataclass(frozen=True, slots=True)
class _Reply:
    """A finished answer: its body and headers; only good ones are kept."""

    body: bytes
    headers: dict[str, str]


class Wms:
    """The service over one catalogue and one pool.

    catalogue: gives the catalogue as it is now. attempts: how often a map is asked for while the database fails;
    one more than there are map processes gets past a restarted database, as each of them finds out by one failure.
    hits, misses: answers from memory and from the pool, for /metrics.
    """

    def __init__(
        self,
        client: FastCGIClient,
        catalogue: Callable[[], Catalogue],
        *,
        base_url: str,
        attempts: int = 3,
        cache_bytes: int = 64 << 20,
    ) -> None:
        self._client = client
        self._catalogue = catalogue
        self._base_url = base_url
        self._attempts = attempts
        self._kept: LRUCache[str, _Reply] = LRUCache(cache_bytes, getsizeof=lambda reply: len(reply.body) + _ENTRY)
        self._pending: dict[str, asyncio.Task[_Reply]] = {}
        self._template = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template(
            "feature-info.html"
        )
        self._css = (TEMPLATES / "feature-info.css").read_text(encoding="utf-8")
        digest = base64.b64encode(sha256(self._css.encode()).digest()).decode()
        self._policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        self.hits = 0
        self.misses = 0

    def routes(self) -> list[Route]:
        """The service's route, /wms."""
        return [Route("/wms", self.wms, methods=["GET", "POST"], name="wms")]

    async def wms(self, request: Request) -> Response:
        """Answer one request; a mistake becomes a service exception in the form the request asks for."""
        given: Parameters = {}
        try:
            given = await _parameters(request)
            asked = read_request(given, self._catalogue())
            return await self._answer(request, asked)
        except ServiceException as error:
            return _refused(error, given)
        except MapServerUnavailableError as error:
            return _refused(ServiceException(None, str(error), available=False), given)

    async def _answer(self, request: Request, asked: MapRequest) -> Response:
        tag = self._tag(asked)
        headers = {"ETag": f'"{tag}"', "Cache-Control": _MAX_AGE}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        reply = await self._reply(tag, asked)
        return Response(reply.body, headers=reply.headers | headers)

    def _tag(self, asked: MapRequest) -> str:
        """Name of the answer: the same parameters and the same published data have the same."""
        mark = self._catalogue().mark if asked.operation in _UNMARKED else ""
        return blake2b(repr((asked.key, mark)).encode(), digest_size=16).hexdigest()

    async def _reply(self, tag: str, asked: MapRequest) -> _Reply:
        reply = self._kept.get(tag)
        if reply is not None:
            self.hits += 1
            return reply
        self.misses += 1
        task = self._pending.get(tag)
        if task is None:
            # Many ask for the same new map at once when a release comes out: it is drawn once.
            task = asyncio.create_task(self._made(asked))
            self._pending[tag] = task
            task.add_done_callback(lambda done: self._finished(tag, done))
        return await asyncio.shield(task)

    def _finished(self, tag: str, task: asyncio.Task[_Reply]) -> None:
        del self._pending[tag]
        if not task.cancelled() and task.exception() is None:
            reply = task.result()
            if len(reply.body) + _ENTRY <= self._kept.maxsize:
                self._kept[tag] = reply

    async def _made(self, asked: MapRequest) -> _Reply:
        answers = await asyncio.gather(*(self._asked(query, asked) for query in asked.queries))
        if asked.operation == "GetFeatureInfo" and asked.format != GML:
            return self._features(asked, answers)
        return _Reply(answers[0].body, {"Content-Type": answers[0].headers["content-type"]})

    async def _asked(self, query: str, asked: MapRequest) -> Answer:
        """MapServer's answer. Raises ServiceException in place of an error of MapServer's, which is logged."""
        for left in reversed(range(self._attempts)):
            answer = await self._client.get(query)
            if _good(answer, asked):
                return answer
            _log.warning("map request failed: %s: %s", query, answer.body[:2000].decode(errors="replace"))
            if not left or not of_database(answer.body):
                break
        raise explained(answer.body)

    def _features(self, asked: MapRequest, answers: list[Answer]) -> _Reply:
        features = collection(asked.layers, [answer.body for answer in answers], asked.crs)
        if asked.format not in {TEXT, HTML}:
            body = json.dumps(features, ensure_ascii=False, separators=(",", ":")).encode()
            return _Reply(body, {"Content-Type": asked.format})
        layers = found(asked.layers, features["features"])
        if asked.format == TEXT:
            return _Reply(text(layers).encode(), {"Content-Type": "text/plain; charset=utf-8"})
        page = self._template.render(
            title=self._catalogue().title, layers=layers, base_url=self._base_url, css=self._css
        )
        return _Reply(
            page.encode(), {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": self._policy}
        )


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
        if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
            raise ServiceException("OperationNotSupported", "POST is served for application/x-www-form-urlencoded.")
        query = await _body(request) + b"&" + query
    if len(query) > _LONGEST_QUERY:
        raise ServiceException("InvalidParameterValue", f"The request is longer than {_LONGEST_QUERY} bytes.")
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise ServiceException(
            "InvalidParameterValue", f"The request has more than {_MOST_PARAMETERS} parameters."
        ) from None
    return read.parameters(pairs)


async def _body(request: Request) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > _LONGEST_QUERY:
            raise ServiceException("InvalidParameterValue", f"The form is longer than {_LONGEST_QUERY} bytes.")
    return bytes(received)


def _refused(error: ServiceException, given: Parameters) -> Response:
    headers = {"Cache-Control": "no-store"} | ({} if error.available else {"Retry-After": _RETRY_AFTER})
    picture = Picture.wanted(given)
    if picture:
        return Response(picture.of(error), media_type=picture.media, headers=headers)
    version = read.negotiated(given)
    status = 400 if error.available else 503
    return Response(error.xml(version), status, headers | {"Content-Type": media_type(version)})
