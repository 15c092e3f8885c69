"""Nothing is open before somebody opens it: no account, no password, no key that others know."""

# SPDX-License-Identifier: Apache-2.0

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.access.people.commands import NewAccount, create
from app.db.roles import DatabaseUrls
from app.settings import Settings
from tests.app.access.cast import SECRET, SITE

ROOT = Path(__file__).parents[4]


# S12: installations with the password of the manual were open to everybody.
def test_fresh_installation_has_no_account_and_no_credential(fresh_urls: DatabaseUrls) -> None:
    engine = sa.create_engine(fresh_urls.app.sqlalchemy(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        for table in ("person", "password", "api_key", "session", "invitation", "passkey", "totp", "identity"):
            count = sa.select(sa.func.count()).select_from(sa.table(table, schema="access"))
            assert connection.execute(count).scalar_one() == 0, table


# S12: the first account is opened by a link that is printed once, and has no password until then.
def test_first_account_is_opened_by_a_link_of_24_hours(fresh_urls: DatabaseUrls, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, public_url=SITE, secret_key=SECRET)
    asked = NewAccount("first@example.org", "First", "Secretariat", "secretariat", None, 30)
    link, expires_at = create(settings, fresh_urls, asked)
    assert timedelta(hours=23) < expires_at - datetime.now(UTC) <= timedelta(hours=24)
    engine = sa.create_engine(fresh_urls.app.sqlalchemy(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM access.password")).scalar_one() == 0
        kept = connection.execute(sa.text("SELECT i::text FROM access.invitation i")).scalar_one()
    assert link.partition("#")[2] not in kept


# S12: a secret of the manual is known to everybody.
@pytest.mark.parametrize("secret", ["changeme", "changeme" * 5, "0" * 64, "a-placeholder-to-be-replaced-by-you"])
def test_start_on_a_known_secret_is_refused(tmp_path: Path, secret: str) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AMDIS_")}
    environ |= {"AMDIS_HOME": str(tmp_path / "home"), "AMDIS_SECRET_KEY": secret}
    command = [sys.executable, "-m", "app.cli", "up"]
    ran = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 2, ran.stderr
    assert "AMDIS_SECRET_KEY" in ran.stderr
    assert secret not in ran.stderr
    assert not (tmp_path / "home").exists()
