"""Slices of the cube as files: CSV, SDMX-CSV 2.0, SDMX-JSON 2.0 and JSON-stat 2.0."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from app.releases.queries import PublishedRelease
from app.statistics.models import DIMENSIONS, NOT_APPLICABLE
from app.statistics.sdmx import (
    AGENCY,
    ATTRIBUTE_IDS,
    DIMENSION_IDS,
    FLOW,
    MEASURE_ID,
    STRUCTURE_ID,
    VERSION,
    obs_status,
)

Row = Mapping[str, Any]

COLUMNS = (
    *DIMENSIONS,
    "value",
    "unit",
    "estimated",
    "precision",
    "source",
    "sourceId",
    "licence",
    "note",
    "id",
    "release",
)
"""Columns of the CSV file; those up to note are what a load reads."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a file tells besides the figures. labels: of a dimension's codes."""

    release: PublishedRelease
    citation: str
    titles: Mapping[str, str]
    labels: Callable[[str], Mapping[str, str]]


def to_csv(rows: Sequence[Row], told: Told | None = None) -> str:
    """CSV with our names; empty where a figure does not have a dimension."""
    return _table(COLUMNS, ([_cell(row[name]) for name in COLUMNS] for row in rows))


def to_sdmx_csv(rows: Sequence[Row], told: Told) -> str:
    """SDMX-CSV 2.0 of the flow AMDIS:MINERALS(1.0)."""
    names = [*DIMENSION_IDS, "value", *ATTRIBUTE_IDS]
    head = ["STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSION_IDS.values(), MEASURE_ID, *ATTRIBUTE_IDS.values()]
    lines = (["dataflow", STRUCTURE_ID, "I", *(_sdmx_cell(row, name) for name in names)] for row in rows)
    return _table(head, lines)


def to_sdmx_json(rows: Sequence[Row], told: Told) -> str:
    """An SDMX-JSON 2.0 data message, flat: every figure under the places of its codes."""
    dimensions = {name: _in_use(rows, name) for name in DIMENSIONS}
    attributes = {name: _in_use_attribute(rows, name) for name in ATTRIBUTE_IDS}
    observations = {
        ":".join(str(dimensions[name][row[name]]) for name in DIMENSIONS): [
            row["value"],
            *(_place(attributes[name], _attribute(row, name)) for name in ATTRIBUTE_IDS),
        ]
        for row in rows
    }
    structure = {
        "links": [{"rel": "dataflow", "urn": f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={STRUCTURE_ID}"}],
        "dimensions": {"observation": [_sdmx_dimension(n, place, told) for place, n in enumerate(dimensions.items())]},
        "measures": {"observation": [{"id": MEASURE_ID, "name": "Value"}]},
        "attributes": {
            "observation": [
                {"id": ATTRIBUTE_IDS[name], "name": told.titles[name], "values": [{"id": v, "name": v} for v in values]}
                for name, values in attributes.items()
            ]
        },
        "dataSets": [0],
    }
    message = {
        "meta": {
            "schema": "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json",
            "id": f"{FLOW}-{VERSION}-{told.release.number}",
            "prepared": told.release.published_at.isoformat(timespec="seconds"),
            "contentLanguages": ["en"],
            "sender": {"id": AGENCY, "name": AGENCY},
        },
        "data": {
            "dataSets": [{"structure": 0, "action": "Information", "observations": observations}],
            "structures": [structure],
        },
    }
    return json.dumps(message, ensure_ascii=False)


def to_json_stat(rows: Sequence[Row], told: Told) -> str:
    """A JSON-stat 2.0 dataset; the unit is a dimension of its own, as figures of one slice may differ in it."""
    names = [*DIMENSIONS, "unit"]
    dimensions = {name: _in_use(rows, name) for name in names}
    sizes = [len(codes) for codes in dimensions.values()]
    strides = [prod(sizes[place + 1 :]) for place in range(len(sizes))]

    def index(row: Row) -> str:
        return str(sum(dimensions[n][row[n]] * step for n, step in zip(names, strides, strict=True)))

    dataset = {
        "version": "2.0",
        "class": "dataset",
        "label": "Mineral statistics",
        "source": "; ".join(dict.fromkeys(row["source"] for row in rows)),
        "updated": told.release.published_at.isoformat(timespec="seconds"),
        "id": names,
        "size": sizes,
        "role": {"time": ["year"], "geo": ["country", "partner"]},
        "dimension": {name: _category(name, codes, told) for name, codes in dimensions.items()},
        "value": {index(row): row["value"] for row in rows},
        "status": {index(row): obs_status(row["estimated"]) for row in rows if row["estimated"] is not None},
        "extension": {"release": told.release.number, "citation": told.citation},
    }
    return json.dumps(dataset, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a slice."""

    media_type: str
    suffix: str
    write: Callable[[Sequence[Row], Told], str]


FORMATS: Mapping[str, Format] = {
    "csv": Format("text/csv; charset=utf-8; header=present", ".csv", to_csv),
    "sdmx-csv": Format("application/vnd.sdmx.data+csv; version=2.0.0", ".sdmx.csv", to_sdmx_csv),
    "sdmx-json": Format("application/vnd.sdmx.data+json; version=2.0.0", ".sdmx.json", to_sdmx_json),
    "json-stat": Format("application/json; profile=json-stat", ".stat.json", to_json_stat),
}


def _table(head: Iterable[str], lines: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(lines)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or value == NOT_APPLICABLE else value


def _attribute(row: Row, name: str) -> str | None:
    value = obs_status(row[name]) if name == "estimated" else row[name]
    return None if value is None else str(value)


def _place(places: Mapping[str, int], value: str | None) -> int | None:
    return None if value is None else places[value]


def _sdmx_cell(row: Row, name: str) -> Any:
    return (_attribute(row, name) or "") if name in ATTRIBUTE_IDS else row[name]


def _in_use(rows: Sequence[Row], name: str) -> dict[Any, int]:
    """Codes of a dimension that a slice has, in order, each with its place."""
    return {code: place for place, code in enumerate(sorted({row[name] for row in rows}))}


def _in_use_attribute(rows: Sequence[Row], name: str) -> dict[str, int]:
    values = {_attribute(row, name) for row in rows} - {None}
    return {value: place for place, value in enumerate(sorted(map(str, values)))}


def _sdmx_dimension(item: tuple[str, Mapping[Any, int]], place: int, told: Told) -> dict[str, Any]:
    name, codes = item
    labels = _labels(name, told)
    values = [{"id": str(code), "name": labels.get(str(code), str(code))} for code in codes]
    role = {"roles": ["TIME_PERIOD"]} if name == "year" else {}
    return {"id": DIMENSION_IDS[name], "name": told.titles[name], "keyPosition": place, **role, "values": values}


def _category(name: str, codes: Mapping[Any, int], told: Told) -> dict[str, Any]:
    labels = _labels(name, told)
    named = {str(code): labels.get(str(code), str(code)) for code in codes}
    return {"label": told.titles[name], "category": {"index": [str(code) for code in codes], "label": named}}


def _labels(name: str, told: Told) -> Mapping[str, str]:
    return {} if name == "year" else told.labels(name)
