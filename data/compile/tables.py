"""Read and write the plain tables every compilation starts from and ends in."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, str]

RULES = Path(__file__).parent / "rules"
VOCABULARIES = Path(__file__).parents[1] / "vocabularies"


class SourceFileMissingError(FileNotFoundError):
    """A file the compilation needs is not in the folder given with --from."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is missing: put it there or correct --from (data/README.md lists the files)")


def read_csv(path: Path) -> list[Row]:
    """The rows of a CSV file in UTF-8, header names as keys; raises SourceFileMissingError."""
    if not path.is_file():
        raise SourceFileMissingError(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{key: value or "" for key, value in row.items()} for row in csv.DictReader(file)]


def read_rules(name: str) -> list[Row]:
    """The rows of one of the project's own rule tables, data/compile/rules/<name>.csv."""
    return read_csv(RULES / f"{name}.csv")


def starting_like(text: str, rules: Iterable[Row]) -> Row | None:
    """The first rule whose `source` a source's text begins with; None when there is none."""
    return next((rule for rule in rules if text.startswith(rule["source"])), None)


def write_csv(path: Path, fields: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write rows with exactly these fields, UTF-8 and line feeds, so that two runs give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(fields), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_features(path: Path) -> list[dict[str, Any]]:
    """The features of a GeoJSON FeatureCollection; raises SourceFileMissingError."""
    if not path.is_file():
        raise SourceFileMissingError(path)
    features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features


def write_features(path: Path, features: Iterable[Mapping[str, Any]]) -> None:
    """Write GeoJSON features one a line (newline-delimited GeoJSON)."""
    lines = (json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")
