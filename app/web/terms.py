"""Values of features as people read them: terms of the vocabularies, numbers and days in the words of a language."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from app.minerals.vocabularies import read_all_labels
from app.web.languages import Labels, Language, label
from gis.layer import Field, FieldType, Layer
from gis.vocabulary import Vocabulary

_YEARS = range(1000, 2200)
"""Whole numbers without a unit that are written as they are."""


class Terms:
    """Says terms and values in a language."""

    def __init__(self, vocabularies: Mapping[str, Vocabulary]) -> None:
        self._vocabularies = vocabularies

    def label(self, language: Language, vocabulary: str, value: str) -> str:
        """The label of the term of a code or URI; the value itself if there is no such term."""
        known = self._vocabularies[vocabulary]
        term = known.terms.get(value) or known.by_uri.get(value)
        return self._label(language, vocabulary, term.code, term.label) if term else value

    def said(self, language: Language, layer: Layer, properties: Mapping[str, Any], name: str) -> Any:
        """A value of a feature for its page: text, a list of texts, a truth value, or None where nothing is known.

        URIs stay, as people follow them.
        """
        value, field = properties.get(name), layer.field(name)
        if field is None or value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return _number(language, value, field)
        if field.type in (FieldType.DATE, FieldType.DATETIME):
            return language.day(value)
        if field.vocabulary and not name.endswith("_uri"):
            said = [self.label(language, field.vocabulary, one) for one in _each(value)]
            return said if isinstance(value, list) else said[0]
        beside = layer.field(f"{name}_uri") or layer.field(f"{name}Codes")
        if beside and beside.vocabulary and isinstance(value, str):
            return self._listed(language, beside.vocabulary, value)
        return value

    def _listed(self, language: Language, vocabulary: str, text: str) -> str:
        """A text that stands beside the codes it tells of: English labels, one after the other, or what it is."""
        known = self._by_label[vocabulary]
        return ", ".join(
            self._label(language, vocabulary, known[one], one) if one in known else one for one in text.split(", ")
        )

    def _label(self, language: Language, vocabulary: str, code: str, english: str) -> str:
        return label(self.labels.get(vocabulary, {}), code, english, language)

    @cached_property
    def labels(self) -> Mapping[str, Labels]:
        """The labels of all vocabularies; read when the first term is to be said."""
        return read_all_labels()

    @cached_property
    def _by_label(self) -> Mapping[str, Mapping[str, str]]:
        return {name: {term.label: term.code for term in known} for name, known in self._vocabularies.items()}


def _each(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _number(language: Language, value: float, field: Field) -> str:
    whole = field.type is FieldType.INTEGER
    return str(value) if whole and not field.unit and value in _YEARS else language.number(value)
