"""Writing of the audit log, in the transaction of what is logged: neither is there without the other."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from app.audit.models import Line
from app.db.base import table_of


class Outcome(StrEnum):
    """What came of it."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Who:
    """Who does something, as the log keeps it: a person by id, name and role, or a program by its name."""

    person: int | None
    name: str
    role: str = ""
    country: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What is logged. kind, object: what it is done to, and its id. country: the member state concerned, if it is not
    that of whoever does it. detail: what else is worth knowing, never a secret.
    """

    action: str
    kind: str
    object: str = ""
    _: KW_ONLY
    outcome: Outcome = Outcome.DONE
    country: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def record(connection: sa.Connection, who: Who, event: Event) -> None:
    """Append a line in the caller's transaction. Lines of others wait until it ends: call it last."""
    # No RETURNING: a delegate may append a line it may not read.
    connection.execute(
        sa.insert(table_of(Line)).inline(),
        {
            "person_id": who.person,
            "name": who.name,
            "role": who.role,
            "country": event.country or who.country,
            "action": event.action,
            "kind": event.kind,
            "object": event.object,
            "outcome": event.outcome.value,
            "detail": dict(event.detail),
            "address": who.address,
        },
    )
