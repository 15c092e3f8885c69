"""/api/v1/submissions: the submissions one may see."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.access.doors import Allowed
from app.access.wire import Out
from app.access.work import Work
from app.problems import PROBLEMS
from app.releases.submissions import Asked, submission, submissions
from app.rights.policies import Action, Kind, Stage

router = APIRouter(prefix="/submissions", tags=["Submissions"], responses=PROBLEMS)

_Reads = Annotated[Work, Depends(Allowed(Kind.SUBMISSION, Action.READ), scope="function")]


class SubmissionOut(Out):
    """A submission. holder: who goes on with it, none if it waits for somebody. rows: that stand as drafts."""

    id: int
    title: str
    layer: str | None
    country: str | None
    stage: str
    holder: str | None
    submitted_at: datetime
    rows: int | None


class SubmissionsOut(Out):
    """A page of submissions, the newest first. next: where the next page starts."""

    submissions: list[SubmissionOut]
    total: int
    next: int | None


@router.get("", summary="Submissions")
def listed(
    work: _Reads,
    stage: Stage | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int | None, Query(ge=1)] = None,
) -> SubmissionsOut:
    """Those one may see."""
    rows, total, following = submissions(work.connection, Asked(stage, limit, cursor))
    found = [SubmissionOut.model_validate(one) for one in rows]
    return SubmissionsOut(submissions=found, total=total, next=following)


@router.get("/{number}", summary="A submission")
def one(number: int, work: _Reads) -> SubmissionOut:
    """The submission, with how many rows stand as drafts."""
    return SubmissionOut.model_validate(submission(work.connection, number))
