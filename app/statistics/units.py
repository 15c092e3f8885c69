"""Units of figures and their conversion, by pint over the vocabulary of units."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from app.errors import IncompatibleUnitsError
from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.vocabulary import Vocabulary


class Units:
    """The declared units. A unit's kind (mass, money, ratio ...) tells which convert into each other."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._terms = vocabulary.terms
        self.factor = lru_cache(maxsize=None)(self._factor)

    @cached_property
    def _quantities(self) -> Mapping[str, Any]:
        import pint  # noqa: PLC0415  (its registry takes a quarter of a second, which a start has not)

        registry: pint.UnitRegistry[Any] = pint.UnitRegistry()
        # Money, people and parts of a whole are counted, which no physical unit tells apart.
        for name, dimension in (("USD", "currency"), ("person", "population"), ("whole", "part")):
            registry.define(f"{name} = [{dimension}]")
        return {code: registry.Quantity(term.extra["expression"]) for code, term in self._terms.items()}

    def kind(self, unit: str) -> str:
        """The kind of a unit. KeyError where it is not declared."""
        return self._terms[unit].extra["kind"]

    def known(self, unit: str) -> str:
        """The unit, when it is declared. Raises InvalidParameterError with the nearest one."""
        if unit not in self._terms:
            close = nearest(unit, list(self._terms))
            raise InvalidParameterError("unit", f"unit: {unit[:60]!r} is not in the vocabulary unit{close}.")
        return unit

    def convert(self, value: float, source: str, target: str) -> float:
        """The value in another unit, to 15 digits. Raises IncompatibleUnitsError when the kinds differ."""
        # A double holds 15 decimal digits; what comes after them is noise of the factor (1.7999999999999998 for 1.8).
        return value if source == target else float(f"{value * self.factor(source, target):.15g}")

    def _factor(self, source: str, target: str) -> float:
        given, wanted = self._quantities[source], self._quantities[target]
        # A grade is a part of a whole too, but a share of trade is none in grams per tonne.
        if self.kind(source) != self.kind(target) or not given.is_compatible_with(wanted):
            raise IncompatibleUnitsError(
                f"{source} ({self.kind(source)}) does not convert into {target} ({self.kind(target)})."
            )
        return float((1 * given).to(wanted.units).magnitude) / float(wanted.magnitude)
