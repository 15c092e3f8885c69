"""Keys in the path of an address, ``/key/<key>/...``, for clients that can send one nowhere else."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access.credentials import PATH_KEY

_PREFIX = "/key/"
_TEXT = (b"application/json", b"application/geo+json", b"application/schema+json", b"application/vnd.oai", b"text/")


class KeyInPath:
    """Middleware that takes the key out of the path, so that no log or metric ever sees it, and serves the rest.

    Links in the answer lead through the same key, for clients that follow them. base: what a link to what the keys are
    for begins with, such as https://site.example/workspace/ogc; no other path is served with a key in it.
    """

    def __init__(self, app: ASGIApp, base_url: str, path: str) -> None:
        self.app = app
        self._base_url = base_url
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
            await self.app(scope, receive, send)
            return
        key, _, rest = scope["path"].removeprefix(_PREFIX).partition("/")
        path = f"/{rest}" if f"/{rest}".startswith(self._path) else "/key"
        raw = scope.get("raw_path", b"").split(b"/", 3)
        inner = {**scope, "path": path, "raw_path": b"/" + raw[3] if len(raw) > 3 else path.encode()}
        inner["state"] = {**scope.get("state", {}), PATH_KEY: key}
        told = (f"{self._base_url}{self._path}".encode(), f"{self._base_url}{_PREFIX}{key}{self._path}".encode())
        await self.app(inner, receive, _Relinked(send, told).send)


class _Relinked:
    """Sends an answer whose links lead through the key."""

    def __init__(self, send: Send, told: tuple[bytes, bytes]) -> None:
        self._send = send
        self._told = told
        self._start: MutableMapping[str, Any] | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        """Pass a message on; text waits until it is whole."""
        if message["type"] == "http.response.start" and self._is_text(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: MutableMapping[str, Any]) -> None:
        body = bytes(self._body).replace(*self._told)
        kept = [(name, value.replace(*self._told)) for name, value in start["headers"] if name != b"content-length"]
        await self._send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})

    @staticmethod
    def _is_text(message: Message) -> bool:
        kind = next((value for name, value in message["headers"] if name == b"content-type"), b"")
        return bool(kind.startswith(_TEXT))
