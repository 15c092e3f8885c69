"""Codes as words of a language: countries, commodities, indicators, contents, units."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.statistics.checks import Cube
from app.statistics.codes import NOT_APPLICABLE, TOTAL, UNSPECIFIED
from app.web.languages import Labels, Language, label, message

_SPECIAL = {
    TOTAL: message("all together"),
    UNSPECIFIED: message("not specified"),
    NOT_APPLICABLE: message("not applicable"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """Says codes in one language. commodities: labels of the vocabulary; region: what the region is called."""

    language: Language
    cube: Cube
    commodities: Labels
    region: str

    def country(self, code: str) -> str:
        """The name of a member state; of all together that of the region; of others that of Unicode's list."""
        if code in self.cube.members:
            return self.language.text(self.cube.members[code])
        return self.region if code in (TOTAL, self.cube.region) else self._special(code)

    def commodity(self, code: str) -> str:
        """The label of a commodity."""
        if code == TOTAL:
            return self.language.text(message("all minerals"))
        term = self.cube.vocabularies["commodity-code"].terms.get(code)
        return label(self.commodities, code, term.label, self.language) if term else self._special(code)

    def indicator(self, code: str) -> str:
        """The label of an indicator."""
        return self.language.text(self.cube.indicators.label(code))

    def fill(self, *indicators: str) -> str:
        """What would fill figures of indicators where there are none; empty where that is not known."""
        fills = (self.cube.indicators.terms[code].extra["fill"] for code in indicators)
        return self.language.text(next(filter(None, fills), ""))

    def content(self, code: str) -> str:
        """The label of a content, empty where a figure has none."""
        if code == "not-stated":
            return self.language.text(message("Content not stated"))
        return "" if code == NOT_APPLICABLE else self.language.text(self.cube.vocabularies["content"].label(code))

    def unit(self, code: str) -> str:
        """The label of a unit."""
        return self.language.text(self.cube.vocabularies["unit"].label(code))

    def symbol(self, code: str) -> str:
        """The symbol of a unit, as it stands behind a number."""
        term = self.cube.vocabularies["unit"].terms.get(code)
        return self.language.text(term.notation or code) if term else code

    def precision(self, code: str | None) -> str:
        """How exact a figure is said to be; empty where nothing is said."""
        return self.language.text(self.cube.vocabularies["precision"].label(code)) if code else ""

    def value(self, value: float, unit: str) -> str:
        """A number with its unit."""
        return f"{self.language.number(value)} {self.symbol(unit)}"

    def countries(self, codes: Mapping[str, object] | tuple[str, ...] | list[str]) -> str:
        """Names of countries, one after the other."""
        return ", ".join(self.country(code) for code in codes)

    def _special(self, code: str) -> str:
        return self.language.text(_SPECIAL[code]) if code in _SPECIAL else code
