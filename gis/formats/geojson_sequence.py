"""One GeoJSON Feature a line (RFC 8142 without, or with, record separators), in UTF-8."""

import json
from collections.abc import Iterator
from pathlib import Path

import shapely
import shapely.geometry

from gis.errors import UnreadableFileError
from gis.formats.record import Record

_RECORD_SEPARATOR = "\x1e"


def read(path: Path) -> Iterator[Record]:
    """Records of a GeoJSON text sequence. Raises UnreadableFileError."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            text = line.strip().lstrip(_RECORD_SEPARATOR)
            if text:
                yield _record(path, number, text)


def _record(path: Path, number: int, text: str) -> Record:
    try:
        feature = json.loads(text)
        geometry = feature.get("geometry")
        shape = shapely.geometry.shape(geometry) if geometry else None
        return Record(number, feature.get("properties") or {}, shape)
    except (ValueError, TypeError, AttributeError, KeyError, shapely.errors.ShapelyError) as error:
        raise UnreadableFileError(f"{path.name}: line {number}: is not a GeoJSON feature ({error})") from None
