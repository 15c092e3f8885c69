"""GeoPackage 1.2, the newest version most programs read: one table with a spatial index.

Titles of fields stand in gpkg_data_columns, the terms in gpkg_contents and gpkg_metadata.
"""

from pathlib import Path

import pyarrow as pa

from gis.formats.writer import Provenance
from gis.formats.writers.columns import described, flat
from gis.formats.writers.ogr import write_ogr
from gis.layer import Layer


def write(layer: Layer, rows: pa.RecordBatchReader, about: Provenance, path: Path) -> None:
    """Write the file."""
    write_ogr(
        described(flat(rows), layer),
        layer,
        about,
        path,
        driver="GPKG",
        layer_metadata=about.items(),
        dataset_options={"VERSION": "1.2"},
        layer_options={
            "IDENTIFIER": about.title,
            "DESCRIPTION": about.text(),
            "GEOMETRY_NAME": layer.geometry_field,
        },
    )
