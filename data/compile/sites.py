"""Read the table of sites of a region into sites of one kind, and set aside what cannot be used, with the reason."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from data.compile.accuracy import spacing_m
from data.compile.commodities import Commodities
from data.compile.names import split_names, tidy
from data.compile.places import Places
from data.compile.tables import Row, read_csv, read_rules, starting_like


@dataclass(frozen=True)
class SiteSource:
    """One database of sites: how its rows are read and how far they are trusted (rank 1 is best)."""

    id: str
    prefix: str
    layer: str
    rank: int
    repeats: bool
    ordered: bool
    first: list[str]
    lone: str
    tolerance: float


@dataclass(frozen=True)
class Site:
    """One site. Coordinates are decimal degrees, WGS 84, as published; accuracy is in metres; rank 1 is best placed."""

    source: SiteSource
    source_id: str
    identifier: str
    name: str
    other_names: tuple[str, ...]
    country: str
    admin1: str
    lon: str
    lat: str
    codes: tuple[str, ...]
    model: str
    layer: str
    kind: str
    confidence: str
    rank: int
    accuracy_m: float
    terms: tuple[str, ...]
    mine: "Site | None" = field(default=None, compare=False)

    @property
    def xy(self) -> tuple[float, float]:
        """Longitude and latitude as numbers."""
        return float(self.lon), float(self.lat)


@dataclass(frozen=True)
class Dropped:
    """A row that does not get into a table: where it would have gone, why not, and which row stands for it."""

    identifier: str
    name: str
    layer: str
    source: str
    reason: str
    kept_as: str = ""


class CorrectionMismatchError(ValueError):
    """A row of a region's corrections.csv does not fit the source any more."""

    def __init__(self, correction: Row, found: str) -> None:
        where = f"{correction['source']} {correction['sourceId']}, {correction['field']}"
        super().__init__(f"corrections.csv: {where}: expected {correction['old']!r}, found {found!r}: review the row")


class UnknownSourceError(ValueError):
    """A database of sites that site-sources.csv does not know."""

    def __init__(self, source: str) -> None:
        super().__init__(f"site-sources.csv has no row for {source!r}: add one")


class SiteReader:
    """Turns rows of a table of sites into sites of a region."""

    def __init__(
        self, commodities: Commodities, places: Places, members: dict[str, str], corrections: list[Row]
    ) -> None:
        self.commodities = commodities
        self.places = places
        self.members = members
        self.corrections = corrections
        self.used_corrections: set[int] = set()
        self.sources = read_rules("site-sources")
        self.confidences = {row["confidence"]: row for row in read_rules("confidence")}
        self.assets = {row["asset"]: row for row in read_rules("asset-types")}
        self.models = {(row["source"], row["term"]): row for row in read_rules("deposit-models")}
        self.types = read_rules("occurrence-type-rules")

    def read(self, path: Path) -> tuple[list[Site], list[Dropped]]:
        """All usable sites of a table and all rows set aside."""
        sites, dropped = [], []
        for published in read_csv(path):
            row, reason = self._corrected(published)
            site = self._site(row)
            reason = reason or self._complaint(site)
            if reason:
                dropped.append(Dropped(site.identifier, site.name, site.layer, site.source.id, reason))
            else:
                sites.append(site)
        for number, correction in enumerate(self.corrections):
            if number not in self.used_corrections:
                raise CorrectionMismatchError(correction, "no such row")
        return sites, dropped

    def _corrected(self, row: Row) -> tuple[Row, str]:
        """The row with the region's corrections, and the reason to drop it if one says so."""
        for number, correction in enumerate(self.corrections):
            source = self._source(row)
            if (correction["source"], correction["sourceId"]) != (
                source.id,
                row["source_id"].removeprefix(source.prefix),
            ):
                continue
            self.used_corrections.add(number)
            if correction["field"] == "*":
                return row, correction["reason"]
            if row[correction["field"]] != correction["old"]:
                raise CorrectionMismatchError(correction, row[correction["field"]])
            row = {**row, correction["field"]: correction["new"]}
        return row, ""

    def _source(self, row: Row) -> SiteSource:
        rule = starting_like(row["source"], self.sources)
        if rule is None:
            raise UnknownSourceError(row["source"])
        return _site_source(rule)

    def _site(self, row: Row) -> Site:
        source = self._source(row)
        source_id = row["source_id"].removeprefix(source.prefix)
        trust = self.confidences[row["confidence"]]
        asset = self.assets.get(row["site_type"], {"layer": source.layer, "type": "", "label": ""})
        names = self._names(row)
        kind = asset["type"] or self._occurrence_type(names, source)
        layer = "mineral-occurrences" if asset["layer"] == "mineral-deposits" and kind != "deposit" else asset["layer"]
        spacing = spacing_m(row["lon"], row["lat"], source.tolerance)
        codes = self._codes(row, source)
        return Site(
            source=source,
            source_id=row["source_id"],
            identifier=f"{source.id}-{re.sub(r'[^a-z0-9]+', '-', source_id.lower()).strip('-')}",
            name=names[0] if names else self._unnamed(codes, layer),
            other_names=tuple(names[1:]),
            country=row["iso3"],
            admin1=tidy(row["province"]),
            lon=f"{float(row['lon']):.7f}".rstrip("0").rstrip("."),
            lat=f"{float(row['lat']):.7f}".rstrip("0").rstrip("."),
            codes=tuple(codes),
            model=row["deposit_type"],
            layer=layer,
            kind=kind,
            confidence=trust["label"],
            rank=int(trust["rank"] or source.rank),
            accuracy_m=max(spacing, float(trust["floor_m"])),
            terms=tuple(part.strip() for part in row["commodities"].split(";") if part.strip()),
        )

    def _names(self, row: Row) -> list[str]:
        """The site's name and other names; a country's name is not one."""
        names = split_names(row["name"], r",(?! )") + split_names(row["aliases"], r";|,(?! )")
        countries = {name.lower() for name in self.members.values()}
        unique: dict[str, str] = {}
        for name in names:
            unique.setdefault(name.lower(), name)
        return [name for lower, name in unique.items() if lower not in countries]

    def _unnamed(self, codes: list[str], layer: str) -> str:
        what = self.commodities.labels[codes[0]] if codes else ""
        return " ".join(filter(None, ["Unnamed", what, "deposit" if layer == "mineral-deposits" else "occurrence"]))

    def _occurrence_type(self, names: list[str], source: SiteSource) -> str:
        """What the name says (prospect, deposit, mine ...), else what the database holds."""
        words = re.findall(r"[a-z]+", names[0].lower()) if names else []
        for rule in self.types:
            if rule["word"] in words:
                return rule["type"]
        return "deposit" if source.layer == "mineral-deposits" else "occurrence"

    def _codes(self, row: Row, source: SiteSource) -> list[str]:
        codes = self.commodities.codes(source.id, row["commodities"])
        model = self.models.get((source.id, row["deposit_type"]), {"adds": ""})
        codes += [code for code in model["adds"].split("|") if code and code not in codes]
        return codes if source.ordered else self.commodities.ordered(codes, source.first)

    def _complaint(self, site: Site) -> str:
        if site.country not in self.members:
            return "not in a member country"
        if site.xy == (0.0, 0.0):
            return "no coordinates"
        if not site.codes:
            return "no commodity in the source"
        if site.codes == (site.source.lone,):
            return "list of commodities is incomplete in the source"
        return self.places.complaint(*site.xy, site.country)


def with_other_names(site: Site, names: list[str]) -> Site:
    """The site with further names, none twice and none its own."""
    known = {site.name.lower(): ""} | {name.lower(): name for name in (*site.other_names, *names)}
    known[site.name.lower()] = ""
    return replace(site, other_names=tuple(name for name in known.values() if name))


def _site_source(row: Row) -> SiteSource:
    return SiteSource(
        id=row["id"],
        prefix=row["prefix"],
        layer=row["layer"],
        rank=int(row["rank"]),
        repeats=row["repeats"] == "yes",
        ordered=row["ordered"] == "yes",
        first=[code for code in row["first"].split("|") if code],
        lone=row["lone"],
        tolerance=float(row["tolerance"]),
    )
