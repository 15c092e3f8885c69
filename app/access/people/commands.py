"""What `amdis user` does."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.access.actors import today
from app.access.people import service
from app.access.people.mandates import check_fits, read_role
from app.access.people.queries import PeopleFilter, people
from app.access.people.service import PATH, Invited, create_account
from app.access.queries import second_factors
from app.access.signin.links import RESET_PATH, link_of
from app.db.connections import Connections
from app.db.roles import DatabaseUrls
from app.regions import read_region
from app.settings import Settings

_PAGE = 500  # people asked for at once


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Who gets an account, and the mandate that goes with it. days: how long it lasts, from today."""

    email: str
    name: str
    organisation: str
    role: str
    country: str | None
    days: int


def create(settings: Settings, urls: DatabaseUrls, asked: NewAccount) -> tuple[str, datetime]:
    """Open an account; the link that sets it up, and until when. Raises InvalidInputError, ConflictError."""
    role = read_role(asked.role)
    members = {one.country: one.name for one in read_region(settings.region_path).members}
    check_fits(members, role, asked.country)
    starts = today()
    given = (role, asked.country, starts, starts + timedelta(days=asked.days))
    with _application(urls) as connection:
        invited = create_account(connection, asked.email, asked.name, asked.organisation, given)
    return _link(settings, invited)


def invite_again(settings: Settings, urls: DatabaseUrls, email: str) -> tuple[str, datetime]:
    """A new link for who has not set their account up; until when. Raises ThingNotFoundError, ConflictError."""
    with _application(urls) as connection:
        invited = service.renew_invitation(connection, email)
    return _link(settings, invited)


def reset_password(settings: Settings, urls: DatabaseUrls, email: str) -> tuple[str, datetime]:
    """A link to set a new password; until when. Raises ThingNotFoundError, ConflictError."""
    with _application(urls) as connection:
        token, expires_at = link_of(connection, email)
    return f"{settings.public_url}{RESET_PATH}{token}", expires_at


def reset_second_factor(urls: DatabaseUrls, email: str) -> int:
    """Let somebody set a second factor up anew; how many are gone. Raises ThingNotFoundError, ConflictError."""
    with _application(urls) as connection:
        return service.reset_second_factor(connection, email)


HEADINGS = ("ADDRESS", "NAME", "STATE", "MANDATES", "SECOND FACTOR")


def listed(urls: DatabaseUrls) -> list[tuple[str, ...]]:
    """Everybody by name: a row each, under `HEADINGS`."""
    rows, after = [], None
    with _application(urls) as connection:
        while True:
            page = people(connection, PeopleFilter(limit=_PAGE, after=after))
            rows += [_row(connection, one) for one in page.rows]
            after = page.next
            if after is None:
                return rows


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows as lines whose columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(connection: sa.Connection, one: Mapping[Any, Any]) -> tuple[str, ...]:
    open_ones = [held for held in one["mandates"] if held["state"] != "ended"]
    held = [f"{m['role']}{' ' + m['country'] if m['country'] else ''} until {m['ends']}" for m in open_ones]
    has = second_factors(connection, one["id"])
    factors = [*(["code generator"] if has.totp else []), *([f"{has.passkeys} passkeys"] if has.passkeys else [])]
    return one["email"], one["name"], _state(one, open_ones), "; ".join(held) or "-", ", ".join(factors) or "-"


def _state(one: Mapping[Any, Any], open_ones: Sequence[object]) -> str:
    if one["closed_at"] is not None:
        return "closed"
    if one["invited"]:
        return "invited"
    return "active" if open_ones else "no mandate"


@contextmanager
def _application(urls: DatabaseUrls) -> Iterator[sa.Connection]:
    connections = Connections(urls)
    try:
        with connections.application() as connection:
            yield connection
    finally:
        connections.close()


def _link(settings: Settings, invited: Invited) -> tuple[str, datetime]:
    return f"{settings.public_url}{PATH}{invited.token}", invited.expires_at
