"""Brings the database's tables to the version of the code, by the dated scripts under migrations/versions.

Whether there is anything to do is answered from the scripts' names and one query. Alembic, which takes half a second
to import, is loaded only when there is.
"""

# SPDX-License-Identifier: Apache-2.0

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from app.db.bootstrap import connect
from app.db.roles import DatabaseUrls
from app.errors import DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).resolve().parent.parent.parent / "migrations"
SCHEMA = "amdis"
"""The schema of what AMDIS notes about the database itself."""

_RIGHTS_LOCK = 0x414D44495303  # "AMDIS" 3
_AT = "SELECT version_num FROM amdis.alembic_version"
_NAME = re.compile(r"(\d{4}_\d{2}_\d{2}_\d{4})-[a-z0-9_-]+\.py")


def revisions() -> list[str]:
    """The revisions the code knows, oldest first: "2026_11_23_0900" for 2026_11_23_0900-roles.py."""
    names = (_NAME.fullmatch(path.name) for path in (FOLDER / "versions").glob("*.py"))
    return sorted(name[1] for name in names if name)


def current(urls: DatabaseUrls) -> str | None:
    """The revision the database is at, None for an empty one.

    Raises:
        DatabaseError: the database cannot be reached.
    """
    with connect(urls.owner) as connection:
        try:
            row = connection.execute(_AT).fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return None
    return str(row[0]) if row else None


def pending(urls: DatabaseUrls) -> list[str]:
    """The revisions that are still to be applied, oldest first.

    Raises:
        DatabaseError: the database cannot be reached, or was made by a newer AMDIS.
    """
    known, at = revisions(), current(urls)
    if at is None:
        return known
    if at not in known:
        raise DatabaseError(
            f"Database {urls.owner.database} is at revision {at}, which this AMDIS does not know: a newer one has "
            "upgraded it. Install that version, or restore a backup from before."
        )
    return known[known.index(at) + 1 :]


def upgrade(urls: DatabaseUrls, *, grant: bool = True) -> list[str]:
    """Apply what is pending, each script in a transaction of its own, and return the revisions that were pending.

    Two hosts that start at once wait for each other; the second finds nothing to do. grant: also set the rights on all
    tables, which needs every table of the models to be there.

    Raises:
        DatabaseError: the database cannot be reached, or was made by a newer AMDIS.
    """
    due = pending(urls)
    if due:
        from alembic import command  # noqa: PLC0415

        configuration = _configuration(urls)
        configuration.attributes["grant"] = grant
        command.upgrade(configuration, "head")
    return due


def set_rights(urls: DatabaseUrls) -> None:
    """Set the rights of the roles on all tables to what the tables declare now, in one transaction.

    A field may be closed to the public without any change of its table, hence without a migration.
    """
    import sqlalchemy as sa  # noqa: PLC0415

    from app.db.grants import grant  # noqa: PLC0415
    from app.db.models import load_models  # noqa: PLC0415

    engine = sa.create_engine(urls.owner.sqlalchemy(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_RIGHTS_LOCK)))
        grant(connection, load_models().metadata)
    engine.dispose()


def downgrade(urls: DatabaseUrls, revision: str) -> None:
    """Go back to `revision` ("base" for an empty database)."""
    from alembic import command  # noqa: PLC0415

    command.downgrade(_configuration(urls), revision)


def write_migration(urls: DatabaseUrls, message: str) -> Path | None:
    """Write the script that takes the database at head to what the models declare; None when nothing differs.

    The file is named after the time and the message, e.g. 2026_11_23_0900-add_boreholes.py.
    """
    from alembic import command  # noqa: PLC0415

    revision = datetime.now(UTC).strftime("%Y_%m_%d_%H%M")
    written = command.revision(_configuration(urls), message=message, autogenerate=True, rev_id=revision)
    scripts = [script for script in (written if isinstance(written, list) else [written]) if script]
    return Path(scripts[0].path) if scripts else None


def _configuration(urls: DatabaseUrls) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER))
    configuration.set_main_option("file_template", "%%(rev)s-%%(slug)s")
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["url"] = urls.owner.sqlalchemy()
    return configuration
