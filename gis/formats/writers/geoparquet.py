"""GeoParquet 1.1: geometry as WKB with a box a row, so that readers skip what lies outside theirs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from gis.crs import CoordinateSystem
from gis.formats.writer import Provenance
from gis.formats.writers.columns import geometries, mapped
from gis.layer import Layer

VERSION = "1.1.0"

_SIDES = ("xmin", "ymin", "xmax", "ymax")
_ROW_GROUP = 20_000


def write(layer: Layer, rows: pa.RecordBatchReader, about: Provenance, path: Path) -> None:
    """Write the file; the terms stand in its key-value metadata."""
    extent = _Extent(layer)
    if layer.geometry_field in rows.schema.names:
        rows = extent.boxed(rows)
    with pq.ParquetWriter(path, rows.schema, compression="zstd") as file:
        kept: list[pa.RecordBatch] = []
        for batch in rows:
            kept.append(batch)
            if sum(one.num_rows for one in kept) >= _ROW_GROUP:
                file.write_table(pa.Table.from_batches(kept))
                kept = []
        if kept:
            file.write_table(pa.Table.from_batches(kept))
        file.add_key_value_metadata(about.items())
        if extent.column:
            file.add_key_value_metadata({"geo": json.dumps(extent.described(about.crs))})


class _Extent:
    """Boxes of the rows as they pass, and of all of them."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._whole = np.full(4, np.nan)
        self.column = ""

    def boxed(self, rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
        """The rows with a column of boxes behind the others."""
        self.column = "bbox" if "bbox" not in rows.schema.names else f"{self._layer.geometry_field}_bbox"
        box = pa.struct([(side, pa.float64()) for side in _SIDES])
        shape = pa.field(self._layer.geometry_field, pa.binary())
        fields = [shape if field.name == shape.name else field for field in rows.schema]
        schema = pa.schema([*fields, pa.field(self.column, box)])

        def change(batch: pa.RecordBatch) -> pa.RecordBatch:
            bounds = shapely.bounds(geometries(batch, self._layer))
            self._add(bounds)
            sides = [pa.array(bounds[:, n], from_pandas=True) for n in range(4)]
            missing = pa.array(np.isnan(bounds[:, 0]))
            boxes = pa.StructArray.from_arrays(sides, fields=list(box), mask=missing)
            return pa.RecordBatch.from_arrays([*batch.columns, boxes], schema=schema)

        return mapped(rows, schema, change)

    def described(self, crs: CoordinateSystem) -> dict[str, Any]:
        """The ``geo`` metadata, once all rows have passed."""
        name = str(self._layer.geometry_type)
        # WKB is easting first, whatever the axes of the system; CRS84 says so too.
        told = pyproj.CRS.from_user_input("OGC:CRS84" if crs.is_stored else f"EPSG:{crs.srid}")
        column = {
            "encoding": "WKB",
            "geometry_types": [name],
            "crs": told.to_json_dict(),
            "covering": {"bbox": {side: [self.column, side] for side in _SIDES}},
        }
        if not np.isnan(self._whole).any():
            column["bbox"] = self._whole.tolist()
        field = self._layer.geometry_field
        return {"version": VERSION, "primary_column": field, "columns": {field: column}}

    def _add(self, bounds: np.ndarray[Any, np.dtype[np.float64]]) -> None:
        low = np.fmin.reduce(bounds[:, :2], axis=0, initial=np.nan)
        high = np.fmax.reduce(bounds[:, 2:], axis=0, initial=np.nan)
        self._whole = np.concatenate([np.fmin(self._whole[:2], low), np.fmax(self._whole[2:], high)])
