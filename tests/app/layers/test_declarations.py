"""Layer and style files: a mistake stops the start and is told with file, line and what was expected."""

# SPDX-License-Identifier: Apache-2.0

import shutil
from pathlib import Path

import pytest

from app.db.base import fields_of, table_of
from app.layers.declarations import CONFIGURATION, read_declarations, read_service
from gis.errors import InvalidDeclarationError
from gis.layer import GeometryType


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """A copy of the project's own layer and style files."""
    shutil.copytree(CONFIGURATION, tmp_path / "ogc_config")
    return tmp_path / "ogc_config"


def test_every_layer_of_the_project_is_sound() -> None:
    layers = read_declarations().layers
    assert {
        "mineral-deposits",
        "mineral-occurrences",
        "mines",
        "geologic-units",
        "plate-boundaries",
        "countries",
    } <= set(layers)
    for name, one in layers.items():
        assert one.layer.id == name
        assert one.layer.table.endswith("_current")
        assert {f.name for f in one.layer.tile_fields} == {"identifier", *one.layer.summary}
        assert one.layer.public_fields == tuple(f for f in fields_of(table_of(one.model)) if f.public)
        assert one.style.classes[-1].value is None
        if one.style.field:
            assert len(one.style.classes) > 1
            assert one.style.field in one.layer.summary, "tiles must carry what they are coloured by"


def test_classes_of_a_vocabulary_have_its_labels_and_colours() -> None:
    one = read_declarations().layers["geologic-units"]
    jurassic = next(c for c in one.style.classes if c.title == "Jurassic")
    assert jurassic.value == "http://resource.geosciml.org/classifier/ics/ischart/Jurassic"
    assert jurassic.symbol.fill == "#34B2C9"
    assert one.layer.geometry_type is GeometryType.POLYGON


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("layers/mines.yml", "title: Mines", "titel: Mines", r"mines\.yml: line \d+: titel: unknown key.*'title'"),
        ("layers/mines.yml", "title: Mines", "title: 7", r"mines\.yml: line 3: title: .*string.*7"),
        ("layers/mines.yml", "title: Mines", "", r"title: is missing"),
        ("layers/mines.yml", "model: Mine", "model: Mien", r"'Mien'.*did you mean 'Mine'"),
        ("layers/mines.yml", "id: mines", "id: mimes", r"line 1: id is 'mimes', but the file's name says 'mines'"),
        ("layers/mines.yml", "summary: [name", "summary: [nam", r"there is no field 'nam'.*'name'"),
        ("layers/mines.yml", "style: mines", "style: mine", r"there is no file .*mine\.yml"),
        ("layers/mines.yml", "id: mines", "id: [", r"mines\.yml: line \d+"),
        ("styles/mines.yml", "field: commodityGroup", "field: commodityGrop", r"'commodityGrop'.*'commodityGroup'"),
        ("styles/mines.yml", "#1f2937", "blue", r"mines\.yml: line 5: symbol\.stroke"),
        ("styles/mines.yml", "shape: square", "shape: blob", r"symbol\.shape: .*'square'"),
        ("styles/mines.yml", "field: commodityGroup", "field: name", r"'name' has no vocabulary"),
    ],
)
def test_a_mistake_is_told_with_its_place(configuration: Path, file: str, before: str, after: str, told: str) -> None:
    path = configuration / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(InvalidDeclarationError, match=told):
        read_declarations(configuration)


def test_service_carries_the_regions_name() -> None:
    service = read_service("https://example.org", "ASEAN")
    assert service.title.endswith("ASEAN")
    assert service.base_url == "https://example.org"
    assert (service.fees, service.access_constraints) == ("none", "none")
