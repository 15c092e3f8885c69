"""From an error to an answer: problem documents (RFC 9457) for programs, a page for people, and never an internal."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import errors
from gis import errors as gis_errors

log = structlog.get_logger(__name__)

STATUS: Mapping[type[Exception], int] = {
    gis_errors.InvalidParameterError: 400,
    gis_errors.FeatureNotFoundError: 404,
    gis_errors.MapServerUnavailableError: 503,
    errors.CollectionNotFoundError: 404,
    errors.RecordNotFoundError: 404,
    errors.IdentifierNotFoundError: 404,
    errors.StyleNotFoundError: 404,
    errors.TileMatrixSetNotFoundError: 404,
    errors.ProjectNotFoundError: 404,
    errors.ObservationNotFoundError: 404,
    errors.UnknownCodeError: 404,
    errors.ReleaseNotFoundError: 404,
    errors.InvalidInputError: 400,
    errors.NotSignedInError: 401,
    errors.NotAllowedError: 403,
    errors.ThingNotFoundError: 404,
    errors.NotAcceptableError: 406,
    errors.ConflictError: 409,
    errors.ConflictingFiguresError: 409,
    errors.TooManyTriesError: 429,
    errors.DatabaseUnavailableError: 503,
    errors.SignOnUnavailableError: 503,
    errors.QueryTooSlowError: 503,
    errors.TooManyQueriesError: 503,
    errors.TooManyDownloadsError: 503,
    errors.DownloadTooLongError: 503,
}

TITLES: Mapping[int, str] = {
    400: "Invalid request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    410: "Gone",
    413: "Too large",
    429: "Too many tries",
    500: "Internal error",
    503: "Not available now",
}

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "parameter": {"type": "string", "description": "The parameter that is wrong."},
        "reasons": {"type": "array", "items": {"type": "string"}},
    },
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": told, "content": {"application/problem+json": {"schema": _PROBLEM}}}
    for status, told in (("4XX", "The request is wrong; detail says what and where"), ("5XX", "Not available now"))
}
"""Answers to errors as the API's description tells of them, for a router."""

RETRY_AFTER = 5
"""Seconds after which it is worth to ask again."""


class Problems:
    """Answers to errors: a problem document, or a page for somebody who browses.

    page: answers with the page of a status and a text, which is empty where nothing is at the address. browses: whether
    a request is a person's.
    """

    def __init__(self, page: Callable[[Request, int, str], Response], browses: Callable[[Request], bool]) -> None:
        self._page = page
        self._browses = browses

    def handlers(self) -> dict[Any, Any]:
        """What answers which error, as Starlette takes it."""
        known = dict.fromkeys(STATUS, self.known)
        return {
            **known,
            RequestValidationError: self.invalid,
            HTTPException: self.http,
            Exception: self.unexpected,
        }

    async def invalid(self, request: Request, error: Exception) -> Response:
        """The answer to parameters that are not of their type or range, as FastAPI finds them."""
        if not isinstance(error, RequestValidationError):
            raise error
        first = error.errors()[0]
        # The last is a number where it stands in a list: the parameter is what the list is called.
        parameter = next((one for one in reversed(first["loc"]) if isinstance(one, str)), "body")
        detail = f"{parameter}: {first['msg']}, not {str(first.get('input'))[:60]!r}."
        return self._answer(request, 400, detail, {"parameter": parameter})

    async def known(self, request: Request, error: Exception) -> Response:
        """The answer to an error of the table above; its text is meant for the person who asked."""
        status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
        told = {name: value for name in ("type", "parameter", "reasons") if (value := getattr(error, name, None))}
        answer = self._answer(request, status, str(error), told)
        if (wait := getattr(error, "retry_after", None)) is not None:
            answer.headers["Retry-After"] = str(wait)
        return answer

    async def http(self, request: Request, error: Exception) -> Response:
        """The answer to an error of routing, such as an unknown path or method."""
        if not isinstance(error, HTTPException):
            raise error
        detail = "" if error.status_code == 404 else str(error.detail)
        answer = self._answer(request, error.status_code, detail)
        answer.headers.update(error.headers or {})
        if error.status_code == 405 and (methods := _methods(request)):
            answer.headers["Allow"] = ", ".join(methods)
        return answer

    async def unexpected(self, request: Request, error: Exception) -> Response:
        """The answer to anything else: logged whole, told as nothing but that it happened."""
        log.error("unexpected error", path=request.url.path, exc_info=error)
        return self._answer(request, 500, "Something went wrong on our side. It has been recorded.")

    def within(self, app: ASGIApp) -> ASGIApp:
        """A middleware that answers what nobody foresaw, inside the others so that the answer has their headers."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            started = False

            async def sending(message: Message) -> None:
                nonlocal started
                started = True
                await send(message)

            try:
                await app(scope, receive, sending)
            except Exception as error:
                if started or scope["type"] != "http":
                    raise
                answer = await self.unexpected(Request(scope), error)
                await answer(scope, receive, send)

        return serve

    def _answer(self, request: Request, status: int, detail: str, extra: Mapping[str, Any] | None = None) -> Response:
        if self._browses(request):
            answer = self._page(request, status, detail)
            answer.headers.update(_headers(status))
            return answer
        return problem(status, detail or f"There is nothing at {request.url.path}.", extra)


def _methods(request: Request) -> list[str]:
    """The methods of a path: of all its routes, where the router tells those of the first; none for a mounted one."""
    found: set[str] = set()
    first: str | None = None
    for route in iter_route_contexts(request.app.routes):
        if route.matches(request.scope)[0] is not Match.NONE and first in (None, route.path):
            first = route.path
            found |= route.methods or set()
    return sorted(found)


def problem(status: int, detail: str, extra: Mapping[str, Any] | None = None) -> Response:
    """A problem document."""
    title = TITLES.get(status, "Error")
    # code and description are what OGC API clients of before RFC 9457 look for.
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, **(extra or {})}
    document |= {"code": title.title().replace(" ", ""), "description": detail}
    return Response(json.dumps(document), status, _headers(status), "application/problem+json")


def _headers(status: int) -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER)} if status == 503 else {}
