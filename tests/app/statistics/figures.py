"""Rows of figures as files have them, and the lists they are checked against."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from app.minerals.vocabularies import read_vocabularies
from app.regions import read_region
from app.statistics.checks import Cube, FigureChecks, read_cube
from gis.formats import Record
from gis.validate import Finding

ASEAN = Path(__file__).parents[3] / "data" / "regions" / "asean"

Row = dict[str, str]


def production(**values: str) -> Row:
    """Nickel that mines of Indonesia brought out, right in every field unless told otherwise."""
    row = {"indicator": "mine-production", "country": "IDN", "commodity": "nickel", "content": "contained-metal"}
    return row | {"year": "2023", "value": "1800", "unit": "kt", "source": "USGS", "licence": "public domain"} | values


def exports(partner: str, value: str, **values: str) -> Row:
    """Exports of nickel ore to a partner."""
    row = production(indicator="exports", content="", value=value, unit="USD", partner=partner)
    return row | {"hs": "260400", "hsEdition": "2022"} | values


@cache
def cube() -> Cube:
    """The lists of ASEAN."""
    return read_cube(read_region(ASEAN), read_vocabularies())


def checked(*rows: Row) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Values and findings of the rows of one file; the first is in line 2."""
    checks = FigureChecks(cube())
    told = [checks.row("figures.csv", record) for record in records(rows)]
    findings = [finding for _, found in told for finding in found]
    return [values for values, _ in told], findings + [finding for _, finding in checks.totals()]


def records(rows: Iterable[Row]) -> Iterator[Record]:
    """The rows as a reader of files gives them."""
    for line, row in enumerate(rows, start=2):
        yield Record(line, row, None)
