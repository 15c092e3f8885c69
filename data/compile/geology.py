"""Geologic units by age, as GeoSciML-Lite GeologicUnitView features.

Source: USGS geo3bl, 1:5 million, vectorised from a grid of one arc-minute: age only, no rock type.
"""

from pathlib import Path
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from data.compile.geometry import feature, polygons
from data.compile.groups import Broader, ancestors, index_broader
from data.compile.places import Places
from data.compile.report import Report
from data.compile.tables import VOCABULARIES, Row, read_csv, read_features, read_rules, write_features

SOURCE = "usgs-geo3bl"
LAYER = "geologic-units"
WHOLLY = 0.99
"""The share of a unit's land area in one country from which on it is that country's."""


AGE_FIELDS = (
    "geologicHistory",
    "numericOlderAge",
    "numericYoungerAge",
    "representativeAge_uri",
    "representativeOlderAge_uri",
    "representativeYoungerAge_uri",
)


class Ages:
    """The units of the chronostratigraphic chart and their hierarchy."""

    def __init__(self) -> None:
        units = read_csv(VOCABULARIES / "ischart.csv")
        self.units: dict[str, Row] = {row["code"]: row for row in units}
        self.broader: Broader = index_broader(units)

    def common(self, older: str, younger: str) -> str | None:
        """The URI of the narrowest unit that holds both; None when the chart has none (Precambrian to Paleozoic)."""
        above = ancestors(younger, self.broader)
        shared = [code for code in ancestors(older, self.broader) if code in above]
        return self.units[shared[0]]["uri"] if shared else None

    def properties(self, older: str, younger: str) -> dict[str, Any]:
        """The age fields of a unit from its older and younger age; numbers are million years."""
        if not older:
            return dict.fromkeys(AGE_FIELDS)
        first, last = self.units[older], self.units[younger]
        history = first["label"] if older == younger else f"{first['label']} to {last['label']}"
        values = (history, float(first["begin_ma"]), float(last["end_ma"]), self.common(older, younger))
        return dict(zip(AGE_FIELDS, (*values, first["uri"], last["uri"]), strict=True))


def compile_geology(path: Path, places: Places, members: list[str], target: Path, report: Report) -> int:
    """Write geologic-units.geojsonl; returns the number of units."""
    ages = Ages()
    types = {row["code"]: row for row in read_csv(VOCABULARIES / "geologicunittype.csv")}
    source = next(row for row in read_rules("sources") if row["id"] == SOURCE)
    written = []
    for published in sorted(read_features(path), key=lambda item: int(item["properties"]["fid"])):
        geometry = polygons(shape(published["geometry"]))
        if geometry.is_empty:
            report.drop(LAYER, SOURCE, "too small for the precision of the source")
            continue
        report.keep(LAYER, SOURCE)
        properties = _properties(published["properties"], ages, types, source)
        written.append(feature(geometry, {**properties, "country": _country(geometry, places, members)}))
    write_features(target / f"{LAYER}.geojsonl", written)
    return len(written)


def _properties(published: dict[str, Any], ages: Ages, types: dict[str, Row], source: Row) -> dict[str, Any]:
    older, younger = published["older_ics"], published["younger_ics"]
    kind = types["chronostratigraphic_unit" if older else "geologic_unit"]
    age = ages.properties(older, younger)
    return {
        "identifier": f"usgs-geo3bl-{published['fid']}",
        "name": age["geologicHistory"] or "Age not determined",
        "geologicUnitType": kind["label"],
        **{field: age[field] for field in AGE_FIELDS[:3]},
        "observationMethod": "digital conversion from published source",
        "positionalAccuracy": "about 2 km",
        "source": source["title"],
        "geologicUnitType_uri": kind["uri"],
        **{field: age[field] for field in AGE_FIELDS[3:]},
        "sourceId": f"{published['fid']} ({published['gen_glg']})",
        "licence": source["licence"],
    }


def _country(geometry: BaseGeometry, places: Places, members: list[str]) -> str | None:
    """The member with at least 99 % of a unit's area on land: the grid's cells reach out over the coast."""
    land = {places.codes[i]: _area(geometry, places.polygons[i]) for i in sorted(map(int, places.tree.query(geometry)))}
    total = sum(land.values())
    for country, area in land.items():
        if country in members and area > 0 and area >= WHOLLY * total:
            return country
    return None


def _area(geometry: BaseGeometry, country: BaseGeometry) -> float:
    """The area in square degrees of a geometry inside a country."""
    if country.contains(geometry):
        return float(geometry.area)
    return float(country.intersection(geometry).area) if country.intersects(geometry) else 0.0
