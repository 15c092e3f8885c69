"""The mineral and geological features of a region, one table a view of EarthResourceML-Lite 2.0.1 or GeoSciML-Lite 4.1.

Columns carry the names, order and obligation of those schemas; what AMDIS adds comes after them. Values of a field
``x_uri`` are URIs of a vocabulary, the field ``x`` is the same as readable text.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Point, field
from app.releases.states import READABLE, PublishedRow, partitioned

SCHEMA = "minerals"

Text = Mapped[str | None]
Number = Mapped[float | None]


def _geometry(kind: str) -> Geometry:
    return Geometry(kind, 4326, spatial_index=False)


def _shape(kind: str) -> Mapped[Any]:
    return mapped_column(_geometry(kind), nullable=False, sort_order=-2, info=READABLE)


def _simplified(kind: str) -> Mapped[Any]:
    return mapped_column(_geometry(kind), nullable=True, sort_order=-1, info=READABLE)


def _indexes(name: str, *others: sa.Index, beside_number: Sequence[str] = ()) -> tuple[Any, ...]:
    return partitioned(
        SCHEMA,
        sa.Index(f"ix_{name}_number", "number", postgresql_include=[*beside_number] or None),
        *others,
        sa.Index(f"ix_{name}_identifier", "identifier"),
        sa.Index(f"ix_{name}_replaces", "replaces", postgresql_using="gin"),
        sa.Index(f"ix_{name}_shape", "shape", postgresql_using="gist"),
    )


def _point_indexes(name: str, asked_for: Sequence[str] = ("country", "admin1", "commodityGroup")) -> tuple[Any, ...]:
    """Those of all; of a box, by zoom level, by commodity, by what is often asked for.

    With position and number, so that no row is looked at to find what is in a box; those of fields give each value's
    features in the order of the number. That of the number holds the commodities too: of each feature of a run it is
    asked whether it has one.
    """
    asked = (sa.Index(f"ix_{name}_{field}", field, "number", postgresql_include=["place"]) for field in asked_for)
    place = sa.Index(f"ix_{name}_place", "place", postgresql_using="gist", postgresql_include=["number"])
    drawn = sa.Index(f"ix_{name}_minzoom_shape", "minzoom", "shape", postgresql_using="gist")
    mined = sa.Index(f"ix_{name}_commodityCodes", "commodityCodes", postgresql_using="gin")
    return _indexes(name, place, drawn, mined, *asked, beside_number=["place", "commodityCodes"])


class Located:
    """A feature that is a point. place: the point once more, as PostgreSQL's own type, whose index is exact."""

    shape: Mapped[Any] = _shape("POINT")
    place: Mapped[Any] = mapped_column(
        Point(), sa.Computed("point(ST_X(shape), ST_Y(shape))", persisted=True), sort_order=-1, info=READABLE
    )


class Traced:
    """A feature that is lines; shape_n: simplified for zoom levels up to n."""

    shape: Mapped[Any] = _shape("MULTILINESTRING")
    shape_4: Mapped[Any] = _simplified("MULTILINESTRING")
    shape_7: Mapped[Any] = _simplified("MULTILINESTRING")
    shape_10: Mapped[Any] = _simplified("MULTILINESTRING")


class Spread:
    """A feature that is areas; shape_n: simplified for zoom levels up to n."""

    shape: Mapped[Any] = _shape("MULTIPOLYGON")
    shape_4: Mapped[Any] = _simplified("MULTIPOLYGON")
    shape_7: Mapped[Any] = _simplified("MULTIPOLYGON")
    shape_10: Mapped[Any] = _simplified("MULTIPOLYGON")


class Feature(PublishedRow):
    """What every feature has: a stable identifier, and where the fact comes from."""

    identifier: Mapped[str] = mapped_column(
        sa.Text(collation="C"),
        info=field("Identifier", description="Stable, unique in the system.", required=True),
        sort_order=-1,
    )
    country: Text = mapped_column(
        info=field("Country", description="ISO 3166-1 alpha-3 code of the owner."), sort_order=50
    )
    sourceId: Text = mapped_column(info=field("Record in the source"), sort_order=60)
    sourceUrl: Text = mapped_column(info=field("Address of the source"), sort_order=61)
    licence: Mapped[str] = mapped_column(info=field("Licence", required=True), sort_order=62)
    replaces: Mapped[list[str] | None] = mapped_column(
        info=field("Replaces", description="Identifiers of retired features that this one takes the place of."),
        sort_order=63,
    )


class Site(Located, Feature):
    """What every mineral site has beside its view."""

    admin1: Text = mapped_column(info=field("Province or state"), sort_order=51)
    commodityGroup: Text = mapped_column(
        info=field("Commodity group", description="Group of the main commodity.", vocabulary="commodity-group"),
        sort_order=52,
    )
    commodityCodes: Mapped[list[str] | None] = mapped_column(
        info=field("Commodity codes", description="All commodities, the main one first.", vocabulary="commodity-code"),
        sort_order=53,
    )
    otherNames: Text = mapped_column(info=field("Other names"), sort_order=54)
    confidence: Text = mapped_column(
        info=field("Confidence", description="How sure the source is of the record."), sort_order=55
    )


class MineralOccurrenceView(Site):
    """Fields of the ERML-Lite MineralOccurrenceView: deposits, occurrences, prospects and their kin."""

    name: Text = mapped_column(info=field("Name"))
    mineralOccurrenceType: Mapped[str] = mapped_column(info=field("Type of occurrence", required=True))
    commodity: Mapped[str] = mapped_column(
        info=field("Commodity", description="Commodities in order of importance.", required=True)
    )
    mineName: Text = mapped_column(info=field("Mine"))
    geologicHistory: Text = mapped_column(info=field("Geologic history"))
    hostGeologicUnit: Text = mapped_column(info=field("Host geologic unit"))
    mineralDepositModel: Text = mapped_column(info=field("Deposit model"))
    mineralOccurrenceShape: Text = mapped_column(info=field("Shape of the occurrence"))
    explorationActivityType: Text = mapped_column(info=field("Exploration activity"))
    explorationActivityDuration: Text = mapped_column(info=field("Duration of exploration"))
    explorationResult: Text = mapped_column(info=field("Exploration result"))
    observationMethod: Text = mapped_column(info=field("Observation method"))
    positionalAccuracy: Text = mapped_column(info=field("Positional accuracy"))
    source: Text = mapped_column(info=field("Source"))
    mineralOccurrenceType_uri: Mapped[str] = mapped_column(
        info=field("Type of occurrence (URI)", vocabulary="mineral-occurrence-type", required=True)
    )
    representativeCommodity_uri: Mapped[str] = mapped_column(
        info=field("Main commodity (URI)", vocabulary="commodity-code", required=True)
    )
    mine_uri: Text = mapped_column(info=field("Mine (identifier)"))
    hostGeologicUnit_uri: Text = mapped_column(info=field("Host geologic unit (URI)"))
    mineralDepositModel_uri: Text = mapped_column(info=field("Deposit model (URI)", vocabulary="deposit-model"))
    representativeAge_uri: Text = mapped_column(info=field("Age (URI)", vocabulary="ischart"))
    representativeOlderAge_uri: Text = mapped_column(info=field("Oldest age (URI)", vocabulary="ischart"))
    representativeYoungerAge_uri: Text = mapped_column(info=field("Youngest age (URI)", vocabulary="ischart"))
    specification_uri: Text = mapped_column(info=field("Full description (URI)"))


class MineralDeposit(MineralOccurrenceView, Base):
    """A mineral deposit: a concentration that has been assessed as of possible economic value."""

    __tablename__ = "mineral_deposit"
    __table_args__ = _point_indexes(__tablename__)


class MineralOccurrence(MineralOccurrenceView, Base):
    """Any other mineral occurrence: occurrence, prospect, mineralised zone, field, province."""

    __tablename__ = "mineral_occurrence"
    __table_args__ = _point_indexes(__tablename__)


class Mine(Site, Base):
    """A mine (ERML-Lite MineView)."""

    __tablename__ = "mine"
    __table_args__ = _point_indexes(__tablename__)

    name: Text = mapped_column(info=field("Name"))
    status: Text = mapped_column(info=field("Status", description="Empty where the source does not say."))
    commodity: Text = mapped_column(info=field("Commodity", description="Commodities in order of importance."))
    owner: Text = mapped_column(info=field("Owner"))
    startDate: Text = mapped_column(info=field("Start of mining"))
    endDate: Text = mapped_column(info=field("End of mining"))
    observationMethod: Text = mapped_column(info=field("Observation method"))
    positionalAccuracy: Text = mapped_column(info=field("Positional accuracy"))
    source: Text = mapped_column(info=field("Source"))
    status_uri: Mapped[str] = mapped_column(info=field("Status (URI)", vocabulary="mine-status", required=True))
    representativeCommodity_uri: Text = mapped_column(info=field("Main commodity (URI)", vocabulary="commodity-code"))
    specification_uri: Text = mapped_column(info=field("Full description (URI)"))
    mineType: Text = mapped_column(info=field("Kind of mine"))


class ProcessingPlant(Site, Base):
    """A smelter, refinery or other plant (ERML-Lite ProcessingPlantView)."""

    __tablename__ = "processing_plant"
    __table_args__ = _point_indexes(__tablename__)

    name: Text = mapped_column(info=field("Name"))
    processingPlantType: Mapped[str] = mapped_column(info=field("Type of plant", required=True))
    startDate: Text = mapped_column(info=field("Start of operation"))
    endDate: Text = mapped_column(info=field("End of operation"))
    status: Text = mapped_column(info=field("Status", description="Empty where the source does not say."))
    commodity: Text = mapped_column(info=field("Commodity"))
    inputMaterial: Text = mapped_column(info=field("Input material"))
    product: Text = mapped_column(info=field("Product"))
    observationMethod: Text = mapped_column(info=field("Observation method"))
    positionalAccuracy: Text = mapped_column(info=field("Positional accuracy"))
    source: Text = mapped_column(info=field("Source"))
    processingPlantType_uri: Text = mapped_column(info=field("Type of plant (URI)"))
    status_uri: Text = mapped_column(info=field("Status (URI)", vocabulary="mine-status"))
    representativeCommodity_uri: Text = mapped_column(info=field("Main commodity (URI)", vocabulary="commodity-code"))
    specification_uri: Text = mapped_column(info=field("Full description (URI)"))


class CommodityResource(Located, Feature, Base):
    """An estimate of a resource or reserve of one commodity at one site (ERML-Lite CommodityResourceView).

    What the source does not say of code, category or date is empty; an axis of the UNFC nobody has classified the
    quantity on is ``not-assessed``.
    """

    __tablename__ = "commodity_resource"
    __table_args__ = _point_indexes(__tablename__, ("country", "commodityGroup"))

    commodity: Mapped[str] = mapped_column(info=field("Commodity", required=True))
    commodityRank: Text = mapped_column(info=field("Rank of the commodity"))
    commodityImportance: Text = mapped_column(info=field("Importance of the commodity"))
    mineralOccurrenceName: Text = mapped_column(info=field("Deposit"))
    mineName: Text = mapped_column(info=field("Mine"))
    oreMeasure: Text = mapped_column(info=field("Estimate", description="Tonnage and grade as the source has them."))
    oreMeasureType: Text = mapped_column(
        info=field("What it measures", description="Resource, reserve, endowment.", vocabulary="ore-measure-type")
    )
    oreMeasureAssessmentCategory: Text = mapped_column(info=field("Category"))
    classificationMethodUsed: Text = mapped_column(info=field("Reporting code"))
    observationMethod: Text = mapped_column(info=field("Observation method"))
    positionalAccuracy: Text = mapped_column(info=field("Positional accuracy"))
    source: Text = mapped_column(info=field("Source"))
    commodity_uri: Mapped[str] = mapped_column(
        info=field("Commodity (URI)", vocabulary="commodity-code", required=True)
    )
    mineralOccurrence_uri: Text = mapped_column(info=field("Deposit (identifier)"))
    mine_uri: Text = mapped_column(info=field("Mine (identifier)"))
    oreMeasureType_uri: Text = mapped_column(info=field("What it measures (URI)"))
    oreMeasureAssessmentCategory_uri: Text = mapped_column(
        info=field("Category (URI)", vocabulary="assessment-category")
    )
    classificationMethodUsed_uri: Text = mapped_column(
        info=field("Reporting code (URI)", vocabulary="classification-method-used")
    )
    specification_uri: Text = mapped_column(info=field("Full description (URI)"))
    commodityGroup: Text = mapped_column(info=field("Commodity group", vocabulary="commodity-group"), sort_order=52)
    commodityCodes: Mapped[list[str] | None] = mapped_column(
        info=field("Commodity code", description="The one commodity.", vocabulary="commodity-code"), sort_order=53
    )
    tonnage: Number = mapped_column(info=field("Ore", unit="t", minimum=0), sort_order=54)
    grade: Number = mapped_column(
        info=field("Grade", description="In gradeUnit, by mass of the ore.", minimum=0), sort_order=54
    )
    gradeUnit: Text = mapped_column(info=field("Unit of the grade", vocabulary="unit"), sort_order=54)
    containedMetal: Number = mapped_column(info=field("Contained", unit="t", minimum=0), sort_order=54)
    containedMetalCalculated: Mapped[bool | None] = mapped_column(
        info=field("Contained is ore times grade", description="true: calculated; false: stated by the source."),
        sort_order=54,
    )
    effectiveDate: Mapped[date | None] = mapped_column(
        info=field("Effective date", description="Day for which the estimate was true."), sort_order=55
    )
    unfcVersion: Text = mapped_column(info=field("Version of the UNFC"), sort_order=55)
    unfcE: Text = mapped_column(
        info=field("UNFC E", description="Environmental, social, economic viability.", vocabulary="unfc-category"),
        sort_order=55,
    )
    unfcF: Text = mapped_column(
        info=field("UNFC F", description="Technical feasibility.", vocabulary="unfc-category"), sort_order=55
    )
    unfcG: Text = mapped_column(
        info=field("UNFC G", description="Confidence in the estimate.", vocabulary="unfc-category"), sort_order=55
    )


class GeologicUnit(Spread, Feature, Base):
    """A geologic unit of a map (GeoSciML-Lite GeologicUnitView)."""

    __tablename__ = "geologic_unit"
    __table_args__ = _indexes(__tablename__)

    name: Text = mapped_column(info=field("Name"))
    description: Text = mapped_column(info=field("Description"))
    geologicUnitType: Text = mapped_column(info=field("Type of unit"))
    rank: Text = mapped_column(info=field("Stratigraphic rank"))
    lithology: Text = mapped_column(info=field("Lithology"))
    geologicHistory: Text = mapped_column(info=field("Geologic history"))
    numericOlderAge: Number = mapped_column(info=field("Older age", unit="Ma", minimum=0, maximum=4600))
    numericYoungerAge: Number = mapped_column(info=field("Younger age", unit="Ma", minimum=0, maximum=4600))
    observationMethod: Text = mapped_column(info=field("Observation method"))
    positionalAccuracy: Text = mapped_column(info=field("Positional accuracy"))
    source: Text = mapped_column(info=field("Source"))
    geologicUnitType_uri: Text = mapped_column(info=field("Type of unit (URI)"))
    representativeLithology_uri: Text = mapped_column(info=field("Lithology (URI)", vocabulary="simplelithology"))
    representativeAge_uri: Text = mapped_column(info=field("Age (URI)", vocabulary="ischart"))
    representativeOlderAge_uri: Text = mapped_column(info=field("Oldest age (URI)", vocabulary="ischart"))
    representativeYoungerAge_uri: Text = mapped_column(info=field("Youngest age (URI)", vocabulary="ischart"))
    specification_uri: Text = mapped_column(info=field("Full description (URI)"))
    metadata_uri: Text = mapped_column(info=field("Metadata (URI)"))
    genericSymbolizer: Text = mapped_column(info=field("Symbol"))


class PlateBoundary(Traced, Feature, Base):
    """A boundary between two tectonic plates."""

    __tablename__ = "plate_boundary"
    __table_args__ = _indexes(__tablename__)

    name: Text = mapped_column(info=field("Name"))
    plateA: Mapped[str] = mapped_column(info=field("Plate on the left", required=True))
    plateB: Mapped[str] = mapped_column(info=field("Plate on the right", required=True))
    boundaryType: Text = mapped_column(info=field("Type of boundary"))
    positionalAccuracy: Text = mapped_column(info=field("Positional accuracy"))
    source: Text = mapped_column(info=field("Source"))


class Country(Spread, Feature, Base):
    """A state: a member of the region, or a neighbour drawn for orientation."""

    __tablename__ = "country"
    __table_args__ = _indexes(__tablename__)

    name: Mapped[str] = mapped_column(info=field("Name", required=True))
    iso2: Text = mapped_column(info=field("ISO 3166-1 alpha-2 code"))
    member: Mapped[bool] = mapped_column(info=field("Member state", required=True))
    positionalAccuracy: Text = mapped_column(info=field("Positional accuracy"))
    source: Text = mapped_column(info=field("Source"))
