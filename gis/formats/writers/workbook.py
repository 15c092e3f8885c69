"""Excel workbook: the features on the first sheet, then what each column holds, then the terms."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely
import xlsxwriter

from gis.crs import CoordinateSystem
from gis.errors import InvalidParameterError
from gis.formats.writer import Provenance
from gis.formats.writers.columns import attributes, flat, geometries, rounded
from gis.formats.writers.csv_table import place_names
from gis.layer import GeometryType, Layer

MOST_ROWS = 1_048_576
"""Rows of a sheet, the header included."""

LONGEST_TEXT = 32_767
"""UTF-16 units of a cell."""

_CUT = -2  # what xlsxwriter tells of a text longer than that
_FIRST_DAY = date(1900, 3, 1)
"""Excel counts days from 1900 and takes that year for a leap year; what was before is written as text."""


def write(layer: Layer, rows: pa.RecordBatchReader, about: Provenance, path: Path) -> None:
    """Write the workbook. Points have two columns for their place, other shapes do not fit into cells.

    Raises InvalidParameterError when there are more rows than a sheet holds.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        # Rows go to the disk as they come.
        book = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": folder, "nan_inf_to_errors": True})
        try:
            _fill(book, layer, rows, about)
        finally:
            book.close()


def _fill(book: xlsxwriter.Workbook, layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> None:
    table = _Sheet(book, "Data")
    placed = layer.geometry_type is GeometryType.POINT
    names = attributes(rows.schema, layer)
    table.append([*(place_names(layer, rows.schema, about.crs) if placed else ()), *names])
    for batch in flat(rows, times=pa.string()):
        places = _places(layer, batch, about.crs) if placed else []
        columns = [*places, *(batch.column(name).to_pylist() for name in names)]
        table.extend(zip(*columns, strict=True))
    _Sheet(book, "Fields").extend(_field_rows(layer, names))
    _Sheet(book, "About").extend(_about_rows(layer, about, table.cut, placed=placed))


class _Sheet:
    """A sheet that is written row by row. cut: texts that were too long for their cell."""

    def __init__(self, book: xlsxwriter.Workbook, title: str) -> None:
        self._sheet = book.add_worksheet(title)
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._rows = 0
        self.cut = 0
        self._put: Mapping[type, Callable[[int, int, Any], object]] = {
            str: self._text,
            int: self._sheet.write_number,
            float: self._sheet.write_number,
            bool: self._sheet.write_boolean,
            date: self._date,
        }

    def append(self, row: Iterable[Any]) -> None:
        """Write a row; texts stay texts whatever they begin with."""
        if self._rows == MOST_ROWS:
            raise InvalidParameterError(
                "f", f"A sheet holds {MOST_ROWS - 1:,} features, and these are more: ask for a part, or another format."
            )
        for column, value in enumerate(row):
            if value is not None:
                self._put[type(value)](self._rows, column, value)
        self._rows += 1

    def extend(self, rows: Iterable[Iterable[Any]]) -> None:
        """Write rows."""
        for row in rows:
            self.append(row)

    def _text(self, row: int, column: int, value: str) -> None:
        if self._sheet.write_string(row, column, value) == _CUT:
            self.cut += 1

    def _date(self, row: int, column: int, value: date) -> None:
        if value < _FIRST_DAY:
            self._sheet.write_string(row, column, value.isoformat())
        else:
            self._sheet.write_datetime(row, column, value, self._day)


def _places(layer: Layer, batch: pa.RecordBatch, crs: CoordinateSystem) -> list[list[float | None]]:
    shapes = geometries(batch, layer)
    if shapes is None:
        return []
    shapes = rounded(shapes, crs)
    return [pa.array(number(shapes), from_pandas=True).to_pylist() for number in (shapely.get_x, shapely.get_y)]


def _field_rows(layer: Layer, names: Iterable[str]) -> Iterator[list[str | None]]:
    yield ["name", "title", "type", "unit", "description"]
    for name in names:
        field = layer.field(name)
        if field:
            yield [field.name, field.title, field.type.value, field.unit, field.description]


def _about_rows(layer: Layer, about: Provenance, cut: int, *, placed: bool) -> Iterator[list[str]]:
    yield from map(list, about.items().items())
    yield ["abstract", layer.abstract]
    if cut:
        yield ["note", f"{cut} texts were cut at {LONGEST_TEXT} characters, the most a cell holds."]
    if not placed:
        yield ["note", "The shapes are not part of this file; another format has them."]
