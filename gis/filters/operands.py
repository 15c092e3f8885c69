"""The parts of a filter: a typed piece of SQL, and the values bound beside the statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from gis.layer import Field, FieldType


class Kind(StrEnum):
    """What a part of a filter is, in the words an error tells it with."""

    TEXT = "text"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    DATE = "a date"
    TIMESTAMP = "a time"
    LIST = "a list"
    GEOMETRY = "a geometry"
    OPEN = "an open end"


KIND_OF_FIELD: Mapping[FieldType, Kind] = {
    FieldType.STRING: Kind.TEXT,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.DATE: Kind.DATE,
    FieldType.DATETIME: Kind.TIMESTAMP,
    FieldType.STRINGS: Kind.LIST,
}


@dataclass(frozen=True, slots=True)
class Operand:
    """A piece of SQL with a value. told: how an error names it. field: set for a bare property."""

    sql: ColumnElement[Any]
    kind: Kind
    told: str
    field: Field | None = None
    is_literal: bool = False


class Values:
    """The values a filter binds, by names that start with a prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.bound: dict[str, Any] = {}

    def bind(self, value: Any, type_: Any) -> ColumnElement[Any]:
        """A place in the statement for a value of a SQLAlchemy type."""
        name = f"{self._prefix}{len(self.bound)}"
        self.bound[name] = value
        # Cast, as PostgreSQL would otherwise guess the type of a place by what stands beside it.
        return sa.cast(sa.bindparam(name, required=False, type_=type_), type_)


def described(value: Any) -> str:
    """A literal as an error shows it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
