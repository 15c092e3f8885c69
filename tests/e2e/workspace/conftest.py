"""An AMDIS of its own for the workspace's tests, which write, and people who are signed in to it."""

# SPDX-License-Identifier: Apache-2.0

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from app.access.credentials import COOKIE
from app.access.models import Organisation, Session
from app.db.base import table_of
from app.db.connections import Connections
from app.rights.roles import Role
from tests.app.access.cast import Member, add_member
from tests.e2e.conftest import OpenPage
from tests.running import Running, running

_O = table_of(Organisation)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An AMDIS that is called localhost: a passkey belongs to a name, not to a number."""
    with running(tmp_path_factory.mktemp("workspace") / "home", host="localhost") as server:
        yield server


@dataclass(frozen=True)
class Staff:
    """Makes people of the running AMDIS."""

    server: Running
    connections: Connections
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def member(self, role: Role, country: str | None = None, days: int = 200) -> Member:
        """Somebody signed in, with a mandate for so many days from 100 days ago."""
        number = next(self._numbers)
        with self.connections.application() as connection:
            added = sa.insert(_O).values(name=f"Survey {number}", country=country).returning(_O.c.id)
            organisation = connection.execute(added).scalar_one()
            return add_member(connection, role, country, organisation, f" {number}", days)

    def age(self, member: Member) -> None:
        """Let it be an hour since somebody proved who they are."""
        earlier = table_of(Session).c.proved_at - timedelta(hours=1)
        update = sa.update(table_of(Session)).where(table_of(Session).c.person_id == member.person)
        with self.connections.application() as connection:
            connection.execute(update.values(proved_at=earlier))

    def invitation(self, email: str, role: Role, country: str | None = None) -> str:
        """The link that the command line prints for a new account."""
        command = [sys.executable, "-m", "app.cli", "user", "create", "--email", email, "--name", "Mali Chai"]
        command += ["--organisation", "A survey", "--role", role.value, *(["--country", country] if country else [])]
        settings = self.server.settings
        environ = os.environ | {"AMDIS_HOME": str(settings.home), "AMDIS_PUBLIC_URL": self.server.url}
        root = Path(__file__).parents[3]
        done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=True, timeout=300)
        return done.stdout.split()[-1]


@pytest.fixture(scope="session")
def staff(server: Running) -> Iterator[Staff]:
    """Who makes people."""
    connections = Connections(server.urls)
    yield Staff(server, connections)
    connections.close()


OpenAs = Callable[..., Page]


@pytest.fixture
def open_as(open_page: OpenPage) -> OpenAs:
    """Opens a path of the workspace as somebody who is signed in; options are those of open_page."""

    def opened(member: Member, path: str = "", **options: object) -> Page:
        cookie = {"name": COOKIE, "value": member.token, "domain": "localhost", "path": "/", "secure": True}
        state = {"cookies": [{**cookie, "expires": -1, "httpOnly": True, "sameSite": "Strict"}], "origins": []}
        return open_page(f"/workspace{path}", storage_state=state, **options)

    return opened
