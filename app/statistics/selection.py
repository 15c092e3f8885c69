"""Which figures are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gis.filters import Filter

CODED = ("indicator", "country", "partner", "commodity", "hs", "hsEdition", "isic", "isicRevision", "content")
"""The dimensions that are selected by codes."""


@dataclass(frozen=True)
class Selection:
    """A slice of the cube. codes: by dimension, those wanted; years: both included; release: as of that one.

    filters: further conditions on the columns of a figure.
    """

    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    first_year: int | None = None
    last_year: int | None = None
    release: int | None = None
    filters: tuple[Filter, ...] = ()

    @property
    def values(self) -> dict[str, object]:
        """What the filters bind."""
        return {name: value for one in self.filters for name, value in one.values.items()}

    def parameters(self) -> dict[str, str]:
        """The parameters of a request that asks for it."""
        years = {"from": self.first_year, "to": self.last_year, "release": self.release}
        chosen = {name: ",".join(codes) for name, codes in self.codes.items()}
        return chosen | {name: str(number) for name, number in years.items() if number is not None}
