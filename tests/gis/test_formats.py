"""Reading of files: what is not as its format asks is told with file and line."""

# SPDX-License-Identifier: Apache-2.0

from pathlib import Path

import pytest

from gis.errors import UnreadableFileError
from gis.formats import read_records


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_csv_gives_points_and_lines_of_the_file(tmp_path: Path) -> None:
    text = '\ufeffname,lon,lat\n"Two\nlines",105.5,-6\nNo place,,\n'.encode()
    first, second = read_records(written(tmp_path, "a.csv", text))
    assert first.values == {"name": "Two\nlines"}
    assert first.shape is not None
    assert (first.line, first.shape.x, first.shape.y) == (3, 105.5, -6)
    assert second.shape is None


def test_geojson_sequence_skips_empty_lines_and_record_separators(tmp_path: Path) -> None:
    line = '{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[1,2]}}'
    records = list(read_records(written(tmp_path, "a.geojsonl", f"{line}\n\n\x1e{line}\n".encode())))
    assert [r.line for r in records] == [1, 3]
    assert records[0].values == {"a": 1}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"name,lon,lat\nx,abc,1\n", "line 2"),
        ("a.csv", b"name,lon,lat\nx,1\n", "line 2"),
        ("a.csv", b"name,lon,lat\nx,1,2,3\n", "line 2"),
        ("a.csv", b"name,lon,lat\n\xff\xfe,1,2\n", "after line"),
        ("a.geojsonl", b'{"type":"Feature"\n', "line 1"),
        ("a.geojsonl", b"[1]\n", "line 1"),
        ("a.geojsonl", b'{"type":"Feature","geometry":{"type":"Point","coordinates":["x"]}}\n', "line 1"),
        ("a.dwg", b"", "no reader"),
    ],
)
def test_a_broken_file_is_told_with_its_place(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFileError, match=told) as error:
        list(read_records(written(tmp_path, name, content)))
    assert name in str(error.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"b\.csv"):
        read_records(tmp_path / "b.csv")
