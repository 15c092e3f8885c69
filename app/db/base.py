"""The declarative base of every table, the naming of its constraints and the description of a field on its column."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase

from gis.layer import Field, FieldType

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Point(sa.types.UserDefinedType[Any]):
    """PostgreSQL's own point: compared exactly, in double precision."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name."""
        return "point"


class Base(DeclarativeBase):
    """Base of all tables; text is kept as given, times with their zone."""

    metadata = metadata
    type_annotation_map = {
        str: sa.Text(),
        datetime: sa.DateTime(timezone=True),
        date: sa.Date(),
        float: sa.Double(),
        list[str]: postgresql.ARRAY(sa.Text()),
    }


def field(
    title: str,
    *,
    description: str = "",
    unit: str | None = None,
    vocabulary: str | None = None,
    required: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
    public: bool = True,
) -> dict[str, Any]:
    """The ``info`` of a column that is a field of a layer: what gis.layer.Field says, but name and type."""
    return {
        "field": {
            "title": title,
            "description": description,
            "unit": unit,
            "vocabulary": vocabulary,
            "required": required,
            "minimum": minimum,
            "maximum": maximum,
            "public": public,
        }
    }


def table_of(model: type[Base]) -> sa.Table:
    """The table of a model."""
    table = model.__table__
    if not isinstance(table, sa.Table):
        raise TypeError(f"{model.__name__} is not mapped to a table")
    return table


def fields_of(table: sa.Table) -> tuple[Field, ...]:
    """The fields of a table's columns, in the order they are declared."""
    return tuple(
        Field(name=column.name, type=_field_type(column), **column.info["field"])
        for column in table.columns
        if "field" in column.info
    )


def _field_type(column: sa.Column[Any]) -> FieldType:
    for kind, field_type in _FIELD_TYPES:
        if isinstance(column.type, kind):
            return field_type
    raise TypeError(f"{column.table.name}.{column.name}: no field type for {column.type!r}")


_FIELD_TYPES: tuple[tuple[type[Any], FieldType], ...] = (
    (postgresql.ARRAY, FieldType.STRINGS),
    (sa.DateTime, FieldType.DATETIME),
    (sa.Date, FieldType.DATE),
    (sa.Boolean, FieldType.BOOLEAN),
    (sa.Integer, FieldType.INTEGER),
    (sa.Float, FieldType.NUMBER),
    (sa.Numeric, FieldType.NUMBER),
    (sa.Text, FieldType.STRING),
    (sa.String, FieldType.STRING),
)
