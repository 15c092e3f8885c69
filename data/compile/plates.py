"""Plate boundaries with their kind, from the steps of PB2002 (Bird, 2003), each of which carries its class."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from shapely import line_merge
from shapely.geometry import LineString, MultiLineString, box

from data.compile.geometry import feature, lines
from data.compile.report import Report
from data.compile.tables import Row, read_csv, read_features, read_rules, write_features

SOURCE = "pb2002"
LAYER = "plate-boundaries"
MARGIN_DEGREES = 5.0
CLASSES = {
    "CCB": "continental convergent boundary",
    "CRB": "continental rift boundary",
    "CTF": "continental transform fault",
    "OCB": "oceanic convergent boundary",
    "OSR": "oceanic spreading ridge",
    "OTF": "oceanic transform fault",
    "SUB": "subduction zone",
}
Group = tuple[str, str]


def compile_plates(folder: Path, bbox: tuple[float, float, float, float], target: Path, report: Report) -> int:
    """Write plate-boundaries.geojsonl: one feature a pair of plates and class of boundary; returns their number."""
    names = {
        row["properties"]["Code"]: row["properties"]["PlateName"]
        for row in read_features(folder / "PB2002_plates.json")
    }
    source = next(row for row in read_rules("sources") if row["id"] == SOURCE)
    area = box(*bbox).buffer(MARGIN_DEGREES, join_style="mitre")
    steps: dict[Group, list[LineString]] = defaultdict(list)
    for row in read_csv(folder / "PB2002_steps.csv"):
        step = _step(row)
        if abs(step.coords[0][0] - step.coords[-1][0]) < 180 and area.intersects(step):
            steps[row["PlateBoundIdentifer"], row["StepClass"]].append(step)
            report.keep(LAYER, SOURCE)
        else:
            report.drop(LAYER, SOURCE, "outside the region")
    written = [_feature(group, parts, names, source) for group, parts in sorted(steps.items())]
    write_features(target / f"{LAYER}.geojsonl", written)
    return len(written)


def _step(row: Row) -> LineString:
    start = (float(row["StartLong"]), float(row["StartLat"]))
    return LineString([start, (float(row["FinalLong"]), float(row["FinalLat"]))])


def _feature(group: Group, parts: list[LineString], names: dict[str, str], source: Row) -> dict[str, Any]:
    pair, kind = group
    first, sign, second = re.split(r"([-/\\])", pair)
    # The sign is kept in the identifier: SU/AU and SU-AU are boundaries of different polarity.
    polarity = {"-": "", "/": "-r", "\\": "-l"}[sign]
    properties = {
        "identifier": f"pb2002-{first}-{second}{polarity}-{kind}".lower(),
        "name": f"{names[first]} – {names[second]}",
        "plateA": names[first],
        "plateB": names[second],
        "boundaryType": CLASSES[kind],
        "source": source["title"],
        "sourceId": f"{pair} {kind}",
        "licence": source["licence"],
        "positionalAccuracy": "not stated; model at global scale",
    }
    return feature(lines(line_merge(MultiLineString(parts))), properties)
