"""An API key in the path, ``/key/{key}/...``, for programs that can send no header: a plain ASGI middleware.

The key is taken out before anything else sees the request, so that it comes into no log and no metric, and what is
answered is kept by no cache and given to no other site as the page one came from.
"""

from collections.abc import Iterable
from urllib.parse import unquote

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access.credentials import PATH_KEY
from app.access.tokens import KEY_PREFIX

PREFIX = "/key/"

_FOLLOWED = ("/ogc", "/workspace/ogc", "/wms", "/wfs", "/wcs", "/api")
"""Paths that programs follow links to. Names of features and data beside them stay what they are for everybody."""

_TEXT = (
    "application/json",
    "application/geo+json",
    "application/schema+json",
    "application/xml",
    "application/vnd.oai.",
)
_TEXT_TOO = ("application/gml+xml", "text/html", "text/xml")


class PathKeys:
    """Serves what is below a key in the path as if the key had come in a header. base_url: the site's address."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self.app = app
        self._links = tuple(f"{base_url}{path}".encode() for path in _FOLLOWED)
        self._base = base_url.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        found = _key_and_rest(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        key, rest = found
        state = {**scope.get("state", {}), PATH_KEY: key}
        inner = {**scope, "path": rest, "raw_path": _raw_rest(scope), "state": state}
        await self.app(inner, receive, _Keyed(send, self._base, self._links, key).send)


class _Keyed:
    """An answer whose links lead through the key, and that stays with whoever asked.

    What may be the beginning of a link at the end of a part of the body waits for the next part.
    """

    def __init__(self, send: Send, base: bytes, links: Iterable[bytes], key: str) -> None:
        self._send = send
        keyed = base + f"{PREFIX}{key}".encode()
        self._pairs = [(link, keyed + link[len(base) :]) for link in links]
        self._longest = max(len(link) for link, _ in self._pairs)
        self._rewrites = False
        self._held = b""

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self._start(MutableHeaders(scope=message))
        elif message["type"] == "http.response.body" and self._rewrites:
            message = {**message, "body": self._body(message.get("body", b""), message.get("more_body", False))}
        await self._send(message)

    def _start(self, headers: MutableHeaders) -> None:
        kind = headers.get("content-type", "")
        plain = "content-disposition" not in headers and "content-encoding" not in headers
        self._rewrites = plain and kind.startswith(_TEXT + _TEXT_TOO)
        if self._rewrites:
            del headers["content-length"]
        for name in ("location", "link"):
            if name in headers:
                headers[name] = self._replaced(headers[name].encode("latin-1")).decode("latin-1")
        headers["Cache-Control"] = "private, no-store"
        headers["Referrer-Policy"] = "no-referrer"

    def _body(self, part: bytes, more: bool) -> bytes:
        text = self._held + part
        cut = self._safe_cut(text) if more else len(text)
        self._held = text[cut:]
        return self._replaced(text[:cut])

    def _safe_cut(self, text: bytes) -> int:
        """Where a text may be cut without cutting through a link."""
        for at in range(max(0, len(text) - self._longest + 1), len(text)):
            if any(link.startswith(text[at:]) for link, _ in self._pairs):
                return at
        return len(text)

    def _replaced(self, text: bytes) -> bytes:
        for link, keyed in self._pairs:
            text = text.replace(link, keyed)
        return text


def _key_and_rest(path: str) -> tuple[str, str] | None:
    """The key in a path and the path after it; None if there is none."""
    if not path.startswith(PREFIX + KEY_PREFIX):
        return None
    key, _, rest = path.removeprefix(PREFIX).partition("/")
    return key, f"/{rest}"


def _raw_rest(scope: Scope) -> bytes:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    parts = raw.split(b"/", 3)
    return b"/" + parts[3] if len(parts) > 3 and unquote(parts[1].decode("latin-1")) == "key" else b"/"
