"""Sessions of signed-in browsers: opened with a new token each time, moved to a new token, ended."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.access.actors import IDLE, Actor, today
from app.access.models import Mandate, Person, Session
from app.access.tokens import new_token, token_hash
from app.db.base import table_of
from app.errors import NotSignedInError, ThingNotFoundError

LIFETIME = timedelta(hours=12)
"""A session ends after so long, however much it is used."""

_LONGEST_AGENT = 200  # characters
_S, _M, _P = table_of(Session), table_of(Mandate), table_of(Person)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a person signs in from: the address of the network, and what the browser says it is.

    device: the cookie of a browser in which somebody has signed in before.
    """

    address: str = ""
    agent: str = ""
    device: str = field(default="", repr=False)


def open_session(
    connection: sa.Connection, person: int, browser: Browser, methods: tuple[str, ...], *, limited: bool = False
) -> str:
    """Open a session under the person's mandate, the one used last if there are several; returns its token.

    methods: how the person proved who they are. limited: it may only set up a second factor. Raises NotSignedInError
    if the person has no mandate that runs.
    """
    mandate = _mandate(connection, person)
    return _insert(connection, person, mandate, browser, methods, limited=limited)


def switch_mandate(connection: sa.Connection, actor: Actor, mandate: int) -> str:
    """Go on under another running mandate of the same person; returns the token of the session that takes the place.

    Raises ThingNotFoundError.
    """
    found = next((one for one in running_mandates(connection, actor.person) if one.id == mandate), None)
    if found is None:
        raise ThingNotFoundError(f"You have no mandate {mandate} that runs today.")
    before = connection.execute(sa.select(_S).where(_S.c.id == actor.session)).one()
    end_session(connection, before.id, "You went on under another mandate.")
    browser = Browser(before.address, before.agent)
    return _insert(connection, actor.person, found, browser, tuple(before.methods), proved_at=before.proved_at)


def renew_session(connection: sa.Connection, session: int, methods: tuple[str, ...], *, limited: bool) -> str:
    """Give a session a new token after its person has proved again who they are; returns the token."""
    token = new_token()
    proved = {"methods": list(methods), "limited": limited, "proved_at": sa.func.now(), "token_hash": token_hash(token)}
    connection.execute(sa.update(_S).where(_S.c.id == session).values(proved))
    return token


def end_session(connection: sa.Connection, session: int, reason: str) -> bool:
    """End a session; whether it was still open."""
    return _end(connection, _S.c.id == session, reason) > 0


def end_sessions(connection: sa.Connection, person: int, reason: str, *, but: int | None = None) -> int:
    """End the open sessions of a person, but one; how many."""
    return _end(connection, sa.and_(_S.c.person_id == person, _S.c.id.is_distinct_from(but)), reason)


def running_mandates(connection: sa.Connection, person: int) -> list[sa.Row[Any]]:
    """The mandates of a person that run today, in the order they were given."""
    runs = sa.and_(_M.c.ended_at.is_(None), _M.c.starts <= today(), _M.c.ends >= today())
    return list(connection.execute(sa.select(_M).where(_M.c.person_id == person, runs).order_by(_M.c.id)))


def _mandate(connection: sa.Connection, person: int) -> sa.Row[Any]:
    running = {one.id: one for one in running_mandates(connection, person)}
    if not running:
        raise NotSignedInError(_why_none(connection, person))
    last = sa.select(_S.c.mandate_id).where(_S.c.person_id == person, _S.c.mandate_id.in_(list(running)))
    used = connection.execute(last.order_by(_S.c.id.desc()).limit(1)).scalar_one_or_none()
    return running[used] if used else next(iter(running.values()))


def _why_none(connection: sa.Connection, person: int) -> str:
    given = connection.execute(
        sa.select(_M.c.starts, _M.c.ends, _M.c.ended_at).where(_M.c.person_id == person).order_by(_M.c.ends.desc())
    ).all()
    upcoming = [one for one in given if one.ended_at is None and one.starts > today()]
    if upcoming:
        return f"Your mandate starts on {min(one.starts for one in upcoming):%d %B %Y}."
    if given:
        last = max((one.ended_at.date() if one.ended_at else one.ends) for one in given)
        return f"Your mandate ended on {last:%d %B %Y}. Whoever gave it to you can renew it."
    return "You have no mandate. Ask the administrator of your member state or the secretariat for one."


def _insert(
    connection: sa.Connection,
    person: int,
    mandate: sa.Row[Any],
    browser: Browser,
    methods: tuple[str, ...],
    *,
    limited: bool = False,
    proved_at: datetime | None = None,
) -> str:
    token, now = new_token(), datetime.now(UTC)
    connection.execute(
        sa.insert(_S).values(
            token_hash=token_hash(token),
            person_id=person,
            country=mandate.country,
            mandate_id=mandate.id,
            idle_until=now + IDLE,
            expires_at=now + LIFETIME,
            proved_at=proved_at or now,
            address=browser.address,
            agent=browser.agent[:_LONGEST_AGENT],
            methods=list(methods),
            limited=limited,
        )
    )
    return token


def _end(connection: sa.Connection, which: sa.ColumnElement[bool], reason: str) -> int:
    # The clock of the database, by which it also refuses what ended.
    ended = sa.update(_S).where(which, _S.c.ended_at.is_(None))
    return connection.execute(ended.values(ended_at=sa.func.clock_timestamp(), ended_reason=reason)).rowcount
