"""Description of a CSV download as CSV on the Web has it: its terms and what each column holds.

The description is asked for beside the file, as comment lines in the file itself would break its readers.
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from gis.crs import CRS84
from gis.formats.writer import Provenance, in_format
from gis.formats.writers.columns import LIST_SEPARATOR, attributes
from gis.formats.writers.csv_table import place_names
from gis.layer import Field, FieldType, Layer

_DATATYPES = {
    FieldType.STRING: "string",
    FieldType.STRINGS: "string",
    FieldType.INTEGER: "integer",
    FieldType.NUMBER: "double",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "dateTimeStamp",
}


def chunks(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    """The description; the rows are not read."""
    columns: list[dict[str, Any]] = [_place(name) for name in place_names(layer, rows.schema, about.crs)]
    fields = (layer.field(name) for name in attributes(rows.schema, layer))
    columns += [_column(field) for field in fields if field]
    table: dict[str, Any] = {"columns": columns}
    if layer.id_field in rows.schema.names:  # a key of a column that is not there would make the description invalid
        table["primaryKey"] = layer.id_field
    said = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": in_format(about.query, "csv"),
        "dc:title": about.title,
        "dc:license": about.licence_url or about.licence,
        "dc:rights": about.licence,
        "dc:source": about.attribution,
        "dc:bibliographicCitation": about.citation,
        "dc:hasVersion": str(about.release),
        "dc:issued": about.published_at,
        **_coordinates(layer, rows.schema, about),
        "dc:description": layer.abstract,
        "dialect": {"header": True, "encoding": "utf-8"},
        "tableSchema": table,
    }
    yield json.dumps(said, ensure_ascii=False, indent=1).encode()


def _coordinates(layer: Layer, schema: pa.Schema, about: Provenance) -> dict[str, str]:
    """What the coordinates are of, which stand easting or longitude first, and how they were made."""
    if layer.geometry_field not in schema.names:
        return {}
    if about.crs.is_stored:
        return {"dc:conformsTo": CRS84.uri}
    return {"dc:conformsTo": about.crs.uri, "dc:provenance": about.items()["coordinate_operations"]}


def _place(name: str) -> dict[str, Any]:
    return {"name": name, "titles": name, "datatype": "string" if name == "WKT" else "double"}


def _column(field: Field) -> dict[str, Any]:
    column: dict[str, Any] = {"name": field.name, "titles": [field.name, field.title]}
    column["datatype"] = _DATATYPES[field.type]
    if field.type is FieldType.STRINGS:
        column["separator"] = LIST_SEPARATOR
    if field.required:
        column["required"] = True
    if field.description:
        column["dc:description"] = field.description
    if field.unit:
        column["schema:unitCode"] = field.unit
    return column
