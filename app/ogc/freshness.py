"""How long an answer stays true: the ETag and further headers of what changes with a publication only."""

from hashlib import blake2b
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response

from app.clients import not_modified

_BRIEFLY = "public, max-age=60"
VERSION = version("amdis")
"""Of AMDIS itself: another may write the same data in another way."""


def headers_of(request: Request, edition: str, media_format: str, language: str = "") -> dict[str, str]:
    """Headers of an answer. edition: changes with what is published. media_format: the one that was negotiated.
    language: code of the one it is in, empty for data.

    The tag is weak: an answer tells the time it was made at, which makes no other answer of it.
    """
    parameters = sorted(request.query_params.multi_items())
    told = f"{VERSION} {edition} {media_format} {language} {request.url.path} {parameters}"
    tag = blake2b(told.encode(errors="surrogatepass"), digest_size=12).hexdigest()
    return {"ETag": f'W/"{tag}"', **_headers_in(language)}


def headers_of_content(body: bytes, language: str = "") -> dict[str, str]:
    """Headers of an answer that is made already. language: as above."""
    tag = blake2b(body, digest_size=12).hexdigest()
    return {"ETag": f'"{tag}"', **_headers_in(language)}


def document(request: Request, body: bytes, media_type: str, language: str = "") -> Response:
    """The answer with a body that is made already, or 304 to a client that has it. language: as above."""
    headers = headers_of_content(body, language)
    return not_modified(request, headers) or Response(body, headers=headers, media_type=media_type)


def _headers_in(language: str) -> dict[str, str]:
    if not language:
        return {"Cache-Control": _BRIEFLY, "Vary": "Accept"}
    return {"Cache-Control": _BRIEFLY, "Vary": "Accept, Accept-Language", "Content-Language": language}
