"""/api/v1/submissions: what a member state has on its way to publication."""

from collections.abc import Mapping
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request

from app.access.doors import Allowed
from app.access.work import Work
from app.db.base import table_of
from app.problems import PROBLEMS
from app.rights.policies import Action, Kind, Stage
from app.submissions import queries
from app.submissions.schemas import SubmissionOut, SubmissionsOut

router = APIRouter(prefix="/submissions", tags=["Submissions"], responses=PROBLEMS)

_Reads = Annotated[Work, Depends(Allowed(Kind.SUBMISSION, Action.READ), scope="function")]


@router.get("", summary="Submissions")
def submissions(
    work: _Reads,
    request: Request,
    state: Stage | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> SubmissionsOut:
    """A page of the submissions one may see, the newest first."""
    found = queries.submissions(work.connection, _tables(request), _asked(work, state, limit, cursor))
    return SubmissionsOut(
        submissions=[SubmissionOut.model_validate(one) for one in found.rows], total=found.total, next=found.next
    )


@router.get("/{number}", summary="A submission")
def submission(number: int, work: _Reads, request: Request) -> SubmissionOut:
    """A submission with how many drafts it has."""
    found = queries.submission(work.connection, _tables(request), number, work.actor.layers)
    return SubmissionOut.model_validate(found)


def _asked(work: Work, state: Stage | None, limit: int, cursor: str | None) -> queries.Asked:
    return queries.Asked(state, work.actor.layers, limit, cursor)


def _tables(request: Request) -> Mapping[str, sa.Table]:
    return {name: table_of(one.model) for name, one in request.app.state.catalogue.declared.items()}
