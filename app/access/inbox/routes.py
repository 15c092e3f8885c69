"""/api/v1/notices: the acting person's inbox."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.access.doors import Allowed
from app.access.wire import CURSOR, Out
from app.access.work import Work
from app.notices import queries, service
from app.notices.service import NoticeKind
from app.problems import PROBLEMS
from app.rights.policies import Action, Kind

router = APIRouter(prefix="/notices", tags=["Notices"], responses=PROBLEMS)

_Reads = Annotated[Work, Depends(Allowed(Kind.NOTICE, Action.READ), scope="function")]
_Marks = Annotated[Work, Depends(Allowed(Kind.NOTICE, Action.UPDATE), scope="function")]


class NoticeOut(Out):
    """Something one is told, or asked to do. link: a path of the site where it is about or done."""

    id: int
    kind: NoticeKind
    title: str
    text: str
    link: str
    created_at: datetime
    read_at: datetime | None
    done_at: datetime | None


class NoticesOut(Out):
    """A page of the inbox, the newest first. unread: in all; next: the cursor of the next page."""

    notices: list[NoticeOut]
    unread: int
    next: str | None


@router.get("", summary="One's inbox")
def listed(
    work: _Reads,
    unread: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Annotated[str | None, Query(pattern=CURSOR)] = None,
) -> NoticesOut:
    """A page of what one is told and asked to do, or of what one has not read."""
    person = work.actor.person
    asked = queries.Asked(unread, limit, int(cursor) if cursor else None)
    rows, following = queries.notices(work.connection, person, asked)
    return NoticesOut(
        notices=[NoticeOut.model_validate(one) for one in rows],
        unread=queries.unread(work.connection, person),
        next=str(following) if following else None,
    )


@router.post("/read", summary="Mark all as read", status_code=204)
def read_all(work: _Marks) -> None:
    """Nothing of the inbox is unread any more."""
    service.mark_all_read(work.connection, work.actor.person)


@router.post("/{number}/read", summary="Mark one as read", status_code=204)
def read(number: int, work: _Marks) -> None:
    """The notice is read."""
    service.mark_read(work.connection, work.actor.person, number)
