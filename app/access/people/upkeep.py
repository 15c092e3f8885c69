"""What happens to mandates as days go by: reminders before the end, and the open work handed over after it.

Access itself ends with the last day without any of this: each request asks.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from app.access.actors import today
from app.access.models import Mandate, Person
from app.access.people import messages
from app.access.people.mandates import hand_over
from app.access.people.queries import told_mandate
from app.access.setup import Succession
from app.access.telling import tell
from app.audit.service import Event, Who, record
from app.db.base import table_of
from app.notices.queries import subjects_told
from app.rights.policies import Kind
from app.rights.roles import Role, Trust

REMINDED = (30, 7)
"""Days before the end of a mandate at which its holder and those who can renew it are told."""

_M, _P = table_of(Mandate), table_of(Person)
_LATELY = timedelta(days=31)
_BY = Who(None, "amdis worker")


def remind_of_ends(connection: sa.Connection) -> int:
    """Tell of the mandates that end soon, each at each of the days once; how many were told of. As the application."""
    told = 0
    for mandate in _running(connection, within=max(REMINDED)):
        left = (mandate["ends"] - today()).days
        subject = f"{_subject(mandate)}, {min(days for days in REMINDED if left <= days)} days"
        if subjects_told(connection, [subject]):
            continue
        told += 1
        holder, renewers = (mandate["person_id"],), _renewers(connection, mandate)
        tell(connection, holder, partial(messages.ends_soon, mandate=mandate, subject=subject))
        tell(connection, renewers, partial(messages.renew_soon, mandate=mandate, subject=subject))
    return told


def finish_mandates(connection: sa.Connection, successions: Iterable[Succession]) -> int:
    """Close the mandates whose last day is over; how many. As the application.

    The open work goes to the successor if one is named and still there; otherwise it stays with the mandate, which can
    be renewed, and those who can do so are asked once.
    """
    successions, closed = tuple(successions), 0
    for mandate in _over(connection):
        heir = _heir(connection, mandate)
        if heir is None:
            _ask_once(connection, mandate)
            continue
        moved = hand_over(connection, successions, mandate, heir)
        ended = {"ended_at": sa.func.clock_timestamp(), "ended_reason": "It ran out."}
        connection.execute(sa.update(_M).where(_M.c.id == mandate["id"]).values(**ended))
        tell(connection, (heir["person_id"],), partial(messages.inherited, holder=mandate["name"]))
        detail = {"reason": "ran out", "successor": heir["id"], "handed over": moved}
        record(
            connection, _BY, Event("end", Kind.MANDATE, str(mandate["id"]), country=mandate["country"], detail=detail)
        )
        closed += 1
    return closed


def _running(connection: sa.Connection, within: int) -> Iterator[dict[str, Any]]:
    soon = sa.and_(_M.c.starts <= today(), _M.c.ends.between(today(), today() + timedelta(days=within)))
    return _mandates(connection, soon)


def _over(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """Those whose work can be handed over, and those that ran out of late: of the others somebody was asked."""
    lately = _M.c.ends >= today() - _LATELY
    # One worker at a time deals with a mandate.
    return _mandates(
        connection, sa.and_(_M.c.ends < today(), sa.or_(_M.c.successor_id.is_not(None), lately)), lock=True
    )


def _mandates(
    connection: sa.Connection, which: sa.ColumnElement[bool], *, lock: bool = False
) -> Iterator[dict[str, Any]]:
    rows = sa.select(_M, _P.c.name).join(_P, _P.c.id == _M.c.person_id).where(which, _M.c.ended_at.is_(None))
    rows = rows.where(_P.c.closed_at.is_(None)).order_by(_M.c.ends, _M.c.id)
    if lock:
        rows = rows.with_for_update(of=_M, skip_locked=True)
    return (told_mandate(row) for row in connection.execute(rows).mappings().all())


def _heir(connection: sa.Connection, mandate: Mapping[str, Any]) -> dict[str, Any] | None:
    if mandate["successor_id"] is None:
        return None
    runs = sa.and_(_M.c.id == mandate["successor_id"], _M.c.starts <= today(), _M.c.ends >= today())
    return next(_mandates(connection, runs), None)


def _ask_once(connection: sa.Connection, mandate: Mapping[str, Any]) -> None:
    subject = f"{_subject(mandate)}, over"
    if not subjects_told(connection, [subject]):
        asked = partial(messages.ran_out, mandate=mandate, subject=subject)
        tell(connection, _renewers(connection, mandate), asked)


def _renewers(connection: sa.Connection, mandate: Mapping[str, Any]) -> Iterable[int]:
    """Who can renew a mandate: the member state's administrators if it is theirs to do, the secretariat if not."""
    runs = sa.and_(_M.c.ended_at.is_(None), _M.c.starts <= today(), _M.c.ends >= today())
    others = sa.select(_M.c.person_id).distinct().where(runs, _M.c.person_id != mandate["person_id"])
    national = others.where(_M.c.role == Role.NATIONAL_ADMINISTRATOR.value, _M.c.country == mandate["country"])
    found = connection.execute(national).scalars().all() if mandate["trust"] == Trust.WORK else []
    secretariat = others.where(_M.c.role == Role.SECRETARIAT.value)
    return found or connection.execute(secretariat).scalars().all()


def _subject(mandate: Mapping[str, Any]) -> str:
    return f"mandate {mandate['id']} until {mandate['ends']}"
