"""Names of features follow the publication in the same transaction, and hold public fields only."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.db.base import table_of
from app.db.roles import DatabaseUrls
from app.errors import InvalidDataError
from app.minerals.models import Mine
from app.releases.texts import refresh_texts
from tests.app.releases.region import ask, engine, load, mine
from tests.published import LAYERS

WORDS = "SELECT array_agg(word ORDER BY word) FROM releases.name_word"
NAMES = "SELECT name, position, folded FROM releases.feature_name ORDER BY number, position"
A = mine("a", 100, name="Çaldağ", otherNames="Old Pit; ; Turgutlu")


def test_a_publication_brings_the_names_of_its_features(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A])
    assert ask(fresh_urls, NAMES) == [
        ("Çaldağ", 1, " caldag"),
        ("Old Pit", 2, " old pit"),
        ("Turgutlu", 4, " turgutlu"),
    ]
    assert ask(fresh_urls, WORDS) == [(["caldag", "old", "pit", "turgutlu"],)]


def test_a_changed_feature_has_its_new_names_only(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A])
    load(fresh_urls, tmp_path / "region", [{**A, "name": "Renamed", "otherNames": ""}])
    assert [row[0] for row in ask(fresh_urls, NAMES)] == ["Renamed"]
    assert ask(fresh_urls, WORDS) == [(["renamed"],)]


def test_a_removed_feature_has_no_name_and_takes_no_word_of_others(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A, mine("b", name="New Pit")])
    load(fresh_urls, tmp_path / "region", [mine("b", name="New Pit")])
    assert [row[0] for row in ask(fresh_urls, NAMES)] == ["New Pit"]
    assert ask(fresh_urls, WORDS) == [(["new", "pit"],)]


def test_a_load_that_fails_leaves_the_names_as_they_were(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A])
    before = ask(fresh_urls, NAMES)
    with pytest.raises(InvalidDataError):
        load(fresh_urls, tmp_path / "region", [{**A, "name": "Renamed"}, mine("z", licence="")])
    assert ask(fresh_urls, NAMES) == before


@pytest.mark.parametrize("field", ["name", "otherNames"])
def test_names_in_a_field_that_is_not_public_any_more_are_gone(
    fresh_urls: DatabaseUrls, tmp_path: Path, field: str
) -> None:
    load(fresh_urls, tmp_path / "region", [A])
    layer = LAYERS["mines"]
    fields = tuple(replace(one, public=one.public and one.name != field) for one in layer.fields)
    with engine(fresh_urls) as app, app.begin() as connection:
        assert refresh_texts(connection, table_of(Mine), replace(layer, fields=fields))
    names = [row[0] for row in ask(fresh_urls, NAMES)]
    assert names == (["Old Pit", "Turgutlu"] if field == "name" else ["Çaldağ"])
    assert ask(fresh_urls, WORDS) == [(["old", "pit", "turgutlu"] if field == "name" else ["caldag"],)]


def test_layers_of_before_the_names_get_them_at_a_start(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [A])
    with engine(fresh_urls) as app, app.begin() as connection:
        connection.execute(sa.text("DELETE FROM releases.feature_name"))
        connection.execute(sa.text("UPDATE releases.layer_text SET digest = 'as it was'"))
        assert refresh_texts(connection, table_of(Mine), LAYERS["mines"])
    assert len(ask(fresh_urls, NAMES)) == 3
