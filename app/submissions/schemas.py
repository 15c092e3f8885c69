"""Submissions over the wire."""

from datetime import datetime

from app.access.wire import Out
from app.rights.policies import Stage


class SubmissionOut(Out):
    """A submission. holder: name of who goes on with it, if one may know it; rows: how many drafts it has."""

    id: int
    title: str
    layer: str | None
    country: str | None
    state: Stage
    holder: str | None
    submitted_at: datetime
    rows: int


class SubmissionsOut(Out):
    """A page of submissions. next: the cursor of the next page."""

    submissions: list[SubmissionOut]
    total: int
    next: str | None
