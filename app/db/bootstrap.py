"""Sets a database up for AMDIS as its administrator: roles, passwords, extensions, rights.

Every step is a question and a statement; only the statements whose question is answered no are run. So a database
that an administrator has prepared by hand needs no rights from us, and a start that finds all in order costs a few
milliseconds.
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Sequence
from dataclasses import dataclass, replace

import psycopg
from psycopg import sql

from app.db.roles import APP, DELEGATE, OWNER, PUBLIC, DatabaseUrl, DatabaseUrls
from app.errors import DatabaseError, MissingRightError

EXTENSIONS = ("postgis", "unaccent", "pg_trgm", "btree_gist")
_OF_OUR_OWN = ("pg_prewarm",)  # of the private cluster: how it is kept in memory is our matter there

_LOCK = 0x414D44495301  # "AMDIS" 1: two hosts that start at once set up one after the other
_CONNECT_TIMEOUT = 10  # seconds

_ROLE_SETTINGS: dict[str, dict[str, str]] = {
    OWNER: {"search_path": "public", "lock_timeout": "30s"},
    APP: {"search_path": "public", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "5min"},
    DELEGATE: {
        "search_path": "public",
        "statement_timeout": "30s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "1min",
    },
    PUBLIC: {
        "search_path": "public",
        "default_transaction_read_only": "on",
        "statement_timeout": "20s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "30s",
    },
}

# Rights on the database itself. TEMPORARY is for loading; people's roles have neither that nor CREATE.
_DATABASE_RIGHTS = {
    OWNER: ("CONNECT", "CREATE", "TEMPORARY"),
    APP: ("CONNECT", "TEMPORARY"),
    DELEGATE: ("CONNECT",),
    PUBLIC: ("CONNECT",),
}

# Functions anybody may call by default that write: a reader could fill the disk with large objects.
_WRITING_FUNCTIONS = ("lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)")


@dataclass(frozen=True)
class _Step:
    """One thing that must hold: an SQL condition, and the statement that makes it hold."""

    holds: sql.SQL | sql.Composed
    statement: sql.SQL | sql.Composed


def bootstrap(urls: DatabaseUrls) -> None:
    """Bring the database into the state AMDIS needs; does nothing where all is as it should be.

    Raises:
        DatabaseError: the server cannot be reached, or refuses us.
        MissingRightError: our user may not do it; the text holds the SQL for an administrator.
    """
    if urls.private:
        _create_database(urls.admin)
    with connect(urls.admin) as connection:
        _apply(connection, urls)
    _set_passwords(urls)


def connect(url: DatabaseUrl) -> psycopg.Connection[tuple[object, ...]]:
    """A connection that commits each statement by itself.

    Raises:
        DatabaseError: it cannot be made; the text names server, database and role, not the password.
    """
    try:
        return psycopg.connect(url.conninfo(), autocommit=True, connect_timeout=_CONNECT_TIMEOUT)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise DatabaseError(
            f"No connection to database {url.database} at {url.host}:{url.port} as {url.user}: {reason}"
        ) from error


def _create_database(admin: DatabaseUrl) -> None:
    with connect(admin.in_database("postgres")) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [admin.database]).fetchone()
        if not found:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(admin.database)))


def _apply(connection: psycopg.Connection[tuple[object, ...]], urls: DatabaseUrls) -> None:
    # Rights can be asked about only once the roles are there, hence two stages.
    extensions = EXTENSIONS + (_OF_OUR_OWN if urls.private else ())
    stages = [_roles_and_extensions(extensions), _rights(urls.admin.database, private=urls.private)]
    for number, stage in enumerate(stages):
        if not _missing(connection, stage):
            continue
        try:
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
                for step in _missing(connection, stage):
                    connection.execute(step.statement)
        except psycopg.errors.InsufficientPrivilege as error:
            needed = _missing(connection, stage) + [step for later in stages[number + 1 :] for step in later]
            raise _right_missing(connection, urls.admin, needed, error) from error
        except psycopg.errors.FeatureNotSupported as error:
            raise DatabaseError(
                f"The database server lacks something AMDIS needs: {error.diag.message_primary}. "
                "PostGIS 3 and PostgreSQL's contrib extensions have to be installed on it."
            ) from error


def _missing(connection: psycopg.Connection[tuple[object, ...]], steps: Sequence[_Step]) -> list[_Step]:
    conditions = sql.SQL(", ").join(step.holds for step in steps)
    answers = connection.execute(sql.SQL("SELECT {}").format(conditions)).fetchone() or ()
    return [step for step, holds in zip(steps, answers, strict=True) if not holds]


def _roles_and_extensions(extensions: Sequence[str]) -> list[_Step]:
    roles = [
        _Step(
            sql.SQL("EXISTS (SELECT FROM pg_roles WHERE rolname = {})").format(sql.Literal(role)),
            sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)),
        )
        for role in _ROLE_SETTINGS
    ]
    return roles + [
        _Step(
            sql.SQL("EXISTS (SELECT FROM pg_extension WHERE extname = {})").format(sql.Literal(name)),
            sql.SQL("CREATE EXTENSION {} SCHEMA public").format(sql.Identifier(name)),
        )
        for name in extensions
    ]


def _rights(database: str, *, private: bool) -> list[_Step]:
    steps = [
        _Step(
            sql.SQL("NOT has_schema_privilege('public', 'public', 'CREATE')"),
            sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
        ),
        _Step(
            sql.SQL("NOT has_database_privilege('public', {}, 'TEMPORARY')").format(sql.Literal(database)),
            sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)),
        ),
    ]
    steps += [_database_right(database, role, right) for role, rights in _DATABASE_RIGHTS.items() for right in rights]
    steps += [
        _role_setting(role, name, value)
        for role, settings in _ROLE_SETTINGS.items()
        for name, value in settings.items()
    ]
    if private:
        # Only a superuser may; on a server of others it is their administrator's decision.
        steps += [_role_setting(role, "temp_file_limit", "1GB") for role in (DELEGATE, PUBLIC)]
        steps += [_public_may_not_call(function) for function in _WRITING_FUNCTIONS]
    return steps


def _database_right(database: str, role: str, right: str) -> _Step:
    # Granted to the role itself: what it has through everybody's rights goes when those are taken away.
    return _Step(
        sql.SQL(
            "EXISTS (SELECT FROM pg_database, aclexplode(datacl) AS one WHERE datname = {} "
            "AND one.grantee = {}::regrole AND one.privilege_type = {})"
        ).format(*map(sql.Literal, (database, role, right))),
        sql.SQL("GRANT {} ON DATABASE {} TO {}").format(sql.SQL(right), sql.Identifier(database), sql.Identifier(role)),
    )


def _role_setting(role: str, name: str, value: str) -> _Step:
    setting = sql.Literal(f"{name}={value}")
    return _Step(
        sql.SQL("(SELECT {} = ANY (coalesce(rolconfig, '{{}}')) FROM pg_roles WHERE rolname = {})").format(
            setting, sql.Literal(role)
        ),
        sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(role), sql.Identifier(name), sql.Literal(value)),
    )


def _public_may_not_call(function: str) -> _Step:
    return _Step(
        sql.SQL("NOT has_function_privilege('public', {}, 'EXECUTE')").format(sql.Literal(function)),
        sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(sql.SQL(function)),
    )


def _set_passwords(urls: DatabaseUrls) -> None:
    """Give each role the password derived from the secret key, if it does not have it already."""
    # The public role is set up on the primary, also when its reads go to a replica.
    roles = (
        urls.owner,
        urls.app,
        urls.delegate,
        replace(urls.admin, user=urls.public.user, password=urls.public.password),
    )
    wrong = [url for url in roles if not _accepts(url)]
    if not wrong:
        return
    with connect(urls.admin) as connection:
        steps = [_password_step(connection, url) for url in wrong]
        try:
            for step in steps:
                connection.execute(step.statement)
        except psycopg.errors.InsufficientPrivilege as error:
            raise _right_missing(connection, urls.admin, steps, error) from error
    for url in wrong:
        connect(url).close()


def _accepts(url: DatabaseUrl) -> bool:
    try:
        connect(url).close()
    except DatabaseError:
        return False
    return True


def _password_step(connection: psycopg.Connection[tuple[object, ...]], url: DatabaseUrl) -> _Step:
    # Hashed on our side, so that the password itself is in no statement, log or message.
    verifier = connection.pgconn.encrypt_password(url.password.encode(), url.user.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(url.user), sql.Literal(verifier))
    return _Step(sql.SQL("false"), statement)


def _right_missing(
    connection: psycopg.Connection[tuple[object, ...]], admin: DatabaseUrl, steps: Sequence[_Step], error: psycopg.Error
) -> MissingRightError:
    statements = "\n".join(f"    {step.statement.as_string(connection)};" for step in steps)
    return MissingRightError(
        f"{admin.user} may not set up database {admin.database} at {admin.host} ({error.diag.message_primary}). An "
        f"administrator can do it: run this in {admin.database}, then start AMDIS again.\n{statements}"
    )
