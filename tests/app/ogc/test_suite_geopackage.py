"""What the executable test suite for GeoPackage 1.2 asserts of an exported file, by the names of its test methods."""

# SPDX-License-Identifier: Apache-2.0

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.published import LAYERS

APPLICATION_ID = 0x47504B47  # "GPKG"
VERSION = 10200
TYPES = {"BOOLEAN", "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER", "FLOAT", "DOUBLE", "REAL", "TEXT", "BLOB"}
TYPES |= {"DATE", "DATETIME", "GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING"}
TYPES |= {"MULTIPOLYGON", "GEOMETRYCOLLECTION"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NAME = re.compile(r"[A-Za-z0-9_]+")
TRIGGERS = ("delete", "insert", "update1", "update2", "update3", "update4")


@pytest.fixture(scope="module", params=["mineral-occurrences", "geologic-units", "plate-boundaries"])
def package(
    request: pytest.FixtureRequest, http: httpx.Client, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, sqlite3.Connection]]:
    """An exported file that is open, and the layer it is of."""
    path = tmp_path_factory.mktemp("suite") / "exported.gpkg"
    path.write_bytes(http.get(f"/ogc/collections/{request.param}/items", params={"f": "gpkg"}).content)
    with closing(sqlite3.connect(path)) as connection:
        yield request.param, connection


Package = tuple[str, sqlite3.Connection]


def rows(package: Package, statement: str, *values: object) -> list[tuple[object, ...]]:
    return package[1].execute(statement, values).fetchall()


def columns_of(package: Package, table: object) -> dict[str, tuple[str, int]]:
    """Declared type, and whether it is the key, of each column of a table."""
    told = rows(package, "SELECT name, type, pk FROM pragma_table_info(?)", table)
    return {str(name): (str(kind), int(str(key))) for name, kind, key in told}


def test_file_header_application_id_version_integrity_and_foreign_keys(package: Package) -> None:
    assert rows(package, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert rows(package, "PRAGMA user_version") == [(VERSION,)]
    assert rows(package, "PRAGMA integrity_check") == [("ok",)]
    assert rows(package, "PRAGMA foreign_key_check") == []


def test_default_spatial_ref_systems_are_there(package: Package) -> None:
    told = {
        row[0]: row[1:] for row in rows(package, "SELECT srs_id, organization, definition FROM gpkg_spatial_ref_sys")
    }
    assert [str(told[code][0]).upper() for code in (-1, 0, 4326)] == ["NONE", "NONE", "EPSG"]
    assert (told[-1][1], told[0][1]) == ("undefined", "undefined")


def test_contents_tables_exist_with_names_moments_and_types_allowed(package: Package) -> None:
    contents = rows(package, "SELECT table_name, data_type, last_change, srs_id FROM gpkg_contents")
    assert [row[1] for row in contents] == ["features"]
    for name, _, moment, system in contents:
        assert NAME.fullmatch(str(name))
        assert MOMENT.fullmatch(str(moment))
        assert rows(package, "SELECT count(*) FROM gpkg_spatial_ref_sys WHERE srs_id = ?", system) == [(1,)]
        columns = columns_of(package, name)
        assert {kind.partition("(")[0] for kind, _ in columns.values()} <= TYPES
        assert {column: kind for column, (kind, key) in columns.items() if key} == {"fid": "INTEGER"}
        assert all(NAME.fullmatch(column) for column in columns)


def test_geometry_columns_say_the_type_that_is_stored(package: Package) -> None:
    ((table, column, kind, system, z, m),) = rows(package, "SELECT * FROM gpkg_geometry_columns")
    assert (kind, system, z, m) == (LAYERS[package[0]].geometry_type.upper(), 4326, 0, 0)
    assert columns_of(package, table)[str(column)][0] == kind
    for number in range(1, 20):
        with package[1].blobopen(str(table), str(column), number, readonly=True) as blob:
            assert blob.read(3) == b"GP\x00"  # version 1, an ordinary geometry


def test_extensions_table_rows_are_of_registered_extensions_and_what_they_name_is_there(package: Package) -> None:
    found = rows(package, "SELECT table_name, column_name, extension_name, scope FROM gpkg_extensions")
    assert {row[2] for row in found} <= {"gpkg_rtree_index", "gpkg_schema", "gpkg_metadata"}
    assert all(row[3] == ("write-only" if row[2] == "gpkg_rtree_index" else "read-write") for row in found)
    tables = {row[0] for row in rows(package, "SELECT name FROM sqlite_master")}
    assert {row[0] for row in found} <= tables


def test_extension_index_implementation_has_its_table_and_triggers(package: Package) -> None:
    ((table, column),) = rows(package, "SELECT table_name, column_name FROM gpkg_geometry_columns")
    index = f"rtree_{table}_{column}"
    triggers = rows(package, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", table)
    assert {f"{index}_{one}" for one in TRIGGERS} <= {str(name) for (name,) in triggers}
    ((made,),) = rows(package, "SELECT sql FROM sqlite_master WHERE name = ?", index)
    assert re.search(r"USING rtree\(id, ?minx, ?maxx, ?miny, ?maxy\)", str(made))


def test_data_columns_and_metadata_refer_to_what_is_there(package: Package) -> None:
    for table, column in rows(package, "SELECT table_name, column_name FROM gpkg_data_columns"):
        assert column in columns_of(package, table)
    scopes = rows(package, "SELECT md_scope, mime_type FROM gpkg_metadata")
    assert set(scopes) == {("dataset", "text/xml")}
    statement = "SELECT reference_scope, table_name, column_name, row_id_value, timestamp FROM gpkg_metadata_reference"
    for scope, table, column, row, moment in rows(package, statement):
        assert (scope, column, row) == ("table", None, None)
        assert table == package[0].replace("-", "_")
        assert MOMENT.fullmatch(str(moment))
