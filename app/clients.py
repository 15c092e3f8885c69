"""What a client says of the answer it wants, in the headers of its request."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def has_answer(headers: Headers, etag: str) -> bool:
    """Whether the client has the answer of that tag: one of those it names, compared weakly (RFC 9110, 13.1.2), as
    whatever compresses an answer on its way makes its tag weak."""
    known = headers.get("if-none-match")
    if known is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def codings_taken(headers: Headers) -> frozenset[str]:
    """The content codings the client takes an answer in: those it names, but at a weight of zero."""
    found = set()
    for part in headers.get("accept-encoding", "").split(","):
        coding, _, weight = part.partition(";")
        if weight.replace(" ", "").rstrip("0.") != "q=":
            found.add(coding.strip().lower())
    return frozenset(found)


def takes_gzip(headers: Headers) -> bool:
    """Whether the client takes an answer in gzip."""
    return "gzip" in codings_taken(headers)


class HeadsOfApi:
    """Answers HEAD where the API has GET: the same, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, send_head)
