"""Where a request carries who sends it: a session's cookie, an API key in a header or in the path.

A cookie is sent by the browser whoever made the page, so what changes something with it must also prove that a page of
ours did: by a token that only such a page can read, and by where the browser says the request comes from.
"""

import base64
import binascii
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from app.access.sessions import LIFETIME
from app.access.tokens import is_signed, signed
from app.errors import ForgedRequestError

COOKIE = "__Host-amdis"
DEVICE_COOKIE = "__Host-amdis-device"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PATH_KEY = "amdis.key"
"""Name in a request's state under which the key is that stood in its path."""

_CSRF = "csrf"
_LONGEST = 200  # characters of a token


@dataclass(frozen=True, slots=True)
class Credential:
    """A token a request carries. cookie: whether the browser sent it by itself."""

    token: str = field(repr=False)
    cookie: bool


def credential_of(request: Request) -> Credential | None:
    """The token of a request, a key before a cookie; None if it carries none."""
    key = getattr(request.state, PATH_KEY, None) or _authorization(request.headers.get("authorization", ""))
    if key:
        return Credential(key[:_LONGEST], cookie=False)
    token = request.cookies.get(COOKIE)
    return Credential(token[:_LONGEST], cookie=True) if token else None


def csrf_token(secret: bytes, token: str) -> str:
    """What a page of ours sends along with a session's cookie when it changes something."""
    return signed(secret, _CSRF, token)


def check_token(request: Request, secret: bytes, token: str) -> None:
    """Raise ForgedRequestError unless a page of ours sent the request."""
    check_fetch_site(request)
    if not is_signed(secret, _CSRF, token, request.headers.get(CSRF_HEADER, "")):
        raise ForgedRequestError(f"The header {CSRF_HEADER} is missing or wrong. Load the page again.")


def check_origin(request: Request, origin: str) -> None:
    """Raise ForgedRequestError if the browser says that a page of another site sent the request.

    Programs that are no browser say nothing of it, and have nobody's cookie either.
    """
    check_fetch_site(request)
    told = request.headers.get("origin")
    if told is not None and told != origin and urlsplit(told).netloc != request.headers.get("host"):
        raise ForgedRequestError("This request comes from a page of another site.")


def check_fetch_site(request: Request) -> None:
    """Raise ForgedRequestError if the browser says that the request comes from another site."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForgedRequestError("This request comes from a page of another site.")


def set_cookie(response: Response, token: str) -> None:
    """Give the browser the token of its session."""
    seconds = int(LIFETIME.total_seconds())
    response.set_cookie(COOKIE, token, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict")


def clear_cookie(response: Response) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


def _authorization(header: str) -> str:
    """The key of an Authorization header: a bearer's, or the password of Basic with any name."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(rest.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return text.partition(":")[2]
    return ""
