"""Where a request comes from is what the proxy saw, not what the client says."""

# SPDX-License-Identifier: Apache-2.0

import httpx
import sqlalchemy as sa

from tests.app.access.signin.browser import API
from tests.running import Running


def test_nobody_gives_themselves_another_address(server: Running) -> None:
    """The last address is the one that the proxy before the server has added."""
    asked = {"email": "address-told@example.org", "password": "x"}
    told = {"x-forwarded-for": "203.0.113.9, 198.51.100.4", "x-real-ip": "203.0.113.8", "forwarded": "for=203.0.113.7"}
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        assert client.post(f"{API}/sign-in", json=asked, headers=told).status_code == 401
    engine = sa.create_engine(server.urls.app.sqlalchemy(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        kept = sa.text("SELECT address FROM audit.line WHERE detail->>'email' = 'address-told@example.org'")
        assert connection.execute(kept).scalars().all() == ["198.51.100.4"]
