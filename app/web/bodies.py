"""How much may be posted, as a plain ASGI middleware."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 1024 * 1024
"""Bytes of a request's body. What takes files reads them in parts and has its own limit."""


class BodyLimit:
    """Ends the reading of a body as soon as it is too large, so that none fills the memory.

    larger: paths below which more is taken, with how many bytes.
    """

    def __init__(self, app: ASGIApp, larger: tuple[tuple[str, int], ...] = ()) -> None:
        self.app = app
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request. What reads the body meets an HTTPException with 413."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = next((most for path, most in self._larger if scope["path"].startswith(path)), LARGEST)
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        left = limit

        async def receive_within() -> Message:
            nonlocal left
            if announced.isdigit() and int(announced[:20]) > limit:
                raise _too_large(limit)
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _too_large(limit)
            return message

        await self.app(scope, receive_within, send)


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"The body of a request has at most {limit} bytes here.")
