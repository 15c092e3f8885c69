"""What pages of other sites, and slow lines, need of the public services: leave to read them, and small answers."""

import gzip
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clients import takes_gzip

SERVICES = ("/ogc", "/wms", "/wmts", "/wfs", "/wcs", "/id", "/qgis")
"""Paths of the public services. Nothing there depends on who asks."""

_SHARED = {
    # Always, not only when a page of another site asks: caches outside keep one answer for all.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Crs, Content-Disposition, Content-Range, ETag, Link, Retry-After",
}
_PREFLIGHT = {
    **_SHARED,
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}

_TEXTS = ("application/json", "application/geo+json", "application/ld+json", "text/", "application/gml+xml")
_SMALL = 1024  # bytes that are not worth it
_QUICK = 65_536  # bytes that are compressed where they are
_LEVEL = 5


class SharedServices:
    """Lets scripts of any site read the public services, errors included, without credentials of any kind."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or not is_service(scope["path"]):
            await self.app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and "access-control-request-method" in Headers(scope=scope):
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send)
        else:
            await self.app(scope, receive, lambda message: send(_with_headers(message, _SHARED)))


class CompressedTexts:
    """Compresses whole texts of the public services for who takes gzip. What is streamed, drawn or packed stays, and
    what a key in the path is written into: its length would tell of the key."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or not is_service(scope["path"]):
            await self.app(scope, receive, send)
            return
        started: list[Message] = []

        async def send_smaller(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_text(message):
                started.append(message)
                return
            if started:
                start = started.pop()
                headers = MutableHeaders(scope=start)
                if "accept-encoding" not in headers.get("vary", "").lower():
                    headers.add_vary_header("Accept-Encoding")
                is_whole = not message.get("more_body") and len(message.get("body", b"")) >= _SMALL
                if is_whole and takes_gzip(Headers(scope=scope)):
                    message = await _packed(start, message)
                await send(start)
            await send(message)

        await self.app(scope, receive, send_smaller)


def is_service(path: str) -> bool:
    """Whether a path is one of the public services'."""
    return any(path == one or path.startswith(f"{one}/") for one in SERVICES)


def _is_text(start: Message) -> bool:
    headers = Headers(raw=list(start.get("headers", ())))
    media_type = headers.get("content-type", "").split(";")[0]
    text = media_type.startswith(_TEXTS) or media_type.endswith(("+json", "+xml"))
    return text and start["status"] != 206 and "content-encoding" not in headers


async def _packed(start: Message, message: Message) -> Message:
    """The body compressed, and said to be in the headers, whose tag is weak: it stands for two spellings now."""
    body = message["body"]
    make = partial(gzip.compress, body, _LEVEL)
    small = make() if len(body) <= _QUICK else await run_in_threadpool(make)
    headers = MutableHeaders(scope=start)
    headers["Content-Encoding"], headers["Content-Length"] = "gzip", str(len(small))
    if headers.get("etag", "").startswith('"'):
        headers["ETag"] = f"W/{headers['ETag']}"
    return {**message, "body": small}


def _with_headers(message: Message, wanted: dict[str, str]) -> Message:
    if message["type"] == "http.response.start":
        MutableHeaders(scope=message).update(wanted)
    return message
