"""Steps of signing in that wait for an answer: each is known by a token, runs out, and is answered once."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from app.access.models import Challenge
from app.access.tokens import new_token, token_hash
from app.db.base import table_of

_C = table_of(Challenge)
_MOST_TRIES = 5


class Purpose(StrEnum):
    """What a step waits for."""

    SECOND_FACTOR = "second factor"
    TOTP = "code generator"
    PASSKEY_NEW = "new passkey"
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single sign-on"
    RESET = "reset"


LASTS: dict[Purpose, timedelta] = {
    Purpose.SECOND_FACTOR: timedelta(minutes=10),
    Purpose.TOTP: timedelta(minutes=15),
    Purpose.PASSKEY_NEW: timedelta(minutes=5),
    Purpose.PASSKEY: timedelta(minutes=5),
    Purpose.SINGLE_SIGN_ON: timedelta(minutes=10),
    Purpose.RESET: timedelta(hours=1),
}


def begin(connection: sa.Connection, purpose: Purpose, person: int | None, **data: Any) -> str:
    """Begin a step; returns the token it is answered with.

    Of a person's steps of one purpose only the last counts, but for links that are mailed: anybody may ask for one, and
    would make void what its owner is about to open.
    """
    if person is not None and purpose is not Purpose.RESET:
        forget(connection, purpose, person)
    token = new_token()
    values = {"purpose": purpose.value, "person_id": person, "data": data, "token_hash": token_hash(token)}
    connection.execute(sa.insert(_C).values(**values, expires_at=datetime.now(UTC) + LASTS[purpose]))
    return token


def waiting(connection: sa.Connection, purpose: Purpose, token: str) -> sa.Row[Any] | None:
    """The step of a token, if it still waits for its answer."""
    return connection.execute(sa.select(_C).where(_C.c.token_hash == token_hash(token), *_waits(purpose))).one_or_none()


def waiting_of(connection: sa.Connection, purpose: Purpose, person: int) -> sa.Row[Any] | None:
    """The step of a person, if it still waits for its answer."""
    return connection.execute(sa.select(_C).where(_C.c.person_id == person, *_waits(purpose))).one_or_none()


def answer(connection: sa.Connection, step: int) -> bool:
    """Mark a step as answered; whether it was the first time, as which of two at once only one counts."""
    done = sa.update(_C).where(_C.c.id == step, _C.c.used_at.is_(None)).values(used_at=sa.func.now())
    return connection.execute(done).rowcount == 1


def forget(connection: sa.Connection, purpose: Purpose, person: int) -> None:
    """Forget a person's steps of one purpose."""
    connection.execute(sa.delete(_C).where(_C.c.person_id == person, _C.c.purpose == purpose.value))


def count_try(connection: sa.Connection, step: int) -> None:
    """Note a wrong answer: after five the step is over."""
    connection.execute(sa.update(_C).where(_C.c.id == step).values(tries=_C.c.tries + 1))


def remove_old_challenges(connection: sa.Connection) -> int:
    """Remove steps that have run out; how many."""
    return connection.execute(sa.delete(_C).where(_C.c.expires_at < datetime.now(UTC) - timedelta(days=1))).rowcount


def _waits(purpose: Purpose) -> tuple[sa.ColumnElement[bool], ...]:
    now = datetime.now(UTC)
    return (_C.c.purpose == purpose.value, _C.c.used_at.is_(None), _C.c.expires_at > now, _C.c.tries < _MOST_TRIES)
