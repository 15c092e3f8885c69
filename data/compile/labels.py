"""Labels of concepts in many languages, and the patch that repairs what is wrong at their source.

Every repair is a row of data/vocabularies/patch.csv. A row that no longer matches what it was written for stops the
compilation, so a better edition of a vocabulary never gets an old patch by accident.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from data.compile.tables import Row

SCRIPTS = {
    "ja": ("CJK", "HIRAGANA", "KATAKANA"),
    "km": ("KHMER",),
    "ko": ("HANGUL",),
    "lo": ("LAO",),
    "ru": ("CYRILLIC",),
    "th": ("THAI",),
    "zh": ("CJK",),
}
"""Unicode character name prefixes a label in this language has at least one of."""


@dataclass(frozen=True)
class Label:
    """One preferred label: scheme and concept code, BCP 47 language tag, text."""

    scheme: str
    code: str
    lang: str
    text: str


class PatchMismatchError(ValueError):
    """A row of patch.csv does not fit the source any more."""

    def __init__(self, row: Row, found: str) -> None:
        where = f"{row['scheme']}, {row['code']}, {row['field']}"
        super().__init__(f"patch.csv: {where}: expected {row['old']!r}, found {found!r}: review the row")


def has_script(text: str, prefixes: Iterable[str]) -> bool:
    """Whether at least one character belongs to the scripts whose Unicode names start with a prefix."""
    return any(unicodedata.name(char, "").startswith(tuple(prefixes)) for char in text)


def apply_patch(labels: list[Label], patch: list[Row]) -> list[Label]:
    """The labels after every row of the patch, in order; raises PatchMismatchError."""
    for row in patch:
        lang = row["field"].removeprefix("label:")
        hit = {label for label in labels if _concerns(row, label, lang)}
        found = str(len(hit)) if row["code"] == "*" else "".join(label.text for label in hit)
        if found != row["old"]:
            raise PatchMismatchError(row, found)
        labels = ACTIONS[row["action"]](labels, hit, row)
    return labels


def doubtful(labels: Iterable[Label]) -> list[Label]:
    """Labels in a language with a script of its own that hold no character of it (legacy fonts, transliterations)."""
    return [label for label in labels if label.lang in SCRIPTS and not has_script(label.text, SCRIPTS[label.lang])]


def _concerns(row: Row, label: Label, lang: str) -> bool:
    return label.scheme == row["scheme"] and label.lang == lang and row["code"] in ("*", label.code)


def _drop(labels: list[Label], hit: set[Label], row: Row) -> list[Label]:
    return [label for label in labels if label not in hit]


def _drop_script(labels: list[Label], hit: set[Label], row: Row) -> list[Label]:
    for label in hit:
        if has_script(label.text, [row["new"]]):
            raise PatchMismatchError(row, label.text)
    return _drop(labels, hit, row)


def _replace(labels: list[Label], hit: set[Label], row: Row) -> list[Label]:
    return [Label(x.scheme, x.code, x.lang, row["new"]) if x in hit else x for x in labels]


def _relabel(labels: list[Label], hit: set[Label], row: Row) -> list[Label]:
    return [Label(x.scheme, x.code, row["new"], x.text) if x in hit else x for x in labels]


ACTIONS: dict[str, Callable[[list[Label], set[Label], Row], list[Label]]] = {
    "drop": _drop,
    "drop-script": _drop_script,
    "relabel": _relabel,
    "replace": _replace,
}
