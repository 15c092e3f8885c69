"""Who may read and write which table, as said by the tables themselves.

The public role gets the public columns of the ``current`` and ``superseded`` partitions, and the tables marked public;
nothing else. The application gets rows of every table and owns none.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from app.db.roles import APP, PUBLIC


def grant(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Set the rights of both roles on all tables, as the owner, in the caller's transaction."""
    for statement in (*_application(metadata), *_public(metadata)):
        connection.execute(sa.text(statement))


def _application(metadata: sa.MetaData) -> Iterator[str]:
    for schema in _schemas(metadata):
        yield f"GRANT USAGE ON SCHEMA {schema} TO {APP}, {PUBLIC}"
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {APP}"
        yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {APP}"
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {PUBLIC}"


def _public(metadata: sa.MetaData) -> Iterator[str]:
    for table in metadata.sorted_tables:
        columns = public_columns(table)
        partitions = table.info.get("public_partitions")
        names = [f"{table.name}_{state}" for state in partitions] if partitions else [table.name]
        if columns:
            listed = ", ".join(f'"{name}"' for name in columns)
            yield from (f'GRANT SELECT ({listed}) ON {table.schema}."{name}" TO {PUBLIC}' for name in names)


def public_columns(table: sa.Table) -> tuple[str, ...]:
    """Names of the columns anybody may read."""
    if table.info.get("public"):
        return tuple(column.name for column in table.columns)
    if not table.info.get("partitions"):
        return ()
    return tuple(c.name for c in table.columns if c.info.get("readable") or c.info.get("field", {}).get("public"))


def _schemas(metadata: sa.MetaData) -> list[str]:
    return sorted({str(table.schema) for table in metadata.tables.values()})
