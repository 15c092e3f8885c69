"""The hierarchy of vocabularies, as filters use it: a broader concept stands for all narrower ones."""

from collections.abc import Mapping

from gis.layer import Field
from gis.vocabulary import Term, Vocabulary

URI_SUFFIX = "_uri"
"""End of the names of fields that hold URIs of a vocabulary's terms; others hold their codes."""


class Concepts:
    """Finds the values of a field that a concept stands for; a concept is named by its code or its URI."""

    def __init__(self, vocabularies: Mapping[str, Vocabulary]) -> None:
        self._vocabularies = vocabularies
        self._kept: dict[tuple[str, bool, str], tuple[str, ...]] = {}

    def __call__(self, field: Field, value: str) -> tuple[str, ...]:
        """The values of a concept and all narrower ones, in order; the value alone if it is no concept."""
        vocabulary = self._vocabularies.get(field.vocabulary or "")
        if vocabulary is None:
            return (value,)
        term = vocabulary.by_uri.get(value) or vocabulary.terms.get(value)
        if term is None:
            return (value,)
        uses_uri = field.name.endswith(URI_SUFFIX)
        key = (vocabulary.id, uses_uri, term.code)
        if key not in self._kept:  # bounded by the number of terms
            terms = [vocabulary.terms[code] for code in sorted(vocabulary.with_narrower(term.code))]
            self._kept[key] = tuple(one.uri if uses_uri else one.code for one in terms if one.uri or not uses_uri)
        return self._kept[key]

    def named(self, vocabulary_id: str, name: str) -> Term | None:
        """The term of a code, URI or label (whatever its case) of a vocabulary, or None."""
        vocabulary = self._vocabularies[vocabulary_id]
        found = vocabulary.terms.get(name) or vocabulary.by_uri.get(name)
        wanted = name.casefold()
        return found or next((term for term in vocabulary if wanted in (term.label.casefold(), term.code)), None)

    def labels(self, vocabulary_id: str) -> list[str]:
        """Codes and labels of a vocabulary."""
        return [text for term in self._vocabularies[vocabulary_id] for text in (term.code, term.label)]
