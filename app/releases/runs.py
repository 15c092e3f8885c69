"""The runs of a layer's current rows: what boxes are answered from, written when the layer is published."""

import sqlalchemy as sa
from geoalchemy2 import Geometry

from app.db.base import table_of
from app.releases.models import Run
from app.releases.states import State
from gis.layer import Layer
from gis.runs import KEYS

_RUNS = table_of(Run)


def write_runs(connection: sa.Connection, table: sa.Table, layer: Layer) -> None:
    """Write all runs of a layer of points anew, in the caller's transaction. Other layers have none."""
    if layer.place_field is None:
        return
    connection.execute(sa.delete(_RUNS).where(_RUNS.c.layer == layer.id))
    place = table.c[layer.place_field]
    x, y = (function(sa.cast(place, Geometry("POINT"))) for function in (sa.func.ST_X, sa.func.ST_Y))
    key = table.c[layer.key_field]
    part = key // sa.literal(KEYS)
    made = sa.select(
        sa.literal(layer.id),
        sa.func.min(key),
        sa.func.max(key),
        sa.func.count(),
        sa.func.min(x),
        sa.func.min(y),
        sa.func.max(x),
        sa.func.max(y),
    ).where(table.c.state == State.CURRENT)
    columns = ["layer", "first", "last", "features", "west", "south", "east", "north"]
    connection.execute(sa.insert(_RUNS).from_select(columns, made.group_by(part).order_by(part)))


def refresh_runs(connection: sa.Connection, table: sa.Table, layer: Layer) -> bool:
    """Write the runs of a layer that has features and no runs; whether so.

    In the caller's transaction, which nobody publishes beside.
    """
    if layer.place_field is None:
        return False
    known = sa.select(sa.exists().where(_RUNS.c.layer == layer.id))
    current = sa.select(sa.exists().where(table.c.state == State.CURRENT))
    if connection.execute(known).scalar_one() or not connection.execute(current).scalar_one():
        return False
    write_runs(connection, table, layer)
    return True
