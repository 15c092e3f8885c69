"""How well names fit, and which name of a thing is told."""

# SPDX-License-Identifier: Apache-2.0

import pytest

from app.minerals.vocabularies import read_vocabularies
from app.search.highlights import pieces, spans
from app.search.terms import Match, Name, Sort, Term, how, literally, nearly
from app.search.vocabulary import declared_terms, language_name
from gis.naming import fold
from tests.published import REGION

TIN = Term(
    Sort.COMMODITY, "tin", "/commodities/tin", (), (Name("tin", "en"), Name("timah", "id"), Name("Sn", code=True))
)
TITANIUM = Term(Sort.COMMODITY, "titanium", "/commodities/titanium", (), (Name("titanium", "en"),))


@pytest.mark.parametrize(
    ("name", "typed", "match"),
    [
        ("Grasberg", "grasberg", Match.EXACT),
        ("Grasberg mine", "gras", Match.BEGINS),
        ("The Grasberg mine", "gras", Match.WORDS),
        ("Copper Hill", "hill copper", Match.WORDS),
        ("Grasberg", "berg", None),
        ("แร่ดีบุก", "ดีบุก", Match.HOLDS),
        ("Copper Hill", "copper mine", None),
    ],
)
def test_a_whole_name_fits_better_than_its_beginning_and_that_than_a_word(
    name: str, typed: str, match: Match | None
) -> None:
    assert how(fold(name), fold(typed)) == match


def test_the_name_that_fits_is_told_with_its_language() -> None:
    (found,) = literally([TIN, TITANIUM], fold("TIMAH"))
    assert (found.term.key, found.name.text, found.name.language) == ("tin", "timah", "id")


def test_symbols_are_found_as_a_whole_only() -> None:
    assert [one.name.text for one in literally([TIN], fold("sn"))] == ["Sn"]
    assert not list(literally([TIN], fold("s")))
    assert not [one for one in nearly([TIN], fold("snn")) if one.name.code]


def test_a_slip_finds_the_nearest() -> None:
    assert [one.term.key for one in nearly([TIN, TITANIUM], fold("titanum"))] == ["titanium"]


def test_title_is_in_the_readers_language_where_there_is_one() -> None:
    assert (TIN.title("id"), TIN.title("km"), TIN.title()) == ("timah", "tin", "tin")


def test_every_state_commodity_and_indicator_has_a_name_and_a_page() -> None:
    terms = declared_terms(REGION, read_vocabularies())
    assert {term.kind for term in terms} == {Sort.COUNTRY, Sort.COMMODITY, Sort.INDICATOR}
    assert len({(term.kind, term.key) for term in terms}) == len(terms)
    for term in terms:
        assert term.href.startswith("/")
        assert term.names[0].folded, term
        assert not term.names[0].code, term


@pytest.mark.parametrize(
    ("name", "query", "found"),
    [
        ("Pt Tambang Timah", "timah tam", ["Tam", "Timah"]),
        ("Çaldağ", "caldag", ["Çaldağ"]),
        ("Straße", "strasse", ["Straße"]),
        ("แร่ดีบุก", "ดีบุก", ["ดีบุก"]),
        ("Grasberg", "berg", []),
        ("<b>", "b", ["b"]),
    ],
)
def test_what_was_asked_for_is_marked_in_the_name(name: str, query: str, found: list[str]) -> None:
    assert [name[first:last] for first, last in spans(name, query)] == found
    assert "".join(piece.text for piece in pieces(name, query)) == name


def test_languages_have_names() -> None:
    assert language_name("th") == "Thai"
    assert language_name("th", "id") == "Thai"
    assert language_name("no such language") == "no such language"
