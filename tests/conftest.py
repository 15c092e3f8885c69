"""A real PostGIS for the tests: one private cluster a test process, migrated once, each test rolled back.

Nothing here leaves the machine, and a test that tries to is told so.
"""

# SPDX-License-Identifier: Apache-2.0

import ipaddress
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session

from app.db.bootstrap import bootstrap, connect
from app.db.embedded import database
from app.db.migrate import upgrade
from app.db.roles import DatabaseUrls
from app.settings import Settings
from tests.ports import free_port
from tests.running import server  # noqa: F401  (a fixture)

# How long an example takes says nothing of whether it is right, and a change is not refused for what was always wrong:
# the examples are the same every time. `--hypothesis-profile=search` draws others.
_UNTIMED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis_settings.register_profile("same", derandomize=True, **_UNTIMED)
hypothesis_settings.register_profile("search", max_examples=2000, **_UNTIMED)
hypothesis_settings.load_profile("same")

# A test's database may be lost with the machine; that makes it several times as fast.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "max_wal_size": "256MB",
}

_DAY, _LAST = 86_400, 30  # seconds


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    """Connections of this process to other machines fail, whoever tries."""
    real = socket.socket.connect

    def connect_here(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            host = str(address[0])
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test wants to connect to {address}")
        real(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """The developer's own AMDIS_ variables do not reach the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AMDIS_")]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _within_one_day() -> None:
    """No test begins in the last seconds of a day (UTC): what is today for it would be yesterday for what it asks."""
    left = _DAY - time.time() % _DAY
    if left < _LAST:
        time.sleep(left)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, _no_settings_from_outside: None) -> Settings:
    """Settings of a home of this test process's own."""
    return Settings(home=tmp_path_factory.mktemp("home"), port=free_port(), workers=1, mapserv_processes=1)


@pytest.fixture(scope="session")
def template(settings: Settings) -> Iterator[DatabaseUrls]:
    """The running cluster with a migrated, empty database that nobody connects to, as clones are made of it."""
    with database(settings, "tests", FAST) as urls:
        bootstrap(urls)
        upgrade(urls)
        yield urls


@pytest.fixture(scope="session")
def urls(template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A migrated database shared by the tests that roll back."""
    with clone(template, "shared") as urls:
        yield urls


@pytest.fixture
def fresh_urls(template: DatabaseUrls, request: pytest.FixtureRequest) -> Iterator[DatabaseUrls]:
    """A migrated, empty database of this test's own, for tests that commit."""
    with clone(template, f"fresh_{abs(hash(request.node.nodeid)) % 10**9}") as urls:
        yield urls


@pytest.fixture
def owner_connection(urls: DatabaseUrls) -> Iterator[sa.Connection]:
    """A connection as amdis_owner in a transaction that is rolled back."""
    yield from _rolled_back(urls.owner.sqlalchemy())


@pytest.fixture
def app_connection(urls: DatabaseUrls) -> Iterator[sa.Connection]:
    """A connection as amdis_app in a transaction that is rolled back."""
    yield from _rolled_back(urls.app.sqlalchemy())


@pytest.fixture
def session(app_connection: sa.Connection) -> Iterator[Session]:
    """A session as amdis_app whose commits are savepoints; all of it is rolled back."""
    with Session(app_connection, join_transaction_mode="create_savepoint") as session:
        yield session


class clone:  # noqa: N801  (read as a verb: `with clone(...)`)
    """A copy of the template database for as long as the block runs."""

    def __init__(self, template: DatabaseUrls, name: str) -> None:
        self._template = template
        self._name = name

    def __enter__(self) -> DatabaseUrls:
        with connect(self._template.admin.in_database("postgres")) as connection:
            source = self._template.admin.database
            connection.execute(f'CREATE DATABASE "{self._name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
        urls = self._template.in_database(self._name)
        # Rights on the database itself are not copied with it.
        bootstrap(urls)
        return urls

    def __exit__(self, *_: object) -> None:
        with connect(self._template.admin.in_database("postgres")) as connection:
            connection.execute(f'DROP DATABASE "{self._name}" WITH (FORCE)')


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An AMDIS_HOME of this test's own under a folder only its owner may enter."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    return closed / "home"


def _rolled_back(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()
    engine.dispose()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Pictures are for looking at: taking them costs more than all that is asserted of a page."""
    parser.addoption("--pictures", type=Path, metavar="FOLDER", help="leave pictures of the pages that are tested")
