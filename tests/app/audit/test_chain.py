"""The chain of the audit log: what was altered, taken out, put in or moved is found."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.audit.chain import Verification, seal, verify
from app.audit.service import Event, Who, record
from app.db.roles import DatabaseUrls

SECRET = b"k" * 48
LINES = 40


@pytest.fixture
def owner(fresh_urls: DatabaseUrls) -> Iterator[sa.Connection]:
    """A connection of the tables' owner, who alone can get round the triggers, in a log of some lines."""
    app = sa.create_engine(fresh_urls.app.sqlalchemy())
    with app.begin() as connection:
        for number in range(LINES):
            who = Who(None, f"Person {number}", "observer", "IDN" if number % 2 else None, "127.0.0.1")
            detail = {"number": number, "names": ["ä", "\U0001f30f", None], "nested": {"b": 1.5, "a": True}}
            record(connection, who, Event("create", "notice", str(number), detail=detail))
    app.dispose()
    engine = sa.create_engine(fresh_urls.owner.sqlalchemy())
    with engine.connect() as connection:
        connection.execute(sa.text("ALTER TABLE audit.line DISABLE TRIGGER USER"))
        yield connection
    engine.dispose()


def test_untouched_log_is_whole(owner: sa.Connection) -> None:
    assert verify(owner, SECRET) == Verification(LINES, None, "", None)
    assert seal(owner, SECRET) == LINES
    assert seal(owner, SECRET) is None
    found = verify(owner, SECRET)
    assert found.valid
    assert found.sealed_until is not None


def test_empty_log_is_whole(urls: DatabaseUrls) -> None:
    engine = sa.create_engine(urls.app.sqlalchemy())
    with engine.connect() as connection:
        assert verify(connection, SECRET).first_broken is None
        assert seal(connection, SECRET) is None
    engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        "name = 'Somebody else'",
        "outcome = 'refused'",
        "detail = '{}'",
        "detail = jsonb_set(detail, '{nested,a}', 'false')",
        "at = at + interval '1 microsecond'",
        "person_id = 7",
        "country = 'MYS'",
        "address = '10.0.0.1'",
        "hash = sha256('x')",
    ],
)
@pytest.mark.parametrize("number", [1, 17, LINES])
def test_altered_line_is_found(owner: sa.Connection, change: str, number: int) -> None:
    owner.execute(sa.text(f"UPDATE audit.line SET {change} WHERE number = {number}"))  # noqa: S608
    assert verify(owner, SECRET).first_broken == number


@pytest.mark.parametrize("number", [1, 2, 17, LINES - 1])
def test_missing_line_is_found(owner: sa.Connection, number: int) -> None:
    owner.execute(sa.text("DELETE FROM audit.line WHERE number = :n"), {"n": number})
    assert verify(owner, SECRET).first_broken == number


def test_lines_cut_off_at_the_end_leave_a_seal(owner: sa.Connection) -> None:
    seal(owner, SECRET)
    owner.execute(sa.text("DELETE FROM audit.line WHERE number > 30"))
    found = verify(owner, SECRET)
    assert (found.lines, found.first_broken) == (30, LINES)


def test_moved_lines_are_found(owner: sa.Connection) -> None:
    for before, after in ((5, -5), (6, 5), (-5, 6)):
        owner.execute(sa.text("UPDATE audit.line SET number = :b WHERE number = :a"), {"a": before, "b": after})
    assert verify(owner, SECRET).first_broken == 5


REWRITE = """
DO $$ DECLARE one audit.line; before bytea := ''; BEGIN
    FOR one IN SELECT * FROM audit.line ORDER BY number LOOP
        one.hash := sha256(before || convert_to(audit.said(one), 'UTF8'));
        UPDATE audit.line SET hash = one.hash WHERE number = one.number;
        before := one.hash;
    END LOOP;
END $$"""


def test_chain_written_anew_does_not_fit_its_seal(owner: sa.Connection) -> None:
    """Somebody with all rights in the database, but without the system's key, changes a line and all that follow."""
    seal(owner, SECRET)
    owner.execute(sa.text("UPDATE audit.line SET name = 'Somebody else' WHERE number = 7"))
    owner.execute(sa.text(REWRITE))
    assert verify(owner, SECRET).first_broken == LINES


def test_replaced_function_of_the_database_hides_nothing(owner: sa.Connection) -> None:
    owner.execute(sa.text("UPDATE audit.line SET name = 'Somebody else' WHERE number = 7"))
    body = "SELECT jsonb_build_array(one.number)::text"
    owner.execute(
        sa.text(f"CREATE OR REPLACE FUNCTION audit.said(one audit.line) RETURNS text LANGUAGE sql STABLE AS '{body}'")
    )
    assert verify(owner, SECRET).first_broken == 7


def test_seal_of_another_key_does_not_count(owner: sa.Connection) -> None:
    seal(owner, b"x" * 48)
    assert verify(owner, SECRET).first_broken == LINES
