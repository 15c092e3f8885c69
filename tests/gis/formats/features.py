"""Features with what breaks writers: quotes, line ends, letters of Asia, markup, formulas, nothing at all."""

# SPDX-License-Identifier: Apache-2.0

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from gis.formats import WRITERS, Provenance
from gis.layer import Field, FieldType, GeometryType, Layer
from gis.stream import schema

MYANMAR = "\u1019\u103c\u1014\u103a\u1019\u102c"
TRICKY = f"a \"quoted\", {MYANMAR};\nnext line & <b>'bold'</b> | \\ %s 100 %"
LONG = "ö" * 300

FIELDS = (
    Field("identifier", FieldType.STRING, "Identifier", "Stable.", required=True),
    Field("name", FieldType.STRING, "Name"),
    Field("depth", FieldType.NUMBER, "Depth", unit="m"),
    Field("level", FieldType.INTEGER, "Level"),
    Field("active", FieldType.BOOLEAN, "Active"),
    Field("found", FieldType.DATE, "Found"),
    Field("seen", FieldType.DATETIME, "Seen"),
    Field("commodityCodes", FieldType.STRINGS, "Commodity codes"),
    Field("commodityCode_uri", FieldType.STRING, "Commodity (URI)"),
    Field("secret", FieldType.STRING, "Secret", public=False),
)

ROWS: tuple[dict[str, Any], ...] = (
    {
        "identifier": "x/1 & é",
        "name": TRICKY,
        "depth": 0.1 + 0.2,
        "level": 2**40,
        "active": True,
        "found": date(1899, 12, 31),
        "seen": datetime(2025, 6, 30, 23, 59, 58, tzinfo=UTC),
        "commodityCodes": ["tin", "gold"],
        "commodityCode_uri": "http://example.org/tin?a=1&b=2",
    },
    {"identifier": "x/2"},
    {"identifier": "x_3", "name": "=1+1", "depth": -1e-9, "level": 0, "active": False, "commodityCodes": ["tin"]},
    {"identifier": "x/4", "name": LONG, "depth": 1e21, "level": -5, "commodityCode_uri": "#N/A"},
)

SHAPES: Mapping[GeometryType, tuple[shapely.Geometry | None, ...]] = {
    GeometryType.POINT: (
        shapely.Point(103.1234567, -1.5),
        None,
        shapely.Point(-179.9999999, 89.5),
        shapely.Point(0, 0),
    ),
    GeometryType.LINE: tuple(
        None if n == 1 else shapely.MultiLineString([[(n, 0), (n, 1.25)], [(n + 0.5, 2), (n + 1, 3), (n + 2, 3.5)]])
        for n in range(4)
    ),
    GeometryType.POLYGON: tuple(
        None
        if n == 1
        else shapely.MultiPolygon(
            [shapely.box(n, 0, n + 9, 9) - shapely.box(n + 1, 1, n + 2, 2), shapely.box(n + 20, 0, n + 21, 1)]
        )
        for n in range(4)
    ),
}

ABOUT = Provenance(
    title="Scratch & test",
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    attribution=f"Survey of {MYANMAR}",
    citation='Survey (2026): "Scratch", release 7.',
    query="https://example.org/ogc/collections/scratch/items?f=x&bbox=1,2,3,4",
    release=7,
    published_at="2026-11-23T08:00:00+00:00",
    base_url="https://example.org",
)


def layer(geometry_type: GeometryType, fields: Sequence[Field] = FIELDS, **more: Any) -> Layer:
    """A layer of these features."""
    given = {
        "id": "scratch-layer",
        "title": "Scratch",
        "abstract": "Made for tests.",
        "keywords": (),
        "geometry_type": geometry_type,
        "schema": "public",
        "table": "scratch",
        "fields": tuple(fields),
        "style": "",
        "summary": ("name",),
        "services": frozenset(),
        "attribution": "",
        "licence": "",
    }
    return Layer(**(given | more))


def rows(
    one: Layer, values: Sequence[Mapping[str, Any]] = ROWS, shapes: Any = None, size: int = 3
) -> pa.RecordBatchReader:
    """Rows of a layer in batches of a size, as gis.stream gives them."""
    shapes = SHAPES[one.geometry_type][: len(values)] if shapes is None else shapes
    described = schema(one, [*(f.name for f in one.public_fields), one.geometry_field])

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, len(values), size):
            some = values[start : start + size]
            columns = [pa.array([v.get(f.name) for v in some], f.type) for f in list(described)[:-1]]
            wkb = [None if shape is None else shapely.to_wkb(shape) for shape in shapes[start : start + size]]
            yield pa.RecordBatch.from_arrays([*columns, pa.array(wkb, pa.binary())], schema=described)

    return pa.RecordBatchReader.from_batches(described, batches())


def written(folder: Path, name: str, one: Layer, about: Provenance = ABOUT, **some: Any) -> Path:
    """The features as a file of a format."""
    path = folder / f"scratch{WRITERS[name].suffix}"
    WRITERS[name].write(one, rows(one, **some), about, path)
    return path


def read_by_gdal(path: str | Path, *options: str) -> list[dict[str, Any]]:
    """The features of a file as the system's GDAL reads them, which is another than the one they were written with."""
    command = ["ogr2ogr", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=15", "-lco", "SIGNIFICANT_FIGURES=17"]
    done = subprocess.run([*command, *options, "/vsistdout/", str(path)], capture_output=True, check=True, text=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)["features"]
    return found


def same_shape(found: Mapping[str, Any] | None, expected: shapely.Geometry | None, tolerance: float = 0) -> bool:
    """Whether a GeoJSON geometry is the expected one, whatever the order of its rings and points."""
    if found is None or expected is None:
        return found is expected
    shape = shapely.from_geojson(json.dumps(found))
    if shape.geom_type != expected.geom_type:
        return False
    return bool(shapely.equals_exact(shape.normalize(), expected.normalize(), tolerance))
