"""Spatial functions of CQL2; PostGIS uses the index for all but disjointness and checks in double precision."""

from collections.abc import Callable, Mapping
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from gis.filters.operands import Values
from gis.statement import constant

Shape = ColumnElement[Any]


def _not_intersecting(one: Shape, two: Shape) -> ColumnElement[bool]:
    return sa.not_(sa.func.ST_Intersects(one, two))


FUNCTIONS: Mapping[str, Callable[[Shape, Shape], ColumnElement[bool]]] = {
    "s_intersects": sa.func.ST_Intersects,
    "s_disjoint": _not_intersecting,
    "s_equals": sa.func.ST_Equals,
    "s_touches": sa.func.ST_Touches,
    "s_within": sa.func.ST_Within,
    "s_overlaps": sa.func.ST_Overlaps,
    "s_crosses": sa.func.ST_Crosses,
    "s_contains": sa.func.ST_Contains,
}


def bound(shape: shapely.Geometry, values: Values, srid: int) -> Shape:
    """A geometry in degrees as a bound value."""
    return sa.func.ST_GeomFromWKB(values.bind(shapely.to_wkb(shape), sa.LargeBinary), constant(srid))
