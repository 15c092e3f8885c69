"""File formats of vector data, one module each; READERS is the registry by file suffix."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gis.errors import UnreadableFileError
from gis.formats import csv_table, geojson_sequence
from gis.formats.record import Record

Reader = Callable[[Path], Iterator[Record]]

READERS: Mapping[str, Reader] = {
    ".csv": csv_table.read,
    ".geojsonl": geojson_sequence.read,
}

__all__ = ["READERS", "Record", "read_records"]


def read_records(path: Path) -> Iterator[Record]:
    """The records of a file, one at a time. Raises UnreadableFileError that names file and line."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableFileError(
            f"{path.name}: no reader for {path.suffix or 'a name without suffix'}. Known: {', '.join(READERS)}"
        )
    if not path.is_file():
        raise UnreadableFileError(f"{path}: there is no such file")
    return reader(path)
