"""Who acts: the person and mandate behind the token of a session or of an API key, as they are at this moment.

Asked of the database at every request and kept nowhere, so that what ends, ends at once in every process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.access.models import ApiKey, Mandate, Person, Session
from app.access.tokens import KEY_PREFIX, token_hash
from app.db.base import table_of
from app.errors import NotSignedInError
from app.rights.policies import Action, Kind, Party
from app.rights.roles import Role

IDLE = timedelta(hours=1)
"""A session that is not used for so long ends."""

_TOUCH = timedelta(minutes=1)  # a session's or key's use is noted that often

_P, _M, _S, _K = (table_of(one) for one in (Person, Mandate, Session, ApiKey))

SCOPES: Mapping[str, frozenset[tuple[Kind, Action]]] = {
    "read": frozenset({(Kind.SUBMISSION, Action.READ)}),
    "submit": frozenset({(Kind.SUBMISSION, Action.READ), (Kind.SUBMISSION, Action.CREATE)}),
}
"""What an API key of a scope may be used for; everything else needs a session."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, under which mandate and by what.

    session, key: id of the one, None for the other. limited: a session that may only set up a second factor.
    layers: that a key may read, None is all. proved_at: when the person last proved who they are.
    """

    person: int
    name: str
    email: str
    language: str
    token: str = field(repr=False)
    proved_at: datetime
    role: Role | None = None
    mandate: int | None = None
    country: str | None = None
    session: int | None = None
    key: int | None = None
    limited: bool = False
    scopes: frozenset[str] = frozenset()
    layers: frozenset[str] | None = None

    @property
    def party(self) -> Party | None:
        """The actor as app.rights asks for it; None without a mandate."""
        return None if self.role is None else Party(self.person, self.role, self.country)

    def key_covers(self, kind: Kind, action: Action) -> bool:
        """Whether the actor uses no key, or one whose scopes allow an action."""
        return self.key is None or any((kind, action) in SCOPES[scope] for scope in self.scopes if scope in SCOPES)


def acting(connection: sa.Connection, token: str) -> Actor:
    """Who acts with a token, whose use is noted. Raises NotSignedInError that says why nobody does."""
    return _by_key(connection, token) if token.startswith(KEY_PREFIX) else _by_session(connection, token)


def today() -> date:
    """The day by which mandates start and end: that of UTC."""
    return datetime.now(UTC).date()


def _by_session(connection: sa.Connection, token: str) -> Actor:
    row = connection.execute(_SESSION, {"hash": token_hash(token)}).mappings().one_or_none()
    if row is None:
        raise NotSignedInError("You are not signed in.")
    now = datetime.now(UTC)
    if row["ended_at"] is not None:
        raise NotSignedInError(row["ended_reason"] or "This session has been ended. Sign in again.")
    if row["expires_at"] <= now or row["idle_until"] <= now:
        raise NotSignedInError("Your session has run out. Sign in again.")
    _check_mandate(row)
    if row["seen_at"] < now - _TOUCH:
        noted = sa.update(_S).where(_S.c.id == row["id"]).values(seen_at=now, idle_until=now + IDLE)
        connection.execute(noted)
    return _actor(row, token, session=row["id"], limited=row["limited"], proved_at=row["proved_at"])


def _by_key(connection: sa.Connection, token: str) -> Actor:
    row = connection.execute(_KEY, {"hash": token_hash(token)}).mappings().one_or_none()
    if row is None:
        raise NotSignedInError("There is no such API key.")
    now = datetime.now(UTC)
    if row["revoked_at"] is not None:
        raise NotSignedInError("This API key has been revoked.")
    if row["expires_at"] <= now:
        raise NotSignedInError(f"This API key ran out on {row['expires_at']:%d %B %Y}.")
    _check_mandate(row)
    if row["last_used_at"] is None or row["last_used_at"] < now - _TOUCH:
        connection.execute(sa.update(_K).where(_K.c.id == row["id"]).values(last_used_at=now))
    layers = None if row["layers"] is None else frozenset(row["layers"])
    return _actor(
        row, token, key=row["id"], scopes=frozenset(row["scopes"]), layers=layers, proved_at=row["created_at"]
    )


def _check_mandate(row: sa.RowMapping) -> None:
    if row["closed_at"] is not None:
        raise NotSignedInError("This account has been closed.")
    if row["mandate_id"] is None:
        return
    if row["mandate_ended_at"] is not None or row["ends"] < today():
        ended = row["mandate_ended_at"].date() if row["mandate_ended_at"] else row["ends"]
        raise NotSignedInError(f"Your mandate ended on {ended:%d %B %Y}. Whoever gave it to you can renew it.")
    if row["starts"] > today():
        raise NotSignedInError(f"Your mandate starts on {row['starts']:%d %B %Y}.")


def _actor(row: sa.RowMapping, token: str, **more: Any) -> Actor:
    return Actor(
        person=row["person_id"],
        name=row["name"],
        email=row["email"],
        language=row["language"],
        token=token,
        role=Role(row["role"]) if row["role"] else None,
        mandate=row["mandate_id"],
        country=row["mandate_country"],
        **more,
    )


def _statement(credential: sa.Table, hashed: sa.Column[bytes]) -> sa.Select[Any]:
    """The credential of a hash with its person and mandate."""
    wanted = (c for c in credential.columns if c is not hashed and c.name not in ("country", "name", "start"))
    source = credential.join(_P, _P.c.id == credential.c.person_id).outerjoin(_M, _M.c.id == credential.c.mandate_id)
    return (
        sa.select(
            *wanted,
            *(_P.c.name, _P.c.email, _P.c.language, _P.c.closed_at),
            *(_M.c.role, _M.c.country.label("mandate_country"), _M.c.starts, _M.c.ends),
            _M.c.ended_at.label("mandate_ended_at"),
        )
        .select_from(source)
        .where(hashed == sa.bindparam("hash", type_=sa.LargeBinary))
    )


_SESSION = _statement(_S, _S.c.token_hash)
_KEY = _statement(_K, _K.c.secret_hash)
