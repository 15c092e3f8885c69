"""What a client says of the answer it wants and has, in the headers of its request."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response


def not_modified(request: Request, headers: Mapping[str, str]) -> Response | None:
    """304 with the headers of an answer if the client has that answer already, by its ETag; None if it has not."""
    return Response(status_code=304, headers=headers) if _has_answer(request.headers, headers["ETag"]) else None


def _has_answer(headers: Headers, etag: str) -> bool:
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
