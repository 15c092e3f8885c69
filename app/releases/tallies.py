"""The tallies of a layer's current rows: features by the values of some fields, written at each publication."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import LateralFromClause

from app.db.base import table_of
from app.releases.models import Release, Tally, TallyPart
from app.releases.states import State
from gis.layer import FieldType, Layer
from gis.tallies import STRETCH

_TALLIES, _PARTS = table_of(Tally), table_of(TallyPart)


def write_tallies(connection: sa.Connection, table: sa.Table, layer: Layer, release: int) -> None:
    """Write all tallies of a layer anew for a release, in the caller's transaction."""
    connection.execute(sa.delete(_TALLIES).where(_TALLIES.c.layer == layer.id))
    if not layer.tallied_fields:
        return
    stretch = (table.c[layer.key_field] // sa.literal(STRETCH, literal_execute=True)).label("stretch")
    current = table.c.state == State.CURRENT
    held = _held(table, layer)
    number = sa.func.count().label("features")
    counted = sa.select(stretch, held.c.field, held.c.value, number).select_from(table.join(held, sa.true()))
    counted = counted.where(current).group_by(stretch, held.c.field, held.c.value)
    by_value = counted.cte("counted").prefix_with("MATERIALIZED")
    whole = sa.select(stretch, number).where(current).group_by(stretch).cte("whole")
    tallied = _tallied(layer, by_value, release)
    made = tallied.returning(_TALLIES.c.number, _TALLIES.c.field, _TALLIES.c.value).cte("made")
    is_it = sa.and_(made.c.field == by_value.c.field, made.c.value.is_not_distinct_from(by_value.c.value))
    joined = by_value.join(made, is_it).join(whole, whole.c.stretch == by_value.c.stretch)
    share = by_value.c.features / sa.cast(whole.c.features, sa.REAL)
    place = (made.c.number, by_value.c.stretch)
    parts = sa.select(*place, share).select_from(joined).order_by(*place)
    connection.execute(sa.insert(_PARTS).from_select(["tally", "stretch", "share"], parts))


def refresh_tallies(connection: sa.Connection, table: sa.Table, layer: Layer) -> bool:
    """Write the tallies of a layer whose last release has none, or none of a field that is tallied now; whether so.

    In the caller's transaction, which nobody publishes beside.
    """
    last = sa.select(sa.func.max(Release.number)).where(Release.layer == layer.id)
    fields = sa.select(_TALLIES.c.field).distinct()
    wanted: int | None = connection.execute(last).scalar_one()
    written = fields.where(_TALLIES.c.layer == layer.id, _TALLIES.c.release == wanted)
    if wanted is None or set(connection.execute(written).scalars()) == layer.tallied_fields:
        return False
    write_tallies(connection, table, layer, wanted)
    return True


def _held(table: sa.Table, layer: Layer) -> LateralFromClause:
    """Each tallied field of a row with its value; of a list each value once. Null where there is none."""
    rows: list[sa.Select[Any]] = []
    for name in sorted(layer.tallied_fields):
        column: ColumnElement[Any] = table.c[name]
        field = layer.field(name)
        is_list = field is not None and field.type is FieldType.STRINGS
        if is_list:
            column = sa.func.unnest(sa.func.coalesce(sa.func.nullif(column, _list()), _list(None)))
        row = sa.select(sa.literal(name).label("field"), column.label("value")).correlate(table)
        rows.append(row.distinct() if is_list else row)
    return sa.union_all(*rows).lateral("held")


def _list(*values: str | None) -> ColumnElement[Any]:
    return sa.cast(array(values), ARRAY(sa.Text))


def _tallied(layer: Layer, by_value: sa.CTE, release: int) -> sa.Insert:
    """Each value with its features; and a row for the features without one of each field, though there be none."""
    fields = sa.values(sa.column("field", sa.Text), name="known").data([(one,) for one in sorted(layer.tallied_fields)])
    nothing: ColumnElement[Any] = sa.cast(sa.null(), sa.Text)
    every = sa.union_all(
        sa.select(by_value.c.field, by_value.c.value, by_value.c.features),
        sa.select(fields.c.field, nothing, sa.literal(0)),
    ).subquery("every")
    values = {
        "layer": sa.literal(layer.id),
        "field": every.c.field,
        "value": every.c.value,
        "features": sa.func.sum(every.c.features),
        "release": sa.literal(release),
    }
    rows = sa.select(*values.values()).group_by(every.c.field, every.c.value).order_by(every.c.field, every.c.value)
    return sa.insert(_TALLIES).from_select([*values], rows)
