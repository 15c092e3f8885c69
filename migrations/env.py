"""How Alembic runs here: as amdis_owner, one host at a time, each script in a transaction of its own.

What it writes is more than Alembic's own: new schemas are created, and a table whose rows have states gets one
partition for each. After an upgrade the rights on all tables are set from what the tables themselves say.
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from geoalchemy2 import alembic_helpers

from app.db.base import Point
from app.db.grants import grant
from app.db.migrate import SCHEMA
from app.db.models import load_models

metadata = load_models().metadata
_LOCK = 0x414D44495302  # "AMDIS" 2


def run() -> None:
    """Run what the Alembic command asked for."""
    engine = sa.create_engine(context.config.attributes["url"], poolclass=sa.NullPool)
    with engine.connect() as connection:
        # Held by the session until it ends, and taken before Alembic reads which revision the database is at.
        connection.execute(sa.text("SET lock_timeout = 0"))
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.execute(sa.text("SET lock_timeout = '30s'"))
        connection.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
        connection.commit()
        partitions = _partitions(connection)
        connection.rollback()
        context.configure(
            connection=connection,
            target_metadata=metadata,
            version_table_schema=SCHEMA,
            transaction_per_migration=True,
            include_schemas=True,
            include_name=_only_our_schemas,
            include_object=lambda item, name, kind, reflected, other: (
                not (kind == "table" and (item.schema, name) in partitions)
                and alembic_helpers.include_object(item, name, kind, reflected, other)
            ),
            render_item=_rendered,
            process_revision_directives=_complete,
            compare_server_default=False,
            on_version_apply=_grant_at_head if context.config.attributes.get("grant") else None,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


def _grant_at_head(*, ctx: MigrationContext, heads: set[str], **_: object) -> None:
    # In the transaction of the last script: a start that is killed leaves no table without its rights.
    if set(heads) == set(context.script.get_heads()) and ctx.connection is not None:
        grant(ctx.connection, metadata)


def _only_our_schemas(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name in _schemas()


def _schemas() -> set[str]:
    return {table.schema for table in metadata.tables.values() if table.schema}


def _partitions(connection: sa.Connection) -> set[tuple[str, str]]:
    rows = connection.execute(
        sa.text("SELECT relnamespace::regnamespace::text, relname FROM pg_class WHERE relispartition AND relkind = 'r'")
    )
    return {(schema, name) for schema, name in rows}


def _complete(migration: MigrationContext, _revision: object, directives: list[ops.MigrationScript]) -> None:
    """Add to a generated script what Alembic does not know of; drop a script that would do nothing."""
    script = directives[0]
    if script.upgrade_ops is None or script.downgrade_ops is None:
        return
    if script.upgrade_ops.is_empty():
        directives.clear()
        return
    existing = set(sa.inspect(migration.connection).get_schema_names()) if migration.connection else set()
    created = sorted({op.schema for op in _tables(script.upgrade_ops.ops) if op.schema} - existing)
    script.upgrade_ops.ops = [
        *(ops.ExecuteSQLOp(f"CREATE SCHEMA {schema}") for schema in created),
        *_with_partitions(script.upgrade_ops.ops),
    ]
    script.downgrade_ops.ops += [ops.ExecuteSQLOp(f"DROP SCHEMA {schema}") for schema in reversed(created)]


def _rendered(kind: str, item: object, context: AutogenContext) -> str | Literal[False]:
    """How a type that SQLAlchemy does not have is written in a script."""
    if kind == "type" and isinstance(item, Point):
        context.imports.add("from app.db.base import Point")
        return "Point()"
    rendered: str | Literal[False] = alembic_helpers.render_item(kind, item, context)
    return rendered


def _tables(operations: Iterable[Any]) -> list[ops.CreateTableOp]:
    return [op for op in operations if isinstance(op, ops.CreateTableOp)]


def _with_partitions(operations: Iterable[Any]) -> Iterable[Any]:
    for operation in operations:
        yield operation
        if isinstance(operation, ops.CreateTableOp):
            states = operation.info.get("partitions", ())
            operation.info.clear()
            for state in states:
                name = f"{operation.schema}.{operation.table_name}"
                yield ops.ExecuteSQLOp(f"CREATE TABLE {name}_{state} PARTITION OF {name} FOR VALUES IN ('{state}')")


run()
