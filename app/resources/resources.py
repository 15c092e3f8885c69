"""Resources and reserves as they are asked for: estimates, totals and the matrix, as the public role reads them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from app.db.pool import PublicReads
from app.errors import UnknownCodeError
from app.layers.catalogue import Catalogue
from app.regions import Region
from app.resources.additivity import Quantity
from app.resources.bridges import Bridge, bridge_of, read_bridges
from app.resources.estimates import LAYER, Chosen, Estimate, estimates
from app.resources.totals import BY, Matrix, ResourceTotal, matrix, totals
from app.statistics.units import Units
from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.vocabulary import Vocabulary

TONNES = "t"
MATCHED = ("measure", "method", "category", "deposit")
"""What estimates are chosen by besides commodity and country."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which estimates, by comma-separated codes; None: all. bridge: id of one. unit: of the answer."""

    commodity: str | None = None
    country: str | None = None
    measure: str | None = None
    method: str | None = None
    category: str | None = None
    deposit: str | None = None
    estimate: str | None = None

    def parameters(self) -> dict[str, str]:
        """The parameters of a request that asks for it."""
        return {name: text for name in self.__slots__ if (text := getattr(self, name)) is not None}


class Resources:
    """Reads estimates of resources and reserves."""

    def __init__(
        self,
        reads: PublicReads,
        catalogue: Catalogue,
        region: Region,
        vocabularies: Mapping[str, Vocabulary],
        units: Units,
    ) -> None:
        self.vocabularies = vocabularies
        self.bridges = read_bridges(vocabularies)
        self.members = {member.country: member.name for member in region.members}
        self._reads = reads
        self._catalogue = catalogue
        self._units = units

    @property
    def release(self) -> int:
        """Number of the layer's release that answers are of."""
        return self._catalogue.state(LAYER).release

    async def estimates(self, asked: Asked) -> tuple[Estimate, ...]:
        """The estimates that match. Raises UnknownCodeError with the nearest code."""
        commodities = self._codes("commodity", asked.commodity, list(self.vocabularies["commodity-code"].terms))
        countries = self._codes("country", asked.country, list(self.members))
        for name, vocabulary in _VOCABULARIES.items():
            self._codes(name, getattr(asked, name), list(self.vocabularies[vocabulary].terms))
        chosen = Chosen(commodities, countries)
        found = await self._reads(lambda connection: estimates(connection, chosen, self.vocabularies))
        for name in MATCHED:
            found = _matching(found, getattr(asked, name), attrgetter(name))
        return _matching(found, asked.estimate, attrgetter("identifier"))

    async def totals(
        self, asked: Asked, quantity: Quantity, by: Sequence[str], bridge: str | None, unit: str
    ) -> tuple[ResourceTotal, ...]:
        """Totals in a unit of mass. Raises ConflictingFiguresError, UnknownCodeError, InvalidParameterError."""
        for name in by:
            if name not in BY:
                raise InvalidParameterError("by", f"by: {name[:60]!r} is none of {', '.join(BY)}{nearest(name, BY)}.")
        self._units.known(unit)
        chosen = bridge_of(self.bridges, bridge)
        found = totals(await self.estimates(asked), quantity, by, chosen)
        return tuple(replace(one, value=self._units.convert(one.value, TONNES, unit)) for one in found)

    async def matrix(self, asked: Asked, quantity: Quantity, bridge: str | None, unit: str) -> Matrix:
        """The E-F-G matrix in a unit of mass. Raises as totals does, but for conflicts: cells tell theirs."""
        self._units.known(unit)
        chosen = self.bridge(bridge)
        found = matrix(await self.estimates(asked), quantity, chosen, self.vocabularies["unfc-category"])
        convert = self._units.convert
        cells = (
            replace(cell, value=None if cell.value is None else convert(cell.value, TONNES, unit))
            for cell in found.cells
        )
        return replace(found, cells=tuple(cells))

    def bridge(self, name: str | None) -> Bridge | None:
        """The bridge of that id, None where none is named. Raises UnknownCodeError."""
        return bridge_of(self.bridges, name)

    @staticmethod
    def _codes(name: str, text: str | None, known: Sequence[str]) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(text.split(","))) if text else ()
        for code in codes:
            if code not in known:
                raise UnknownCodeError(f"{name}: there is no code {code[:60]!r}{nearest(code, known)}.")
        return codes


def _matching(found: tuple[Estimate, ...], text: str | None, of: Callable[[Estimate], str]) -> tuple[Estimate, ...]:
    wanted = frozenset(text.split(",")) if text else frozenset()
    return tuple(one for one in found if of(one) in wanted) if wanted else found


_VOCABULARIES = {
    "measure": "ore-measure-type",
    "method": "classification-method-used",
    "category": "assessment-category",
}
