"""A controlled list of terms with its hierarchy, read from a CSV file of one row a term."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gis.errors import InvalidDeclarationError

_COLUMNS = ("code", "uri", "notation", "broader", "label")


@dataclass(frozen=True, slots=True)
class Term:
    """One concept: its code, URI (empty for our own schemes), broader codes and English label.

    extra: the further columns of its scheme, for instance colour and age limits of a geological period.
    """

    code: str
    uri: str
    notation: str
    broader: tuple[str, ...]
    label: str
    extra: Mapping[str, str]

    @property
    def colour(self) -> str | None:
        """#RRGGBB the scheme gives the term, or None."""
        return self.extra.get("colour") or None


@dataclass(frozen=True)
class Vocabulary:
    """A scheme of terms by code, in the file's order."""

    id: str
    terms: Mapping[str, Term]

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms.values())

    def __len__(self) -> int:
        return len(self.terms)

    @cached_property
    def by_uri(self) -> Mapping[str, Term]:
        """Terms by their URI."""
        return {t.uri: t for t in self if t.uri}

    @cached_property
    def _narrower(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for term in self:
            for parent in term.broader:
                found.setdefault(parent, []).append(term.code)
        return {code: tuple(children) for code, children in found.items()}

    def label(self, value: str) -> str:
        """The label of the term of that code or URI; the value itself if there is no such term."""
        term = self.terms.get(value) or self.by_uri.get(value)
        return term.label if term else value

    def with_narrower(self, code: str) -> frozenset[str]:
        """The code and every code below it in the hierarchy. KeyError if the scheme has no such code."""
        seen: set[str] = set()
        waiting = [self.terms[code].code]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                waiting.extend(self._narrower.get(current, ()))
        return frozenset(seen)

    def inherited(self, code: str, given: Mapping[str, str]) -> str | None:
        """What is given to the term or, going up level by level, to the nearest broader one; None if to none."""
        level, seen = [code], {code}
        while level:
            found = next((given[one] for one in level if one in given), None)
            if found is not None:
                return found
            level = [b for one in level for b in self.terms[one].broader if b not in seen]
            seen.update(level)
        return None


def read_vocabulary(path: Path) -> Vocabulary:
    """Read the scheme in a CSV file; its id is the file's name. Raises InvalidDeclarationError with file and line."""
    terms: dict[str, Term] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = [c for c in _COLUMNS if c not in (rows.fieldnames or ())]
        if missing:
            raise InvalidDeclarationError(f"{path}: line 1: missing column {', '.join(missing)}")
        for row in rows:
            if not row["code"] or row["code"] in terms:
                raise InvalidDeclarationError(
                    f"{path}: line {rows.line_num}: code {row['code']!r} is empty or a duplicate"
                )
            terms[row["code"]] = _term(row)
    for term in terms.values():
        for parent in term.broader:
            if parent not in terms:
                raise InvalidDeclarationError(f"{path}: {term.code}: broader term {parent!r} is not in the file")
    return Vocabulary(path.stem, terms)


def _term(row: Mapping[str, str]) -> Term:
    broader = tuple(code for code in row["broader"].split("|") if code)
    extra = {key: value for key, value in row.items() if key not in _COLUMNS}
    return Term(row["code"], row["uri"], row["notation"], broader, row["label"], extra)
