"""The same rights asked of PostgreSQL: what a delegate's connection reads and changes, whatever it is asked."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from app.rights.policies import Action, Kind, Party, Thing, decide
from app.rights.roles import TERMS
from tests.app.access.cast import STATES, Cast
from tests.app.access.test_matrix import ASKERS

DRAFT = """INSERT INTO minerals.mine
    (identifier, name, country, status_uri, licence, shape, state, submission_id, content_hash)
    VALUES (:identifier, 'Mine', :country, 'x', 'x', ST_Point(110, 1, 4326), 'draft', :submission, '')"""


@dataclass(frozen=True)
class Row:
    """A row of a table and what it is to the table of rights."""

    table: str
    key: str
    value: int | str
    thing: Thing


@pytest.fixture(scope="module")
def drafts(standing_cast: Cast) -> None:
    """A draft in every submission."""
    for (country, stage), number in standing_cast.submissions.items():
        values = {"identifier": f"{country} {stage}", "country": country, "submission": number}
        standing_cast.change(DRAFT, **values)


def rows(cast: Cast) -> Iterator[Row]:
    for one in cast.members.values():
        yield Row("access.person", "id", one.person, Thing(Kind.PERSON, None, one.country, one.person))
        trust = TERMS[one.role].trust
        yield Row("access.mandate", "id", one.mandate, Thing(Kind.MANDATE, trust, one.country, one.person))
        yield Row("access.session", "person_id", one.person, Thing(Kind.SESSION, None, one.country, one.person))
    for (country, stage), number in cast.submissions.items():
        thing = Thing(Kind.SUBMISSION, stage, country, cast[f"contributor {country}"].person)
        yield Row("releases.submission", "id", number, thing)
        yield Row("minerals.mine_draft", "identifier", f"{country} {stage}", thing)


CHANGES = (
    ("access.mandate", "UPDATE access.mandate SET ends = ends + 1 WHERE id = :value", (Action.RENEW, Action.END)),
    ("access.person", "UPDATE access.person SET closed_at = now() WHERE id = :value", (Action.CLOSE,)),
    ("access.session", "UPDATE access.session SET ended_at = now() WHERE person_id = :value", (Action.END,)),
    ("releases.submission", "UPDATE releases.submission SET title = 'x' WHERE id = :value", (Action.UPDATE,)),
    ("minerals.mine_draft", "UPDATE minerals.mine_draft SET name = 'x' WHERE identifier = :value", (Action.UPDATE,)),
    ("minerals.mine_draft", "DELETE FROM minerals.mine_draft WHERE identifier = :value", (Action.DELETE,)),
)


@pytest.mark.usefixtures("drafts")
@pytest.mark.parametrize("asker", ASKERS)
def test_rows_that_are_read_and_changed_are_those_the_table_of_rights_names(shared_cast: Cast, asker: str) -> None:
    member = shared_cast[asker]
    party = Party(member.person, member.role, member.country)
    wrong, cells = [], 0
    for row in rows(shared_cast):
        readable = decide(party, Action.READ, row.thing).allowed
        found = affected(shared_cast, asker, f"SELECT 1 FROM {row.table} WHERE {row.key} = :value", row.value)  # noqa: S608
        cells += 1
        if (found > 0) is not readable:
            wrong.append(f"reads {row}: {found}")
        for table, statement, actions in CHANGES:
            if table != row.table:
                continue
            changeable = readable and any(decide(party, action, row.thing).allowed for action in actions)
            cells += 1
            if (affected(shared_cast, asker, statement, row.value) > 0) is not changeable:
                wrong.append(f"{statement} {row}")
    assert wrong == []
    assert cells > 100


def affected(cast: Cast, asker: str, statement: str, value: int | str) -> int:
    """How many rows a statement reads or changes as somebody; all of it is rolled back."""
    found = 0

    class _Undone(Exception):  # noqa: N818
        pass

    try:
        with cast.delegate(asker) as connection:
            found = connection.execute(sa.text(statement), {"value": value}).rowcount
            raise _Undone
    except _Undone:
        return found


FORBIDDEN = (
    "SELECT * FROM access.password",
    "SELECT * FROM access.totp",
    "SELECT * FROM access.passkey",
    "SELECT * FROM access.recovery_code",
    "SELECT * FROM access.challenge",
    "SELECT * FROM access.identity",
    "SELECT * FROM access.failure",
    "SELECT token_hash FROM access.session",
    "SELECT token_hash FROM access.invitation",
    "SELECT secret_hash FROM access.api_key",
    "SELECT * FROM access.policy",
    "SELECT * FROM notices.mail",
    "SELECT * FROM audit.seal",
    "UPDATE access.policy SET reach = 3",
    "INSERT INTO access.policy VALUES ('observer', 'submission', 'read', '', 3)",
    "UPDATE access.session SET mandate_id = 1",
    "UPDATE access.session SET limited = false",
    "UPDATE access.mandate SET role = 'secretariat'",
    "UPDATE access.mandate SET country = NULL",
    "UPDATE access.mandate SET person_id = 1",
    "UPDATE access.person SET email = 'x@example.org'",
    "DELETE FROM access.mandate",
    "DELETE FROM access.person",
    "INSERT INTO access.session (token_hash, person_id) VALUES ('', 1)",
    "INSERT INTO access.api_key (secret_hash, person_id) VALUES ('', 1)",
    "UPDATE releases.submission SET stage = 'published'",
    "UPDATE releases.submission SET country = 'IDN'",
    "UPDATE minerals.mine_draft SET state = 'current'",
    "UPDATE minerals.mine_draft SET submission_id = 1",
    "SELECT * FROM minerals.mine",
    "SELECT * FROM minerals.mine_embargoed",
    "SELECT * FROM minerals.mine_withdrawn",
    "INSERT INTO minerals.mine_current (identifier) VALUES ('x')",
    "UPDATE audit.line SET name = 'x'",
    "DELETE FROM audit.line",
    "TRUNCATE audit.line",
    "TRUNCATE minerals.mine_draft",
    "SET ROLE amdis_app",
    "SET SESSION AUTHORIZATION amdis_app",
    "ALTER TABLE minerals.mine_draft DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON minerals.mine_draft USING (true)",
    "CREATE TABLE public.t (a int)",
    "CREATE TEMP TABLE t (a int)",
    "CREATE FUNCTION access.acting_person() RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY minerals.mine_draft TO '/dev/shm/x'",
    "SELECT * FROM pg_authid",
    "SELECT * FROM jobs.procrastinate_jobs",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_connection_of_a_delegate_may_not(shared_cast: Cast, statement: str) -> None:
    with (
        pytest.raises(sa.exc.ProgrammingError, match="InsufficientPrivilege"),
        shared_cast.delegate("national-administrator IDN") as connection,
    ):
        connection.execute(sa.text(statement))


@pytest.mark.parametrize("token", ["", "1", "' OR true --", "amdis_", "x" * 43, "\\"])
def test_token_of_nobody_sees_nothing(shared_cast: Cast, token: str) -> None:
    with shared_cast.app.state.access.connections.delegate(token) as connection:
        for table in ("access.person", "access.mandate", "releases.submission", "minerals.mine_draft", "audit.line"):
            assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() == 0  # noqa: S608
        assert connection.execute(sa.text("SELECT count(*) FROM access.acting()")).scalar_one() == 0


def test_number_of_a_session_or_person_is_no_token(shared_cast: Cast) -> None:
    """Row-level security asks for the secret: what other systems keep in a setting, an id, anybody can set."""
    other = shared_cast["contributor MYS"]
    with shared_cast.delegate("contributor IDN") as connection:
        for guess in (other.person, other.mandate, other.email, "MYS", "secretariat"):
            connection.execute(sa.text("SELECT set_config('amdis.token', :guess, true)"), {"guess": str(guess)})
            assert connection.execute(sa.text("SELECT count(*) FROM releases.submission")).scalar_one() == 0


def test_settings_of_one_transaction_do_not_reach_the_next(shared_cast: Cast) -> None:
    connections = shared_cast.app.state.access.connections
    for _ in range(12):  # more than the pool has connections
        with shared_cast.delegate("contributor IDN") as connection:
            assert connection.execute(sa.text("SELECT access.acting_country()")).scalar_one() == STATES[0]
        with connections._delegates.begin() as connection:
            assert connection.execute(sa.text("SELECT access.acting_country()")).scalar_one() is None


def test_drafts_of_a_submission_are_found_by_its_index(shared_cast: Cast) -> None:
    """Row-level security must not make a draft's page a scan of all drafts: its condition is an index's."""
    with shared_cast.delegate("contributor IDN") as connection:
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        statement = "EXPLAIN SELECT identifier FROM minerals.mine_draft WHERE submission_id = 1"
        plan = "\n".join(row[0] for row in connection.execute(sa.text(statement)))
    assert "Index" in plan
    assert "submission_id = 1" in plan
