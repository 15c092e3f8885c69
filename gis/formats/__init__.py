"""File formats of vector data, one module each; READERS is the registry by file suffix, WRITERS by name in a query."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gis.errors import UnreadableFileError
from gis.formats import csv_table, geojson_sequence
from gis.formats.record import Record
from gis.formats.writer import Provenance, Writer, in_format

Reader = Callable[[Path], Iterator[Record]]

READERS: Mapping[str, Reader] = {
    ".csv": csv_table.read,
    ".geojsonl": geojson_sequence.read,
}

_WRITERS = (
    Writer("geojson", "GeoJSON", "application/geo+json", ".geojson", "geojson", streamed=True, any_crs=False),
    Writer(
        "geojsonseq",
        "GeoJSON text sequence",
        "application/geo+json-seq",
        ".geojsonl",
        "geojson_sequence",
        streamed=True,
        any_crs=False,
    ),
    Writer("csv", "CSV", "text/csv; charset=utf-8", ".csv", "csv_table", streamed=True),
    Writer(
        "csvw",
        "Description of the CSV file (CSVW)",
        "application/csvm+json",
        ".csv-metadata.json",
        "csvw",
        streamed=True,
    ),
    Writer("gpkg", "GeoPackage", "application/geopackage+sqlite3", ".gpkg", "geopackage", streamed=False),
    Writer("fgb", "FlatGeobuf", "application/vnd.flatgeobuf", ".fgb", "flatgeobuf", streamed=False),
    Writer("parquet", "GeoParquet", "application/vnd.apache.parquet", ".parquet", "geoparquet", streamed=False),
    Writer("shp", "Shapefile (zip)", "application/zip", ".shp.zip", "shapefile", streamed=False),
    Writer("kml", "KML", "application/vnd.google-earth.kml+xml", ".kml", "kml", streamed=True, any_crs=False),
    Writer(
        "xlsx",
        "Excel workbook",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".xlsx",
        "workbook",
        streamed=False,
    ),
    Writer("gml", "GML", "application/gml+xml", ".gml", "gml", streamed=True, has_schema=True),
)

WRITERS: Mapping[str, Writer] = {writer.name: writer for writer in _WRITERS}

__all__ = ["READERS", "WRITERS", "Provenance", "Record", "Writer", "in_format", "read_records"]


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
