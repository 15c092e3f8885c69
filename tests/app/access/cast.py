"""Two member states, the region, and somebody in every role of each, signed in."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.access.actors import today
from app.access.credentials import COOKIE, CSRF_HEADER, csrf_token
from app.access.models import Mandate, Organisation, Person
from app.access.sessions import Browser, open_session
from app.db.base import table_of
from app.db.roles import DatabaseUrls
from app.main import create_app
from app.releases.models import Submission
from app.rights.policies import Stage
from app.rights.roles import TERMS, Role
from app.settings import Settings

SITE = "https://testserver"
SECRET = "k" * 48
STATES = ("IDN", "MYS")
"""The two member states; in the tests the first is one's own, the second the other's."""

_P, _M, _O, _S = (table_of(one) for one in (Person, Mandate, Organisation, Submission))


@dataclass(frozen=True)
class Member:
    """Somebody with a mandate. name: how the tests call them, such as ``contributor IDN``; token: of their session."""

    name: str
    person: int
    mandate: int
    organisation: int
    role: Role
    country: str | None
    email: str
    token: str


@dataclass(frozen=True)
class Cast:
    """All members by name, the submissions there are by country and stage, and the application they use."""

    urls: DatabaseUrls
    app: FastAPI
    members: Mapping[str, Member]
    submissions: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Member:
        return self.members[name]

    def client(self, name: str | None = None, **headers: str) -> TestClient:
        """A browser in which somebody is signed in, or nobody."""
        client = TestClient(self.app, base_url=SITE, headers=headers, raise_server_exceptions=False)
        if name is not None:
            token = self.members[name].token
            client.headers |= {"cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf_token(SECRET.encode(), token)}
        return client

    @contextmanager
    def application(self) -> Iterator[sa.Connection]:
        """A transaction of the application, committed at the end."""
        with self.app.state.access.connections.application() as connection:
            yield connection

    @contextmanager
    def delegate(self, name: str) -> Iterator[sa.Connection]:
        """A transaction of somebody as the delegates' role, committed at the end."""
        with self.app.state.access.connections.delegate(self.members[name].token) as connection:
            yield connection

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement as the application."""
        with self.application() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement), values)]

    def change(self, statement: str, **values: Any) -> None:
        """Execute a statement as the application."""
        with self.application() as connection:
            connection.execute(sa.text(statement), values)

    def audit(self, action: str | None = None) -> list[dict[str, Any]]:
        """The lines of the audit log, the newest last."""
        with self.application() as connection:
            rows = connection.execute(sa.text("SELECT * FROM audit.line ORDER BY number")).mappings()
            return [dict(row) for row in rows if action in (None, row["action"])]


def site_in(urls: DatabaseUrls, home: Path, **settings: Any) -> FastAPI:
    """The application over a database, which need not be there yet."""
    made = Settings(home=home, public_url=SITE, secret_key=SECRET, workers=1, mapserv_processes=1, **settings)
    return create_app(made, urls)


@contextmanager
def cast_in(urls: DatabaseUrls, app: FastAPI) -> Iterator[Cast]:
    """The cast in a migrated database, and the application over it."""
    cast = Cast(urls, app, {})
    with cast.application() as connection:
        members = {one.name: one for one in _members(connection)}
        submissions = dict(_submissions(connection, members))
    try:
        yield replace(cast, members=members, submissions=submissions)
    finally:
        app.state.access.connections.close()


def _members(connection: sa.Connection) -> Iterator[Member]:
    for country in (None, *STATES):
        organisation = {"name": f"Survey of {country}" if country else "Secretariat of the region", "country": country}
        number = connection.execute(sa.insert(_O).values(organisation).returning(_O.c.id)).scalar_one()
        for role, terms in TERMS.items():
            if terms.national is None or terms.national is (country is not None):
                yield add_member(connection, role, country, number)


def add_member(
    connection: sa.Connection, role: Role, country: str | None, organisation: int, suffix: str = "", days: int = 200
) -> Member:
    """Somebody more with a mandate for so many days from 100 days ago, signed in."""
    name = f"{role.value} {country or 'region'}{suffix}"
    email = f"{name.replace(' ', '.').lower()}@example.org"
    account = sa.insert(_P).values(name=name.capitalize(), email=email, country=country).returning(_P.c.id)
    person = connection.execute(account).scalar_one()
    starts = today() - timedelta(days=100)
    values = {"person_id": person, "organisation_id": organisation, "role": role.value, "country": country}
    given = sa.insert(_M).values(**values, starts=starts, ends=starts + timedelta(days=days)).returning(_M.c.id)
    mandate = connection.execute(given).scalar_one()
    token = open_session(connection, person, Browser("127.0.0.1", "test"), ("pwd", "otp"))
    return Member(name, person, mandate, organisation, role, country, email, token)


def _submissions(connection: sa.Connection, members: Mapping[str, Member]) -> Iterator[tuple[tuple[str, str], int]]:
    for country in STATES:
        holder = members[f"contributor {country}"]
        for stage in Stage:
            values = {"title": f"Mines of {country}, {stage}", "layer": "mines", "stage": stage.value}
            held = {"country": country, "person_id": holder.person, "mandate_id": holder.mandate}
            insert = sa.insert(_S).values(**values, **held, submitted_by=holder.name).returning(_S.c.id)
            yield (country, stage.value), connection.execute(insert).scalar_one()
