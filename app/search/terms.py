"""What is found by name beside features: some thousand names, held in memory and compared as PostgreSQL compares."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property

from gis.naming import LIKENESS, fold, likeness, trigrams


class Sort(StrEnum):
    """What a result is."""

    COUNTRY = "country"
    COMMODITY = "commodity"
    DATASET = "dataset"
    SITE = "site"
    INDICATOR = "indicator"
    RELEASE = "release"
    COOPERATION = "cooperation"
    FEATURE = "feature"


class Match(IntEnum):
    """How a name fits what was typed, the worst first."""

    ALIKE = 0
    HOLDS = 1
    WORDS = 2
    BEGINS = 3
    EXACT = 4


@dataclass(frozen=True)
class Name:
    """A name of something. language: BCP 47, empty where it is not known. code: a symbol, found as a whole only."""

    text: str
    language: str = ""
    code: bool = False

    @cached_property
    def folded(self) -> str:
        """As it is compared."""
        return fold(self.text)

    @cached_property
    def words(self) -> tuple[frozenset[str], ...]:
        """The trigrams of each word."""
        return tuple(map(trigrams, self.folded.split()))


@dataclass(frozen=True)
class Term:
    """Something that has names, the first of which is its title. key: unique among its kind; href: its page.

    details: what else to say of it.
    """

    kind: Sort
    key: str
    href: str
    details: tuple[str, ...]
    names: tuple[Name, ...]

    def title(self, language: str = "") -> str:
        """Its first name in a language, or the first of all."""
        named = (name.text for name in self.names if language and name.language == language)
        return next(named, self.names[0].text)


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A term by the name that fits best. closeness: 1 for the whole name, less the more of it was not typed."""

    term: Term
    name: Name
    match: Match
    closeness: float


def literally(terms: Iterable[Term], typed: str) -> Iterator[TermMatch]:
    """The terms with a name that holds what was typed, folded."""
    for term in terms:
        matches = ((name, how(name.folded, typed)) for name in term.names)
        fitting = [(n, match) for n, match in matches if match is not None and (match is Match.EXACT or not n.code)]
        if fitting:
            name, match = max(fitting, key=lambda one: (one[1], -len(one[0].folded)))
            yield TermMatch(term, name, match, len(typed) / len(name.folded))


def nearly(terms: Iterable[Term], typed: str) -> Iterator[TermMatch]:
    """The terms with a name like what was typed, folded."""
    wanted = [trigrams(word) for word in typed.split()]
    for term in terms:
        close, name = max(
            ((likeness(wanted, name.words), name) for name in term.names if not name.code), key=lambda one: one[0]
        )
        if close >= LIKENESS:
            yield TermMatch(term, name, Match.ALIKE, close)


def likeness_of(typed: str, name: Name) -> float:
    """How like a name is to what was typed, folded: 0 to 1."""
    return likeness([trigrams(word) for word in typed.split()], name.words)


def how(name: str, typed: str) -> Match | None:
    """How a folded name fits what was typed, folded; None when it does not hold it."""
    if name == typed:
        return Match.EXACT
    if name.startswith(typed):
        return Match.BEGINS
    *whole, last = typed.split()
    if f" {last}" in name and all(f" {word} " in f"{name} " for word in whole):
        return Match.WORDS
    # Scripts without blanks between words: there a word may begin anywhere.
    if not typed.isascii() and typed.strip() in name:
        return Match.HOLDS
    return None
