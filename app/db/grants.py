"""Who may read and write which table, as said by the tables themselves.

The public role gets the public columns of the ``current`` and ``superseded`` partitions, and the tables marked public;
nothing else. The application gets rows of every table and owns none. The delegates' role gets what the public has, and
of each table with ``guards`` the rows that these let through.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from app.db.roles import APP, DELEGATE, PUBLIC


@dataclass(frozen=True, slots=True)
class Guard:
    """What delegates may do with a table. privilege: SELECT, INSERT, UPDATE or DELETE. condition: SQL that must hold of
    the row, before and after. columns: those it is about, or what tells them of a table, all if None. partition: the
    state whose partition of the table is meant.
    """

    privilege: str
    condition: str
    columns: tuple[str, ...] | Callable[[sa.Table], tuple[str, ...]] | None = None
    partition: str | None = None


def grant(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Set the rights of all roles on all tables, as the owner, in the caller's transaction."""
    for statement in (*_application(metadata), *_public(metadata), *_guarded(metadata)):
        connection.execute(sa.text(statement))
    for table in metadata.sorted_tables:
        rows = table.info.get("rows")
        if rows:
            connection.execute(sa.delete(table))
            connection.execute(sa.insert(table), rows())


def _application(metadata: sa.MetaData) -> Iterator[str]:
    for schema in _schemas(metadata):
        yield f"GRANT USAGE ON SCHEMA {schema} TO {APP}, {PUBLIC}, {DELEGATE}"
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {APP}"
        yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {APP}"
        yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {APP}, {DELEGATE}"
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {PUBLIC}, {DELEGATE}"
    for table in metadata.sorted_tables:
        refused = table.info.get("application_may_not")
        if refused:
            yield f'REVOKE {", ".join(refused)} ON {table.schema}."{table.name}" FROM {APP}'


def _public(metadata: sa.MetaData) -> Iterator[str]:
    for table in metadata.sorted_tables:
        columns = public_columns(table)
        partitions = table.info.get("public_partitions")
        names = [f"{table.name}_{state}" for state in partitions] if partitions else [table.name]
        if columns:
            listed = _listed(columns)
            yield from (f'GRANT SELECT ({listed}) ON {table.schema}."{name}" TO {PUBLIC}, {DELEGATE}' for name in names)


def _guarded(metadata: sa.MetaData) -> Iterator[str]:
    for table in metadata.sorted_tables:
        guards: tuple[Guard, ...] | None = table.info.get("guards")
        if guards is None:
            continue
        for part in dict.fromkeys(guard.partition for guard in guards) or (None,):
            name = f'{table.schema}."{table.name}{f"_{part}" if part else ""}"'
            yield from _closed(name)
            for guard in guards:
                if guard.partition == part:
                    yield from _let_through(table, name, guard)


def _closed(name: str) -> Iterator[str]:
    """Row-level security without any way through it but the application's."""
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS application ON {name}"
    yield f"CREATE POLICY application ON {name} TO {APP} USING (true) WITH CHECK (true)"
    yield from (f"DROP POLICY IF EXISTS delegates_{one.lower()} ON {name}" for one in _CLAUSES)


def _let_through(table: sa.Table, name: str, guard: Guard) -> Iterator[str]:
    columns = guard.columns(table) if callable(guard.columns) else guard.columns
    listed = f" ({_listed(columns)})" if columns else ""
    held = " ".join(f"{clause} ({guard.condition})" for clause in _CLAUSES[guard.privilege])
    yield f"GRANT {guard.privilege}{listed} ON {name} TO {DELEGATE}"
    yield (f"CREATE POLICY delegates_{guard.privilege.lower()} ON {name} FOR {guard.privilege} TO {DELEGATE} {held}")


_CLAUSES = {"SELECT": ("USING",), "INSERT": ("WITH CHECK",), "UPDATE": ("USING", "WITH CHECK"), "DELETE": ("USING",)}


def public_columns(table: sa.Table) -> tuple[str, ...]:
    """Names of the columns anybody may read."""
    if table.info.get("public"):
        return tuple(column.name for column in table.columns)
    if not table.info.get("partitions"):
        return ()
    return tuple(c.name for c in table.columns if c.info.get("readable") or c.info.get("field", {}).get("public"))


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _schemas(metadata: sa.MetaData) -> list[str]:
    return sorted({str(table.schema) for table in metadata.tables.values()})
