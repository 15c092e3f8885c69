"""GET /api/v1/resources: estimates of resources and reserves, their totals, and how they stand in the UNFC."""

from collections.abc import Iterable
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request

from app.parameters import no_unknown_parameters
from app.problems import PROBLEMS
from app.resources.additivity import Quantity
from app.resources.bridges import Bridge
from app.resources.estimates import Estimate
from app.resources.resources import TONNES, Asked, Resources
from app.resources.schemas import (
    BridgeOut,
    CellOut,
    ClassificationOut,
    CodeOut,
    EstimateOut,
    MatrixOut,
    ResourceTotalOut,
    ResourceTotalsOut,
)
from app.resources.totals import Cell, ResourceTotal
from gis.vocabulary import Vocabulary

PATH = "/api/v1/resources"

_Codes = Annotated[str | None, Query(description="Codes, separated by commas.")]


def _resources(request: Request) -> Resources:
    found: Resources = request.app.state.resources
    return found


def _asked(
    commodity: _Codes = None,
    country: _Codes = None,
    measure: _Codes = None,
    method: _Codes = None,
    category: _Codes = None,
    deposit: _Codes = None,
    estimate: Annotated[str | None, Query(description="Identifiers, separated by commas.")] = None,
) -> Asked:
    return Asked(commodity, country, measure, method, category, deposit, estimate)


_ResourcesOf = Annotated[Resources, Depends(_resources)]
_Estimates = Annotated[Asked, Depends(_asked)]
_Quantity = Annotated[Quantity, Query(description="contained: metal in the ore; tonnage: the ore.")]
_Bridge = Annotated[str | None, Query(description="Bridge from reporting codes to the UNFC.")]
_Unit = Annotated[str, Query(description="Unit of mass to convert into, such as t, kt, Mt, kg.")]

router = APIRouter(
    prefix="/resources", tags=["Resources"], dependencies=[Depends(no_unknown_parameters)], responses=PROBLEMS
)


@router.get("", summary="Estimates of resources and reserves")
async def estimates(resources: _ResourcesOf, asked: _Estimates) -> list[EstimateOut]:
    """The estimates that match, each with its source."""
    return [_estimate(one) for one in await resources.estimates(asked)]


@router.get("/classification", summary="Reporting codes, categories, axes of the UNFC and bridges")
async def classification(resources: _ResourcesOf) -> ClassificationOut:
    """The lists estimates are classified by, with what of them is unverified."""
    known = resources.vocabularies
    axes = known["unfc-category"]
    return ClassificationOut(
        methods=_codes(known["classification-method-used"]),
        categories=_codes(known["assessment-category"]),
        measures=_codes(known["ore-measure-type"]),
        axes={axis: [one for one in _codes(axes) if axes.terms[one.code].extra["axis"] == axis] for axis in "EFG"},
        bridges=[_bridge(one) for one in resources.bridges.values()],
    )


@router.get("/totals", summary="Totals of resources and reserves")
async def resource_totals(
    resources: _ResourcesOf,
    asked: _Estimates,
    quantity: _Quantity = "contained",
    by: Annotated[str, Query(description="What to split by, separated by commas: country, method ...")] = "",
    bridge: _Bridge = None,
    unit: _Unit = TONNES,
) -> ResourceTotalsOut:
    """Sums of estimates; 409 with all reasons where they may not be added, unless a bridge is named that helps."""
    names = tuple(dict.fromkeys(filter(None, by.split(","))))
    found = await resources.totals(asked, quantity, names, bridge, unit)
    chosen = resources.bridge(bridge)
    present = sorted({one.country for one in await resources.estimates(asked)})
    expected = asked.country.split(",") if asked.country else list(resources.members)
    return ResourceTotalsOut(
        release=resources.release,
        quantity=quantity,
        unit=unit,
        by=list(names),
        bridge=_bridge(chosen) if chosen else None,
        totals=[_total(one, unit, chosen) for one in found],
        present=present,
        missing=[country for country in expected if country not in present],
    )


@router.get("/unfc", summary="The E-F-G matrix of the UNFC")
async def unfc(
    resources: _ResourcesOf,
    asked: _Estimates,
    quantity: _Quantity = "contained",
    bridge: _Bridge = None,
    unit: _Unit = TONNES,
) -> MatrixOut:
    """How estimates stand on the three axes; what nobody has classified stands under not-assessed."""
    found = await resources.matrix(asked, quantity, bridge, unit)
    chosen = resources.bridge(bridge)
    return MatrixOut(
        release=resources.release,
        quantity=quantity,
        unit=unit,
        e=list(found.e),
        f=list(found.f),
        g=list(found.g),
        bridge=_bridge(chosen) if chosen else None,
        cells=[_cell(one) for one in found.cells],
    )


def rows_of(members: Iterable[str]) -> str:
    """Address of the very estimates that something is made of."""
    return f"{PATH}?{urlencode({'estimate': ','.join(members)}, safe=',')}"


def _estimate(one: Estimate) -> EstimateOut:
    return EstimateOut(
        identifier=one.identifier,
        country=one.country,
        commodity=one.commodity,
        deposit=one.deposit,
        depositName=one.deposit_name,
        measure=one.measure,
        method=one.method,
        category=one.category,
        effectiveDate=one.effective,
        tonnage=one.tonnage,
        grade=one.grade,
        gradeUnit=one.grade_unit,
        contained=one.contained,
        containedCalculated=one.calculated,
        unfcE=one.axes.e,
        unfcF=one.axes.f,
        unfcG=one.axes.g,
        unfcVersion=one.version,
        stated=one.stated,
        source=one.source,
        sourceId=one.source_id,
        licence=one.licence,
        href=f"/id/{quote(one.identifier)}",
    )


def _total(one: ResourceTotal, unit: str, bridge: Bridge | None) -> ResourceTotalOut:
    over = f" on the same place of the UNFC by the bridge {bridge.id}" if bridge else ""
    return ResourceTotalOut(
        codes=dict(one.codes),
        value=one.value,
        unit=unit,
        estimates=len(one.members),
        deposits=one.deposits,
        calculated=one.calculated,
        members=list(one.members),
        formula=f"Sum of {len(one.members)} estimates{over}, {one.calculated} of them ore times grade, in {unit}.",
        rows=rows_of(one.members),
    )


def _cell(one: Cell) -> CellOut:
    return CellOut(
        e=one.axes.e,
        f=one.axes.f,
        g=one.axes.g,
        estimates=len(one.members),
        deposits=one.deposits,
        value=one.value,
        reasons=list(one.reasons),
        members=list(one.members),
        rows=rows_of(one.members),
    )


def _bridge(one: Bridge) -> BridgeOut:
    rows = [
        {"method": method, "category": category, "e": axes.e, "f": axes.f, "g": axes.g}
        for (method, category), axes in one.axes.items()
    ]
    return BridgeOut(
        id=one.id, title=one.title, unfcVersion=one.version, verified=one.verified, source=one.source, rows=rows
    )


def _codes(vocabulary: Vocabulary) -> list[CodeOut]:
    return [
        CodeOut(
            code=term.code,
            label=term.label,
            uri=term.uri,
            status=term.extra.get("status", ""),
            source=term.extra.get("source", ""),
        )
        for term in vocabulary
    ]
