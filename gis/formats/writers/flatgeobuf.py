"""FlatGeobuf with its spatial index; the terms stand in the header's description.

The index is made in memory, half a kilobyte a feature: that bounds how many features a file may have.
"""

from pathlib import Path

import pyarrow as pa

from gis.errors import InvalidParameterError
from gis.formats.writer import Provenance
from gis.formats.writers.columns import described, flat, mapped
from gis.formats.writers.ogr import write_ogr
from gis.layer import Layer

MOST_ROWS = 500_000
"""Features of a file, so that its index takes less than 300 MB to make."""


def write(layer: Layer, rows: pa.RecordBatchReader, about: Provenance, path: Path) -> None:
    """Write the file; features come in the order of its index.

    Raises InvalidParameterError for more features than may be, or one without geometry.
    """
    indexed = "YES" if layer.geometry_field in rows.schema.names else "NO"
    write_ogr(
        described(_checked(flat(rows), layer), layer),
        layer,
        about,
        path,
        driver="FlatGeobuf",
        layer_options={
            "TITLE": about.title,
            "DESCRIPTION": about.text(),
            "SPATIAL_INDEX": indexed,
            "TEMPORARY_DIR": str(path.parent),
        },
    )


def _checked(rows: pa.RecordBatchReader, layer: Layer) -> pa.RecordBatchReader:
    passed = 0

    def check(batch: pa.RecordBatch) -> pa.RecordBatch:
        nonlocal passed
        passed += batch.num_rows
        if passed > MOST_ROWS:
            raise InvalidParameterError(
                "f", f"A FlatGeobuf file is made for {MOST_ROWS:,} features at most: ask for a part, or another format."
            )
        if layer.geometry_field in batch.schema.names and batch.column(layer.geometry_field).null_count:
            raise InvalidParameterError(
                "f", "A FlatGeobuf file needs a geometry for every feature, and some have none: ask for another format."
            )
        return batch

    return mapped(rows, rows.schema, check)
