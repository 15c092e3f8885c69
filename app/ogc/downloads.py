"""Downloads: the features of a query as a file in any format of gis.formats, with flat memory.

Text is sent as it is made; other formats are written to a temporary file by a process of their own.
"""

import os
import time
import zlib
from asyncio import timeout
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from hashlib import blake2b
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from urllib.parse import urlencode

import structlog
from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from app.clients import not_modified, takes_gzip
from app.db.roles import DatabaseUrl
from app.errors import AmdisError, DownloadTooLongError, TooManyDownloadsError
from app.layers.catalogue import Catalogue
from app.layers.export import Wanted, reading
from app.layers.reading import checked, licence_url, open_reading
from app.ogc.files import LONGEST, Files
from gis.formats import WRITERS, Writer, in_format
from gis.layer import Layer
from gis.query import Query
from gis.service import ServiceMetadata

MOST_STREAMS = 6
"""Streamed downloads a process has under way at most; each holds a connection to the database."""

MOST_FILES = 24
"""Files a process writes or sends at most; each takes room on the disk."""

_PATIENCE = 60.0  # seconds for a client to take one piece
_PIECE = 1 << 16
_COMPRESSION = 4

log = structlog.get_logger(__name__)


class BrokenOffError(Exception):
    """A download went wrong after its beginning was sent: its connection is cut, so that the client knows."""


class Downloads:
    """Answers requests for files; ``WRITERS[name]`` is the writer of ``f=name``.

    folder: for temporary files, made when it is missing. catalogue: gives the newest release and the sources of a
    layer. service: terms and address the files tell.
    """

    def __init__(self, url: DatabaseUrl, folder: Path, catalogue: Catalogue, service: ServiceMetadata) -> None:
        self._url = url
        self._catalogue = catalogue
        self._service = service
        self._threads = CapacityLimiter(MOST_STREAMS)
        self._streams = _Places(MOST_STREAMS)
        self._file_places = _Places(MOST_FILES)
        self._files = Files(folder)
        self._version = version("amdis")

    @property
    def statistics(self) -> dict[str, int]:
        """How many downloads are under way, for the metrics."""
        return {"streams": self._streams.taken, "files": self._file_places.taken}

    def routes(self) -> list[Route]:
        """Paths below /ogc: the XML schema of a layer's GML."""
        return [Route("/collections/{collection}/schema.xsd", self.schema)]

    async def schema(self, request: Request) -> Response:
        """The XML schema of the elements a layer's GML has in our own namespace."""
        layer = self._catalogue.layer(request.path_params["collection"])
        from gis.formats.writers.gml import application_schema  # noqa: PLC0415  (needs Arrow)

        return Response(application_schema(layer, self._service.base_url), media_type="application/xml")

    async def respond(self, request: Request, layer: Layer, query: Query, writer: Writer) -> Response:
        """The features of the query as a file, or 304; all of them unless the query has a limit.

        Raises InvalidParameterError for what the format cannot have, TooManyDownloadsError, DatabaseUnavailableError,
        QueryTooSlowError.
        """
        writer.check(query.output.crs)
        address = f"{self._service.base_url}{request.url.path}?{_asked(request, writer)}"
        shown = writer.properties(layer, query.output.properties)
        query = replace(query, output=replace(query.output, properties=shown))
        credited = self._catalogue.snapshot.layers[layer.id]
        wanted = Wanted(credited, query, self._service, address)
        packed = writer.streamed and takes_gzip(request.headers)
        headers = self._headers(wanted, writer, self._release(layer, query), packed=packed)
        if known := not_modified(request, headers):
            return known
        if request.method == "HEAD":
            answer = Response(headers=headers, media_type=writer.media_type)
            del answer.headers["Content-Length"]  # known when it is written only
            return answer
        if writer.streamed:
            return await self._stream(wanted, writer, packed=packed)
        return await self._file(request, wanted, writer)

    async def _stream(self, wanted: Wanted, writer: Writer, *, packed: bool) -> Response:
        opened = ExitStack()
        opened.enter_context(self._streams.one())
        try:
            release, pieces = await to_thread.run_sync(self._pieces, opened, wanted, writer, limiter=self._threads)
        except BaseException:
            opened.close()
            raise
        if packed:
            pieces = _gzipped(pieces)
        headers = self._headers(wanted, writer, release, packed=packed)
        return _Download(self._each(pieces), opened, headers, writer.media_type)

    def _pieces(self, opened: ExitStack, wanted: Wanted, writer: Writer) -> tuple[int, Iterator[bytes]]:
        """Release number and text; its beginning is made at once, so that what is wrong is known before an answer."""
        export = opened.enter_context(open_reading(reading(self._url, wanted)))
        rows = checked(export.rows, _Deadline())
        pieces = _cut(writer.chunks(wanted.layer, rows, export.about))
        return export.state.release, chain([next(pieces, b"")], pieces)

    async def _each(self, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
        while piece := await to_thread.run_sync(next, pieces, b"", limiter=self._threads):
            yield piece

    async def _file(self, request: Request, wanted: Wanted, writer: Writer) -> Response:
        opened = ExitStack()
        opened.enter_context(self._file_places.one())
        try:
            release, file = await self._files.written(request, reading(self._url, wanted), writer)
        except ClientDisconnect:
            opened.close()
            return Response(status_code=499)  # nobody reads it; servers' logs know the number
        except BaseException:
            opened.close()
            raise
        opened.callback(file.close)
        headers = self._headers(wanted, writer, release) | {"Content-Length": str(os.fstat(file.fileno()).st_size)}
        return _Download(self._each(iter(lambda: file.read(_PIECE), b"")), opened, headers, writer.media_type)

    def _release(self, layer: Layer, query: Query) -> int:
        """Number of the release that is asked for."""
        if query.as_of is None:
            return self._catalogue.state(layer.id).release
        known = self._catalogue.snapshot.releases.get(layer.id, ())
        return max((one.number for one in known if one.published_at <= query.as_of), default=0)

    def _headers(self, wanted: Wanted, writer: Writer, release: int, *, packed: bool = False) -> dict[str, str]:
        named = f"{self._version} {release} {writer.name} {wanted.address}"
        tag = blake2b(named.encode(), digest_size=12).hexdigest()
        headers = {
            "Content-Disposition": f'attachment; filename="{wanted.layer.id}-r{release}{writer.suffix}"',
            "ETag": f'"{release}-{tag}{"-gzip" if packed else ""}"',
            "Cache-Control": "public, max-age=60",
            "Link": ", ".join(self._links(wanted, writer)),
            "Vary": "Accept, Accept-Encoding",
        }
        output = wanted.query.output
        if output.geometry:
            headers["Content-Crs"] = f"<{output.crs.uri}>"
        return headers | ({"Content-Encoding": "gzip"} if packed else {})

    def _links(self, wanted: Wanted, writer: Writer) -> Iterator[str]:
        yield f'<{self._service.base_url}/ogc/collections/{wanted.layer.id}>; rel="collection"'
        if terms := licence_url(wanted.layer, self._service):
            yield f'<{terms}>; rel="license"'
        if writer.name == "csv":
            described = in_format(wanted.address, "csvw")
            yield f'<{described}>; rel="describedby"; type="{WRITERS["csvw"].media_type}"'


class _Download(StreamingResponse):
    """Sends pieces and closes what they come from, however it ends; a client that takes none for long is left."""

    def __init__(
        self, pieces: AsyncIterator[bytes], opened: ExitStack, headers: dict[str, str], media_type: str
    ) -> None:
        super().__init__(pieces, headers=headers, media_type=media_type)
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient(message: Message) -> None:
            async with timeout(_PATIENCE):
                await send(message)

        try:
            await super().__call__(scope, receive, patient)
        except ClientDisconnect:
            log.info("a client left during a download", path=scope["path"])
        except AmdisError as error:
            log.warning("a download was broken off", path=scope["path"], error=str(error))
            raise BrokenOffError(str(error)) from None
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._opened.close)


class _Deadline:
    """Called as the rows pass: raises when the download takes too long."""

    def __init__(self) -> None:
        self._end = time.monotonic() + LONGEST

    def __call__(self, rows: int) -> None:
        if time.monotonic() > self._end:
            raise DownloadTooLongError


def _asked(request: Request, writer: Writer) -> str:
    """The query of a request, with the format where only the Accept header asks for it."""
    if request.query_params.get("f"):
        return request.url.query
    given = [(name, text) for name, text in request.query_params.multi_items() if name != "f"]
    return urlencode([*given, ("f", writer.name)])


class _Places:
    """A number of places that can be taken."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.taken = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place. Raises TooManyDownloadsError when all are taken."""
        if self.taken >= self._most:
            raise TooManyDownloadsError("Too many downloads run at the moment. Try again in a minute.")
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


def _cut(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks cut into pieces that a slow client takes in time."""
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            yield chunk[start : start + _PIECE]


def _gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_COMPRESSION, wbits=zlib.MAX_WBITS | 16)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
