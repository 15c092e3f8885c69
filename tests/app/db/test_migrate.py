"""The migration of runs, back and forth on a database that holds rows."""

# SPDX-License-Identifier: Apache-2.0

from pathlib import Path

from app.db import migrate
from app.db.roles import DatabaseUrls
from app.layers.service import refresh_layers
from tests.app.releases.region import ask, load, mine

_BEFORE_RUNS = "2026_11_25_1451"
_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'minerals' ORDER BY 1"
_RUNS = "SELECT first, last, features, west, release FROM releases.run"


def test_runs_and_their_indexes_go_and_come_back(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    load(fresh_urls, tmp_path / "region", [mine("a"), mine("b", 112)])
    indexes, runs = ask(fresh_urls, _INDEXES), ask(fresh_urls, _RUNS)
    assert [row[2] for row in runs] == [2]

    migrate.downgrade(fresh_urls, _BEFORE_RUNS)
    assert ask(fresh_urls, "SELECT to_regclass('releases.run')") == [(None,)]
    old = dict(ask(fresh_urls, _INDEXES))
    assert old["ix_mine_number"].endswith("(number)")
    assert "ix_mine_country" not in old

    assert migrate.upgrade(fresh_urls)[0] == "2026_11_25_2100"
    assert ask(fresh_urls, _INDEXES) == indexes
    assert ask(fresh_urls, _RUNS) == []
    assert "mines" in refresh_layers(fresh_urls)
    assert ask(fresh_urls, _RUNS) == runs
