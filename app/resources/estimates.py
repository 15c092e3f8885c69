"""An estimate of a resource or reserve, and those that are public, read as the public role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from psycopg.rows import dict_row

from app.db.base import table_of
from app.db.pool import Connection
from app.minerals.models import CommodityResource
from app.releases.states import State, partition
from gis.statement import with_values
from gis.vocabulary import Vocabulary

LAYER = "commodity-resources"
"""Id of the layer the estimates are published as."""

NOT_ASSESSED = "not-assessed"
"""Code of an axis of the UNFC on which nobody has classified a quantity."""

_TABLE = table_of(CommodityResource)
_CURRENT = sa.table(
    partition(_TABLE, State.CURRENT), *(sa.column(c.name, c.type) for c in _TABLE.columns), schema=_TABLE.schema
)
_READ = (
    *("identifier", "country", "commodity_uri", "mineralOccurrence_uri", "mineralOccurrenceName"),
    *("oreMeasure", "oreMeasureType", "oreMeasureAssessmentCategory_uri", "classificationMethodUsed_uri"),
    *("tonnage", "grade", "gradeUnit", "containedMetal", "containedMetalCalculated", "effectiveDate"),
    *("unfcVersion", "unfcE", "unfcF", "unfcG", "source", "sourceId", "licence"),
)


@dataclass(frozen=True, slots=True)
class Axes:
    """A place in the UNFC: categories on its three axes, NOT_ASSESSED where there is none."""

    e: str = NOT_ASSESSED
    f: str = NOT_ASSESSED
    g: str = NOT_ASSESSED

    @property
    def assessed(self) -> bool:
        """Whether a quantity stands on all three axes."""
        return NOT_ASSESSED not in (self.e, self.f, self.g)

    @property
    def code(self) -> str:
        """The codification, as in E1F1G1."""
        return f"{self.e}{self.f}{self.g}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimate. commodity, category, method: codes, the latter two empty where the source does not say.

    deposit: identifier of the site, or its name where it has none. measure: resource, reserve, endowment or empty.
    tonnage, contained: tonnes. calculated: contained is ore times grade. stated: the estimate as its source has it.
    """

    identifier: str
    country: str
    commodity: str
    deposit: str
    deposit_name: str
    measure: str
    category: str
    method: str
    tonnage: float | None
    contained: float | None
    axes: Axes
    effective: date | None = None
    version: str = ""
    calculated: bool = False
    grade: float | None = None
    grade_unit: str = ""
    stated: str = ""
    source: str = ""
    source_id: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which estimates are asked for, by codes; empty: all."""

    commodities: Sequence[str] = ()
    countries: Sequence[str] = ()


async def estimates(
    connection: Connection, chosen: Chosen, vocabularies: Mapping[str, Vocabulary]
) -> tuple[Estimate, ...]:
    """The public estimates of some commodities and countries, in the order of their identifiers."""
    statement = sa.select(*(_CURRENT.c[name] for name in _READ)).order_by(_CURRENT.c.identifier)
    if chosen.countries:
        statement = statement.where(_CURRENT.c.country.in_(chosen.countries))
    if chosen.commodities:
        terms = vocabularies["commodity-code"].terms
        statement = statement.where(_CURRENT.c.commodity_uri.in_([terms[code].uri for code in chosen.commodities]))
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(*with_values(statement))).fetchall()
    return tuple(_estimate(row, vocabularies) for row in rows)


def _estimate(row: Mapping[str, Any], vocabularies: Mapping[str, Vocabulary]) -> Estimate:
    def code(vocabulary: str, uri: str | None) -> str:
        found = vocabularies[vocabulary].by_uri.get(uri or "")
        return found.code if found else ""

    return Estimate(
        identifier=row["identifier"],
        country=row["country"] or "",
        commodity=code("commodity-code", row["commodity_uri"]),
        deposit=row["mineralOccurrence_uri"] or row["mineralOccurrenceName"] or row["identifier"],
        deposit_name=row["mineralOccurrenceName"] or "",
        measure=row["oreMeasureType"] or "",
        category=code("assessment-category", row["oreMeasureAssessmentCategory_uri"]),
        method=code("classification-method-used", row["classificationMethodUsed_uri"]),
        tonnage=row["tonnage"],
        contained=row["containedMetal"],
        axes=Axes(*(row[name] or NOT_ASSESSED for name in ("unfcE", "unfcF", "unfcG"))),
        effective=row["effectiveDate"],
        version=row["unfcVersion"] or "",
        calculated=bool(row["containedMetalCalculated"]),
        grade=row["grade"],
        grade_unit=row["gradeUnit"] or "",
        stated=row["oreMeasure"] or "",
        source=row["source"] or "",
        source_id=row["sourceId"] or "",
        licence=row["licence"],
    )
