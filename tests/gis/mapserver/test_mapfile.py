# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mappyfile
import pytest

from gis.errors import InvalidDeclarationError
from gis.layer import Band, Field, FieldType, GeometryType
from gis.mapserver.files import Mapfiles
from gis.mapserver.writer import MapfileWriter, Pairs
from gis.service import ServiceMetadata
from gis.style import Label, scale_of_zoom
from tests.gis.mapserver.engine import EPSG, PUBLIC_URL, by_kind, by_name, make_raster, places, published, service


class Written:
    """A mapfile as MapServer reads it: its pieces put together."""

    def __init__(self, files: Mapfiles) -> None:
        path = files.folder.path / files.whole()
        self.document: dict[str, Any] = mappyfile.open(str(path))
        pieces = [line.split('"')[1] for line in path.read_text().splitlines() if line.startswith("INCLUDE")]
        self.text = "".join((path.parent / piece).read_text() for piece in pieces)
        self.layers: list[dict[str, Any]] = self.document.get("layers", [])


Write = Callable[..., tuple[Written, Written]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the mapfiles of some layers; gives those of maps and of downloads."""

    def written(layers: Pairs, given: ServiceMetadata | None = None, connection: str = "dbname=x") -> Any:
        writer = MapfileWriter(tmp_path, [make_raster(tmp_path)], given or service(), connection=connection, epsg=EPSG)
        return tuple(map(Written, writer.write(layers)))

    return written


@pytest.fixture
def made(write: Write) -> Callable[..., Written]:
    """The mapfile of maps of one layer with some changes."""
    return lambda **changes: write([(places(**changes), (by_kind(),))])[0]


def test_both_mapfiles_are_valid(write: Write) -> None:
    for one, layers in zip(
        write(published()),
        (["relief", "units", "faults", "places"], ["places", "faults", "units", "relief"]),
        strict=True,
    ):
        assert mappyfile.validate(one.document) == []
        assert [layer["name"] for layer in one.layers] == layers


def test_private_columns_are_not_named(made: Callable[..., Written]) -> None:
    assert "secret" not in made().text


def test_requests_can_put_nothing_into_the_mapfile_but_a_field_of_the_styles(write: Write) -> None:
    assert "VALIDATION" not in write([(places(), (by_kind(),))])[0].text
    maps, _ = write([(places(), (by_kind(), by_name()))])
    layer = maps.layers[-1]
    validation = {key: value for key, value in layer["validation"].items() if not key.startswith("__")}
    assert validation == {"classes-of-places": "^(kindOf|name)$", "default_classes-of-places": "kindOf"}
    assert layer["classitem"] == "class_value"
    assert maps.text.count("%classes-of-places%") == 1
    assert "DATAPATTERN" not in maps.text


def test_styles_of_a_layer_agree_on_their_labels(write: Write) -> None:
    other = replace(by_name(), label=Label("kindOf", 3))
    with pytest.raises(InvalidDeclarationError, match="places: its styles take labels from name and kindOf"):
        write([(places(), (by_kind(), other))])


def test_a_layer_for_close_views_has_a_scale_limit(made: Callable[..., Written]) -> None:
    assert made(minzoom=8).layers[-1]["maxscaledenom"] == scale_of_zoom(8)
    assert "maxscaledenom" not in made().layers[-1]


def test_connection_options_of_the_caller_are_kept(write: Write) -> None:
    for one in write(published(), connection="dbname=x options='-c search_path=geo'"):
        assert "search_path=geo -c statement_timeout=" in one.text


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 'x" END'},
        {"id": ""},
        {"id": "../x"},
        {"table": "t using unique x"},
        {"schema": 'a"b'},
        {"geometry_field": "shape from x"},
        {"fields": (Field("kindOf", FieldType.STRING, "k"), Field('n"ame', FieldType.STRING, "n"))},
        {"fields": (Field("name", FieldType.STRING, "n"),)},
    ],
)
def test_a_name_that_cannot_stand_in_sql_or_a_field_that_is_not_there_stops(
    made: Callable[..., Written], changes: dict[str, object]
) -> None:
    with pytest.raises(InvalidDeclarationError):
        made(**changes)


def test_the_map_has_no_address_of_the_client(made: Callable[..., Written]) -> None:
    assert made().document["web"]["metadata"]["wms_onlineresource"] == f"{PUBLIC_URL}/wms?"


def test_an_empty_contact_leaves_no_empty_entries(write: Write) -> None:
    bare = replace(service(), contact=replace(service().contact, email="", phone="", address=""))
    maps, _ = write([], bare)
    assert "wms_address" not in maps.text
    assert '"wms_contactvoicetelephone"' not in maps.text


def test_a_ranked_layer_reads_by_scale_what_is_drawn_there(write: Write) -> None:
    layer = places(
        geometry_type=GeometryType.POLYGON, rank_field="minzoom", bands=(Band(4, "shape_4"), Band(9, "shape_9"))
    )
    maps, _ = write([(layer, (replace(by_kind(), geometry_type=GeometryType.POLYGON),))])
    zoom, shape = (one["values"] for one in maps.layers[-1]["scaletokens"])
    assert (zoom["0"], shape["0"]) == ("99", "shape")
    just_closer, at_four = (f"{scale_of_zoom(level) * 0.999:.0f}" for level in (9, 4))
    assert (zoom[just_closer], shape[just_closer]) == ("9", "shape_9")
    assert (zoom[at_four], shape[at_four]) == ("4", "shape_4")
    assert '"minzoom\\" <= CAST(%zoom% AS SMALLINT)' in maps.text
    assert '\\"%drawn%\\" AS \\"shape\\"' in maps.text
    assert '(\\"shape\\" && !BOX!)' in maps.text


def test_downloads_have_every_row_and_the_whole_geometry(write: Write) -> None:
    layer = places(rank_field="minzoom", bands=(Band(4, "shape_4"),))
    _, downloads = write([(layer, (by_kind(),))])
    for name in ("minzoom", "shape_4", "secret"):
        assert name not in downloads.text
