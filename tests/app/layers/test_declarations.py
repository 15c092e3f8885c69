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
        assert {f.name for f in one.layer.tile_fields} >= {"identifier", *one.layer.summary}
        assert one.layer.public_fields == tuple(f for f in fields_of(table_of(one.model)) if f.public)
        assert one.layer.style == one.styles[0].id
        for style in one.styles:
            assert style.abstract
            assert style.classes[-1].value is None
            if style.field:
                assert len(style.classes) > 1
                assert style.field in {f.name for f in one.layer.tile_fields}, "tiles carry what they are coloured by"


def test_classes_of_a_vocabulary_have_its_labels_and_colours() -> None:
    one = read_declarations().layers["geologic-units"]
    jurassic = next(c for c in one.styles[0].classes if c.title == "Jurassic")
    assert jurassic.value == "http://resource.geosciml.org/classifier/ics/ischart/Jurassic"
    assert jurassic.symbol.fill == "#34B2C9"
    assert one.layer.geometry_type is GeometryType.POLYGON


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("layers/mines.yml", "title: Mines", "titel: Mines", r"mines\.yml: line \d+: titel: unknown key.*'title'"),
        ("layers/mines.yml", "title: Mines", "title: 7", r"mines\.yml: line 3: title: .*string.*7"),
        ("layers/mines.yml", "title: Mines", "", r"title: is missing"),
        ("layers/mines.yml", "title: Mines", "title: Mines\ntime_field: open", r"time_field: there is no field 'open'"),
        ("layers/mines.yml", "title: Mines", "title: Mines\ntime_field: startDate", r"'startDate' is no public date"),
        ("layers/mines.yml", "model: Mine", "model: Mien", r"'Mien'.*did you mean 'Mine'"),
        ("layers/mines.yml", "id: mines", "id: mimes", r"line 1: id is 'mimes', but the file's name says 'mines'"),
        ("layers/mines.yml", "summary: [name", "summary: [nam", r"there is no field 'nam'.*'name'"),
        (
            "layers/mines.yml",
            "styles: [mines-by-commodity",
            "styles: [mines-by-comodity",
            r"no file.*mean 'mines-by-comm",
        ),
        ("layers/mines.yml", "[mines-by-commodity, mines-by-status]", "[]", r"styles: .*at least 1"),
        ("layers/mines.yml", "mines-by-status", "plate-boundaries-by-type", r"by-type\.yml: field: .*'boundaryType'"),
        ("layers/mines.yml", "id: mines", "id: [", r"mines\.yml: line \d+"),
        (
            "styles/mines-by-commodity.yml",
            "field: commodityGroup",
            "field: commodityGrop",
            r"'commodityGrop'.*'commodityGroup'",
        ),
        ("styles/mines-by-commodity.yml", "#1f2937", "blue", r"commodity\.yml: line 6: symbol\.stroke"),
        ("styles/mines-by-commodity.yml", "shape: square", "shape: blob", r"symbol\.shape: .*'square'"),
        ("styles/mines-by-commodity.yml", "field: commodityGroup", "field: name", r"'name' has no vocabulary"),
        (
            "styles/mines-by-status.yml",
            "  operating:",
            "  operatin:",
            r"colours: .*mine-status has no term 'operatin'.*'oper",
        ),
        ("styles/mines-by-status.yml", "#1b9e3a", "green", r"status\.yml: line 7: colours\.operating"),
    ],
)
def test_a_mistake_is_told_with_its_place(configuration: Path, file: str, before: str, after: str, told: str) -> None:
    path = configuration / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(InvalidDeclarationError, match=told):
        read_declarations(configuration)


def test_a_narrower_term_has_the_colour_of_the_nearest_broader_one() -> None:
    _, by_status = read_declarations().layers["mines"].styles
    fills = {c.title: c.symbol.fill for c in by_status.classes}
    assert fills["operating continuously"] == fills["operating"] == "#1b9e3a"
    assert fills["operating intermittently"] == "#7fc97f"


def test_a_style_belongs_to_one_layer(configuration: Path) -> None:
    path = configuration / "layers" / "processing-plants.yml"
    path.write_text(path.read_text().replace("processing-plants-by-commodity", "mines-by-commodity"))
    with pytest.raises(
        InvalidDeclarationError, match=r"plants\.yml: styles: 'mines-by-commodity' is a style of 'mines'"
    ):
        read_declarations(configuration)


def test_service_carries_the_regions_name() -> None:
    service = read_service("https://example.org", "ASEAN")
    assert service.title.endswith("ASEAN")
    assert service.base_url == "https://example.org"
    assert (service.fees, service.access_constraints) == ("none", "none")
