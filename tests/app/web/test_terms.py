"""Terms and values as people read them, and our own words for terms whose vocabularies have none."""

# SPDX-License-Identifier: Apache-2.0

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from app.layers.declarations import read_declarations
from app.minerals.vocabularies import read_all_labels, read_vocabularies
from app.ogc.figure_query import CUBE
from app.web.languages import CATALOGUES, TERMS, Language, Languages
from app.web.terms import Terms
from gis.layer import Layer

REGIONS = Path(__file__).parents[3] / "data" / "regions"
VOCABULARIES, LABELS = read_vocabularies(), read_all_labels()
LAYERS = {name: one.layer for name, one in read_declarations().layers.items()}
KEPT = {"feldspar", "garnet", "magnesia", "Sediment-hosted", "Sediment-hosted copper ± Co"}
"""Labels that are the same in Indonesian, or that nobody has given an Indonesian word for yet."""


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages(TERMS, CATALOGUES)


@pytest.fixture(scope="module")
def terms() -> Terms:
    return Terms(VOCABULARIES)


@pytest.mark.parametrize("path", sorted(TERMS.glob("*.po")), ids=lambda path: path.stem)
def test_own_words_are_for_terms_without_a_label_of_their_vocabulary(path: Path) -> None:
    without = {
        term.label
        for name, known in VOCABULARIES.items()
        for term in known
        if path.stem not in LABELS.get(name, {}).get(term.code, {})
    }
    symbols = {term.notation for term in VOCABULARIES["unit"]}
    with path.open("rb") as file:
        for found in read_po(file, locale=path.stem):
            if found.id:
                assert found.id in without | symbols, f"{found.id!r} is no term, or its vocabulary has a label"
                assert found.string, f"{found.id!r} is not translated"


def _used() -> Iterator[tuple[str, str]]:
    """Vocabulary and code or URI of the terms of the sites of all regions."""
    for path in REGIONS.glob("*/*.csv"):
        layer = LAYERS.get(path.stem)
        if layer is None:
            continue
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for field in layer.public_fields:
                    if field.vocabulary and field.vocabulary != "classification-method-used":
                        yield from ((field.vocabulary, one) for one in (row.get(field.name) or "").split("|") if one)


def test_every_term_of_a_site_has_a_word_in_indonesian(languages: Languages, terms: Terms) -> None:
    unsaid = set()
    for vocabulary, value in set(_used()):
        english = terms.label(languages["en"], vocabulary, value)
        labels = LABELS.get(vocabulary, {})
        known = VOCABULARIES[vocabulary]
        term = known.terms.get(value) or known.by_uri.get(value)
        if (
            term
            and "id" not in labels.get(term.code, {})
            and terms.label(languages["id"], vocabulary, value) == english
        ):
            unsaid.add(english)
    assert unsaid <= KEPT


@pytest.mark.parametrize(
    ("layer", "properties", "name", "english", "indonesian"),
    [
        ("mines", {"commodityCodes": ["gold", "copper"]}, "commodityCodes", ["gold", "copper"], ["emas", "tembaga"]),
        ("mines", {"commodity": "gold, something else"}, "commodity", "gold, something else", "emas, something else"),
        ("mines", {"status": "operating"}, "status", "operating", "beroperasi"),
        ("mines", {"name": "gold"}, "name", "gold", "gold"),
        ("commodity-resources", {"tonnage": 1234567.5}, "tonnage", "1,234,567.5", "1.234.567,5"),
        ("mines", {"status": None}, "status", None, None),
        ("mines", {}, "status", None, None),
    ],
)
def test_a_value_is_said_in_the_language(
    languages: Languages, terms: Terms, layer: str, properties: dict[str, Any], name: str, english: Any, indonesian: Any
) -> None:
    def said(language: Language) -> Any:
        found: Layer = LAYERS[layer]
        return terms.said(language, found, properties, name)

    assert said(languages["en"]) == english
    assert said(languages["id"]) == indonesian


def test_an_address_of_a_term_stays_as_people_follow_it(languages: Languages, terms: Terms) -> None:
    uri = "http://resource.geosciml.org/classifier/cgi/commodity-code/gold"
    found = terms.said(
        languages["id"], LAYERS["mines"], {"representativeCommodity_uri": uri}, "representativeCommodity_uri"
    )
    assert found == uri


def test_a_year_is_no_quantity(languages: Languages, terms: Terms) -> None:
    assert terms.said(languages["en"], CUBE, {"year": 2023}, "year") == "2023"
    assert terms.said(languages["id"], CUBE, {"value": 1234.5}, "value") == "1.234,5"
