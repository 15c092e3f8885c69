"""Runs: pieces of a layer whose keys follow each other, each kept with its bounding box.

Keys are given along a Hilbert curve, so a box meets few runs. Features in it are counted from the runs that lie in it
whole, and only those of the runs at its edge are looked at; a page is read run after run until it is full. Neither
depends on how many features the box or the layer has. What is found is exact wherever features lie: those that were
given their keys in another order only make more runs meet a box.
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from gis.layer import Layer
from gis.statement import constant, value

KEYS = 1_024
"""Keys a run spans: at ten million features a box of a twentieth of them meets five hundred runs."""

SPREADS = (64, 256)
"""Runs, spread evenly over those that meet a box, from which a number is estimated: first few, then more."""

PIECE = 32
"""Keys of each of them whose features are looked at."""

_SIDES = ("west", "south", "east", "north")


def runs(layer: Layer, boxes: Sequence[str], *, after: bool) -> sa.CTE:
    """The runs that meet a box, in no order: first, last, features, covered, share.

    boxes: the numbers of the boxes whose corners are bound, none for all runs. A run may lie a millionth of a degree
    outside. covered: whether all of the run is in a box; share: how much of it, by its area. after: only those that
    have keys behind the one that is bound as `after`. Selected twice in a statement, they are looked up once.
    Their names are such that no field can be meant. Raises TypeError for a layer without runs.
    """
    if layer.run_table is None:
        raise TypeError(f"{layer.id} has no runs")
    schema, name = layer.run_table
    table = sa.table(
        name,
        sa.column("layer", sa.Text),
        *(sa.column(one, sa.BigInteger) for one in ("first", "last", "features")),
        *(sa.column(one, sa.Double) for one in _SIDES),
        schema=schema,
    )
    corners = [_corners(number) for number in boxes]
    whole: Sequence[ColumnElement[float]] = [constant(1)]
    parts = [_share(box, table.c) for box in corners] or whole
    met = sa.select(
        table.c.first.label("run first"),
        table.c.last.label("run last"),
        table.c.features.label("run features"),
        (sa.or_(*(_covers(box, table.c) for box in corners)) if boxes else sa.true()).label("run covered"),
        sum(parts[1:], parts[0]).label("run share"),
    ).where(table.c.layer == constant(layer.id))
    if boxes:
        met = met.where(sa.or_(*(_meets(box, table.c) for box in corners)))
    if after:
        met = met.where(table.c.last > value("after", sa.BigInteger))
    return met.cte("run behind" if after else "run")


def in_order(met: sa.FromClause) -> sa.Subquery:
    """Runs by their first key.

    OFFSET 0: sorted before anything is joined, so that what is joined comes in the order of the runs.
    """
    return sa.select(met).order_by(met.c["run first"]).offset(constant(0)).subquery("ordered")


Corners = tuple[ColumnElement[float], ColumnElement[float], ColumnElement[float], ColumnElement[float]]
Columns = sa.sql.base.ReadOnlyColumnCollection[str, ColumnElement[float]]


def _corners(number: str) -> Corners:
    west, south, east, north = (value(side + number, sa.Double) for side in _SIDES)
    return west, south, east, north


def _meets(box: Corners, run: Columns) -> ColumnElement[bool]:
    west, south, east, north = box
    around = sa.func.box(sa.func.point(run.west, run.south), sa.func.point(run.east, run.north))
    return around.bool_op("&&")(sa.func.box(sa.func.point(west, south), sa.func.point(east, north)))


def _covers(box: Corners, run: Columns) -> ColumnElement[bool]:
    west, south, east, north = box
    return sa.and_(run.west >= west, run.east <= east, run.south >= south, run.north <= north)


def _share(box: Corners, run: Columns) -> ColumnElement[float]:
    west, south, east, north = box
    return _overlap(run.west, run.east, west, east) * _overlap(run.south, run.north, south, north)


def _overlap(
    low: ColumnElement[float], high: ColumnElement[float], first: ColumnElement[float], last: ColumnElement[float]
) -> ColumnElement[float]:
    """How much of low to high lies between first and last, 0 to 1; what has no length lies there whole."""
    inside = sa.func.least(high, last) - sa.func.greatest(low, first)
    part = inside / sa.func.nullif(high - low, constant(0))
    return sa.func.greatest(constant(0), sa.func.coalesce(part, constant(1)), type_=sa.Double)
