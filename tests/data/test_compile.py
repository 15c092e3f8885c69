"""The rules of the compilation, and that compiling again gives the very same files."""

import os
from pathlib import Path

import numpy as np
import pytest
import rasterio

from data.compile.accuracy import accuracy_text, spacing_m
from data.compile.names import key, similar, split_names, tidy
from data.compile.region import REGIONS, compile_region
from data.compile.tables import VOCABULARIES, SourceFileMissingError, read_csv
from data.compile.vocabularies import compile_vocabularies

SOURCE = os.environ.get("AMDIS_SOURCE_DATA", "")
needs_source = pytest.mark.skipif(not SOURCE, reason="AMDIS_SOURCE_DATA does not name the folder of source files")


@pytest.mark.parametrize(
    ("lon", "lat", "tolerance", "text"),
    [
        ("125.64", "10.44", 0, "about 1.1 km"),
        ("117.3333", "8.7", 0, "about 1.9 km"),
        ("116.8725", "-8.965278", 0, "about 31 m"),
        ("98.99985", "12.50034", 0.0008, "about 56 km"),
        ("118.33267", "9.61734", 0.0008, "about 1.9 km"),
        ("112", "-1", 0, "about 110 km"),
    ],
)
def test_coordinates_tell_their_precision(lon: str, lat: str, tolerance: float, text: str) -> None:
    assert accuracy_text(spacing_m(lon, lat, tolerance)) == text


def test_a_comma_before_a_space_belongs_to_a_name() -> None:
    assert split_names("Infanta,Infanta Ipilan", r",(?! )") == ["Infanta", "Infanta Ipilan"]
    assert split_names("Gag, Indonesia", r",(?! )") == ["Gag, Indonesia"]


def test_names_in_capitals_are_written_as_names() -> None:
    assert tidy("BAN KHAM  DUANG") == "Ban Kham Duang"
    assert tidy("SANTO TOMAS II") == "Santo Tomas II"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Soroako Deposit", "Sorowako", True),
        ("Acoje J4-86", "Acoje H3-112", False),
        ("Rio Tuba Mine", "Rio Tuba", True),
        ("Taysan", "Basay", False),
    ],
)
def test_names_of_one_place_are_told_from_names_of_two(first: str, second: str, same: bool) -> None:
    assert similar(key(first), key(second)) is same


def test_a_missing_source_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceFileMissingError, match=r"absent\.csv"):
        read_csv(tmp_path / "absent.csv")


@needs_source
def test_vocabularies_compile_to_the_same_bytes(tmp_path: Path) -> None:
    compile_vocabularies(Path(SOURCE), tmp_path)
    _assert_same(tmp_path, VOCABULARIES)


@needs_source
# rasterio multiplies transforms in a way that the affine library is about to give up.
@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
@pytest.mark.parametrize("region", ["asean", "eco"])
def test_regions_compile_to_the_same_bytes(region: str, tmp_path: Path) -> None:
    compile_region(region, Path(SOURCE), tmp_path)
    _assert_same(tmp_path, REGIONS / region)


def _assert_same(compiled: Path, committed: Path) -> None:
    for path in sorted(compiled.iterdir()):
        if path.suffix == ".tif":
            _assert_same_picture(path, committed / path.name)
        else:
            assert path.read_bytes() == (committed / path.name).read_bytes(), path.name


def _assert_same_picture(first: Path, second: Path) -> None:
    """Pixels, not bytes: another build of the JPEG library writes other bytes."""
    with rasterio.open(first) as one, rasterio.open(second) as two:
        assert one.profile["transform"] == two.profile["transform"]
        assert np.abs(one.read().astype(int) - two.read().astype(int)).mean() < 2
