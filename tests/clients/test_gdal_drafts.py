"""GDAL with an API key: the drafts its owner may see, and no more; nothing once it is revoked, in any worker."""

# SPDX-License-Identifier: Apache-2.0

import json
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.access.actors import today
from app.access.models import ApiKey
from app.access.tokens import new_key, token_hash
from app.db.base import table_of
from app.releases.models import Submission
from app.rights.roles import Role
from tests.app.access.cast import Member, add_member
from tests.running import Running

COUNT = 25
_DRAFTS = """INSERT INTO minerals.mine
    (identifier, name, country, status_uri, licence, shape, state, submission_id, content_hash)
    SELECT :country || '-draft-' || n, 'Mine', :country, 'x', 'x', ST_Point(100 + n / 10.0, 1, 4326),
        'draft', :submission, ''
    FROM generate_series(1, :count) AS n"""


@pytest.fixture(scope="module")
def engine(server: Running) -> Iterator[sa.Engine]:
    made = sa.create_engine(server.urls.app.sqlalchemy(), poolclass=sa.NullPool)
    yield made
    with made.begin() as connection:
        # Other tests count what is there.
        connection.execute(sa.text("DELETE FROM minerals.mine WHERE state = 'draft'"))
    made.dispose()


@pytest.fixture(scope="module")
def keys(engine: sa.Engine) -> dict[str, str]:
    """API keys of a contributor of each of two member states, both of which have drafts."""
    found = {}
    with engine.begin() as connection:
        for country in ("IDN", "MYS"):
            insert = sa.text("INSERT INTO access.organisation (name, country) VALUES ('Survey', :c) RETURNING id")
            organisation = connection.execute(insert, {"c": country}).scalar_one()
            member = add_member(connection, Role.CONTRIBUTOR, country, organisation, " of drafts")
            values: dict[str, Any] = {"stage": "draft", "country": country, "person_id": member.person}
            opened = sa.insert(table_of(Submission)).values(**values, submitted_by="test", layer="mines")
            submission = connection.execute(opened.returning(table_of(Submission).c.id)).scalar_one()
            connection.execute(sa.text(_DRAFTS), {"country": country, "submission": submission, "count": COUNT})
            found[country] = _key(connection, member)
    return found


def _key(connection: sa.Connection, member: Member) -> str:
    secret = new_key()
    values = {"person_id": member.person, "country": member.country, "mandate_id": member.mandate, "name": "test"}
    more = {"start": secret[:12], "scopes": ["read"], "expires_at": today() + timedelta(days=9)}
    connection.execute(sa.insert(table_of(ApiKey)).values(secret_hash=token_hash(secret), **values, **more))
    return secret


def read(address: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What GDAL makes of the layer mines there, page by page."""
    command = ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"OAPIF:{address}", "mines", *options]
    return subprocess.run(
        [*command, "-oo", "PAGE_SIZE=10", "--config", "GDAL_HTTP_MAX_RETRY", "0"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def identifiers(answer: subprocess.CompletedProcess[str]) -> set[str]:
    assert answer.returncode == 0, answer.stderr
    return {feature["properties"]["identifier"] for feature in json.loads(answer.stdout)["features"]}


def wanted(country: str) -> set[str]:
    return {f"{country}-draft-{n}" for n in range(1, COUNT + 1)}


@pytest.mark.parametrize("country", ["IDN", "MYS"])
def test_gdal_reads_own_drafts_with_a_header(server: Running, keys: dict[str, str], country: str) -> None:
    header = f"Authorization: Bearer {keys[country]}"
    answer = read(f"{server.url}/workspace/ogc", "--config", "GDAL_HTTP_HEADERS", header)
    assert identifiers(answer) == wanted(country)


@pytest.mark.parametrize("country", ["IDN", "MYS"])
def test_gdal_reads_own_drafts_with_the_key_in_the_path(server: Running, keys: dict[str, str], country: str) -> None:
    assert identifiers(read(f"{server.url}/key/{keys[country]}/workspace/ogc")) == wanted(country)


def test_gdal_reads_no_drafts_without_a_key(server: Running, keys: dict[str, str]) -> None:
    assert read(f"{server.url}/workspace/ogc").returncode != 0
    # What is public holds none of them.
    assert not identifiers(read(f"{server.url}/ogc")) & (wanted("IDN") | wanted("MYS"))


def test_secret_of_a_key_in_the_path_stands_in_no_log(server: Running, keys: dict[str, str]) -> None:
    httpx.get(f"{server.url}/key/{keys['IDN']}/workspace/ogc/collections/none", trust_env=False, timeout=120)
    logs = "".join(path.read_text(errors="replace") for path in server.settings.logs_path.glob("*.log*"))
    assert keys["IDN"] not in logs
    assert keys["IDN"] not in httpx.get(f"{server.url}/metrics", trust_env=False, timeout=120).text


def test_revoked_key_is_refused_by_every_worker_within_a_second(
    server: Running, engine: sa.Engine, keys: dict[str, str]
) -> None:
    header = {"authorization": f"Bearer {keys['MYS']}"}
    address = f"{server.url}/workspace/ogc/collections/mines/items"
    assert {httpx.get(address, headers=header, trust_env=False, timeout=120).status_code for _ in range(20)} == {200}
    with engine.begin() as connection:
        revoke = sa.text("UPDATE access.api_key SET revoked_at = now() WHERE secret_hash = :hash")
        connection.execute(revoke, {"hash": token_hash(keys["MYS"])})
    revoked = time.monotonic()
    statuses = {httpx.get(address, headers=header, trust_env=False, timeout=120).status_code for _ in range(40)}
    assert statuses == {401}, f"{time.monotonic() - revoked} s after"
