"""The features in a downloaded file, as programs of others read them."""

# SPDX-License-Identifier: Apache-2.0

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import shapely

from gis.formats import WRITERS
from tests.gis.formats.features import read_by_gdal

Feature = tuple[str, float, float]
"""Identifier, easting or longitude, northing or latitude."""


def features_in(name: str, content: bytes, folder: Path) -> list[Feature]:
    """The points of a file of a format, in its order. folder: for the file, as most programs want one."""
    path = folder / f"read{WRITERS[name].suffix}"
    path.write_bytes(content)
    return list(_READERS[name](path))


def _geojson(path: Path) -> Iterator[Feature]:
    yield from map(_feature, json.loads(path.read_bytes())["features"])


def _sequence(path: Path) -> Iterator[Feature]:
    for text in path.read_text().split("\x1e")[1:]:
        yield _feature(json.loads(text))


def _by_gdal(path: Path) -> Iterator[Feature]:
    # GeoJSON is in degrees: what the coordinates are of is not asked here.
    yield from map(_feature, read_by_gdal(path, "-a_srs", "EPSG:4326"))


def _zip(path: Path) -> Iterator[Feature]:
    yield from map(_feature, read_by_gdal(f"/vsizip/{path}", "-a_srs", "EPSG:4326"))


def _csv(path: Path) -> Iterator[Feature]:
    with path.open(newline="") as file:
        yield from map(_row, csv.DictReader(file))


def _workbook(path: Path) -> Iterator[Feature]:
    rows = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True)["Data"].values
    names = next(rows)
    yield from (_row(dict(zip(map(str, names), row, strict=True))) for row in rows)


def _parquet(path: Path) -> Iterator[Feature]:
    table = pq.read_table(path)
    for identifier, wkb in zip(table["identifier"].to_pylist(), table["shape"].to_pylist(), strict=True):
        point = shapely.from_wkb(wkb)
        yield identifier, point.x, point.y


def _row(row: Mapping[str, Any]) -> Feature:
    x, y = (row[names[0] if names[0] in row else names[1]] for names in (("lon", "x"), ("lat", "y")))
    return str(row["identifier"]), float(x), float(y)


def _feature(found: Mapping[str, Any]) -> Feature:
    # In GML an identifier is the address it resolves at.
    identifier = str(found["properties"]["identifier"]).rpartition("/")[2]
    x, y = found["geometry"]["coordinates"][:2]
    return identifier, x, y


_READERS: Mapping[str, Callable[[Path], Iterator[Feature]]] = {
    "geojson": _geojson,
    "geojsonseq": _sequence,
    "csv": _csv,
    "gpkg": _by_gdal,
    "fgb": _by_gdal,
    "parquet": _parquet,
    "shp": _zip,
    "kml": _by_gdal,
    "xlsx": _workbook,
    "gml": _by_gdal,
}
FORMATS = tuple(_READERS)
"""Names of the formats that hold features."""
