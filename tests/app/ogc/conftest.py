"""How the tests of the OGC services ask the running server."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator

import httpx
import pytest

from tests.running import Running


@pytest.fixture(scope="module")
def http(server: Running) -> Iterator[httpx.Client]:
    """A client of the running server; paths are relative to its root."""
    with httpx.Client(base_url=server.url, timeout=120, trust_env=False) as client:
        yield client
