# SPDX-License-Identifier: Apache-2.0

import stat
from dataclasses import replace
from pathlib import Path

import mappyfile
import pytest

from gis.errors import InvalidDeclarationError
from gis.layer import Field, FieldType
from gis.mapserver.mapfile import mapfile, write
from gis.mapserver.symbols import scale_of_zoom
from tests.gis.mapserver.engine import EPSG, PUBLIC_URL, by_kind, places, published, service


def made(**changes: object) -> str:
    layers = [(places(**changes), by_kind())]
    return mapfile(layers, [], service(), connection="dbname=x", wms_url=f"{PUBLIC_URL}/wms", epsg=EPSG)


def test_the_mapfile_reads_back_valid() -> None:
    document = mappyfile.loads(made())
    assert mappyfile.validate(document) == []
    assert [one["name"] for one in document["layers"]] == ["places"]


def test_private_columns_are_not_named() -> None:
    assert "secret" not in made()


def test_no_runtime_substitution_is_defined() -> None:
    text = made()
    assert "VALIDATION" not in text
    assert "DATAPATTERN" not in text


def test_points_are_drawn_over_lines_over_polygons() -> None:
    text = mapfile(published(), [], service(), connection="dbname=x", wms_url="http://x/wms", epsg=EPSG)
    assert [one["name"] for one in mappyfile.loads(text)["layers"]] == ["units", "faults", "places"]


def test_a_layer_for_close_views_has_a_scale_limit() -> None:
    assert mappyfile.loads(made(minzoom=8))["layers"][0]["maxscaledenom"] == scale_of_zoom(8)
    assert "maxscaledenom" not in mappyfile.loads(made())["layers"][0]


def test_connection_options_of_the_caller_are_kept() -> None:
    text = mapfile(
        published(), [], service(), connection="dbname=x options='-c search_path=geo'", wms_url="http://x", epsg=()
    )
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
    text = mapfile([], [], bare, connection="dbname=x", wms_url="http://x", epsg=())
    assert "wms_address" not in text
    assert '"wms_contactvoicetelephone"' not in text
