"""Mandates: given, renewed, ended, and the open work of who held them handed over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import sqlalchemy as sa

from app.access.actors import today
from app.access.models import ApiKey, Mandate, Session
from app.access.people import messages, queries
from app.access.setup import Succession
from app.access.work import Work
from app.audit.service import Event
from app.db.base import table_of
from app.errors import ConflictError, InvalidInputError
from app.notices.service import finish_tasks, hand_over_tasks
from app.rights.policies import Action, Kind, Thing
from app.rights.roles import TERMS, Role
from gis.declaration import nearest

LONGEST = 3 * 366
"""Days a mandate may last; then it is to be renewed, so that none outlives its reason unseen."""

_M, _S, _K = table_of(Mandate), table_of(Session), table_of(ApiKey)


@dataclass(frozen=True, slots=True)
class Appointment:
    """A mandate to be given: role, organisation, member state, first and last day."""

    role: Role
    organisation: int
    country: str | None
    starts: date
    ends: date


def read_role(name: str) -> Role:
    """The role of a name. Raises InvalidInputError that names the nearest."""
    try:
        return Role(name)
    except ValueError:
        close = nearest(name[:60], [role.value for role in Role])
        raise InvalidInputError("role", f"There is no role {name[:60]!r}{close}.") from None


def appoint(work: Work, person: int, given: Appointment) -> int:
    """Give a person a mandate; its id. Raises NotAllowedError, InvalidInputError, ConflictError."""
    terms = TERMS[given.role]
    work.require(Action.CREATE, Thing(Kind.MANDATE, terms.trust, given.country))
    check_fits(work.access.members, given.role, given.country)
    _check_days(given.starts, given.ends)
    if given.ends < today():
        raise InvalidInputError("ends", f"The mandate would have ended on {given.ends} already.")
    organisation = queries.organisation(work.connection, given.organisation)
    if organisation["country"] not in (None, given.country):
        raise InvalidInputError(
            "organisation",
            f"{organisation['name']} is of {organisation['country']}, not of {given.country or 'the region'}.",
        )
    insert = sa.insert(_M).values(
        person_id=person,
        organisation_id=given.organisation,
        role=given.role.value,
        country=given.country,
        starts=given.starts,
        ends=given.ends,
        granted_by=work.actor.person,
    )
    return _without_overlap(work.connection, insert.returning(_M.c.id), terms.title)


def grant_mandate(work: Work, person: int, given: Appointment) -> int:
    """Give somebody who has an account a further mandate, and tell them; its id."""
    found = queries.person(work.connection, person)
    if found["closed_at"] is not None:
        raise ConflictError(f"{found['name']}'s account is closed.")
    number = appoint(work, person, given)
    title = TERMS[given.role].title
    work.tell(person, lambda language: messages.granted(language, number, title, (given.starts, given.ends)))
    detail = {"person": person, "role": given.role.value, "starts": str(given.starts), "ends": str(given.ends)}
    work.record(Event("create", Kind.MANDATE, str(number), country=given.country, detail=detail))
    return number


def renew(work: Work, number: int, ends: date) -> None:
    """Move the last day of a mandate. Raises ThingNotFoundError, NotAllowedError, InvalidInputError, ConflictError."""
    found = _open_mandate(work, number, Action.RENEW)
    _check_days(found["starts"], ends)
    if ends < today():
        raise InvalidInputError("ends", f"{ends} is past. To stop a mandate now, end it.")
    update = sa.update(_M).where(_M.c.id == number).values(ends=ends).returning(_M.c.id)
    _without_overlap(work.connection, update, found["role_title"])
    work.tell(found["person_id"], lambda language: messages.renewed(language, number, ends))
    _settled(work, number)
    detail = {"from": str(found["ends"]), "to": str(ends)}
    work.record(Event("renew", Kind.MANDATE, str(number), country=found["country"], detail=detail))


def name_successor(work: Work, number: int, successor: int | None) -> None:
    """Say who takes over the open work when a mandate runs out; None: nobody is named any more.

    successor: a running mandate of the same role and member state.
    Raises ThingNotFoundError, NotAllowedError, InvalidInputError, ConflictError.
    """
    found = _open_mandate(work, number, Action.RENEW)
    heir = _successor(work, found, successor) if successor is not None else None
    work.connection.execute(sa.update(_M).where(_M.c.id == number).values(successor_id=successor))
    if heir:
        work.tell(heir["person_id"], lambda language: messages.named(language, found))
    _settled(work, number)
    detail = {"successor": successor}
    work.record(Event("name successor", Kind.MANDATE, str(number), country=found["country"], detail=detail))


def end(work: Work, number: int, reason: str, successor: int | None) -> int:
    """End a mandate now; how many pieces of open work its successor got, or wait for a new holder.

    successor: a running mandate of the same role and member state. Sessions and keys under the mandate end with it.
    Raises ThingNotFoundError, NotAllowedError, InvalidInputError, ConflictError.
    """
    found = _open_mandate(work, number, Action.END)
    if found["person_id"] == work.actor.person:
        raise ConflictError("Nobody ends their own mandate; ask another administrator.")
    heir = _successor(work, found, successor) if successor is not None else None
    ended = {"ended_at": sa.func.clock_timestamp(), "ended_reason": reason, "successor_id": successor}
    work.connection.execute(sa.update(_M).where(_M.c.id == number).values(ended))
    handed: list[int] = []
    work.aside(lambda connection: handed.append(hand_over(connection, work.access.successions, found, heir)))
    work.tell(found["person_id"], lambda language: messages.ended(language, found, reason))
    if heir:
        work.tell(heir["person_id"], messages.inherited)
    _settled(work, number)
    detail = {"reason": reason, "successor": successor}
    work.record(Event("end", Kind.MANDATE, str(number), country=found["country"], detail=detail))
    # Now, so that the answer can tell; it follows from the work all the same.
    work.finish()
    return sum(handed)


def hand_over(
    connection: sa.Connection,
    successions: Iterable[Succession],
    mandate: Mapping[str, Any],
    heir: Mapping[str, Any] | None,
) -> int:
    """End what a mandate that is over still holds, and give its open work to the heir; how many pieces.

    connection: the application's. successions: what gives each kind of work.
    """
    number = mandate["id"]
    told = "Your mandate has ended. Whoever gave it to you can renew it."
    now = sa.func.clock_timestamp()
    sessions = sa.update(_S).where(_S.c.mandate_id == number, _S.c.ended_at.is_(None))
    connection.execute(sessions.values(ended_at=now, ended_reason=told))
    keys = sa.update(_K).where(_K.c.mandate_id == number, _K.c.revoked_at.is_(None))
    connection.execute(keys.values(revoked_at=now))
    moved = sum(give(connection, number, heir["id"] if heir else None) for give in successions)
    return moved + (hand_over_tasks(connection, mandate["person_id"], heir["person_id"]) if heir else 0)


def _successor(work: Work, ending: dict[str, Any], number: int) -> dict[str, Any]:
    found = queries.mandate(work.connection, number)
    same = all(found[name] == ending[name] for name in ("role", "country"))
    if number == ending["id"] or found["state"] != "running" or not same:
        raise InvalidInputError(
            "successor", "The successor must be another running mandate of the same role and member state."
        )
    return found


def _settled(work: Work, number: int) -> None:
    """What was to be done about a mandate is done."""
    work.aside(lambda connection: finish_tasks(connection, f"mandate {number}"))


def _open_mandate(work: Work, number: int, action: Action) -> dict[str, Any]:
    found = queries.mandate(work.connection, number)
    work.require(action, Thing(Kind.MANDATE, found["trust"], found["country"]))
    if found["ended_at"] is not None:
        raise ConflictError(f"This mandate was ended on {found['ended_at']:%d %B %Y}; give a new one.")
    return found


def check_fits(members: Mapping[str, str], role: Role, country: str | None) -> None:
    """Raise InvalidInputError unless a role is held for that member state, or for the region if it is None."""
    national = TERMS[role].national
    title = TERMS[role].title.lower()
    check_member(members, country)
    if national and country is None:
        raise InvalidInputError("country", f"The mandate of a {title} is for a member state: say which.")
    if national is False and country is not None:
        raise InvalidInputError("country", f"The mandate of a {title} is for the region, not for a member state.")


def check_member(members: Mapping[str, str], country: str | None) -> None:
    """Raise InvalidInputError that names the nearest, unless it is a member state of the region or none."""
    if country is not None and country not in members:
        close = nearest(country, list(members))
        raise InvalidInputError("country", f"{country} is no member state of the region{close}.")


def _check_days(starts: date, ends: date) -> None:
    if ends < starts:
        raise InvalidInputError("ends", f"The mandate would end on {ends}, before it starts on {starts}.")
    if (ends - starts).days > LONGEST:
        raise InvalidInputError("ends", "A mandate lasts three years at most; renew it then.")


def _without_overlap(connection: sa.Connection, change: sa.Insert | sa.Update, title: str) -> int:
    try:
        return int(connection.execute(change).scalar_one())
    except sa.exc.IntegrityError as error:
        if isinstance(error.orig, psycopg.errors.ExclusionViolation):
            raise ConflictError(f"The person has a mandate as {title.lower()} in these days already.") from None
        raise
