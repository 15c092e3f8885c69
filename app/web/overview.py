"""What the landing page tells: figures, member states, commodity groups, releases, sources, all from the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.db.pool import Connection
from app.layers import queries
from app.layers.catalogue import Catalogue
from app.layers.declarations import PublishedLayer
from app.regions import Region
from app.releases.queries import tallies
from app.statistics.queries import observation_summary
from gis.layer import BBox, GeometryType
from gis.vocabulary import Vocabulary

BOUNDARIES = "countries"
_GROUP_FIELD = "commodityGroup"


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """One layer as it is published now. release is 0 and published_at None before the first release."""

    id: str
    title: str
    abstract: str
    group: str
    kind: str
    count: int
    release: int
    published_at: str | None


@dataclass(frozen=True, slots=True)
class CountryFigures:
    """Features of one member state by layer, in the order of Overview.site_layers; 0 is a gap."""

    country: str
    name: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All features of the country."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Sites of one commodity group."""

    title: str
    count: int


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """Where features come from, and under which licence."""

    source: str
    licence: str
    count: int


@dataclass(frozen=True, slots=True)
class StatisticsFigures:
    """How many figures there are and of which years; the years are None while there are none."""

    count: int
    first_year: int | None
    last_year: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the landing page counts. site_layers: the point layers, the columns of the table of countries."""

    bbox: BBox
    layers: tuple[LayerFigures, ...]
    site_layers: tuple[LayerFigures, ...]
    countries: tuple[CountryFigures, ...]
    groups: tuple[GroupFigures, ...]
    sources: tuple[SourceFigures, ...]
    statistics: StatisticsFigures

    @property
    def sites(self) -> int:
        """Features of all point layers."""
        return sum(layer.count for layer in self.site_layers)

    @property
    def countries_with_sites(self) -> int:
        """Member states with at least one site."""
        return sum(country.total > 0 for country in self.countries)


async def read_overview(
    connection: Connection, catalogue: Catalogue, region: Region, commodity_groups: Vocabulary
) -> Overview:
    """Count what is published now."""
    declared = [one for name, one in catalogue.declared.items() if name != BOUNDARIES]
    sites = [one for one in declared if one.layer.geometry_type is GeometryType.POINT]
    counted = await tallies(connection, [one.layer.id for one in sites])
    by_country, by_group = ([counted.get((o.layer.id, name), {}) for o in sites] for name in ("country", _GROUP_FIELD))
    sources = [await queries.sources(connection, one.layer) for one in catalogue.declared.values()]
    west, south, east, north = region.bbox
    return Overview(
        bbox=(west, south, east, north),
        layers=tuple(_figures(one, catalogue) for one in declared),
        site_layers=tuple(_figures(one, catalogue) for one in sites),
        countries=tuple(
            CountryFigures(m.country, m.name, tuple(one.get(m.country, 0) for one in by_country))
            for m in region.members
        ),
        groups=_groups(by_group, commodity_groups),
        sources=_sources(sources),
        statistics=StatisticsFigures(*await observation_summary(connection)),
    )


def _figures(one: PublishedLayer, catalogue: Catalogue) -> LayerFigures:
    layer, state = one.layer, catalogue.state(one.layer.id)
    kind = _KINDS[layer.geometry_type]
    return LayerFigures(
        layer.id, layer.title, layer.abstract, one.group, kind, state.count, state.release, state.published_at
    )


def _groups(counts: Sequence[Mapping[str | None, int]], vocabulary: Vocabulary) -> tuple[GroupFigures, ...]:
    """Every group of the vocabulary, the largest first, empty ones too, and at the end the sites without a group."""
    total = {term.code: sum(one.get(term.code, 0) for one in counts) for term in vocabulary}
    named = [GroupFigures(term.label, total[term.code]) for term in vocabulary]
    rest = sum(sum(one.values()) for one in counts) - sum(total.values())
    ordered = sorted(named, key=lambda group: -group.count)
    return (*ordered, *([GroupFigures("Not stated", rest)] if rest else []))


def _sources(layers: Iterable[Iterable[tuple[str, str, int]]]) -> tuple[SourceFigures, ...]:
    """The sources of all layers together, the one with most features first."""
    total: dict[tuple[str, str], int] = {}
    for source, licence, count in (row for layer in layers for row in layer):
        total[source, licence] = total.get((source, licence), 0) + count
    found = [SourceFigures(source or "Not stated", licence, count) for (source, licence), count in total.items()]
    return tuple(sorted(found, key=lambda one: (-one.count, one.source)))


_KINDS = {GeometryType.POINT: "points", GeometryType.LINE: "lines", GeometryType.POLYGON: "areas"}
