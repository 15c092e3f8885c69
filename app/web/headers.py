"""The security headers of every answer, as a plain ASGI middleware."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "worker-src 'self' blob:",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing from another host and no inline script or style. The map's worker and its images may be blobs."""

PRIVATE = ("/api/v1/access", "/api/v1/audit", "/api/v1/notices", "/api/v1/submissions", "/workspace/ogc")
"""Below these, what is answered is for whoever asked, and is kept by nobody."""

_YEAR = 31_536_000  # seconds
_Header = tuple[bytes, bytes]

_ENCRYPTED = ((b"strict-transport-security", f"max-age={_YEAR}; includeSubDomains".encode()),)
_EVERYWHERE = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"strict-origin-when-cross-origin"))
_DOCUMENTS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_UNFRAMED = b"base-uri 'none'; frame-ancestors 'none'"
# Maps and data are for pages of others too.
_DATA = (
    (b"content-security-policy", b"object-src 'none'; " + _UNFRAMED),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
# Browsers show a PDF by an object within its own answer.
_PDF = ((b"content-security-policy", _UNFRAMED), _DATA[1])
_OWN = ((b"cache-control", b"no-store"), (b"cross-origin-resource-policy", b"same-origin"))

# What a browser runs scripts of when it is opened by itself.
_ACTIVE = (b"text/html", b"application/xhtml+xml", b"image/svg+xml", b"text/xml", b"application/xml")


class SecurityHeaders:
    """Adds to each answer what it does not say itself. encrypted: whether the site is reached by HTTPS alone."""

    def __init__(self, app: ASGIApp, *, encrypted: bool = False) -> None:
        self.app = app
        self._always = (*_EVERYWHERE, *(_ENCRYPTED if encrypted else ()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        private = is_private(scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._completed(message.get("headers", ()), private=private)
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _completed(self, headers: list[_Header], *, private: bool) -> list[_Header]:
        given = {name.lower(): value for name, value in headers}
        own = _OWN if private else ()
        wanted = (*self._always, *own, *_by_type(given.get(b"content-type", b"").lower()))
        missing = {name: value for name, value in reversed(wanted) if name not in given}
        return [*headers, *missing.items()]


def is_private(path: str) -> bool:
    """Whether what is at a path is for whoever asks alone."""
    return any(path == one or path.startswith(f"{one}/") for one in PRIVATE)


def _by_type(media_type: bytes) -> tuple[_Header, ...]:
    if media_type.startswith(_ACTIVE) or media_type.split(b";")[0].rstrip().endswith(b"+xml"):
        return _DOCUMENTS
    return _PDF if media_type.startswith(b"application/pdf") else _DATA
