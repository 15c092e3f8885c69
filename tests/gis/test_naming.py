"""Folding of names: the same in the database and here, and nothing lost of scripts that have no capital letters."""

# SPDX-License-Identifier: Apache-2.0

import psycopg
import pytest
import sqlalchemy as sa

from app.db.roles import DatabaseUrls
from gis.naming import fold, folded, likeness, trigrams

NAMES = (
    "Grasberg",
    "  Mt.  Isa (No. 2)  ",
    "Kızılcaören",
    "Çaldağ",
    "Gümüşhane",
    "Đắk Nông – Nhân Cơ",
    "thiếc",
    "Ñame d'Oro",
    "Straße, ærø",
    "ดีบุก",
    "สังกะสี",
    "ທອງແດງ",
    "សំណប៉ាហាំង",
    "သံဖြူ",
    "锡矿山",
    "주석",
    "олово",
    "قلع",
    "கலாய்",
    "100% A_B\\C",
    "PT. Timah (Persero) Tbk",
    "!!!",
    "",
)


def test_a_name_is_folded_alike_here_and_in_the_database(fresh_urls: DatabaseUrls) -> None:
    engine = sa.create_engine(fresh_urls.app.sqlalchemy(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        there = [connection.execute(sa.select(folded(sa.literal(name)))).scalar_one() for name in NAMES]
    engine.dispose()
    assert dict(zip(NAMES, there, strict=True)) == {name: fold(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_is_a_wildcard_is_left(name: str) -> None:
    assert not set(fold(name)) & set("%_\\")
    assert fold(fold(name)) == fold(name)


def test_vowel_signs_are_no_accents() -> None:
    assert fold("ดีบุก") == " ดีบุก"
    assert fold("Ç") == " c"


def test_trigrams_are_those_of_the_database(fresh_urls: DatabaseUrls) -> None:
    with psycopg.connect(fresh_urls.app.conninfo()) as connection:
        for word in ("tin", "grasberg", "a", "ดีบุก", "锡"):
            row = connection.execute("SELECT count(*) FROM unnest(show_trgm(%s))", [word]).fetchone()
            assert row == (len(trigrams(word)),), word


@pytest.mark.parametrize(
    ("typed", "name", "like"),
    [("grasburg", "grasberg", True), ("copepr", "copper", True), ("tin", "gold", False), ("", "gold", False)],
)
def test_likeness_tells_a_slip_from_another_word(typed: str, name: str, like: bool) -> None:
    wanted = [trigrams(word) for word in typed.split()]
    assert (likeness(wanted, [trigrams(name)]) >= 0.4) is like
