"""CSV and its description, GeoParquet and Excel workbooks, each read by another library than wrote it."""

# SPDX-License-Identifier: Apache-2.0

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import systems
from gis.errors import InvalidParameterError
from gis.formats import WRITERS, read_records
from gis.formats.writers import workbook
from gis.layer import Field, FieldType, GeometryType
from tests.gis.formats.features import (
    ABOUT,
    FIELDS,
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

UTM = systems([32648])["http://www.opengis.net/def/crs/EPSG/0/32648"]


# CSV


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_csv_holds_every_value_as_it_is(tmp_path: Path) -> None:
    first, nothing, formula, last = table(written(tmp_path, "csv", layer(GeometryType.POINT)).read_bytes())
    assert first == {
        "lon": "103.1234567",
        "lat": "-1.5",
        "identifier": "x/1 & é",
        "name": TRICKY,
        "depth": repr(0.1 + 0.2),
        "level": str(2**40),
        "active": "true",
        "found": "1899-12-31",
        "seen": "2025-06-30T23:59:58Z",
        "commodityCodes": "tin|gold",
        "commodityCode_uri": "http://example.org/tin?a=1&b=2",
    }
    assert set(nothing.values()) == {"", "x/2"}
    assert formula["name"] == "=1+1"
    assert (last["name"], float(last["depth"])) == (LONG, 1e21)


def test_csv_tells_an_empty_text_from_a_missing_one() -> None:
    one = layer(GeometryType.POINT)
    values = ({"identifier": "a", "name": ""}, {"identifier": "b"})
    lines = b"".join(WRITERS["csv"].chunks(one, rows(one, values), ABOUT)).decode().splitlines()
    assert lines[1].split(",")[2:5] == ['"a"', '""', ""]
    assert lines[2].split(",")[2:5] == ['"b"', "", ""]


def test_a_gap_in_a_list_does_not_lose_the_list() -> None:
    one = layer(GeometryType.POINT)
    lists = [["tin", None, "gold"], None, [], [None]]
    values = [{"identifier": str(n), "commodityCodes": codes} for n, codes in enumerate(lists)]
    found = table(b"".join(WRITERS["csv"].chunks(one, rows(one, values), ABOUT)))
    assert [row["commodityCodes"] for row in found] == ["tin|gold", "", "", ""]
    content = b"".join(WRITERS["gml"].chunks(one, rows(one, values), ABOUT)).decode()
    assert "<app:commodityCodes>tin</app:commodityCodes><app:commodityCodes>gold</app:commodityCodes>" in content
    assert content.count("<app:commodityCodes>") == 2


def test_csv_is_what_our_own_reader_reads(tmp_path: Path) -> None:
    records = list(read_records(written(tmp_path, "csv", layer(GeometryType.POINT))))
    assert [record.shape for record in records] == list(SHAPES[GeometryType.POINT])
    assert records[0].values["name"] == TRICKY


@pytest.mark.parametrize("geometry_type", [GeometryType.LINE, GeometryType.POLYGON])
def test_csv_has_other_shapes_than_points_as_wkt(tmp_path: Path, geometry_type: GeometryType) -> None:
    found = read_by_gdal(written(tmp_path, "csv", layer(geometry_type)))
    for feature, shape in zip(found, SHAPES[geometry_type], strict=True):
        assert same_shape(feature["geometry"], shape)


def test_csv_names_its_columns_after_the_system() -> None:
    one = layer(GeometryType.POINT)
    read = rows(one, ROWS[:1], [shapely.Point(500_000.256, 1e6)])
    first = table(b"".join(WRITERS["csv"].chunks(one, read, replace(ABOUT, crs=UTM))))[0]
    assert (float(first["x"]), float(first["y"])) == (500_000.26, 1e6)


texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(texts, st.floats(allow_nan=False, allow_infinity=False), st.lists(texts)), max_size=7))
def test_any_text_and_number_survives_csv_and_geojson(given_values: list[tuple[str, float, list[str]]]) -> None:
    one = layer(GeometryType.POINT)
    values = [
        {"identifier": str(n), "name": name, "depth": depth, "commodityCodes": codes}
        for n, (name, depth, codes) in enumerate(given_values)
    ]
    shapes = [shapely.Point(1, 2)] * len(values)
    found = table(b"".join(WRITERS["csv"].chunks(one, rows(one, values, shapes), ABOUT)))
    assert [(row["name"], float(row["depth"])) for row in found] == [(name, depth) for name, depth, _ in given_values]
    document = json.loads(b"".join(WRITERS["geojson"].chunks(one, rows(one, values, shapes), ABOUT)))
    told = [feature["properties"] for feature in document["features"]]
    assert [(one["name"], one["depth"], one["commodityCodes"]) for one in told] == given_values


def test_the_description_of_a_csv_names_its_columns_and_terms() -> None:
    one = layer(GeometryType.POINT)
    header = b"".join(WRITERS["csv"].chunks(one, rows(one), ABOUT)).split(b"\n")[0].decode().split(",")
    about = replace(ABOUT, query="https://example.org/items?f=csvw&limit=5")
    described = json.loads(b"".join(WRITERS["csvw"].chunks(one, rows(one), about)))
    assert described["url"] == "https://example.org/items?f=csv&limit=5"
    assert described["dc:license"] == ABOUT.licence_url
    assert described["dc:bibliographicCitation"] == ABOUT.citation
    columns = {column["name"]: column for column in described["tableSchema"]["columns"]}
    assert list(columns) == header
    assert columns["identifier"]["required"] is True
    assert columns["commodityCodes"]["separator"] == "|"
    assert columns["depth"]["datatype"] == "double"
    assert "secret" not in columns
    assert described["tableSchema"]["primaryKey"] == "identifier"
    assert described["dc:conformsTo"] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def test_the_description_of_a_csv_keys_no_column_that_is_not_there() -> None:
    one = layer(GeometryType.POINT)
    few = rows(layer(GeometryType.POINT, [field for field in FIELDS if field.name == "name"]), ROWS)
    described = json.loads(b"".join(WRITERS["csvw"].chunks(one, few, ABOUT)))
    assert "identifier" not in {column["name"] for column in described["tableSchema"]["columns"]}
    assert "primaryKey" not in described["tableSchema"]


@pytest.mark.parametrize("name", ["csvw", "gml", "xlsx"])
def test_files_in_a_national_system_tell_how_exactly_they_were_made(tmp_path: Path, name: str) -> None:
    crs = systems([3414])["http://www.opengis.net/def/crs/EPSG/0/3414"]
    path = tmp_path / f"a{WRITERS[name].suffix}"
    one = layer(GeometryType.POINT)
    WRITERS[name].write(one, rows(one), replace(ABOUT, crs=crs), path)
    text = path.read_text() if name != "xlsx" else str([*openpyxl.load_workbook(path)["About"].values])
    assert crs.uri in text
    assert "SVY21 to WGS 84 (1) + Singapore Transverse Mercator (accuracy 1 m)" in text


# GeoParquet


@pytest.mark.parametrize("geometry_type", GeometryType)
def test_geoparquet_keeps_types_values_and_shapes(tmp_path: Path, geometry_type: GeometryType) -> None:
    found = pq.read_table(written(tmp_path, "parquet", layer(geometry_type)))
    listed = found.to_pylist()
    assert len(listed) == len(ROWS)
    for given_row, shape, row in zip(ROWS, SHAPES[geometry_type], listed, strict=True):
        assert {key: row[key] for key in given_row} == given_row
        assert (None if row["shape"] is None else shapely.from_wkb(row["shape"])) == shape
        assert (None if row["bbox"] is None else tuple(row["bbox"].values())) == (shape.bounds if shape else None)
    assert listed[1]["commodityCodes"] is None


def test_geoparquet_says_what_its_geometry_is(tmp_path: Path) -> None:
    metadata = pq.read_metadata(written(tmp_path, "parquet", layer(GeometryType.POLYGON))).metadata
    geo = json.loads(metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "shape"
    assert column["encoding"] == "WKB"
    assert column["geometry_types"] == ["MultiPolygon"]
    assert pyproj.CRS.from_json_dict(column["crs"]) == pyproj.CRS.from_user_input("OGC:CRS84")
    assert column["covering"]["bbox"]["xmax"] == ["bbox", "xmax"]
    bounds = shapely.total_bounds([shape for shape in SHAPES[GeometryType.POLYGON] if shape])
    assert np.array_equal(column["bbox"], bounds)
    assert metadata[b"citation"].decode() == ABOUT.citation
    assert metadata[b"release"] == b"7"


def test_geoparquet_without_features_has_no_extent(tmp_path: Path) -> None:
    path = written(tmp_path, "parquet", layer(GeometryType.POINT), values=())
    assert pq.read_table(path).num_rows == 0
    assert "bbox" not in json.loads(pq.read_metadata(path).metadata[b"geo"])["columns"]["shape"]


def test_geoparquet_names_another_system(tmp_path: Path) -> None:
    path = written(tmp_path, "parquet", layer(GeometryType.POINT), replace(ABOUT, crs=UTM))
    geo = json.loads(pq.read_metadata(path).metadata[b"geo"])
    assert pyproj.CRS.from_json_dict(geo["columns"]["shape"]["crs"]).to_epsg() == 32648


# Excel


def sheet(path: Path, name: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)[name].iter_rows(values_only=True))


def test_a_workbook_holds_values_in_their_types_and_no_formula(tmp_path: Path) -> None:
    values = [*ROWS, {"identifier": "x/5", "found": date(2025, 2, 28), "name": "bell \x07"}]
    path = written(
        tmp_path, "xlsx", layer(GeometryType.POINT), values=values, shapes=[*SHAPES[GeometryType.POINT], None]
    )
    header, first, nothing, formula, last, dated = sheet(path, "Data")
    first_row = dict(zip(header, first, strict=True))
    assert first_row == {
        "lon": 103.1234567,
        "lat": -1.5,
        "identifier": "x/1 & é",
        "name": TRICKY,
        "depth": pytest.approx(0.1 + 0.2, rel=1e-15),
        "level": 2**40,
        "active": True,
        "found": "1899-12-31",
        "seen": "2025-06-30T23:59:58Z",
        "commodityCodes": "tin|gold",
        "commodityCode_uri": "http://example.org/tin?a=1&b=2",
    }
    assert set(nothing) == {None, "x/2"}
    assert formula[header.index("name")] == "=1+1"
    assert last[header.index("name")] == LONG
    assert last[header.index("commodityCode_uri")] == "#N/A"
    assert dated[header.index("found")] == datetime(2025, 2, 28)  # noqa: DTZ001
    cells = openpyxl.load_workbook(path)["Data"]
    assert {cell.data_type for row in cells.iter_rows() for cell in row} <= {"s", "inlineStr", "n", "b", "d"}


def test_a_workbook_tells_its_fields_and_terms(tmp_path: Path) -> None:
    field = Field("name", FieldType.STRING, "Name")
    fields = [layer(GeometryType.POLYGON).fields[0], field, *layer(GeometryType.POLYGON).fields[2:]]
    long = [{"identifier": "a", "name": "\U0001f600" * 20_000}]
    path = written(tmp_path, "xlsx", layer(GeometryType.POLYGON, fields), values=long)
    about = dict(sheet(path, "About"))
    assert about["citation"] == ABOUT.citation
    assert about["release"] == "7"
    notes = [text for key, text in sheet(path, "About") if key == "note"]
    assert notes[0].startswith("1 texts were cut at 32767")
    assert "shapes are not part" in notes[1]
    assert ("depth", "Depth", "number", "m", "") in sheet(path, "Fields")
    assert sheet(path, "Data")[1][1] == "\U0001f600" * (32_767 // 2)


def test_a_workbook_with_more_rows_than_a_sheet_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 4)
    with pytest.raises(InvalidParameterError, match="3 features"):
        written(tmp_path, "xlsx", layer(GeometryType.POINT))
