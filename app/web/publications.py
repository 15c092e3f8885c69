"""The region's publications: what was released here, and the documents of its cooperation, listed with their source."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.web.frame import Frame
from app.web.languages import message
from app.web.releases import newest_releases
from app.web.words import Words
from gis.errors import InvalidDeclarationError

KINDS = {
    "vision": message("Vision and plans"),
    "plan": message("Vision and plans"),
    "strategy": message("Strategies"),
    "declaration": message("Declarations and understandings"),
    "statement": message("Joint press statements"),
    "study": message("Studies and technical papers"),
}
"""Heading of each kind of document, in the order of the page."""

_COLUMNS = ("title", "kind", "date", "adopted", "place", "url", "source", "sourceId")
_MOST = 50


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the region's cooperation. date: as exact as it is known (ISO 8601); adopted: by which meeting."""

    title: str
    kind: str
    date: str
    adopted: str
    place: str
    url: str
    source: str
    source_id: str


def read_documents(path: Path) -> tuple[Document, ...]:
    """The documents of a region's file, the newest first. Raises InvalidDeclarationError with file and line."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise InvalidDeclarationError(f"{path}: line 1: missing column {', '.join(missing)}")
        found = []
        for row in rows:
            if row["kind"] not in KINDS:
                told = f"kind {row['kind']!r} is none of {', '.join(KINDS)}"
                raise InvalidDeclarationError(f"{path}: line {rows.line_num}: {told}")
            if not (row["title"] and row["source"]):
                raise InvalidDeclarationError(f"{path}: line {rows.line_num}: title and source must not be empty")
            found.append(Document(**{name: row[name] for name in _COLUMNS[:-1]}, source_id=row["sourceId"]))
    return tuple(sorted(found, key=lambda one: one.date, reverse=True))


class PublicationsPage:
    """``/publications``"""

    def __init__(self, frame: Frame, documents: Sequence[Document]) -> None:
        self._frame = frame
        self._documents = documents

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/publications", self.serve)]

    async def serve(self, request: Request) -> Response:
        """Releases and documents."""
        return await self._frame.page(request, "publications.html", self._values)

    async def _values(self, words: Words) -> Mapping[str, Any]:
        kinds: dict[str, list[Document]] = {heading: [] for heading in KINDS.values()}
        for one in self._documents:
            kinds[KINDS[one.kind]].append(one)
        return {"releases": newest_releases(self._frame, _MOST), "kinds": kinds}
