"""Redirects that lead to a path instead of to the host that a request claims to be for, as a plain ASGI middleware."""

from starlette.datastructures import URL, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class OwnRedirects:
    """Takes the host out of redirects that routers make, such as from ``/map/`` to ``/map``: theirs is the client's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 307:
                _shorten(MutableHeaders(scope=message), URL(scope=scope))
            await send(message)

        await self.app(scope, receive, sending)


def _shorten(headers: MutableHeaders, asked: URL) -> None:
    to = URL(headers.get("location", ""))
    if (to.scheme, to.netloc) == (asked.scheme, asked.netloc):
        # One slash at the start: with two, what follows would be a host.
        path = "/" + to.path.lstrip("/")
        headers["location"] = f"{path}?{to.query}" if to.query else path
