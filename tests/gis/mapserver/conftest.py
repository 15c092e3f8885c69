# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator

import pytest

from tests.gis.mapserver.engine import Cluster, Engine, running_cluster, running_engine


@pytest.fixture(scope="session")
def map_cluster() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def engine(map_cluster: Cluster) -> Iterator[Engine]:
    with running_engine(map_cluster) as engine:
        yield engine
