"""The crosswalk of commodities: HS codes, ISIC classes and INSPIRE terms, read from data/crosswalk.

A row's status is verified when its source was at hand, unverified when it was written from memory.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gis.errors import InvalidDeclarationError

FOLDER = Path(__file__).resolve().parents[2] / "data" / "crosswalk"

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ClassCode:
    """A code of a classification that a commodity has.

    edition: of the HS, or revision of the ISIC. stage: ore, processed or scrap. shared: other commodities have it too.
    """

    code: str
    edition: str
    title: str
    stage: str
    shared: bool
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class InspireTerm:
    """The term of the INSPIRE code list. replaces: the wrong one that the CGI vocabulary publishes, or empty."""

    uri: str
    match: str
    replaces: str
    status: str
    source: str


@dataclass(frozen=True)
class Crosswalk:
    """Everything known of commodities elsewhere. hs, isic: titles by edition (or revision) and code."""

    hs: Mapping[tuple[str, str], str]
    isic: Mapping[tuple[str, str], str]
    hs_codes: Mapping[str, tuple[ClassCode, ...]]
    isic_classes: Mapping[str, tuple[ClassCode, ...]]
    inspire: Mapping[str, tuple[InspireTerm, ...]]


def read_crosswalk(folder: Path = FOLDER) -> Crosswalk:
    """The crosswalk in a folder. Raises InvalidDeclarationError with file and line."""
    hs = {(row["edition"], row["code"]): row["title"] for _, row in _rows(folder / "hs.csv")}
    isic = {(row["revision"], row["code"]): row["title"] for _, row in _rows(folder / "isic.csv")}
    inspire: dict[str, list[InspireTerm]] = {}
    for _, row in _rows(folder / "commodity-inspire.csv"):
        term = InspireTerm(row["inspire"], row["match"], row["replaces"], row["status"], row["source"])
        inspire.setdefault(row["commodity"], []).append(term)
    return Crosswalk(
        hs=hs,
        isic=isic,
        hs_codes=_codes(folder / "commodity-hs.csv", "hs", "edition", hs),
        isic_classes=_codes(folder / "commodity-isic.csv", "isic", "revision", isic),
        inspire={commodity: tuple(terms) for commodity, terms in inspire.items()},
    )


def _codes(
    path: Path, column: str, edition: str, titles: Mapping[tuple[str, str], str]
) -> Mapping[str, tuple[ClassCode, ...]]:
    found: dict[str, list[ClassCode]] = {}
    for line, row in _rows(path):
        place = row[edition], row[column]
        if place not in titles:
            raise InvalidDeclarationError(f"{path}: line {line}: {column}: there is no code {place[1]} in {place[0]}")
        shared = row.get("shared") == "true"
        code = ClassCode(place[1], place[0], titles[place], row["stage"], shared, row["status"], row["source"])
        found.setdefault(row["commodity"], []).append(code)
    return {commodity: tuple(codes) for commodity, codes in found.items()}


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            yield rows.line_num, row
