"""What the states of a region do together: the texts of its about.yml, the documents of its publications.csv."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.regions import Region
from app.search.terms import Name, Sort, Term
from app.web.languages import Languages, message
from gis.declaration import Declaration, read_declaration
from gis.errors import InvalidDeclarationError

KINDS: Mapping[str, str] = {
    "vision": message("Vision and plans"),
    "plan": message("Vision and plans"),
    "strategy": message("Strategies"),
    "declaration": message("Declarations and understandings"),
    "statement": message("Joint press statements"),
    "study": message("Studies and technical papers"),
    "atlas": message("Maps and atlases"),
}
"""Heading of each kind of document, in the order of the page."""

_COLUMNS = ("title", "kind", "date", "adopted", "place", "url", "source", "sourceId")
_PART = message("Cooperation of the states")


class Point(Declaration):
    """One of several things a part lists, such as an area of action."""

    title: str
    text: str


class Part(Declaration):
    """One part of the text on a region's cooperation, and the document, with its section, that it is drawn from."""

    title: str
    text: str
    source: str
    points: list[Point] = []


class AboutRegion(Declaration):
    """about.yml beside region.yml"""

    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the region's cooperation. date: as exact as it is known (ISO 8601); adopted: by which meeting.

    source, source_id: where it is listed, and in which section there.
    """

    title: str
    kind: str
    date: str
    adopted: str
    place: str
    url: str
    source: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Cooperation:
    """All of it, in the order of the pages. Both are empty for a region without such a file."""

    parts: tuple[Part, ...]
    documents: tuple[Document, ...]

    def by_heading(self) -> Mapping[str, list[tuple[str, Document]]]:
        """The documents under every heading, those without any too, each with the anchor it has on the page."""
        found: dict[str, list[tuple[str, Document]]] = {heading: [] for heading in KINDS.values()}
        for number, one in enumerate(self.documents, start=1):
            found[KINDS[one.kind]].append((f"document-{number}", one))
        return found

    def terms(self, languages: Languages) -> Iterator[Term]:
        """What a search finds of it: parts and points by their titles in every language, documents by theirs."""
        for number, part in enumerate(self.parts, start=1):
            href = f"/about#part-{number}"
            yield Term(Sort.COOPERATION, f"part-{number}", href, (_PART,), _names(part.title, languages))
            for place, point in enumerate(part.points, start=1):
                names = _names(point.title, languages)
                yield Term(Sort.COOPERATION, f"part-{number}-{place}", href, (part.title,), names)
        for heading, documents in self.by_heading().items():
            for anchor, one in documents:
                told = (heading, *filter(None, (one.date,)))
                yield Term(Sort.COOPERATION, anchor, f"/publications#{anchor}", told, (Name(one.title, "en"),))


def read_cooperation(folder: Path, region: Region) -> Cooperation:
    """What the files that region.yml names tell. Raises InvalidDeclarationError with file and line."""
    parts = read_declaration(folder / region.about, AboutRegion).parts if region.about else []
    documents = read_documents(folder / region.publications) if region.publications else ()
    return Cooperation(tuple(parts), documents)


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


def _names(title: str, languages: Languages) -> tuple[Name, ...]:
    """A title in every language that says it in its own words, English first."""
    said = {language.code: language.text(title) for language in languages}
    return tuple(Name(text, code) for code, text in said.items() if code == "en" or text != title)
