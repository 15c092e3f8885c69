"""What changes in one place holds in every worker at the next request: nothing of rights is kept in a process."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa

from app.access.credentials import COOKIE
from app.rights.roles import Role
from tests.app.access.cast import Member, add_member
from tests.running import Running

ASKED = 40  # requests on connections of their own, so that both workers answer some


@pytest.fixture(scope="module")
def engine(server: Running) -> Iterator[sa.Engine]:
    made = sa.create_engine(server.urls.app.sqlalchemy(), poolclass=sa.NullPool)
    yield made
    made.dispose()


@pytest.fixture
def administrator(engine: sa.Engine, request: pytest.FixtureRequest) -> Member:
    """A national administrator of the running system, signed in."""
    with engine.begin() as connection:
        insert = sa.text("INSERT INTO access.organisation (name, country) VALUES (:name, 'IDN') RETURNING id")
        organisation = connection.execute(insert, {"name": request.node.name}).scalar_one()
        add_member(connection, Role.OBSERVER, "IDN", organisation, f" {request.node.name}")
        return add_member(connection, Role.NATIONAL_ADMINISTRATOR, "IDN", organisation, f" {request.node.name}")


def answers(server: Running, member: Member) -> set[tuple[int, bool]]:
    """Statuses of many requests for people, and whether others than the member were among them."""
    found = set()
    for _ in range(ASKED):
        with httpx.Client(base_url=server.url, trust_env=False, timeout=120) as client:
            answer = client.get("/api/v1/access/people", headers={"cookie": f"{COOKIE}={member.token}"})
        found.add((answer.status_code, answer.json().get("total", 0) > 1))
    return found


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ("UPDATE access.mandate SET ended_at = now() WHERE id = :mandate", (401, False)),
        ("UPDATE access.mandate SET ends = current_date - 1 WHERE id = :mandate", (401, False)),
        ("UPDATE access.mandate SET role = 'observer' WHERE id = :mandate", (200, False)),
        ("UPDATE access.session SET ended_at = now() WHERE person_id = :person", (401, False)),
        ("UPDATE access.person SET closed_at = now() WHERE id = :person", (401, False)),
    ],
)
def test_change_of_rights_holds_in_every_worker_at_once(
    server: Running, engine: sa.Engine, administrator: Member, change: str, after: tuple[int, bool]
) -> None:
    assert answers(server, administrator) == {(200, True)}
    with engine.begin() as connection:
        connection.execute(sa.text(change), {"mandate": administrator.mandate, "person": administrator.person})
    assert answers(server, administrator) == {after}


def test_worker_logs_hold_no_token(server: Running, administrator: Member) -> None:
    answers(server, administrator)
    logs = "".join(path.read_text(errors="replace") for path in server.settings.logs_path.glob("*.log*"))
    assert logs
    assert administrator.token not in logs
