"""API keys: made, listed and revoked. Nothing of a key but its hash is kept, and no process remembers one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from app.access.actors import SCOPES, today
from app.access.models import ApiKey, Mandate, Person
from app.access.tokens import new_key, token_hash
from app.access.work import Work
from app.audit.service import Event
from app.db.base import table_of
from app.errors import ConflictError, InvalidInputError, ThingNotFoundError
from app.rights.policies import Action, Kind, Thing
from gis.declaration import nearest

LONGEST = timedelta(days=366)
MOST = 20
"""Keys alive a person may have."""

_START = 12  # characters by which an owner knows a key
_K, _M, _P = table_of(ApiKey), table_of(Mandate), table_of(Person)
_SHOWN = (
    *(_K.c.id, _K.c.name, _K.c.start, _K.c.layers, _K.c.scopes, _K.c.created_at, _K.c.expires_at),
    *(_K.c.last_used_at, _K.c.revoked_at, _K.c.person_id, _K.c.country),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key to be made. layers: that it may read, None is all. expires: its last day."""

    name: str
    layers: list[str] | None
    scopes: list[str]
    expires: date


def create_key(work: Work, wanted: Wanted, layers: list[str]) -> tuple[int, str]:
    """Make a key for the acting person under the acting mandate; its id, and the secret, which is shown once.

    layers: ids of those there are. Raises InvalidInputError, ConflictError.
    """
    work.require(Action.CREATE, Thing(Kind.API_KEY, country=work.actor.country, owner=work.actor.person))
    _check(work, wanted, layers)
    secret = new_key()
    insert = sa.insert(_K).values(
        secret_hash=token_hash(secret),
        person_id=work.actor.person,
        country=work.actor.country,
        mandate_id=work.actor.mandate,
        name=wanted.name,
        start=secret[:_START],
        layers=wanted.layers,
        scopes=sorted(set(wanted.scopes)),
        expires_at=datetime.combine(wanted.expires + timedelta(days=1), time.min, UTC),
    )
    number = int(work.connection.execute(insert.returning(_K.c.id)).scalar_one())
    detail = {"name": wanted.name, "layers": wanted.layers, "scopes": wanted.scopes, "expires": str(wanted.expires)}
    work.record(Event("create", Kind.API_KEY, str(number), detail=detail))
    return number, secret


def keys(connection: sa.Connection, *, person: int | None = None) -> list[sa.RowMapping]:
    """The keys one may see, the newest first, with the names of their owners. person: whose, all if None."""
    rows = sa.select(*_SHOWN, _P.c.name.label("person")).join(_P, _P.c.id == _K.c.person_id).order_by(_K.c.id.desc())
    return list(connection.execute(rows if person is None else rows.where(_K.c.person_id == person)).mappings())


def revoke_key(work: Work, number: int) -> None:
    """Revoke a key at once, everywhere. Raises ThingNotFoundError, NotAllowedError, ConflictError."""
    found = work.connection.execute(sa.select(*_SHOWN).where(_K.c.id == number)).mappings().one_or_none()
    if found is None:
        raise ThingNotFoundError(f"There is no API key {number}.")
    work.require(Action.END, Thing(Kind.API_KEY, country=found["country"], owner=found["person_id"]))
    if found["revoked_at"] is not None:
        raise ConflictError("This API key was revoked already.")
    gone = sa.update(_K).where(_K.c.id == number).values(revoked_at=sa.func.clock_timestamp())
    work.connection.execute(gone)
    work.record(Event("end", Kind.API_KEY, str(number), country=found["country"], detail={"name": found["name"]}))


def _check(work: Work, wanted: Wanted, layers: list[str]) -> None:
    for one in wanted.layers or ():
        if one not in layers:
            raise InvalidInputError("layers", f"There is no layer {one[:60]!r}{nearest(one[:60], layers)}.")
    for scope in wanted.scopes:
        if scope not in SCOPES:
            raise InvalidInputError("scopes", f"There is no scope {scope[:60]!r}. Known: {', '.join(SCOPES)}.")
    if not today() <= wanted.expires <= today() + LONGEST:
        raise InvalidInputError("expires", "A key lasts from today to a year at most.")
    ends = work.connection.execute(sa.select(_M.c.ends).where(_M.c.id == work.actor.mandate)).scalar_one()
    if wanted.expires > ends:
        raise InvalidInputError("expires", f"Your mandate ends on {ends}; a key does not outlive it.")
    alive = sa.select(sa.func.count()).where(
        _K.c.person_id == work.actor.person, _K.c.revoked_at.is_(None), _K.c.expires_at > sa.func.now()
    )
    if work.connection.execute(alive).scalar_one() >= MOST:
        raise ConflictError(f"You have {MOST} API keys already. Revoke one that is not needed.")
