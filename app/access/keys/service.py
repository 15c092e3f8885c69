"""API keys: made for oneself, revoked by their owner and by those whose mandate covers them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from app.access.actors import today
from app.access.keys import queries
from app.access.models import ApiKey, Person
from app.access.tokens import KEY_PREFIX, new_key, token_hash
from app.access.work import Work
from app.audit.service import Event
from app.db.base import table_of
from app.errors import ConflictError, InvalidInputError, NotAllowedError
from app.rights.policies import Action, Kind, Thing

MOST_ALIVE = 20
"""Keys a person may have at a time that are neither revoked nor run out."""

LONGEST = timedelta(days=365)
"""How long a key may be good for."""

_START = len(KEY_PREFIX) + 6  # characters of a key that are kept in the clear
_K, _P = table_of(ApiKey), table_of(Person)


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What a key is for. layers: those it may read, None is all. expires: its last day, in UTC."""

    name: str
    layers: Sequence[str] | None
    scopes: Sequence[str]
    expires: date


def create_key(work: Work, terms: KeyTerms, known: Collection[str]) -> tuple[int, str]:
    """Make a key for the acting person under their mandate; its id and its secret, which is kept nowhere.

    known: the layers there are. Raises InvalidInputError for terms that cannot be, ConflictError when there are enough
    keys, NotAllowedError without a mandate.
    """
    connection, actor = work.connection, work.actor
    if actor.mandate is None:
        raise NotAllowedError("You have no mandate that runs.")
    work.require(Action.CREATE, Thing(Kind.API_KEY, country=actor.country, owner=actor.person))
    last_day, country = queries.mandate_terms(connection, actor.mandate)
    _check_terms(terms, known, last_day)
    # One after the other, so that two requests at a time do not both make the last key.
    connection.execute(sa.select(_P.c.id).where(_P.c.id == actor.person).with_for_update())
    if queries.count_alive(connection, actor.person) >= MOST_ALIVE:
        raise ConflictError(f"You have {MOST_ALIVE} API keys already. Revoke one that you do not need.")
    secret = new_key()
    values = {
        "secret_hash": token_hash(secret),
        "person_id": actor.person,
        "country": country,
        "mandate_id": actor.mandate,
        "name": terms.name,
        "start": secret[:_START],
        "layers": None if terms.layers is None else sorted(set(terms.layers)),
        "scopes": sorted(set(terms.scopes)),
        "expires_at": datetime.combine(terms.expires, time.max, UTC),
    }
    number = connection.execute(sa.insert(_K).values(values).returning(_K.c.id)).scalar_one()
    told = {"name": terms.name, "layers": values["layers"], "scopes": values["scopes"], "expires": str(terms.expires)}
    work.record(Event("create", Kind.API_KEY, str(number), detail=told))
    return number, secret


def revoke_key(work: Work, number: int) -> None:
    """Let a key open nothing any more, from now on. Raises ThingNotFoundError, NotAllowedError, ConflictError."""
    before = queries.key(work.connection, number)
    work.require(Action.END, Thing(Kind.API_KEY, country=before["country"], owner=before["person"]))
    revoke = sa.update(_K).where(_K.c.id == number, _K.c.revoked_at.is_(None)).values(revoked_at=sa.func.now())
    if work.connection.execute(revoke).rowcount == 0:
        raise ConflictError(f"The API key {before['name']!r} has been revoked already.")
    work.record(Event("revoke", Kind.API_KEY, str(number), country=before["country"], detail={"name": before["name"]}))


def _check_terms(terms: KeyTerms, known: Collection[str], last_day: date) -> None:
    unknown = sorted(set(terms.layers or ()) - set(known))
    if unknown:
        told = ", ".join(sorted(known))
        raise InvalidInputError("layers", f"layers: there is no layer {unknown[0]!r}. There are: {told}.")
    if terms.expires < today():
        raise InvalidInputError("expires", f"expires: {terms.expires} is over. Choose a day from today on.")
    if terms.expires > today() + LONGEST:
        latest = today() + LONGEST
        raise InvalidInputError("expires", f"expires: a key is good for a year at most, until {latest}.")
    if terms.expires > last_day:
        raise InvalidInputError("expires", f"expires: your mandate ends on {last_day}; a key cannot outlast it.")
