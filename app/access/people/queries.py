"""Who there is: organisations, people and mandates, as far as the asking person's connection lets them be seen."""

import base64
import binascii
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.access.actors import today
from app.access.models import Invitation, Mandate, Organisation, Person, Session
from app.db.base import table_of
from app.errors import InvalidInputError, ThingNotFoundError
from app.rights.roles import TERMS, Role

_P, _M, _O, _I, _S = (table_of(one) for one in (Person, Mandate, Organisation, Invitation, Session))

STATES = ("running", "upcoming", "ended", "invited")


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people are asked for. q: part of a name or address. after: the cursor of the page before."""

    q: str = ""
    country: str | None = None
    role: Role | None = None
    state: str | None = None
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True)
class People:
    """A page of people, how many there are in all, and the cursor of the next page."""

    rows: Sequence[Mapping[Any, Any]]
    total: int
    next: str | None


def organisations(connection: sa.Connection, q: str = "") -> Sequence[sa.RowMapping]:
    """The organisations whose name holds a text, by name, with how many people hold a mandate from them."""
    people = (
        sa.select(sa.func.count(_M.c.person_id.distinct()))
        .where(_M.c.organisation_id == _O.c.id, ~_ended())
        .scalar_subquery()
    )
    rows = sa.select(_O, people.label("people")).where(_O.c.name.icontains(q, autoescape=True)).order_by(_O.c.name)
    return connection.execute(rows).mappings().all()


def organisation(connection: sa.Connection, number: int) -> sa.RowMapping:
    """An organisation. Raises ThingNotFoundError."""
    rows = connection.execute(sa.select(_O).where(_O.c.id == number))
    return _found(rows.mappings().one_or_none(), f"There is no organisation {number}.")


def people(connection: sa.Connection, asked: PeopleFilter) -> People:
    """A page of people by name. Raises InvalidInputError for a cursor that is none."""
    conditions = list(_conditions(asked))
    total = connection.execute(sa.select(sa.func.count()).select_from(_P).where(*conditions)).scalar_one()
    order = sa.tuple_(_P.c.name, _P.c.id)
    further = [order > sa.tuple_(*_cursor(asked.after))] if asked.after else []
    page = sa.select(_P, _invited().label("invited")).where(*conditions, *further).order_by(_P.c.name, _P.c.id)
    rows = connection.execute(page.limit(asked.limit + 1)).mappings().all()
    shown = rows[: asked.limit]
    held = mandates_of(connection, [row["id"] for row in shown])
    cursor = _cursor_text(shown[-1]) if len(rows) > asked.limit else None
    return People([{**row, "mandates": held[row["id"]]} for row in shown], total, cursor)


def person(connection: sa.Connection, number: int) -> dict[str, Any]:
    """A person with mandates and the invitation that waits. Raises ThingNotFoundError."""
    rows = connection.execute(sa.select(_P, _invited().label("invited")).where(_P.c.id == number))
    found = _found(rows.mappings().one_or_none(), f"There is no person {number}.")
    waiting = sa.select(_I.c.id, _I.c.expires_at, _I.c.trust).where(_I.c.person_id == number, _waits())
    invitation = connection.execute(waiting.order_by(_I.c.id.desc()).limit(1)).mappings().one_or_none()
    return {**found, "mandates": mandates_of(connection, [number])[number], "invitation": invitation}


def mandates_of(connection: sa.Connection, people: Iterable[int]) -> Mapping[int, list[dict[str, Any]]]:
    """The mandates of people by person, the newest first."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = _mandates().where(_M.c.person_id.in_(list(people))).order_by(_M.c.ends.desc(), _M.c.id.desc())
    for row in connection.execute(rows).mappings():
        found[row["person_id"]].append(told_mandate(row))
    return found


def mandate(connection: sa.Connection, number: int) -> dict[str, Any]:
    """A mandate with the name of its organisation. Raises ThingNotFoundError."""
    rows = connection.execute(_mandates().where(_M.c.id == number))
    return told_mandate(_found(rows.mappings().one_or_none(), f"There is no mandate {number}."))


def expiring(connection: sa.Connection, days: int) -> list[dict[str, Any]]:
    """The running mandates that end within so many days, the next to end first, and whose they are."""
    rows = (
        _mandates(_P.c.name, _P.c.email)
        .join(_P, _P.c.id == _M.c.person_id)
        .where(~_ended(), _M.c.starts <= today(), _M.c.ends <= today() + timedelta(days=days))
    )
    ordered = connection.execute(rows.order_by(_M.c.ends, _P.c.name)).mappings()
    return [
        {"person": row["person_id"], "name": row["name"], "email": row["email"], "mandate": told_mandate(row)}
        for row in ordered
    ]


def open_sessions(connection: sa.Connection, person: int) -> Sequence[sa.RowMapping]:
    """The sessions of a person that are open, the one used last first."""
    columns = (_S.c[n] for n in ("id", "created_at", "seen_at", "expires_at", "address", "agent", "methods"))
    now = sa.func.statement_timestamp()
    alive = sa.and_(_S.c.ended_at.is_(None), _S.c.idle_until > now, _S.c.expires_at > now)
    rows = sa.select(*columns).where(_S.c.person_id == person, alive).order_by(_S.c.seen_at.desc())
    return connection.execute(rows).mappings().all()


def told_mandate(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A mandate's row with the title of its role, its state today and the id of its successor."""
    state = "running"
    if row["ended_at"] is not None or row["ends"] < today():
        state = "ended"
    elif row["starts"] > today():
        state = "upcoming"
    return {**row, "role_title": TERMS[Role(row["role"])].title, "state": state, "successor": row["successor_id"]}


def _mandates(*more: sa.Column[Any]) -> sa.Select[Any]:
    return sa.select(_M, _O.c.name.label("organisation"), *more).join(_O, _O.c.id == _M.c.organisation_id)


def _conditions(asked: PeopleFilter) -> Iterable[sa.ColumnElement[bool]]:
    if asked.q:
        named = _P.c.name.icontains(asked.q, autoescape=True)
        yield sa.or_(named, _P.c.email.icontains(asked.q, autoescape=True))
    held = sa.exists().where(_M.c.person_id == _P.c.id)
    if asked.country:
        yield sa.or_(_P.c.country == asked.country, held.where(_M.c.country == asked.country, ~_ended()))
    if asked.role:
        yield held.where(_M.c.role == asked.role.value, ~_ended())
    if asked.state == "running":
        yield held.where(~_ended(), _M.c.starts <= today())
    elif asked.state == "upcoming":
        yield held.where(~_ended(), _M.c.starts > today())
    elif asked.state == "ended":
        yield sa.and_(held, ~held.where(~_ended()))
    elif asked.state == "invited":
        yield _invited()


def _ended() -> sa.ColumnElement[bool]:
    return sa.or_(_M.c.ended_at.is_not(None), _M.c.ends < today())


def _waits() -> sa.ColumnElement[bool]:
    return sa.and_(_I.c.used_at.is_(None), _I.c.revoked_at.is_(None), _I.c.expires_at > sa.func.now())


def _invited() -> sa.ColumnElement[bool]:
    return sa.exists(sa.select(_I.c.id).where(_I.c.person_id == _P.c.id, _waits()))


def _cursor_text(row: Mapping[Any, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([row["name"], row["id"]]).encode()).decode()


def _cursor(text: str) -> tuple[str, int]:
    try:
        name, number = json.loads(base64.urlsafe_b64decode(text))
        return str(name), int(number)
    except (binascii.Error, ValueError, TypeError):
        raise InvalidInputError("cursor", "cursor is not one of a page before.") from None


def _found(row: sa.RowMapping | None, otherwise: str) -> sa.RowMapping:
    if row is None:
        raise ThingNotFoundError(otherwise)
    return row
