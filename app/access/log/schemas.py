"""The audit log over the wire."""

from datetime import datetime
from typing import Any

from pydantic import Field

from app.access.wire import Out
from app.audit.service import Outcome


class LineOut(Out):
    """A line. person: id of who did it, none for a program or somebody who is not signed in.

    object: id of what it was done to. country: the member state concerned. address: where the request came from.
    """

    number: int
    at: datetime
    person: int | None = Field(validation_alias="person_id")
    name: str
    role: str
    country: str | None
    action: str
    kind: str
    object: str
    outcome: Outcome
    detail: dict[str, Any]
    address: str


class LinesOut(Out):
    """A page of lines, the newest first. next: the cursor of the next page."""

    lines: list[LineOut]
    total: int
    next: str | None


class VerificationOut(Out):
    """Whether the chain is whole. first_broken: number of the first line that is not as it was written, with why.

    sealed_until: when the last seal was set that holds.
    """

    lines: int
    valid: bool
    first_broken: int | None
    why: str
    sealed_until: datetime | None
