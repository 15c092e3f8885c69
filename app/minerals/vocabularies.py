"""The vocabularies of data/vocabularies, one a file."""

import csv
from collections.abc import Mapping
from pathlib import Path

from gis.vocabulary import Vocabulary, read_vocabulary

FOLDER = Path(__file__).resolve().parents[2] / "data" / "vocabularies"

NIL = "http://www.opengis.net/def/nil/ogc/0/"
"""Start of the URIs that stand for a missing value and tell why (unknown, withheld, inapplicable ...)."""

NIL_REASONS = frozenset(
    {"AboveDetectionRange", "BelowDetectionRange", "inapplicable", "missing", "template", "unknown", "withheld"}
)

_NOT_SCHEMES = frozenset({"schemes", "labels", "altlabels", "patch"})


def read_vocabularies(folder: Path = FOLDER) -> Mapping[str, Vocabulary]:
    """All vocabularies by id. Raises InvalidDeclarationError with file and line."""
    paths = sorted(p for p in folder.glob("*.csv") if p.stem not in _NOT_SCHEMES)
    return {path.stem: read_vocabulary(path) for path in paths}


def read_labels(vocabulary: str, folder: Path = FOLDER) -> Mapping[str, Mapping[str, str]]:
    """The preferred labels of a vocabulary's terms by code and language (BCP 47); the English one is the term's own."""
    return read_all_labels(folder).get(vocabulary, {})


def read_all_labels(folder: Path = FOLDER) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """The preferred labels of all vocabularies that have any, by the vocabulary's id."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["scheme"], {}).setdefault(row["code"], {})[row["lang"]] = row["label"]
    return found


def read_alternative_labels(vocabulary: str, folder: Path = FOLDER) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Other labels of a vocabulary's terms by code: language (BCP 47, empty where it is not known) and label."""
    found: dict[str, list[tuple[str, str]]] = {}
    with (folder / "altlabels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["scheme"] == vocabulary:
                found.setdefault(row["code"], []).append((row["lang"], row["label"]))
    return {code: tuple(labels) for code, labels in found.items()}
