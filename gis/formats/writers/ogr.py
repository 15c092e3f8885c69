"""Writing through GDAL: record batches go in as they come, nothing is kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio.raw
import pyproj

from gis.formats.writer import Provenance
from gis.layer import Layer


def write_ogr(
    rows: pa.RecordBatchReader,
    layer: Layer,
    about: Provenance,
    path: Path,
    **how: Any,
) -> None:
    """Write rows to a file of one of GDAL's drivers, as one layer. how: further arguments of pyogrio's write_arrow.

    What goes wrong while the rows are read is raised as it is.
    """
    shape = layer.geometry_field if layer.geometry_field in rows.schema.names else None
    source = _Source(rows)
    try:
        pyogrio.raw.write_arrow(
            source.reader,
            path,
            layer=layer.id.replace("-", "_"),
            geometry_name=shape,
            geometry_type=str(layer.geometry_type) if shape else None,
            crs=pyproj.CRS.from_epsg(about.crs.srid).to_wkt() if shape else None,
            **how,
        )
    except Exception:
        if source.failure is not None:
            raise source.failure from None
        raise


class _Source:
    """Rows handed to C: an error of theirs would come back as a text, so it is kept here."""

    def __init__(self, rows: pa.RecordBatchReader) -> None:
        self.failure: Exception | None = None
        self.reader = pa.RecordBatchReader.from_batches(rows.schema, self._watched(rows))

    def _watched(self, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        try:
            yield from rows
        except Exception as error:
            self.failure = error
            raise
