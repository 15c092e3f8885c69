"""`amdis export`: a layer to a file, by the suffix of its name."""

# SPDX-License-Identifier: Apache-2.0

import asyncio
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db.roles import DatabaseUrls
from app.errors import CollectionNotFoundError, InvalidDataError
from app.layers.declarations import read_declarations, read_service
from app.layers.export import export_layer, published_now, writer_of
from gis.layer import LayerState
from tests.app.releases.region import load, mine
from tests.conftest import clone


@pytest.fixture(scope="module")
def published(template: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseUrls]:
    """A database in which one mine was published, then two others in its stead."""
    with clone(template, "export") as urls:
        folder = tmp_path_factory.mktemp("region") / "region"
        load(urls, folder, [mine("old")])
        load(urls, folder, [mine("b", name="New, mine"), mine("a", licence="public domain")])
        yield urls


def exported(
    urls: DatabaseUrls, path: Path, layer: str = "mines", release: int | None = None
) -> tuple[LayerState, list[tuple[int, int]]]:
    """What was written, and what was told as it went on."""
    catalogue = asyncio.run(published_now(read_declarations(), urls.public))
    told: list[tuple[int, int]] = []
    service = read_service("https://example.org", "Test")
    state = export_layer(urls.public, catalogue, service, layer, path, lambda *one: told.append(one), release)
    return state, told


def test_the_layer_as_it_is_published_is_written(published: DatabaseUrls, tmp_path: Path) -> None:
    path = tmp_path / "mines.geojson"
    state, told = exported(published, path)
    document = json.loads(path.read_bytes())
    assert sorted(feature["id"] for feature in document["features"]) == ["a", "b"]
    assert document["release"] == "2"
    assert set(document["licence"].split("; ")) == {"CC BY 4.0", "public domain"}
    assert (state.release, state.count, told) == (2, 2, [(2, 2)])


def test_an_earlier_release_is_written_as_it_was(published: DatabaseUrls, tmp_path: Path) -> None:
    state, _ = exported(published, tmp_path / "old.geojson", release=1)
    document = json.loads((tmp_path / "old.geojson").read_bytes())
    assert [feature["id"] for feature in document["features"]] == ["old"]
    assert (document["release"], state.release) == ("1", 1)
    assert "asOf=" in document["query"]


def test_a_table_comes_with_its_description_beside_it(published: DatabaseUrls, tmp_path: Path) -> None:
    exported(published, tmp_path / "mines.csv")
    described = json.loads((tmp_path / "mines.csv-metadata.json").read_bytes())
    assert described["url"] == "mines.csv"
    with (tmp_path / "mines.csv").open(newline="") as file:
        assert {row["name"] for row in csv.DictReader(file)} == {"New, mine", "Mine a"}


def test_a_layer_with_nothing_published_is_an_empty_file(published: DatabaseUrls, tmp_path: Path) -> None:
    state, _ = exported(published, tmp_path / "a.geojson", "countries")
    assert state.count == 0
    assert json.loads((tmp_path / "a.geojson").read_bytes())["features"] == []


def test_mistakes_are_told_and_leave_no_file(published: DatabaseUrls, tmp_path: Path) -> None:
    there = tmp_path / "there.gpkg"
    there.write_text("mine")
    with pytest.raises(InvalidDataError, match=r"there\.gpkg: is there already"):
        exported(published, there)
    assert there.read_text() == "mine"
    with pytest.raises(CollectionNotFoundError, match="did you mean 'mines'"):
        exported(published, tmp_path / "a.gpkg", "mine")
    with pytest.raises(InvalidDataError, match="no release 3; there are 1 to 2"):
        exported(published, tmp_path / "a.gpkg", release=3)
    with pytest.raises(InvalidDataError, match=r"Known: .*\.gpkg"):
        writer_of(tmp_path / "a.dwg")
    assert list(tmp_path.iterdir()) == [there]


def test_the_longest_suffix_says_the_format() -> None:
    assert writer_of(Path("a.CSV")).name == "csv"
    assert writer_of(Path("a.csv-metadata.json")).name == "csvw"
    assert writer_of(Path("a.shp.zip")).name == "shp"
