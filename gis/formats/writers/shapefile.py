"""Shapefile in a zip, with a README that holds the terms and what the format could not keep."""

import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from gis.formats.writer import Provenance
from gis.formats.writers.columns import attributes, flat, mapped
from gis.formats.writers.ogr import write_ogr
from gis.layer import Layer

LONGEST_NAME = 10
"""Characters of a column's name in dBASE."""

LONGEST_TEXT = 254
"""Bytes of a text in dBASE."""


def write(layer: Layer, rows: pa.RecordBatchReader, about: Provenance, path: Path) -> None:
    """Write the zip."""
    names = short_names(attributes(rows.schema, layer))
    cut: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(dir=path.parent) as made:
        stem = Path(made) / layer.id
        write_ogr(
            _shortened(flat(rows, times=pa.string()), names, cut),
            layer,
            about,
            stem.with_suffix(".shp"),
            driver="ESRI Shapefile",
            encoding="UTF-8",
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", _readme(layer, about, names, cut))
            for part in sorted(Path(made).iterdir()):
                archive.write(part, part.name)
                part.unlink()


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Names of at most ten characters that differ in more than upper and lower case, by the full name."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        short, number = name[:LONGEST_NAME], 1
        while short.lower() in taken:
            number += 1
            short = f"{name[: LONGEST_NAME - len(str(number))]}{number}"
        taken.add(short.lower())
        given[name] = short
    return given


def _shortened(rows: pa.RecordBatchReader, names: Mapping[str, str], cut: Counter[str]) -> pa.RecordBatchReader:
    """Rows with short names and texts; what is cut is counted by the full name as the rows pass."""
    schema = pa.schema([field.with_name(names.get(field.name, field.name)) for field in rows.schema])

    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [_cut(name, column, cut) for name, column in zip(rows.schema.names, batch.columns, strict=True)]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    return mapped(rows, schema, change)


def _cut(name: str, column: pa.Array, cut: Counter[str]) -> pa.Array:
    if not pa.types.is_string(column.type):
        return column
    long = pc.sum(pc.greater(pc.binary_length(column), LONGEST_TEXT)).as_py()
    if not long:
        return column
    cut[name] += long
    texts = (
        None if text is None else text.encode()[:LONGEST_TEXT].decode(errors="ignore") for text in column.to_pylist()
    )
    return pa.array(texts, pa.string())


def _readme(layer: Layer, about: Provenance, names: Mapping[str, str], cut: Mapping[str, int]) -> str:
    lines = [about.text(), "", layer.abstract, "", "Columns (shapefiles allow names of ten characters):", ""]
    for name, short in names.items():
        field = layer.field(name)
        unit = f" ({field.unit})" if field and field.unit else ""
        lines.append(f"  {short:<{LONGEST_NAME}}  {name}: {field.title if field else ''}{unit}")
    lines += ["", "Shapefiles do not tell an empty text from a missing value. Lists are joined by |."]
    lines += [f"{count} texts of {name} were cut at {LONGEST_TEXT} bytes." for name, count in cut.items()]
    return "\r\n".join("\n".join(lines).split("\n")) + "\r\n"
