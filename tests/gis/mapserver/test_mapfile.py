# SPDX-License-Identifier: Apache-2.0

import stat
from dataclasses import replace
from pathlib import Path

import mappyfile
import pytest

from gis.errors import InvalidDeclarationError
from gis.layer import Band, Field, FieldType, GeometryType
from gis.mapserver.downloads import downloads_mapfile
from gis.mapserver.mapfile import mapfile, write
from gis.style import Label, scale_of_zoom
from tests.gis.mapserver.engine import EPSG, PUBLIC_URL, by_kind, by_name, places, published, service


def made(**changes: object) -> str:
    layers = [(places(**changes), (by_kind(),))]
    return mapfile(layers, [], service(), connection="dbname=x", epsg=EPSG)


def test_the_mapfile_reads_back_valid() -> None:
    document = mappyfile.loads(made())
    assert mappyfile.validate(document) == []
    assert [one["name"] for one in document["layers"]] == ["places"]


def test_private_columns_are_not_named() -> None:
    assert "secret" not in made()


def test_requests_can_put_nothing_into_the_mapfile_but_a_field_of_the_styles() -> None:
    assert "VALIDATION" not in made()
    layers = [(places(), (by_kind(), by_name()))]
    text = mapfile(layers, [], service(), connection="dbname=x", epsg=EPSG)
    (layer,) = mappyfile.loads(text)["layers"]
    validation = {key: value for key, value in layer["validation"].items() if not key.startswith("__")}
    assert validation == {"classes-of-places": "^(kindOf|name)$", "default_classes-of-places": "kindOf"}
    assert layer["classitem"] == "class_value"
    assert text.count("%classes-of-places%") == 1
    assert "DATAPATTERN" not in text


def test_styles_of_a_layer_agree_on_their_labels() -> None:
    other = replace(by_name(), label=Label("kindOf", 3))
    with pytest.raises(InvalidDeclarationError, match="places: its styles take labels from name and kindOf"):
        mapfile([(places(), (by_kind(), other))], [], service(), connection="", epsg=EPSG)


def test_points_are_drawn_over_lines_over_polygons() -> None:
    text = mapfile(published(), [], service(), connection="dbname=x", epsg=EPSG)
    assert [one["name"] for one in mappyfile.loads(text)["layers"]] == ["units", "faults", "places"]


def test_a_layer_for_close_views_has_a_scale_limit() -> None:
    assert mappyfile.loads(made(minzoom=8))["layers"][0]["maxscaledenom"] == scale_of_zoom(8)
    assert "maxscaledenom" not in mappyfile.loads(made())["layers"][0]


def test_connection_options_of_the_caller_are_kept() -> None:
    text = mapfile(published(), [], service(), connection="dbname=x options='-c search_path=geo'", epsg=())
    assert "search_path=geo -c statement_timeout=" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 'x" END'},
        {"id": ""},
        {"table": "t using unique x"},
        {"schema": 'a"b'},
        {"geometry_field": "shape from x"},
        {"fields": (Field("kindOf", FieldType.STRING, "k"), Field('n"ame', FieldType.STRING, "n"))},
        {"fields": (Field("name", FieldType.STRING, "n"),)},
    ],
)
def test_a_name_that_cannot_stand_in_sql_or_a_field_that_is_not_there_stops(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidDeclarationError):
        made(**changes)


def test_the_map_has_no_address_of_the_client() -> None:
    document = mappyfile.loads(made())
    assert document["web"]["metadata"]["wms_onlineresource"] == f"{PUBLIC_URL}/wms?"


def test_files_are_replaced_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    write(tmp_path, "old")
    path = write(tmp_path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["fonts.txt", "wms.map"]


def test_an_empty_contact_leaves_no_empty_entries() -> None:
    bare = replace(service(), contact=replace(service().contact, email="", phone="", address=""))
    text = mapfile([], [], bare, connection="dbname=x", epsg=())
    assert "wms_address" not in text
    assert '"wms_contactvoicetelephone"' not in text


def test_a_ranked_layer_reads_by_scale_what_is_drawn_there() -> None:
    layer = places(
        geometry_type=GeometryType.POLYGON, rank_field="minzoom", bands=(Band(4, "shape_4"), Band(9, "shape_9"))
    )
    area = replace(by_kind(), geometry_type=GeometryType.POLYGON)
    text = mapfile([(layer, (area,))], [], service(), connection="dbname=x", epsg=EPSG)
    found = mappyfile.loads(text)["layers"][0]
    zoom, shape = (one["values"] for one in found["scaletokens"])
    assert (zoom["0"], shape["0"]) == ("99", "shape")
    just_closer, at_four = (f"{scale_of_zoom(level) * 0.999:.0f}" for level in (9, 4))
    assert (zoom[just_closer], shape[just_closer]) == ("9", "shape_9")
    assert (zoom[at_four], shape[at_four]) == ("4", "shape_4")
    assert '"minzoom\\" <= CAST(%zoom% AS SMALLINT)' in text
    assert '\\"%drawn%\\" AS \\"shape\\"' in text
    assert '(\\"shape\\" && !BOX!)' in text


def test_downloads_have_every_row_and_the_whole_geometry() -> None:
    layer = places(rank_field="minzoom", bands=(Band(4, "shape_4"),))
    text = downloads_mapfile([layer], [], service(), connection="dbname=x", epsg=EPSG)
    assert mappyfile.validate(mappyfile.loads(text)) == []
    assert "minzoom" not in text
    assert "shape_4" not in text
    assert "secret" not in text
