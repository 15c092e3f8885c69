"""The runs of a layer's current rows: what boxes are answered from, written when the layer is published."""

import sqlalchemy as sa
from geoalchemy2 import Geometry

from app.db.base import table_of
from app.releases.models import Release, Run
from app.releases.states import State
from gis.layer import Layer
from gis.runs import KEYS

_RUNS = table_of(Run)


def write_runs(connection: sa.Connection, table: sa.Table, layer: Layer, release: int) -> None:
    """Write all runs of a layer of points anew for a release, in the caller's transaction. Other layers have none."""
    if layer.place_field is None:
        return
    connection.execute(sa.delete(_RUNS).where(_RUNS.c.layer == layer.id))
    place = table.c[layer.place_field]
    x, y = (function(sa.cast(place, Geometry("POINT"))) for function in (sa.func.ST_X, sa.func.ST_Y))
    key = table.c[layer.key_field]
    part = key // sa.literal(KEYS, literal_execute=True)
    values = {
        "layer": sa.literal(layer.id),
        "first": sa.func.min(key),
        "last": sa.func.max(key),
        "features": sa.func.count(),
        "west": sa.func.min(x),
        "south": sa.func.min(y),
        "east": sa.func.max(x),
        "north": sa.func.max(y),
        "release": sa.literal(release),
    }
    made = sa.select(*values.values()).where(table.c.state == State.CURRENT).group_by(part).order_by(part)
    connection.execute(sa.insert(_RUNS).from_select([*values], made))


def refresh_runs(connection: sa.Connection, table: sa.Table, layer: Layer) -> bool:
    """Write the runs of a layer whose last release has none, as when another version published it; whether so.

    In the caller's transaction, which nobody publishes beside.
    """
    if layer.place_field is None:
        return False
    last = sa.select(sa.func.max(Release.number)).where(Release.layer == layer.id)
    written = sa.select(sa.func.max(_RUNS.c.release)).where(_RUNS.c.layer == layer.id)
    wanted, found = connection.execute(sa.select(last.scalar_subquery(), written.scalar_subquery())).one()
    current = sa.select(sa.exists().where(table.c.state == State.CURRENT))
    if wanted is None or wanted == found or not connection.execute(current).scalar_one():
        return False
    write_runs(connection, table, layer, wanted)
    return True
