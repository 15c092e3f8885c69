"""Bridges from the categories of reporting codes to the UNFC, read from data/crosswalk/unfc-bridge.csv.

A bridge says where on the three axes a category of a code stands. It is data, with a version, a source and a status;
a row is verified when its source was at hand, unverified when it was written from memory.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.errors import UnknownCodeError
from app.resources.estimates import Axes, Estimate
from gis.declaration import nearest
from gis.errors import InvalidDeclarationError
from gis.vocabulary import Vocabulary

TABLE = Path(__file__).resolve().parents[2] / "data" / "crosswalk" / "unfc-bridge.csv"

Category = tuple[str, str]
"""Codes of a reporting code and of one of its categories."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """One bridge. version: of the UNFC it leads to. verified: whether every row of it was."""

    id: str
    title: str
    version: str
    source: str
    verified: bool
    axes: Mapping[Category, Axes] = field(default_factory=dict)

    def across(self, estimate: Estimate) -> Estimate:
        """The estimate with its place in the UNFC; its own place, where it has one, comes before the bridge's."""
        found = self.axes.get((estimate.method, estimate.category))
        if estimate.axes.assessed or found is None:
            return estimate
        return replace(estimate, axes=found, version=self.version)


def read_bridges(vocabularies: Mapping[str, Vocabulary], path: Path = TABLE) -> Mapping[str, Bridge]:
    """All bridges by id. Raises InvalidDeclarationError that names file, line and column."""
    bridges: dict[str, Bridge] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            _check(row, f"{path}: line {rows.line_num}", vocabularies)
            known = bridges.get(row["bridge"])
            verified = row["status"] == "verified" and (known is None or known.verified)
            axes = {**(known.axes if known else {}), (row["method"], row["category"]): _axes(row)}
            bridges[row["bridge"]] = Bridge(
                row["bridge"], row["title"], row["unfc_version"], row["source"], verified, axes
            )
    return bridges


def bridge_of(bridges: Mapping[str, Bridge], name: str | None) -> Bridge | None:
    """The bridge of that id, None where none is named. Raises UnknownCodeError with the nearest one."""
    if name is None:
        return None
    if name not in bridges:
        raise UnknownCodeError(f"bridge: there is no bridge {name[:60]!r}{nearest(name, list(bridges))}.")
    return bridges[name]


def _axes(row: Mapping[str, str]) -> Axes:
    return Axes(row["e"], row["f"], row["g"])


def _check(row: Mapping[str, str], place: str, vocabularies: Mapping[str, Vocabulary]) -> None:
    columns = {"method": "classification-method-used", "category": "assessment-category"}
    columns |= dict.fromkeys("efg", "unfc-category")
    for column, vocabulary in columns.items():
        known = vocabularies[vocabulary].terms
        if row[column] not in known:
            close = nearest(row[column], list(known))
            raise InvalidDeclarationError(f"{place}: {column}: {row[column]!r} is not in {vocabulary}{close}")
