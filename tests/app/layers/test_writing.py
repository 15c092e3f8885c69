"""Files written by a process of their own: what it tells, and what becomes of it."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.db.roles import DatabaseUrls
from app.errors import DatabaseUnavailableError, QueryTooSlowError
from app.layers.declarations import read_declarations, read_service
from app.layers.export import Wanted, reading
from app.layers.reading import Reading
from app.layers.writing import WriterEndedError, write_apart
from gis.errors import InvalidParameterError
from gis.formats import WRITERS
from gis.query import Query
from tests.app.releases.region import load, mine
from tests.conftest import clone
from tests.gis.formats.features import read_by_gdal


@pytest.fixture(scope="module")
def published(template: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseUrls]:
    """A database in which one mine was published, then two."""
    with clone(template, "writing") as urls:
        folder = tmp_path_factory.mktemp("region") / "region"
        load(urls, folder, [mine("a")])
        load(urls, folder, [mine("a"), mine("b")])
        yield urls


@pytest.fixture
def mines(published: DatabaseUrls) -> Reading:
    layer = read_declarations().layers["mines"].layer
    return reading(published.public, Wanted(layer, Query(limit=None), read_service("https://example.org", "Test"), ""))


def write(one: Reading, path: Path, name: str = "gpkg") -> int:
    return asyncio.run(write_apart(one, WRITERS[name], path))


def test_the_file_is_of_the_release_that_is_told(mines: Reading, tmp_path: Path) -> None:
    assert write(mines, tmp_path / "mines.gpkg") == 2
    assert {one["properties"]["identifier"] for one in read_by_gdal(tmp_path / "mines.gpkg")} == {"a", "b"}
    assert list(tmp_path.iterdir()) == [tmp_path / "mines.gpkg"]


def test_what_a_format_cannot_have_is_told_as_it_is(mines: Reading, tmp_path: Path) -> None:
    nowhere = replace(mines, statement="SELECT 'a' AS identifier, CAST(NULL AS bytea) AS shape", values={})
    with pytest.raises(InvalidParameterError, match="needs a geometry for every feature") as caught:
        write(nowhere, tmp_path / "mines.fgb", "fgb")
    assert caught.value.parameter == "f"
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_slow_or_away_is_told_as_that(mines: Reading, tmp_path: Path) -> None:
    slow = replace(
        mines,
        conninfo=f"{mines.conninfo} options='-c statement_timeout=100'",
        statement="SELECT 'a' AS identifier FROM pg_sleep(30)",
        values={},
    )
    with pytest.raises(QueryTooSlowError, match="smaller part"):
        write(slow, tmp_path / "mines.gpkg")
    with pytest.raises(DatabaseUnavailableError, match="does not answer"):
        write(replace(mines, conninfo="host=/nowhere"), tmp_path / "mines.gpkg")


def test_a_process_that_fails_is_no_file(mines: Reading, tmp_path: Path) -> None:
    with pytest.raises(WriterEndedError, match=r"wrote mines\.gpkg ended with code 1"):
        write(mines, tmp_path / "missing" / "mines.gpkg")


def test_no_password_is_shown_where_a_reading_is(mines: Reading) -> None:
    assert "password" in mines.conninfo
    assert "password" not in repr(mines)


def test_a_writer_starts_without_what_only_a_server_needs() -> None:
    told = "import sys, app.layers.writing; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"app.layers.catalogue", "cql2", "fastapi", "starlette", "pygeoapi", "rasterio"}
