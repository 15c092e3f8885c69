"""Answers of pages that change with a publication only: kept by language, compressed once, with their ETag."""

import gzip
from collections.abc import Awaitable, Callable

from cachetools import LRUCache
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.clients import not_modified, takes_gzip
from app.web.languages import Language

_MOST_BYTES = 16 * 2**20
_ENTRY = 300  # bytes an entry takes besides its body

Make = Callable[[], Awaitable[bytes]]


class KeptPages:
    """Bodies made for the newest publication. edition: tells the running release of the system from others."""

    def __init__(self, edition: str, version: Callable[[], str]) -> None:
        self._edition = edition
        self._version = version
        self._made_for = ""
        self._bodies: LRUCache[str, tuple[bytes, bytes]] = self._empty()

    async def respond(self, request: Request, language: Language | None, make: Make, media_type: str) -> Response:
        """The answer of an address, made if it is not kept. language: the one it is in, None where it has none."""
        version = self._version()
        told = language.code if language else "-"
        headers = {
            "ETag": f'W/"{self._edition}-{version}-{told}"',
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding, Accept-Language" if language else "Accept-Encoding",
        }
        if language:
            headers["Content-Language"] = language.code
        if known := not_modified(request, headers):
            return known
        plain, packed = await self._body(version, _key(language, request.url.path, request.url.query), make)
        if packed and takes_gzip(request.headers):
            return Response(packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=media_type)
        return Response(plain, headers=headers, media_type=media_type)

    async def prepare(self, path: str, language: Language | None, make: Make) -> None:
        """Make the answer of a path before it is asked for."""
        await self._body(self._version(), _key(language, path, ""), make)

    async def _body(self, version: str, key: str, make: Make) -> tuple[bytes, bytes]:
        if version != self._made_for:
            self._made_for, self._bodies = version, self._empty()
        bodies = self._bodies
        found = bodies.get(key)
        if found is None:
            plain = await make()
            packed = await run_in_threadpool(gzip.compress, plain, 6)
            # What is compressed already, a picture for instance, gains nothing.
            found = plain, packed if len(packed) < 0.9 * len(plain) else b""
            if _size(found) <= self._bodies.maxsize:
                # The mapping of the version it was asked for: a publication meanwhile has replaced it.
                bodies[key] = found
        return found

    @staticmethod
    def _empty() -> LRUCache[str, tuple[bytes, bytes]]:
        return LRUCache(_MOST_BYTES, getsizeof=_size)


def _key(language: Language | None, path: str, query: str) -> str:
    told = f"{language.code}{'?' if language.asked else ''}" if language else "-"
    return f"{told} {path}?{query}"


def _size(bodies: tuple[bytes, bytes]) -> int:
    return sum(map(len, bodies)) + _ENTRY
