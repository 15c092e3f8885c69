"""The terms of a region that do not change while it is served: its states, the commodities, the indicators."""

from collections.abc import Iterator, Mapping

from babel import Locale, UnknownLocaleError

from app.minerals.vocabularies import read_alternative_labels, read_labels
from app.regions import Region
from app.search.terms import Name, Sort, Term
from gis.vocabulary import Vocabulary

COMMODITIES, INDICATORS = "commodity-code", "indicator"


def declared_terms(region: Region, vocabularies: Mapping[str, Vocabulary]) -> tuple[Term, ...]:
    """All of them, with their names in every language that is known."""
    return (*_countries(region), *_commodities(vocabularies), *_indicators(vocabularies[INDICATORS]))


def language_name(code: str, reader: str = "en") -> str:
    """The name of a language (BCP 47) in the reader's; the code where Babel does not know it."""
    locale = _locale(code)
    return (locale.get_display_name(reader) if locale else None) or code


def _countries(region: Region) -> Iterator[Term]:
    """The member states, in English and the region's languages, and by their ISO 3166-1 codes."""
    locales = {code: locale for code in region.languages if (locale := _locale(code))}
    for member in region.members:
        named = {code: locale.territories.get(member.iso2) for code, locale in locales.items()}
        names = [Name(text, code) for code, text in named.items() if text]
        codes = (Name(member.country, code=True), Name(member.iso2, code=True))
        href = f"/countries/{member.country}"
        yield Term(
            Sort.COUNTRY, member.country, href, ("Member state",), _unique(Name(member.name, "en"), *names, *codes)
        )


def _commodities(vocabularies: Mapping[str, Vocabulary]) -> Iterator[Term]:
    """The commodities with their labels and other labels, and the symbol they are noted by."""
    labels, others = read_labels(COMMODITIES), read_alternative_labels(COMMODITIES)
    groups = vocabularies["commodity-group"].terms
    for term in vocabularies[COMMODITIES]:
        names = [Name(label, language) for language, label in labels.get(term.code, {}).items()]
        further = [Name(label, language) for language, label in others.get(term.code, ())]
        group = groups[term.extra["group"]].label
        own = Name(term.label, "en")
        symbol = [Name(term.notation, code=True)] if term.notation else []
        yield Term(
            Sort.COMMODITY, term.code, f"/commodities/{term.code}", (group,), _unique(own, *names, *further, *symbol)
        )


def _indicators(indicators: Vocabulary) -> Iterator[Term]:
    for term in indicators:
        if term.extra["kinds"]:
            names = (Name(term.label, "en"),)
            href = f"/statistics?indicator={term.code}"
            yield Term(Sort.INDICATOR, term.code, href, (term.extra["description"],), names)


def _unique(*names: Name) -> tuple[Name, ...]:
    """The names that are compared alike once, the first of them."""
    found: dict[str, Name] = {}
    for name in names:
        found.setdefault(name.folded, name)
    return tuple(name for folded, name in found.items() if folded)


def _locale(code: str) -> Locale | None:
    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
