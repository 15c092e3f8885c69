"""The cast of the access tests: shared by those that only read, or one of a test's own."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

import pytest
from fastapi import FastAPI

from app.access.signin import slowdown
from app.db.roles import DatabaseUrls
from tests.app.access.cast import Cast, cast_in, site_in
from tests.conftest import clone

_OWN = "cast_own"


@pytest.fixture(scope="session")
def standing_cast(template: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """The cast of all tests that change nothing of it."""
    with clone(template, "cast") as urls, cast_in(urls, site_in(urls, tmp_path_factory.mktemp("cast"))) as cast:
        yield cast


@pytest.fixture
def shared_cast(standing_cast: Cast) -> Cast:
    """The cast for a test that changes nothing of it. All have just proved who they are, however late the test runs."""
    standing_cast.change("UPDATE access.session SET proved_at = now()")
    return standing_cast


@pytest.fixture
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has to wait two seconds until the next try still waits, however long the test takes for it."""
    began = datetime.now(UTC)

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return began.astimezone(tz)

    monkeypatch.setattr(slowdown, "datetime", Stopped)


@pytest.fixture(scope="session")
def cast_site(template: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application of all casts that are made anew for each test, in a database of the same name: it knows nothing
    by heart.
    """
    return site_in(template.in_database(_OWN), tmp_path_factory.mktemp("own"))


@pytest.fixture
def cast(template: DatabaseUrls, cast_site: FastAPI) -> Iterator[Cast]:
    """The cast in a database of this test's own."""
    with clone(template, _OWN) as urls, cast_in(urls, cast_site) as cast:
        yield cast
