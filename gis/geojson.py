"""Features as GeoJSON text, made in PostGIS."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

from gis.crs import CRS84, CoordinateSystem
from gis.layer import Field, FieldType, Layer
from gis.statement import DIALECT, constant


@dataclass(frozen=True, slots=True)
class Output:
    """What a feature's text holds. properties: names of fields, None for all. geometry: False for null in its place."""

    properties: tuple[str, ...] | None = None
    geometry: bool = True
    crs: CoordinateSystem = CRS84

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole feature in degrees, longitude first."""
        return self.properties is None and self.geometry and self.crs is CRS84


WHOLE = Output()

_WITHOUT_EXPONENT = 10**15  # from here on PostgreSQL writes whole numbers as 1e+15


def feature_text(
    layer: Layer, rows: sa.FromClause, output: Output = WHOLE
) -> tuple[ColumnElement[bytes], sa.FromClause]:
    """Each row's feature as GeoJSON in UTF-8, and what has to be joined with the rows for it.

    rows: a named source of the layer's columns.
    """
    name = str(getattr(rows, "name", ""))
    wanted = [one for one in layer.public_fields if output.properties is None or one.name in output.properties]
    properties = sa.select(*(_property(name, one) for one in wanted)).lateral("properties")
    shape = geometry_in(rows.c[layer.geometry_field], output.crs, by_register=True)
    geometry = sa.func.ST_AsGeoJSON(shape, constant(output.crs.decimals), constant(0)) if output.geometry else sa.null()
    text = sa.func.concat(
        constant('{"type":"Feature","id":'),
        sa.func.to_json(rows.c[layer.id_field]),
        constant(',"geometry":'),
        sa.func.coalesce(geometry, constant("null")),
        constant(',"properties":'),
        sa.func.row_to_json(sa.literal_column("properties")) if wanted else constant("{}"),
        constant("}"),
    )
    return sa.func.convert_to(text, constant("UTF8"), type_=postgresql.BYTEA), properties


def _property(source: str, field: Field) -> ColumnElement[Any]:
    """A field's value as JSON takes it. source: name of the rows it comes from."""
    quoted = DIALECT.identifier_preparer.quote
    column: ColumnElement[Any] = sa.literal_column(f"{quoted(source)}.{quoted(field.name)}")
    return (_real(column) if field.type is FieldType.NUMBER else column).label(field.name)


def _real(number: ColumnElement[Any]) -> ColumnElement[Any]:
    """A number with a point: GDAL and QGIS take a field for one of integers whose first values are written as 66."""
    looks_whole = sa.and_(number == sa.func.trunc(number), sa.func.abs(number) < constant(_WITHOUT_EXPONENT))
    with_point = sa.cast(sa.func.concat(number, constant(".0")), postgresql.JSON)
    return sa.case((looks_whole, with_point), else_=sa.func.to_json(number))


def geometry_in(shape: ColumnElement[Any], system: CoordinateSystem, *, by_register: bool) -> ColumnElement[Any]:
    """A stored geometry in another system. by_register: in its order of axes, else easting or longitude first."""
    # A system named by an integer constant: PostGIS looks a text up anew for each row.
    moved = shape if system.is_stored else sa.func.ST_Transform(shape, constant(system.srid))
    return sa.func.ST_FlipCoordinates(moved) if by_register and system.flipped else moved
