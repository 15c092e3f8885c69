"""The cast of the access tests: shared by those that only read, or one of a test's own."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db.roles import DatabaseUrls
from tests.app.access.cast import Cast, cast_in
from tests.conftest import clone


@pytest.fixture(scope="session")
def shared_cast(template: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """The cast for tests that change nothing of it."""
    with clone(template, "cast") as urls, cast_in(urls, tmp_path_factory.mktemp("cast")) as cast:
        yield cast


@pytest.fixture
def cast(fresh_urls: DatabaseUrls, tmp_path: Path) -> Iterator[Cast]:
    """The cast in a database of this test's own."""
    with cast_in(fresh_urls, tmp_path / "home") as cast:
        yield cast
