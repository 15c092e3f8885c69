"""Runs: pieces of a layer whose keys follow each other, each kept with its bounding box.

Keys are given along a Hilbert curve, so a box meets few runs. Features in it are counted from the runs that lie in it
whole, and only those of the runs at its edge are looked at; a page is read run after run until it is full. Neither
depends on how many features the box or the layer has. What is found is exact wherever features lie: those that were
given their keys in another order only make more runs meet a box.
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Sequence
from typing import Any

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

_NUMBERS = ("first", "last", "features")
_SIDES = ("west", "south", "east", "north")


def runs(layer: Layer, boxes: Sequence[str], *, after: bool = False, of_many: bool = False) -> sa.CTE:
    """The runs that meet a box, in no order: first, last, features, and their sides from west to north.

    boxes: the numbers of the boxes whose corners are bound, none for all runs. after: only those that have keys behind
    the one that is bound as `after`. of_many: they are looked up in their index, some perhaps a millionth of a degree
    outside. It is quicker where there are thousands; but the planner cannot tell how many an index of boxes will find,
    and where they are few sorts all of their features for a page. Selected twice in a statement, they are looked up
    once. Their names are such that no field can be meant. Raises TypeError for a layer without runs.
    """
    if layer.run_table is None:
        raise TypeError(f"{layer.id} has no runs")
    schema, name = layer.run_table
    table = sa.table(
        name,
        sa.column("layer", sa.Text),
        *(sa.column(one, sa.BigInteger) for one in _NUMBERS),
        *(sa.column(one, sa.Double) for one in _SIDES),
        schema=schema,
    )
    named = (table.c[one].label(f"run {one}") for one in (*_NUMBERS, *_SIDES))
    met = sa.select(*named).where(table.c.layer == constant(layer.id))
    if boxes:
        meets = _is_near if of_many else _meets
        met = met.where(sa.or_(*(meets(_corners(number), _sides(table.c, "")) for number in boxes)))
    if after:
        met = met.where(table.c.last > value("after", sa.BigInteger))
    return met.cte("run behind" if after else "run")


def in_order(met: sa.FromClause, boxes: Sequence[str]) -> sa.Subquery:
    """Runs by their first key, with whether they are covered.

    OFFSET 0: sorted before anything is joined, so that what is joined comes in the order of the runs; and covered is
    worked out once a run, not for each of its features.
    """
    with_covered = sa.select(met, covered(met, boxes).label("run covered"))
    return with_covered.order_by(met.c["run first"]).offset(constant(0)).subquery("ordered")


def covered(met: sa.FromClause, boxes: Sequence[str]) -> ColumnElement[bool]:
    """Whether all of a run is in a box."""
    sides = _sides(met.c, "run ")
    return sa.or_(*(_covers(_corners(number), sides) for number in boxes)) if boxes else sa.true()


def share(met: sa.FromClause, boxes: Sequence[str]) -> ColumnElement[float]:
    """How much of a run is in the boxes, by its area. Most are covered, and that is told in less than their share."""
    sides = _sides(met.c, "run ")
    parts = [_share(_corners(number), sides) for number in boxes]
    whole: ColumnElement[float] = constant(1)
    return sa.case((covered(met, boxes), whole), else_=sum(parts[1:], parts[0])) if parts else whole


Sides = tuple[ColumnElement[float], ColumnElement[float], ColumnElement[float], ColumnElement[float]]


def _corners(number: str) -> Sides:
    west, south, east, north = (value(side + number, sa.Double) for side in _SIDES)
    return west, south, east, north


def _sides(columns: Any, prefix: str) -> Sides:
    west, south, east, north = (columns[prefix + side] for side in _SIDES)
    return west, south, east, north


def _meets(box: Sides, run: Sides) -> ColumnElement[bool]:
    west, south, east, north = run
    return sa.and_(east >= box[0], north >= box[1], west <= box[2], south <= box[3])


def _is_near(box: Sides, run: Sides) -> ColumnElement[bool]:
    return _box(run).bool_op("&&")(_box(box))


def _box(sides: Sides) -> ColumnElement[Any]:
    west, south, east, north = sides
    return sa.func.box(sa.func.point(west, south), sa.func.point(east, north))


def _covers(box: Sides, run: Sides) -> ColumnElement[bool]:
    west, south, east, north = run
    return sa.and_(west >= box[0], south >= box[1], east <= box[2], north <= box[3])


def _share(box: Sides, run: Sides) -> ColumnElement[float]:
    return _overlap(run[0], run[2], box[0], box[2]) * _overlap(run[1], run[3], box[1], box[3])


def _overlap(
    low: ColumnElement[float], high: ColumnElement[float], first: ColumnElement[float], last: ColumnElement[float]
) -> ColumnElement[float]:
    """How much of low to high lies between first and last, 0 to 1; what has no length lies there whole."""
    inside = sa.func.least(high, last) - sa.func.greatest(low, first)
    part = inside / sa.func.nullif(high - low, constant(0))
    return sa.func.greatest(constant(0), sa.func.coalesce(part, constant(1)), type_=sa.Double)
