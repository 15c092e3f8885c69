"""GeoPackage, FlatGeobuf and Shapefile, read back by the system's GDAL."""

# SPDX-License-Identifier: Apache-2.0

import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import systems
from gis.errors import InvalidParameterError
from gis.formats import WRITERS
from gis.formats.writers import flatgeobuf
from gis.formats.writers.shapefile import LONGEST_NAME, LONGEST_TEXT, short_names
from gis.layer import GeometryType
from tests.gis.formats.features import (
    ABOUT,
    LONG,
    ROWS,
    SHAPES,
    TRICKY,
    layer,
    read_by_gdal,
    rows,
    same_shape,
    written,
)

FLAT = ("gpkg", "fgb")
FIRST = {
    "identifier": "x/1 & é",
    "name": TRICKY,
    "depth": pytest.approx(0.1 + 0.2, rel=1e-14),
    "level": 2**40,
    "active": True,
    "found": "1899-12-31",
    "seen": "2025-06-30T23:59:58Z",
    "commodityCodes": "tin|gold",
    "commodityCode_uri": "http://example.org/tin?a=1&b=2",
}


def by_identifier(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {feature["properties"]["identifier"]: feature for feature in found}


@pytest.mark.parametrize("geometry_type", GeometryType)
@pytest.mark.parametrize("name", FLAT)
def test_values_and_shapes_are_read_as_they_were(tmp_path: Path, name: str, geometry_type: GeometryType) -> None:
    values, shapes = kept(name, geometry_type)
    found = by_identifier(read_by_gdal(written(tmp_path, name, layer(geometry_type), values=values, shapes=shapes)))
    assert len(found) == len(values)
    # FlatGeobuf has no dates without a time.
    date = {"found": "1899-12-31T00:00:00"} if name == "fgb" else {}
    assert found["x/1 & é"]["properties"] == FIRST | date
    assert found["x_3"]["properties"]["active"] is False
    assert found["x/4"]["properties"]["name"] == LONG
    assert found["x/4"]["properties"]["depth"] == 1e21
    for row, shape in zip(values, shapes, strict=True):
        assert same_shape(found[row["identifier"]]["geometry"], shape), row["identifier"]


def kept(name: str, geometry_type: GeometryType) -> tuple[list[dict[str, Any]], list[Any]]:
    """Rows and shapes a format can have: FlatGeobuf with an index has none without geometry."""
    pairs = zip(ROWS, SHAPES[geometry_type], strict=True)
    some = [(row, shape) for row, shape in pairs if shape is not None or name != "fgb"]
    return [row for row, _ in some], [shape for _, shape in some]


@pytest.mark.parametrize("name", FLAT)
def test_what_is_missing_stays_missing(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, layer(GeometryType.POINT), values=ROWS[1:2], shapes=[shapely.Point(1, 2)])
    (found,) = read_by_gdal(path)
    assert {key: found["properties"].get(key) for key in FIRST} == dict.fromkeys(FIRST) | {"identifier": "x/2"}


def test_a_flatgeobuf_with_a_feature_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameterError, match="a geometry for every feature"):
        written(tmp_path, "fgb", layer(GeometryType.POINT))


@pytest.mark.parametrize("name", [*FLAT, "shp"])
def test_a_layer_without_features_keeps_its_fields(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, layer(GeometryType.POLYGON), values=())
    source = f"/vsizip/{path}/scratch-layer.shp" if name == "shp" else str(path)
    told = subprocess.run(["ogrinfo", "-so", "-al", source], capture_output=True, check=True, text=True).stdout
    assert "Feature Count: 0" in told
    assert "Polygon" in told
    assert "identifier: String" in told
    assert "WGS 84" in told


@pytest.mark.parametrize("name", [*FLAT, "shp"])
def test_coordinates_of_another_system_are_named_and_stay_easting_first(tmp_path: Path, name: str) -> None:
    crs = systems([32648])["http://www.opengis.net/def/crs/EPSG/0/32648"]
    shape = shapely.Point(500_000.25, 1_000_000.5)
    path = written(tmp_path, name, layer(GeometryType.POINT), replace(ABOUT, crs=crs), values=ROWS[:1], shapes=[shape])
    source = f"/vsizip/{path}/scratch-layer.shp" if name == "shp" else str(path)
    (found,) = read_by_gdal(source, "-a_srs", "EPSG:4326")
    assert same_shape(found["geometry"], shape)
    told = subprocess.run(["ogrinfo", "-so", "-al", source], capture_output=True, check=True, text=True).stdout
    assert "WGS 84 / UTM zone 48N" in told or "WGS_1984_UTM_Zone_48N" in told


@pytest.mark.parametrize("name", [*FLAT, "shp"])
def test_a_query_without_geometry_gives_a_table(tmp_path: Path, name: str) -> None:
    one = layer(GeometryType.POINT)
    whole = rows(one)
    names = [n for n in whole.schema.names if n != one.geometry_field]
    fields = pa.schema([whole.schema.field(n) for n in names])
    plain = pa.RecordBatchReader.from_batches(fields, (batch.select(names) for batch in whole))
    path = tmp_path / f"plain{WRITERS[name].suffix}"
    WRITERS[name].write(one, plain, ABOUT, path)
    source = f"/vsizip/{path}/scratch-layer.dbf" if name == "shp" else str(path)
    assert [f["geometry"] for f in read_by_gdal(source)] == [None] * len(ROWS)


def query(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(statement).fetchall()


def test_a_geopackage_carries_terms_and_titles_where_the_standard_has_them(tmp_path: Path) -> None:
    path = written(tmp_path, "gpkg", layer(GeometryType.POINT))
    assert query(path, "SELECT table_name, identifier, description FROM gpkg_contents") == [
        ("scratch_layer", ABOUT.title, ABOUT.text())
    ]
    metadata = query(path, "SELECT metadata FROM gpkg_metadata")[0][0]
    assert "CC BY 4.0" in metadata
    assert ">7</MDI>" in metadata
    titles = dict(query(path, "SELECT column_name, name FROM gpkg_data_columns"))
    assert titles["depth"] == "Depth"
    assert query(path, "SELECT description FROM gpkg_data_columns WHERE column_name = 'depth'") == [("Depth (m)",)]
    assert query(path, "PRAGMA user_version") == [(10200,)]
    assert query(path, "SELECT count(*) FROM rtree_scratch_layer_shape") == [(3,)]


VALIDATOR = Path("/usr/lib/python3/dist-packages/osgeo_utils/samples/validate_gpkg.py")


@pytest.mark.skipif(not VALIDATOR.is_file(), reason="GDAL's validate_gpkg (python3-gdal) is absent")
@pytest.mark.parametrize("geometry_type", GeometryType)
def test_a_geopackage_is_valid(tmp_path: Path, geometry_type: GeometryType) -> None:
    path = written(tmp_path, "gpkg", layer(geometry_type))
    command = ["/usr/bin/python3", str(VALIDATOR), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_titles_that_two_fields_share_do_not_break_a_geopackage(tmp_path: Path) -> None:
    fields = [replace(field, title="The same") for field in layer(GeometryType.POINT).fields]
    path = written(tmp_path, "gpkg", layer(GeometryType.POINT, fields))
    assert query(path, "SELECT count(*) FROM scratch_layer") == [(len(ROWS),)]


def test_a_flatgeobuf_carries_the_terms(tmp_path: Path) -> None:
    path = written(tmp_path, "fgb", layer(GeometryType.POINT), values=())
    head = path.read_bytes()[:4000]
    assert ABOUT.citation.encode() in head
    assert ABOUT.query.encode() in head


def test_a_flatgeobuf_that_its_index_would_fill_the_memory_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flatgeobuf, "MOST_ROWS", 2)
    with pytest.raises(InvalidParameterError, match="2 features at most"):
        written(tmp_path, "fgb", layer(GeometryType.POINT))


@pytest.mark.parametrize("name", [*FLAT, "shp", "xlsx", "parquet", "csv"])
def test_what_goes_wrong_while_rows_are_read_is_told_as_it_is(tmp_path: Path, name: str) -> None:
    one = layer(GeometryType.POINT)

    def broken() -> Iterator[pa.RecordBatch]:
        yield from rows(one, ROWS[:1])
        raise ConnectionResetError("the database has gone")

    reader = pa.RecordBatchReader.from_batches(rows(one).schema, broken())
    with pytest.raises(ConnectionResetError, match="the database has gone"):
        WRITERS[name].write(one, reader, ABOUT, tmp_path / f"broken{WRITERS[name].suffix}")
    assert list(tmp_path.iterdir()) == []


# Shapefile


@pytest.mark.parametrize("geometry_type", GeometryType)
def test_a_shapefile_keeps_what_its_tables_can_hold(tmp_path: Path, geometry_type: GeometryType) -> None:
    path = written(tmp_path, "shp", layer(geometry_type))
    found = by_identifier(read_by_gdal(f"/vsizip/{path}/scratch-layer.shp"))
    assert len(found) == len(ROWS)
    first = found["x/1 & é"]["properties"]
    assert first["name"] == TRICKY
    assert first["found"] == "1899-12-31"
    assert first["seen"] == "2025-06-30T23:59:58Z"
    assert first["level"] == 2**40
    assert (first["commodityC"], first["commodity2"]) == ("tin|gold", "http://example.org/tin?a=1&b=2")
    assert found["x/4"]["properties"]["name"] == LONG[: LONGEST_TEXT // 2]
    for row, shape in zip(ROWS, SHAPES[geometry_type], strict=True):
        read = found[row["identifier"]]["geometry"]
        if shape is not None and geometry_type is not GeometryType.POINT and read["type"] != shape.geom_type:
            read = {"type": shape.geom_type, "coordinates": [read["coordinates"]]}
        assert same_shape(read, shape), row["identifier"]


def test_a_shapefile_comes_with_its_terms_and_what_it_lost(tmp_path: Path) -> None:
    path = written(tmp_path, "shp", layer(GeometryType.POINT))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        suffixes = {name.partition(".")[2] for name in archive.namelist()}
        assert suffixes == {"shp", "shx", "dbf", "prj", "cpg", "txt"}
        assert archive.read("scratch-layer.cpg").strip() == b"UTF-8"
        readme = archive.read("README.txt").decode()
    assert ABOUT.citation in readme
    assert "Release: 7" in readme
    assert "commodity2  commodityCode_uri: Commodity (URI)" in readme
    assert "1 texts of name were cut" in readme
    assert list(tmp_path.iterdir()) == [path]


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("abAB_"), min_size=1, max_size=14), unique=True, max_size=120))
def test_short_names_are_short_and_differ(names: list[str]) -> None:
    short = short_names(names)
    assert list(short) == names
    assert all(0 < len(one) <= LONGEST_NAME for one in short.values())
    assert len({one.lower() for one in short.values()}) == len(names)
