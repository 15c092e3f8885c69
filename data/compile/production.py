"""Production and reserves by country, commodity, indicator, content and year: one figure each, from the best source.

Indicators and contents are kept apart: ore is not contained metal, a smelter's output is not a mine's. What a source's
words mean is written in production-measures.csv, what is known to be wrong in production-exclusions.csv.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from data.compile.report import Report
from data.compile.tables import Row, read_csv, read_rules, starting_like, write_csv

FIELDS = (
    "country",
    "commodity",
    "indicator",
    "content",
    "year",
    "value",
    "unit",
    "estimated",
    "source",
    "sourceId",
    "licence",
    "note",
)
UNITS = {"mmt": "Mt"}
LAYER = "production"
Key = tuple[str, str, str, str, int]


class UnknownMeasureError(ValueError):
    """A source measures a commodity in a way production-measures.csv does not know."""

    def __init__(self, row: "Published") -> None:
        super().__init__(
            f"production-measures.csv has no row for {row.statistic}, {row.commodity}, {row.type!r}: add one"
        )


@dataclass(frozen=True)
class Published:
    """One figure as a source publishes it; unit and words are the source's."""

    country: str
    commodity: str
    statistic: str
    type: str
    year: int
    value: str
    unit: str
    estimated: str
    source: Row


@dataclass(frozen=True)
class Figure:
    """A figure that can be used: what it is of, what it measures, and how good its source is (tier 1 is best)."""

    key: Key
    published: Published
    unit: str

    @property
    def tier(self) -> int:
        """Rank of the source."""
        return int(self.published.source["tier"])


def compile_production(tables: dict[str, Path], members: list[str], target: Path, report: Report) -> int:
    """Write production.csv from the tables `production` and `world_statistics`; returns the number of figures."""
    published = [row for name, path in tables.items() for row in _read(name, path) if row.country in members]
    best: dict[Key, Figure] = {}
    for figure in sorted(_usable(published, report), key=lambda figure: (figure.key, figure.tier)):
        if figure.key in best:
            report.drop(LAYER, figure.published.source["id"], "a better or newer source has the figure")
            continue
        best[figure.key] = figure
        report.keep(LAYER, figure.published.source["id"])
    sources = {row["id"]: row for row in read_rules("sources")}
    write_csv(target / "production.csv", FIELDS, [_row(figure, sources) for figure in best.values()])
    return len(best)


def _read(table: str, path: Path) -> list[Published]:
    """The rows of a table that come from the sources read from it."""
    sources = [row for row in read_rules("production-sources") if row["table"] == table]
    rows = ((row, starting_like(row["source"], sources)) for row in read_csv(path))
    return [_published(row, source) for row, source in rows if source]


def _published(row: Row, source: Row) -> Published:
    text = row["quantity"] or row.get("quantity_text", "")
    estimate = re.fullmatch(r"e([\d,]+)", text)
    value = estimate[1].replace(",", "") if estimate else text
    return Published(
        country=row["iso3"],
        commodity=row["commodity"],
        statistic=row.get("statistic", "production"),
        type=(row.get("measure") or row.get("type", "")).strip(),
        year=int(row["year"]),
        value=value.removesuffix(".0"),
        unit=row["unit"],
        estimated="true" if estimate else _estimated(row),
        source=source,
    )


def _estimated(row: Row) -> str:
    """Whether the figure is an estimate: as flagged, unless a note says otherwise for its year."""
    note = row.get("note", "").lower()
    if row["year"] in note and "estimated" in note:
        return "true"
    if row["year"] in note and note.startswith("reported"):
        return "false"
    return {"0": "false", "1": "true"}.get(row["estimated"], "")


def _usable(published: list[Published], report: Report) -> list[Figure]:
    measures = {
        (row["statistic"], row["commodity"], row["type"], row["unit"]): row for row in read_rules("production-measures")
    }
    exclusions = read_rules("production-exclusions")
    figures = []
    for row in published:
        reason = row.source["reason"] or _excluded(row, exclusions) or _no_figure(row)
        measure = measures.get((row.statistic, row.commodity, row.type, row.unit)) or measures.get(
            (row.statistic, row.commodity, row.type, "")
        )
        if not reason and measure is None:
            raise UnknownMeasureError(row)
        if reason or measure is None or not measure["code"]:
            report.drop(LAYER, row.source["id"], reason or "no code in the commodity vocabulary")
            continue
        unit = measure["to_unit"] or UNITS.get(row.unit, row.unit)
        key = (row.country, measure["code"], measure["indicator"], measure["content"], row.year)
        figures.append(Figure(key, row, unit))
    return figures


def _no_figure(row: Published) -> str:
    if not re.fullmatch(r"\d+(\.\d+)?", row.value):
        return "no figure (not available or not applicable)"
    return "zero, which may mean no data" if float(row.value) == 0 else ""


def _excluded(row: Published, exclusions: list[Row]) -> str:
    for rule in exclusions:
        named = rule["source"] == row.source["id"] and rule["commodity"] == row.commodity
        if named and int(rule["from"]) <= row.year <= int(rule["to"]):
            return rule["reason"]
    return ""


def _row(figure: Figure, sources: dict[str, Row]) -> Row:
    country, commodity, indicator, content, year = figure.key
    published = figure.published
    source = sources[published.source["id"]]
    return {
        "country": country,
        "commodity": commodity,
        "indicator": indicator,
        "content": content,
        "year": str(year),
        "value": published.value,
        "unit": figure.unit,
        "estimated": published.estimated,
        "source": source["title"],
        "sourceId": f"{published.commodity}: {published.type}".removesuffix(": "),
        "licence": source["licence"],
        "note": f"reserves as stated in the edition of {year}" if published.statistic == "reserves" else "",
    }
