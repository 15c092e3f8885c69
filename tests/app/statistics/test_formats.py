"""Slices in the formats of statisticians: what one program writes, another one reads as the same figures."""

# SPDX-License-Identifier: Apache-2.0

import csv
import io
import json
from datetime import UTC, datetime
from itertools import product
from typing import Any

from app.releases.queries import PublishedRelease
from app.statistics.formats import Told, to_csv, to_json_stat, to_sdmx_csv, to_sdmx_json
from app.statistics.routes import TITLES
from app.statistics.sdmx import from_sdmx
from gis.formats import Record
from tests.app.statistics.figures import Row, checked, exports, production, records

RELEASE = PublishedRelease(7, datetime(2026, 6, 30, tzinfo=UTC), "somebody", "", 2, 0, 0, 2, "ab", None)
TOLD = Told(RELEASE, "AMDIS (2026)", TITLES, lambda name: {"nickel": "nickel"})
ROWS = (
    production(estimated="true", note='a "note", with a comma'),
    production(year="2022", value="1580.5", estimated="false"),
    production(country="PHL", year="2022", value="345", precision="approximate"),
    exports("JPN", "40"),
)


def published() -> list[dict[str, Any]]:
    values, findings = checked(*ROWS)
    assert findings == []
    return [value | {"id": number, "release": 7} for number, value in enumerate(values, start=1)]


def read(text: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_is_what_a_load_reads() -> None:
    rows = [
        {name: value for name, value in row.items() if name not in ("id", "release")}
        for row in read(to_csv(published(), TOLD))
    ]
    assert checked(*rows) == checked(*ROWS)


def test_sdmx_csv_is_what_a_load_reads() -> None:
    rows = read(to_sdmx_csv(published(), TOLD))
    assert {(row["STRUCTURE"], row["STRUCTURE_ID"], row["ACTION"]) for row in rows} == {
        ("dataflow", "AMDIS:MINERALS(1.0)", "I")
    }
    assert [row["OBS_STATUS"] for row in rows] == ["E", "A", "", ""]
    again = [dict(record.values) for record in from_sdmx(records(rows))]
    assert checked(*again) == checked(*ROWS)


def test_deletions_of_sdmx_are_told_and_not_taken_for_figures() -> None:
    deleted = read(to_sdmx_csv(published(), TOLD))[0] | {"ACTION": "D"}
    (record,) = from_sdmx(iter([Record(2, deleted, None)]))
    _, findings = checked(dict(record.values))
    assert [found.field for found in findings] == ["ACTION"]


def test_sdmx_json_has_every_figure_under_the_places_of_its_codes() -> None:
    message = json.loads(to_sdmx_json(published(), TOLD))
    (structure,), (data,) = message["data"]["structures"], message["data"]["dataSets"]
    dimensions, attributes = structure["dimensions"]["observation"], structure["attributes"]["observation"]
    assert [one["keyPosition"] for one in dimensions] == list(range(len(dimensions)))
    found = {}
    for key, (value, *places) in data["observations"].items():
        codes = [one["values"][int(place)]["id"] for one, place in zip(dimensions, key.split(":"), strict=True)]
        told = {
            one["id"]: one["values"][place]["id"]
            for one, place in zip(attributes, places, strict=True)
            if place is not None
        }
        found[codes[0], codes[1], codes[-1]] = value, told["UNIT_MEASURE"], told.get("OBS_STATUS")
    assert found == {
        ("mine-production", "IDN", "2023"): (1800.0, "kt", "E"),
        ("mine-production", "IDN", "2022"): (1580.5, "kt", "A"),
        ("mine-production", "PHL", "2022"): (345.0, "kt", None),
        ("exports", "IDN", "2023"): (40.0, "USD", None),
    }


def test_json_stat_has_every_figure_at_its_place_in_the_cube() -> None:
    dataset = json.loads(to_json_stat(published(), TOLD))
    assert (dataset["version"], dataset["class"]) == ("2.0", "dataset")
    categories = [dataset["dimension"][name]["category"]["index"] for name in dataset["id"]]
    assert [len(codes) for codes in categories] == dataset["size"]
    cells = [dict(zip(dataset["id"], codes, strict=True)) for codes in product(*categories)]
    found = {
        (cells[int(place)]["country"], cells[int(place)]["year"], cells[int(place)]["unit"], value)
        for place, value in dataset["value"].items()
    }
    assert found == {
        ("IDN", "2023", "kt", 1800.0),
        ("IDN", "2022", "kt", 1580.5),
        ("PHL", "2022", "kt", 345.0),
        ("IDN", "2023", "USD", 40.0),
    }
    assert sorted(dataset["status"].values()) == ["A", "E"]
    assert dataset["extension"] == {"release": 7, "citation": "AMDIS (2026)"}
