"""SQL statements as text: built once from SQLAlchemy expressions, kept, and executed by psycopg with their values."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg as dialect
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnElement

DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]


def constant(value: str | int) -> ColumnElement[Any]:
    """A value of ours written into the statement's text, quoted by the dialect."""
    return sa.literal(value, literal_execute=True)


def value(name: str, type_: type[sa.types.TypeEngine[Any]]) -> ColumnElement[Any]:
    """A place for a value that is sent beside the statement."""
    return sa.bindparam(name, required=False, type_=type_)


def compiled(statement: sa.ClauseElement) -> str:
    """The statement's text with psycopg's places for its values."""
    return str(statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True}))


def with_values(statement: sa.ClauseElement) -> tuple[str, dict[str, Any]]:
    """The same and the values that stand in the statement by now, for psycopg to execute once."""
    made = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return str(made), dict(made.params)


def columns_in(conditions: list[ColumnElement[bool]]) -> set[str]:
    """Names of the columns that conditions read."""
    parts = (part for condition in conditions for part in visitors.iterate(condition))
    return {part.name for part in parts if isinstance(part, sa.ColumnClause)}
