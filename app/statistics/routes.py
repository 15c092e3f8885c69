"""GET /api/v1/statistics: the cube, its releases, slices, totals, and why a number is what it is."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic_core import to_json

from app.clients import not_modified
from app.parameters import no_unknown_parameters
from app.problems import PROBLEMS
from app.releases.queries import PublishedRelease
from app.statistics.figures import PATH, Figures
from app.statistics.formats import FORMATS, Told
from app.statistics.models import DIMENSIONS
from app.statistics.queries import CodesInUse, Contents, Row, observation_fields
from app.statistics.schemas import (
    CodeOut,
    CoverageOut,
    CubeOut,
    DimensionOut,
    LinkOut,
    ObservationOut,
    ReleaseOut,
    SliceOut,
    TotalsOut,
    WhyOut,
)
from app.statistics.sdmx import DIMENSION_IDS
from app.statistics.selection import CODED, Selection
from app.statistics.totals import Totals
from gis.declaration import nearest
from gis.errors import InvalidParameterError

MOST_ROWS = 10_000

TITLES = {field.name: field.title for field in observation_fields()}

_Codes = Annotated[str | None, Query(description="Codes, separated by commas.")]


def _figures(request: Request) -> Figures:
    found: Figures = request.app.state.figures
    return found


FiguresOf = Annotated[Figures, Depends(_figures)]


async def _selection(  # noqa: PLR0913, PLR0917  (one parameter a dimension)
    figures: FiguresOf,
    indicator: _Codes = None,
    country: _Codes = None,
    partner: _Codes = None,
    commodity: _Codes = None,
    hs: _Codes = None,
    hsEdition: _Codes = None,  # noqa: N803
    isic: _Codes = None,
    isicRevision: _Codes = None,  # noqa: N803
    content: _Codes = None,
    first: Annotated[int | None, Query(alias="from", ge=1500, le=2100, description="First year.")] = None,
    last: Annotated[int | None, Query(alias="to", ge=1500, le=2100, description="Last year.")] = None,
    release: Annotated[int | None, Query(ge=1, description="As of a release; the newest by default.")] = None,
) -> Selection:
    given = (indicator, country, partner, commodity, hs, hsEdition, isic, isicRevision, content)
    return await figures.selection(dict(zip(CODED, given, strict=True)), (first, last), release)


Slice = Annotated[Selection, Depends(_selection)]
_Unit = Annotated[str | None, Query(description="Unit to convert into, such as t, kt, USD.")]

router = APIRouter(
    prefix="/statistics", tags=["Statistics"], dependencies=[Depends(no_unknown_parameters)], responses=PROBLEMS
)


@router.get("", summary="The cube: dimensions, codes with figures, years, release")
async def cube(figures: FiguresOf, release: Annotated[int | None, Query(ge=1)] = None) -> CubeOut:
    """What figures there are now. release: tells of that release instead of the newest; the codes are those of now."""
    told = await figures.release(release)
    contents = await figures.contents()
    years = [int(year) for year in contents.get("year", {})]
    units = {term.code: term.label for term in figures.cube.vocabularies["unit"]}
    return CubeOut(
        title="Mineral statistics",
        observations=told.total if told else 0,
        firstYear=min(years, default=None),
        lastYear=max(years, default=None),
        release=_release(figures, told) if told else None,
        dimensions=[_dimension(figures, name, contents) for name in DIMENSIONS],
        units=[_code(code, units.get(code, code), use) for code, use in contents.get("unit", {}).items()],
        links=[
            LinkOut(rel="self", href=PATH),
            LinkOut(rel="items", href=f"{PATH}/observations", title="Figures"),
            LinkOut(rel="related", href=f"{PATH}/totals", title="Totals"),
            LinkOut(rel="related", href=f"{PATH}/checks", title="Checks of plausibility"),
            LinkOut(rel="version-history", href=f"{PATH}/releases", title="Releases"),
        ],
    )


@router.get("/releases", summary="The releases of the statistics, the newest first")
async def releases(figures: FiguresOf) -> list[ReleaseOut]:
    """Each release with its counts, hash and citation."""
    return [_release(figures, one) for one in reversed(await figures.releases())]


@router.get(
    "/observations",
    summary="Figures of a slice",
    response_model=SliceOut,
    responses={200: {"content": {one.media_type.split(";")[0]: {} for one in FORMATS.values()}}},
)
async def observations(
    request: Request,
    figures: FiguresOf,
    selection: Slice,
    unit: _Unit = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 1000,
    after: Annotated[int | None, Query(ge=1, description="Number of the last figure of the page before.")] = None,
    f: Annotated[str, Query(description="json, csv, sdmx-csv, sdmx-json or json-stat.")] = "json",
) -> Response:
    """A page of figures in the order of the dimensions; the link next leads on."""
    formats = ["json", *FORMATS]
    if f not in formats:
        raise InvalidParameterError("f", f"f: {f[:60]!r} is none of {', '.join(formats)}{nearest(f, formats)}.")
    release = await _cited(figures, selection)
    headers = headers_of(request, release)
    if known := not_modified(request, headers):
        return known
    page = await figures.page(selection, limit, after, unit)
    parameters = selection.parameters() | ({"unit": unit} if unit else {}) | {"limit": str(limit), "f": f}
    links = [LinkOut(rel="self", href=link_to("observations", parameters | ({"after": str(after)} if after else {})))]
    if page.next is not None:
        links.append(LinkOut(rel="next", href=link_to("observations", parameters | {"after": str(page.next)})))
    headers["Link"] = ", ".join(f'<{link.href}>; rel="{link.rel}"' for link in links)
    if f == "json":
        told = {
            "release": release.number if release else 0,
            "citation": figures.citation(release) if release else "",
            "numberReturned": len(page.rows),
            "observations": [_told(row) for row in page.rows],
            "links": links,
        }
        return Response(to_json(told), headers=headers, media_type="application/json")
    return _file(figures, f, page.rows, release, headers)


@router.get("/observations/{number}", summary="Why a number is what it is")
async def why(figures: FiguresOf, number: Annotated[int, Path(ge=1, lt=2**63)]) -> WhyOut:
    """One version of a figure, current or not, with its source and the releases it was true in."""
    row = await figures.observation(number)
    release = await figures.release(row["release"])
    series = {name: (row[name],) for name in CODED}
    return WhyOut(
        observation=observation_of(row),
        formula=f"As published by the source: {row['value']:g} {row['unit']}; nothing was converted or added.",
        citation=figures.citation(release) if release else "",
        links=[
            LinkOut(rel="self", href=f"{PATH}/observations/{number}"),
            LinkOut(rel="collection", href=link_to("observations", Selection(series).parameters()), title="Series"),
            LinkOut(rel="version", href=f"{PATH}?release={row['release']}", title="Release that brought it"),
        ],
    )


@router.get("/totals", summary="Totals of a slice by year and dimensions", response_model=TotalsOut)
async def slice_totals(
    request: Request,
    figures: FiguresOf,
    selection: Slice,
    by: Annotated[
        str, Query(description="Dimensions beside the year, separated by commas: country, commodity ...")
    ] = "",
    unit: _Unit = None,
) -> Response:
    """Sums by year with coverage, shares and growth; 409 with the reasons where figures may not be added."""
    release = await _cited(figures, selection)
    headers = headers_of(request, release)
    if known := not_modified(request, headers):
        return known
    names = tuple(dict.fromkeys(filter(None, by.split(","))))
    found = await figures.totals(selection, names, unit)
    number = release.number if release else 0
    given = selection.parameters() | ({"by": by} if by else {}) | ({"unit": unit} if unit else {})
    told = {
        "release": number,
        "citation": figures.citation(release) if release else "",
        "unit": found.unit,
        "by": names,
        "expected": next(iter(found.coverage.values())).expected if found.coverage else [],
        "totals": _totals(selection, found, names, number),
        "coverage": [
            CoverageOut(year=year, present=list(one.present), missing=list(one.missing), whole=one.whole)
            for year, one in found.coverage.items()
        ],
        "missingYears": found.missing_years,
        "links": [
            LinkOut(rel="self", href=link_to("totals", given)),
            LinkOut(rel="via", href=link_to("observations", selection.parameters()), title="The figures"),
        ],
    }
    return Response(to_json(told), headers=headers, media_type="application/json")


async def _cited(figures: Figures, selection: Selection) -> PublishedRelease | None:
    """The release a slice is of."""
    return await figures.release(selection.release)


def headers_of(request: Request, release: PublishedRelease | None) -> dict[str, str]:
    """Headers of an answer that changes with the release only."""
    asked = f"{release.number if release else 0}-{release.content_hash[:16] if release else ''}"
    return {"ETag": f'W/"{asked}-{request.query_params.get("f", "json")}"', "Cache-Control": "no-cache"}


def _file(
    figures: Figures, name: str, rows: Sequence[Row], release: PublishedRelease | None, headers: Mapping[str, str]
) -> Response:
    if release is None:
        raise InvalidParameterError("f", "f: there are no figures yet; nothing was loaded.")
    chosen = FORMATS[name]
    told = Told(release, figures.citation(release), TITLES, figures.codes)
    disposition = f'attachment; filename="statistics-{release.number}{chosen.suffix}"'
    return Response(
        chosen.write(rows, told), headers={**headers, "Content-Disposition": disposition}, media_type=chosen.media_type
    )


def link_to(name: str, parameters: Mapping[str, str]) -> str:
    """The path of a resource of the statistics with its parameters."""
    asked = urlencode(parameters, safe=",")
    return f"{PATH}/{name}" + (f"?{asked}" if asked else "")


def _release(figures: Figures, one: PublishedRelease) -> ReleaseOut:
    return ReleaseOut(
        number=one.number,
        publishedAt=one.published_at,
        publishedBy=one.published_by,
        note=one.note,
        added=one.added,
        changed=one.changed,
        removed=one.removed,
        total=one.total,
        contentHash=one.content_hash,
        citation=figures.citation(one),
    )


def _dimension(figures: Figures, name: str, contents: Contents) -> DimensionOut:
    used = contents.get(name, {})
    labels = {} if name == "year" else figures.codes(name)
    terms = figures.cube.vocabularies[name].terms if name in figures.cube.vocabularies else {}
    empty = {"indicator": terms, "country": figures.cube.members}.get(name, {})
    codes = [*used, *(code for code in empty if code not in used)]
    told = [
        _code(code, labels.get(code, code), used.get(code), terms[code].extra if code in terms else {})
        for code in codes
        if name != "indicator" or code not in terms or terms[code].extra["kinds"]
    ]
    return DimensionOut(id=name, title=TITLES[name], sdmx=DIMENSION_IDS[name], codes=told)


def _code(code: str, label: str, use: CodesInUse | None, extra: Mapping[str, str] | None = None) -> CodeOut:
    extra = extra or {}
    return CodeOut(
        code=code,
        label=label,
        observations=use.observations if use else 0,
        firstYear=use.first_year if use else None,
        lastYear=use.last_year if use else None,
        description=extra.get("description", ""),
        fill=extra.get("fill", ""),
    )


def observation_of(row: Row) -> ObservationOut:
    """A figure as the API tells it."""
    return ObservationOut.model_validate(_told(row))


def _told(row: Row) -> dict[str, Any]:
    """The members of ObservationOut, which thousands of rows are not put through: it takes ten times as long."""
    told = {**row, "why": f"{PATH}/observations/{row['id']}"}
    told["publishedValue"] = told.pop("published_value", row["value"])
    told["publishedUnit"] = told.pop("published_unit", row["unit"])
    return told


def _totals(selection: Selection, found: Totals, by: Sequence[str], release: int) -> list[Any]:
    """The members of TotalOut of each total, which are too many to be put through it one by one."""
    whole = {year: set(one.expected) for year, one in found.coverage.items()}
    replaced = {*by, "from", "to", "release"}
    kept = {name: text for name, text in selection.parameters().items() if name not in replaced}
    address = link_to("observations", kept | {"unit": found.unit, "release": str(release)})
    return [
        {
            "codes": one.codes,
            "year": one.year,
            "value": one.value,
            "unit": found.unit,
            "observations": one.observations,
            "estimates": one.estimates,
            "countries": one.countries,
            "whole": "country" in one.codes or whole[one.year] <= set(one.countries),
            "share": one.share,
            "growth": one.growth,
            "formula": f"Sum of the figures of {one.year} ({one.observations}), each converted into {found.unit}.",
            "rows": f"{address}&{urlencode({**one.codes, 'from': one.year, 'to': one.year})}",
        }
        for one in found.totals
    ]
