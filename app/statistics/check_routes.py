"""GET /api/v1/statistics/checks: whether figures go together, as a statistician would look at them."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.clients import not_modified
from app.parameters import no_unknown_parameters
from app.problems import PROBLEMS
from app.statistics.figures import PATH
from app.statistics.plausibility.doubts import Check, Judged, Say, english
from app.statistics.plausibility.registry import CHECKS
from app.statistics.routes import FiguresOf, Slice, headers_of, link_to, observation_of
from app.statistics.schemas import CheckOut, ChecksOut, DoubtOut, LinkOut
from gis.declaration import nearest
from gis.errors import InvalidParameterError

MOST_DOUBTS = 1_000
_FORMATS = ("json", "csv")
_COLUMNS = ("check", "rank", "weight", "told", "figures")

router = APIRouter(
    prefix="/statistics", tags=["Statistics"], dependencies=[Depends(no_unknown_parameters)], responses=PROBLEMS
)


@router.get(
    "/checks",
    summary="Mirror trade, mass balance, breaks between HS editions, outliers",
    response_model=ChecksOut,
    responses={200: {"content": {"text/csv": {}}}},
)
async def checks(
    request: Request,
    figures: FiguresOf,
    selection: Slice,
    check: Annotated[str | None, Query(description="Ids of checks, separated by commas; all without it.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_DOUBTS, description="The most doubts of a check.")] = 100,
    f: Annotated[str, Query(description="json or csv.")] = "json",
) -> Response:
    """What each check finds in a slice of at most 50,000 figures, the heaviest doubts first."""
    wanted = _wanted(check)
    if f not in _FORMATS:
        raise InvalidParameterError("f", f"f: {f[:60]!r} is none of {', '.join(_FORMATS)}{nearest(f, _FORMATS)}.")
    release = await figures.release(selection.release)
    headers = headers_of(request, release)
    if known := not_modified(request, headers):
        return known
    found, say = await figures.judged(selection), english(figures.cube)
    if f == "csv":
        headers["Content-Disposition"] = 'attachment; filename="checks.csv"'
        return Response(_table(wanted, found, say), headers=headers, media_type="text/csv; charset=utf-8")
    parameters = selection.parameters() | ({"check": check} if check else {}) | {"limit": str(limit)}
    told = ChecksOut(
        release=release.number if release else 0,
        citation=figures.citation(release) if release else "",
        checks=[_check(one, found[one.id], say, limit) for one in wanted],
        links=[
            LinkOut(rel="self", href=link_to("checks", parameters)),
            LinkOut(rel="alternate", href=link_to("checks", parameters | {"f": "csv"}), type="text/csv"),
            LinkOut(rel="collection", href=link_to("observations", selection.parameters()), title="The figures"),
        ],
    )
    return Response(told.model_dump_json(), headers=headers, media_type="application/json")


def _wanted(text: str | None) -> Sequence[Check]:
    known = {one.id: one for one in CHECKS}
    wanted = text.split(",") if text else list(known)
    for one in wanted:
        if one not in known:
            told = f"check: {one[:60]!r} is none of {', '.join(known)}{nearest(one, list(known))}."
            raise InvalidParameterError("check", told)
    return [known[one] for one in dict.fromkeys(wanted)]


def _check(check: Check, found: Judged, say: Say, limit: int) -> CheckOut:
    return CheckOut(
        id=check.id,
        title=check.title,
        method=check.method,
        fill=check.fill,
        compared=found.compared,
        matched=len(found.doubts),
        doubts=[
            DoubtOut(told=one.text(say), weight=one.weight, figures=[observation_of(row) for row in one.figures])
            for one in found.doubts[:limit]
        ],
        leftOut=dict(found.left_out),
    )


def _table(wanted: Sequence[Check], found: Mapping[str, Judged], say: Say) -> str:
    """All doubts as CSV; figures are told by their addresses."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for check in wanted:
        for rank, one in enumerate(found[check.id].doubts, start=1):
            addresses = " ".join(f"{PATH}/observations/{row['id']}" for row in one.figures)
            writer.writerow((check.id, rank, f"{one.weight:.6g}", one.text(say), addresses))
    return text.getvalue()
