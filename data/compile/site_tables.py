"""The four tables of sites: mineral deposits, mineral occurrences, mines and processing plants.

Field names follow EarthResourceML-Lite 2.0.1; coordinates, mineType and the fields in OWN are the project's own.
"""

from data.compile.accuracy import accuracy_text
from data.compile.commodities import Commodities
from data.compile.sites import Site
from data.compile.tables import Row

UNKNOWN = "http://www.opengis.net/def/nil/ogc/0/unknown"
OBSERVATION = "digital conversion from published source"

OWN = (
    "country",
    "admin1",
    "commodityGroup",
    "commodityCodes",
    "otherNames",
    "confidence",
    "sourceId",
    "sourceUrl",
    "licence",
)
OCCURRENCE = (
    "identifier",
    "name",
    "mineralOccurrenceType",
    "commodity",
    "mineName",
    "mineralDepositModel",
    "observationMethod",
    "positionalAccuracy",
    "source",
    "mineralOccurrenceType_uri",
    "representativeCommodity_uri",
    "mine_uri",
    "mineralDepositModel_uri",
)
MINE = (
    "identifier",
    "name",
    "status",
    "commodity",
    "observationMethod",
    "positionalAccuracy",
    "source",
    "status_uri",
    "representativeCommodity_uri",
    "mineType",
)
PLANT = (
    "identifier",
    "name",
    "processingPlantType",
    "status",
    "commodity",
    "product",
    "observationMethod",
    "positionalAccuracy",
    "source",
    "processingPlantType_uri",
    "status_uri",
    "representativeCommodity_uri",
)
FIELDS = {
    "mineral-deposits": ("lon", "lat", *OCCURRENCE, *OWN),
    "mineral-occurrences": ("lon", "lat", *OCCURRENCE, *OWN),
    "mines": ("lon", "lat", *MINE, *OWN),
    "processing-plants": ("lon", "lat", *PLANT, *OWN),
}
"""The columns of each table of sites."""


class SiteTables:
    """Writes sites as rows of their tables."""

    def __init__(
        self,
        commodities: Commodities,
        sources: dict[str, Row],
        models: dict[tuple[str, str], Row],
        model_concepts: dict[str, Row],
        occurrence_types: dict[str, Row],
        assets: dict[str, Row],
    ) -> None:
        self.commodities = commodities
        self.sources = sources
        self.models = models
        self.model_concepts = model_concepts
        self.occurrence_types = occurrence_types
        self.assets = assets

    def rows(self, layer: str, sites: list[Site]) -> list[Row]:
        """The rows of one layer, by country and identifier, with the columns FIELDS names."""
        chosen = sorted(
            (site for site in sites if site.layer == layer), key=lambda site: (site.country, site.identifier)
        )
        specific = {"mines": self._mine, "processing-plants": self._plant}.get(layer, self._occurrence)
        return [{name: {**self._common(site), **specific(site)}[name] for name in FIELDS[layer]} for site in chosen]

    def _common(self, site: Site) -> Row:
        source = self.sources[site.source.id]
        return {
            "lon": site.lon,
            "lat": site.lat,
            "identifier": site.identifier,
            "name": site.name,
            "commodity": ", ".join(self.commodities.labels[code] for code in site.codes),
            "commodityCodes": "|".join(site.codes),
            "commodityGroup": self.commodities.groups[site.codes[0]],
            "representativeCommodity_uri": self.commodities.uris[site.codes[0]],
            "observationMethod": OBSERVATION,
            "positionalAccuracy": accuracy_text(site.accuracy_m)
            + (" or worse" if site.confidence == "very low" else ""),
            "source": source["title"],
            "country": site.country,
            "admin1": site.admin1,
            "otherNames": "; ".join(site.other_names),
            "confidence": site.confidence,
            "sourceId": site.source_id,
            "sourceUrl": source["url"],
            "licence": source["licence"],
        }

    def _occurrence(self, site: Site) -> Row:
        kind = self.occurrence_types[site.kind]
        model = self.models.get((site.source.id, site.model), {"code": "", "label": ""})
        concept = self.model_concepts.get(model["code"], {"label": model["label"], "uri": ""})
        return {
            "mineralOccurrenceType": kind["label"],
            "mineralOccurrenceType_uri": kind["uri"],
            "mineralDepositModel": concept["label"],
            "mineralDepositModel_uri": concept["uri"],
            "mineName": site.mine.name if site.mine else "",
            "mine_uri": site.mine.identifier if site.mine else "",
        }

    def _mine(self, site: Site) -> Row:
        return {"status": "", "status_uri": UNKNOWN, "mineType": site.kind}

    def _plant(self, site: Site) -> Row:
        labels = {asset["type"]: asset["label"] for asset in self.assets.values()}
        return {
            "processingPlantType": labels[site.kind],
            "processingPlantType_uri": "",
            "status": "",
            "status_uri": UNKNOWN,
            "product": site.terms[0],
        }
