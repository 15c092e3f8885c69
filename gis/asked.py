"""What is asked of a layer."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from gis.filters import Filter
from gis.geojson import WHOLE, Output
from gis.layer import BBox, GeometryType, Layer
from gis.paging import Cursor, SortKey
from gis.statement import constant, value

Columns = Mapping[str, ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a layer. limit: features a page, None for all. after: where the page starts.

    bbox: degrees; west greater than east means across the antimeridian. filters: conditions that must all hold. sort:
    fields to sort by. output: what each feature's text holds. as_of: a moment whose public truth is asked for, None for
    now. edition: of the data, so that a number counted for another one is not taken from a cursor. total: features the
    layer has, if known.
    """

    limit: int | None
    bbox: BBox | None = None
    after: Cursor | None = None
    filters: tuple[Filter, ...] = ()
    sort: tuple[SortKey, ...] = ()
    output: Output = WHOLE
    as_of: datetime | None = None
    edition: str = ""
    total: int | None = None

    @property
    def selects_all(self) -> bool:
        """Whether every feature of the layer matches (pages aside)."""
        return self.bbox is None and not self.filters and self.as_of is None

    @property
    def is_counted(self) -> bool:
        """Whether all matching features are counted, however many: there is no sample of the past."""
        return self.as_of is not None


def boxes_of(bbox: BBox | None) -> tuple[str, dict[str, Any]]:
    """Numbers of the boxes a bbox is made of, and their corners."""
    if bbox is None:
        return "", {}
    west, south, east, north = bbox
    if west <= east:
        return "1", {"west1": west, "south1": south, "east1": east, "north1": north}
    corners = {"west1": west, "south1": south, "east1": 180.0, "north1": north}
    return "12", corners | {"west2": -180.0, "south2": south, "east2": east, "north2": north}


def columns(layer: Layer) -> Columns:
    """The columns of a layer's rows that are read, by name.

    Bare: a condition on them fits the current rows, those of a moment in the past, and a sample of them.
    """
    names = [layer.key_field, layer.geometry_field, *(f.name for f in layer.public_fields)]
    names += [layer.place_field] if layer.place_field else []
    return {name: sa.column(name) for name in names}


def in_box(layer: Layer, columns: Columns, number: str) -> ColumnElement[bool]:
    """Whether the geometry meets box 1 or 2; exact, though indexes of PostGIS hold single-precision boxes."""
    west, south, east, north = (value(side + number, sa.Double) for side in ("west", "south", "east", "north"))
    if layer.place_field:
        box = sa.func.box(sa.func.point(west, south), sa.func.point(east, north))
        return columns[layer.place_field].bool_op("<@")(box)
    shape = columns[layer.geometry_field]
    # ST_Envelope, unlike ST_MakeEnvelope, makes a box without width or height the line or point it is.
    corners = (sa.func.ST_Point(x, y, constant(layer.srid)) for x, y in ((west, south), (east, north)))
    box = sa.func.ST_Envelope(sa.func.ST_MakeLine(*corners))
    near = shape.bool_op("&&")(box)
    if layer.geometry_type is GeometryType.POINT:
        x, y = sa.func.ST_X(shape), sa.func.ST_Y(shape)
        return sa.and_(near, x.between(west, east), y.between(south, north))
    return sa.and_(near, sa.func.ST_Intersects(shape, box))
