"""Estimates of resources and reserves: tonnage and grade of the sites of a region, one row a site and commodity.

What a source does not say is left empty: most databases tell neither the reporting code nor the date of an estimate.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from data.compile.commodities import Commodities
from data.compile.report import Report
from data.compile.site_tables import SiteTables
from data.compile.sites import Dropped, Site
from data.compile.tables import Row, read_csv, read_rules, starting_like, write_csv

LAYER = "commodity-resources"
NOT_ASSESSED = "not-assessed"
FIELDS = (
    "lon",
    "lat",
    "identifier",
    "commodity",
    "mineralOccurrenceName",
    "mineName",
    "oreMeasure",
    "observationMethod",
    "positionalAccuracy",
    "source",
    "commodity_uri",
    "mineralOccurrence_uri",
    "mine_uri",
    "tonnage",
    "grade",
    "gradeUnit",
    "containedMetal",
    "containedMetalCalculated",
    "unfcE",
    "unfcF",
    "unfcG",
    "country",
    "commodityGroup",
    "commodityCodes",
    "sourceId",
    "sourceUrl",
    "licence",
)
_GRAMS = {"percent": Decimal(10_000), "g/t": Decimal(1)}  # in a tonne of ore
_GRAMS_A_TONNE = Decimal(1_000_000)


class UnknownEstimateUnitError(ValueError):
    """A source measures ore or grade in a unit that estimate-units.csv does not know."""

    def __init__(self, term: str, quantity: str) -> None:
        super().__init__(f"estimate-units.csv has no row for {term!r} as a unit of {quantity}: add one")


@dataclass(frozen=True)
class Estimates:
    """Makes the table of estimates. sites: by identifier; kept_as: which of them stands for a merged one."""

    sites: dict[str, Site]
    kept_as: dict[str, str]
    tables: SiteTables

    @classmethod
    def of(cls, sites: list[Site], merged: list[Dropped], tables: SiteTables) -> "Estimates":
        """Over the sites that were kept and those that another one stands for."""
        kept_as = {one.identifier: one.kept_as for one in merged if one.kept_as}
        return cls({site.identifier: site for site in sites}, kept_as, tables)

    def compile(self, path: Path, members: list[str], target: Path, report: Report) -> int:
        """Write commodity-resources.csv from a table of tonnages and grades; returns the number of estimates."""
        rules = read_rules("estimate-sources")
        rows = []
        for published in read_csv(path):
            if published["country_iso3"] not in members:
                continue
            name, _, number = published["site_id"].partition(":")
            rule = starting_like(name, rules) or {"id": name, "reason": "the source is not known"}
            site = self._site(f"{rule['id']}-{number}")
            reason = rule["reason"] or self._complaint(published, site)
            if reason or site is None:
                report.drop(LAYER, rule["id"], reason)
                continue
            report.keep(LAYER, rule["id"])
            rows.append(self._row(published, site, rule["id"]))
        write_csv(target / f"{LAYER}.csv", FIELDS, sorted(rows, key=lambda row: (row["country"], row["identifier"])))
        return len(rows)

    def _site(self, identifier: str) -> Site | None:
        return self.sites.get(identifier) or self.sites.get(self.kept_as.get(identifier, ""))

    def _complaint(self, published: Row, site: Site | None) -> str:
        if site is None:
            return "its site is in no table"
        if not published["ore"] or not published["grade"] or not Decimal(published["grade"]):
            return "no tonnage or no grade"
        return "" if self._commodity(published, site.source.id) else "not a commodity"

    def _commodity(self, published: Row, source: str) -> str:
        return next(iter(self.tables.commodities.codes(source, published["commodity"])), "")

    def _row(self, published: Row, site: Site, source: str) -> Row:
        commodities: Commodities = self.tables.commodities
        code = self._commodity(published, source)
        ore, _ = _measured(published["ore"], published["ore_unit"], "ore")
        grade, unit = _measured(published["grade"], published["grade_unit"], "grade")
        told = self.tables.rows(site.layer, [site])[0]
        return {
            **{name: told[name] for name in ("lon", "lat", "observationMethod", "positionalAccuracy")},
            **{name: told[name] for name in ("source", "sourceUrl", "licence", "country")},
            "identifier": f"{source}-{published['site_id'].partition(':')[2]}-{code}",
            "commodity": commodities.labels[code],
            "commodity_uri": commodities.uris[code],
            "commodityGroup": commodities.groups[code],
            "commodityCodes": code,
            "mineralOccurrenceName": site.name,
            "mineralOccurrence_uri": site.identifier,
            "mineName": site.mine.name if site.mine else "",
            "mine_uri": site.mine.identifier if site.mine else "",
            "oreMeasure": "{ore} {ore_unit} at {grade} {grade_unit}".format_map(published),
            "tonnage": _plain(ore),
            "grade": _plain(grade),
            "gradeUnit": unit,
            "containedMetal": _plain(ore * grade * _GRAMS[unit] / _GRAMS_A_TONNE),
            "containedMetalCalculated": "true",
            "unfcE": NOT_ASSESSED,
            "unfcF": NOT_ASSESSED,
            "unfcG": NOT_ASSESSED,
            "sourceId": published["site_id"],
        }


def _measured(value: str, term: str, quantity: str) -> tuple[Decimal, str]:
    """A published number in a unit of ours, without the noise of binary fractions."""
    rule = next((r for r in read_rules("estimate-units") if (r["term"], r["quantity"]) == (term, quantity)), None)
    if rule is None:
        raise UnknownEstimateUnitError(term, quantity)
    return Decimal(value) * Decimal(rule["factor"]), rule["unit"]


def _plain(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"
