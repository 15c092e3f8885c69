"""What the JSON API tells of resources and reserves."""

from datetime import date

from pydantic import BaseModel


class EstimateOut(BaseModel):
    """One estimate; what its source does not say is empty. tonnage, contained: tonnes. stated: as the source has it."""

    identifier: str
    country: str
    commodity: str
    deposit: str
    depositName: str
    measure: str
    method: str
    category: str
    effectiveDate: date | None
    tonnage: float | None
    grade: float | None
    gradeUnit: str
    contained: float | None
    containedCalculated: bool
    unfcE: str
    unfcF: str
    unfcG: str
    unfcVersion: str
    stated: str
    source: str
    sourceId: str
    licence: str
    href: str


class BridgeOut(BaseModel):
    """A bridge from reporting codes to the UNFC. verified: whether its source was at hand for every row."""

    id: str
    title: str
    unfcVersion: str
    verified: bool
    source: str
    rows: list[dict[str, str]]


class CodeOut(BaseModel):
    """A code with its English label. status: verified, or unverified where it is from memory; empty where CGI's."""

    code: str
    label: str
    uri: str = ""
    status: str = ""
    source: str = ""


class ClassificationOut(BaseModel):
    """The lists estimates are classified by. axes: categories of the UNFC by axis."""

    methods: list[CodeOut]
    categories: list[CodeOut]
    measures: list[CodeOut]
    axes: dict[str, list[CodeOut]]
    bridges: list[BridgeOut]


class ResourceTotalOut(BaseModel):
    """A sum with its members. unfc: its place, where a bridge is named. rows: the very estimates it is the sum of."""

    codes: dict[str, str]
    value: float
    unit: str
    estimates: int
    deposits: int
    calculated: int
    members: list[str]
    formula: str
    rows: str


class ResourceTotalsOut(BaseModel):
    """Totals of resources and reserves. bridge: the one that was used; missing: members of the region without any."""

    release: int
    quantity: str
    unit: str
    by: list[str]
    bridge: BridgeOut | None
    totals: list[ResourceTotalOut]
    present: list[str]
    missing: list[str]


class CellOut(BaseModel):
    """A cell of the E-F-G matrix. value is empty where its estimates may not be added, for the reasons told."""

    e: str
    f: str
    g: str
    estimates: int
    deposits: int
    value: float | None
    reasons: list[str]
    members: list[str]
    rows: str


class MatrixOut(BaseModel):
    """The E-F-G matrix: its categories in order, and the cells with estimates."""

    release: int
    quantity: str
    unit: str
    e: list[str]
    f: list[str]
    g: list[str]
    bridge: BridgeOut | None
    cells: list[CellOut]
