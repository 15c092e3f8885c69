"""/api/v1/audit: the log of who did what."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from app.access.doors import Allowed
from app.access.log.exports import FORMATS, ExportFormat
from app.access.log.schemas import LineOut, LinesOut, VerificationOut
from app.access.wire import CURSOR
from app.access.work import Work
from app.audit.chain import verify
from app.audit.queries import LineFilter, each_line, lines
from app.audit.service import Event, Outcome
from app.errors import InvalidInputError
from app.problems import PROBLEMS
from app.rights.policies import Action, Kind, Thing

router = APIRouter(prefix="/audit", tags=["Audit"], responses=PROBLEMS)

_Reads = Annotated[Work, Depends(Allowed(Kind.AUDIT, Action.READ), scope="function")]
_Exports = Annotated[Work, Depends(Allowed(Kind.AUDIT, Action.EXPORT), scope="function")]
# As the application: the chain is that of all lines, whoever may read which.
_Verifies = Annotated[Work, Depends(Allowed(Kind.AUDIT, Action.READ, own=True), scope="function")]


def _asked(
    q: Annotated[str, Query(max_length=100, description="Part of a name, action, object or detail.")] = "",
    person: Annotated[int | None, Query(ge=1, description="Id of who did it.")] = None,
    action: Annotated[str | None, Query(max_length=60)] = None,
    kind: Annotated[str | None, Query(max_length=60, description="What it was done to.")] = None,
    country: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    outcome: Outcome | None = None,
    since: Annotated[date | None, Query(alias="from", description="First day, in UTC.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last day, in UTC.")] = None,
) -> LineFilter:
    if since and until and until < since:
        raise InvalidInputError("to", f"to: {until} is before {since}, the first day asked for.")
    return LineFilter(q, person, action, kind, country, outcome, since, until)


_Asked = Annotated[LineFilter, Depends(_asked)]


@router.get("", summary="The log")
def listed(
    work: _Reads,
    asked: _Asked,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(pattern=CURSOR)] = None,
) -> LinesOut:
    """A page of the lines one may see, the newest first."""
    found = lines(work.connection, asked, limit, int(cursor) if cursor else None)
    shown = [LineOut.model_validate(one) for one in found.rows]
    return LinesOut(lines=shown, total=found.total, next=str(found.next) if found.next else None)


@router.get("/export", summary="The log as a file", response_class=StreamingResponse)
def export(work: _Exports, asked: _Asked, f: Literal["csv", "jsonl"] = "csv") -> StreamingResponse:
    """All lines one may see that are asked for, the oldest first."""
    told = {name: str(value) for name, value in asdict(asked).items() if value not in (None, "")}
    work.record(Event("export", Kind.AUDIT, detail={"format": f, **told}))
    chosen = FORMATS[f]
    headers = {
        "Content-Disposition": f'attachment; filename="audit-{datetime.now(UTC):%Y-%m-%d}.{chosen.suffix}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_written(work, asked, chosen), media_type=chosen.media_type, headers=headers)


@router.get("/verify", summary="Whether the chain of the log is whole")
def verified(work: _Verifies) -> VerificationOut:
    """What was found in all of the log, for those whose mandate covers the region."""
    work.require(Action.READ, Thing(Kind.AUDIT))
    return VerificationOut.model_validate(verify(work.connection, work.access.secret))


def _written(work: Work, asked: LineFilter, chosen: ExportFormat) -> Iterator[str]:
    # In a transaction of its own: that of the request is over when the answer begins.
    with work.access.connections.delegate(work.actor.token) as connection:
        yield from chosen.write(each_line(connection, asked))
