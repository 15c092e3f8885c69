"""What the JSON API tells of the statistics."""

from datetime import datetime

from pydantic import BaseModel


class LinkOut(BaseModel):
    """A link (RFC 8288)."""

    rel: str
    href: str
    type: str = "application/json"
    title: str = ""


class ReleaseOut(BaseModel):
    """A release of all figures; contentHash: SHA-256, hexadecimal."""

    number: int
    publishedAt: datetime
    publishedBy: str
    note: str
    added: int
    changed: int
    removed: int
    total: int
    contentHash: str
    citation: str


class CodeOut(BaseModel):
    """A code of a dimension with its figures now; firstYear, lastYear are empty while there are none.

    fill: what would fill it where it has no figures, if that is known.
    """

    code: str
    label: str
    observations: int
    firstYear: int | None
    lastYear: int | None
    description: str = ""
    fill: str = ""


class DimensionOut(BaseModel):
    """A dimension of the cube. codes: those with figures, and for indicators and countries also those without."""

    id: str
    title: str
    sdmx: str
    codes: list[CodeOut]


class CubeOut(BaseModel):
    """The cube: what figures there are. release is empty before the first load."""

    title: str
    observations: int
    firstYear: int | None
    lastYear: int | None
    release: ReleaseOut | None
    dimensions: list[DimensionOut]
    units: list[CodeOut]
    links: list[LinkOut]


class ObservationOut(BaseModel):
    """One figure. publishedValue and publishedUnit are as the source has it, value and unit as asked for.

    release brought this version; replaced, when there, is the release that put another in its place or took it away.
    """

    id: int
    indicator: str
    country: str
    partner: str
    commodity: str
    hs: str
    hsEdition: str
    isic: str
    isicRevision: str
    content: str
    year: int
    value: float
    unit: str
    publishedValue: float
    publishedUnit: str
    estimated: bool | None
    precision: str | None
    source: str
    sourceId: str | None
    licence: str
    note: str | None
    release: int
    replaced: int | None
    why: str


class WhyOut(BaseModel):
    """Why a figure is what it is: the figure, how it came to its value, the releases it was true in."""

    observation: ObservationOut
    formula: str
    citation: str
    links: list[LinkOut]


class SliceOut(BaseModel):
    """A page of figures in the order of the dimensions."""

    release: int
    citation: str
    numberReturned: int
    observations: list[ObservationOut]
    links: list[LinkOut]


class DoubtOut(BaseModel):
    """Figures that do not go together, and why. figures: those concerned, the one to look at first in front."""

    told: str
    weight: float
    figures: list[ObservationOut]


class CheckOut(BaseModel):
    """What a check found. compared: how often figures were compared; matched: how many doubts there are in all.

    doubts: the heaviest of them first. leftOut: how often a comparison could not be made, by reason.
    """

    id: str
    title: str
    method: str
    fill: str
    compared: int
    matched: int
    doubts: list[DoubtOut]
    leftOut: dict[str, int]


class ChecksOut(BaseModel):
    """What the checks of plausibility find in a slice of a release."""

    release: int
    citation: str
    checks: list[CheckOut]
    links: list[LinkOut]


class CoverageOut(BaseModel):
    """Countries that have a figure in a year, and those that have none: nobody says that they have nothing."""

    year: int
    present: list[str]
    missing: list[str]
    whole: bool


class TotalOut(BaseModel):
    """A sum. share: part of all totals of the year; growth: since the year before, of the same countries (fractions).

    whole: whether all countries expected have a figure. rows: the very figures it is the sum of.
    """

    codes: dict[str, str]
    year: int
    value: float
    unit: str
    observations: int
    estimates: int
    countries: list[str]
    whole: bool
    share: float | None
    growth: float | None
    formula: str
    rows: str


class TotalsOut(BaseModel):
    """Totals of a slice by year and dimensions."""

    release: int
    citation: str
    unit: str
    by: list[str]
    expected: list[str]
    totals: list[TotalOut]
    coverage: list[CoverageOut]
    missingYears: list[int]
    links: list[LinkOut]
