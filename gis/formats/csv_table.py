"""Comma-separated values in UTF-8 with a header line; columns lon and lat, when there, are a point in degrees."""

import csv
from collections.abc import Iterator
from pathlib import Path

import shapely

from gis.errors import UnreadableFileError
from gis.formats.record import Record


def read(path: Path) -> Iterator[Record]:
    """Records of a CSV file. Raises UnreadableFileError."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        try:
            for row in rows:
                if None in row or None in row.values():
                    raise UnreadableFileError(f"{path.name}: line {rows.line_num}: has not as many cells as the header")
                yield Record(rows.line_num, row, _point(path, rows.line_num, row))
        except (csv.Error, UnicodeDecodeError) as error:
            raise UnreadableFileError(f"{path.name}: after line {rows.line_num}: {error}") from None


def _point(path: Path, line: int, row: dict[str, str]) -> shapely.Point | None:
    lon, lat = row.pop("lon", ""), row.pop("lat", "")
    if not lon and not lat:
        return None
    try:
        return shapely.Point(float(lon), float(lat))
    except ValueError:
        raise UnreadableFileError(
            f"{path.name}: line {line}: lon {lon!r}, lat {lat!r} is not a pair of numbers"
        ) from None
