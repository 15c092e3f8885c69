"""The built front end: where the hashed file of an entry is, and the files themselves, compressed ahead of time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.clients import codings_taken
from app.errors import ServerError

_PREFIX = "/static/"
_FOREVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=3600"
# In order of preference, with the ending of the file that holds the content so encoded.
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a page loads for one entry: a script (None for a pure style sheet), style sheets, scripts to fetch early."""

    script: str | None
    styles: tuple[str, ...]
    preload: tuple[str, ...]


def read_entries(dist: Path) -> dict[str, Entry]:
    """The entries of the build by their source's name. Raises ServerError where the front end is not built."""
    manifest = dist / "manifest.json"
    try:
        chunks = json.loads(manifest.read_text("utf-8"))
    except FileNotFoundError:
        raise ServerError(f"{manifest} is missing: build the front end with `npm run build` in frontend/") from None
    return {name: _entry(chunk, chunks) for name, chunk in chunks.items() if chunk.get("isEntry")}


def _entry(chunk: Mapping[str, object], chunks: Mapping[str, Mapping[str, object]]) -> Entry:
    reached = _imports(chunk, chunks)
    file = str(chunk["file"])
    is_style = file.endswith(".css")
    styles = [file] if is_style else [str(css) for one in reached for css in _list(one.get("css"))]
    return Entry(
        script=None if is_style else _PREFIX + file,
        styles=tuple(_PREFIX + style for style in dict.fromkeys(styles)),
        preload=tuple(_PREFIX + str(one["file"]) for one in reached[:-1]),
    )


def _imports(chunk: Mapping[str, object], chunks: Mapping[str, Mapping[str, object]]) -> list[Mapping[str, object]]:
    """The chunks a chunk needs from the start, itself last."""
    found: list[Mapping[str, object]] = []
    for name in _list(chunk.get("imports")):
        found += [one for one in _imports(chunks[name], chunks) if one not in found]
    return [*found, chunk]


def _list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


class StaticFiles:
    """Serves the files that were there at the start, and no other: a path is looked up, never resolved.

    They are kept in memory (some megabytes), so that a page and its scripts stay of one build while another is made.
    """

    def __init__(self, dist: Path) -> None:
        self._files = {str(p.relative_to(dist)): p.read_bytes() for p in dist.rglob("*") if p.is_file()}

    async def serve(self, request: Request) -> Response:
        """The file of the path, in the best encoding the client takes."""
        name = request.path_params["path"]
        content = self._files.get(name)
        media_type = _MEDIA_TYPES.get(Path(name).suffix)
        if content is None or media_type is None:
            raise HTTPException(404)
        headers = {"Cache-Control": _FOREVER if name.startswith("assets/") else _SHORTLY, "Vary": "Accept-Encoding"}
        accepted = codings_taken(request.headers)
        for encoding, ending in _ENCODINGS:
            if encoding in accepted and name + ending in self._files:
                headers["Content-Encoding"] = encoding
                content = self._files[name + ending]
                break
        return Response(content, headers=headers, media_type=media_type)
