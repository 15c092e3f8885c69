"""The cast of the access tests, in a database of these tests' own."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator

import pytest

from app.db.roles import DatabaseUrls
from tests.app.access.cast import Cast, cast_in, site_in
from tests.app.access.conftest import cast, cast_site, shared_cast
from tests.conftest import clone

__all__ = ["cast", "cast_site", "shared_cast"]


@pytest.fixture(scope="session")
def standing_cast(template: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """The cast of all tests that change nothing of it."""
    with clone(template, "submissions") as urls, cast_in(urls, site_in(urls, tmp_path_factory.mktemp("own"))) as shared:
        yield shared
