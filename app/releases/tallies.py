"""The tallies of a layer's current rows: features by the values of some fields, written at each publication."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.sql.elements import ColumnElement

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
    by_value = sa.union_all(*_counted(table, layer)).cte("counted").prefix_with("MATERIALIZED")
    stretch = _stretch(table, layer)
    whole = (
        sa.select(stretch, sa.func.count().label("features")).where(_is_current(table)).group_by(stretch).cte("whole")
    )
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


def _counted(table: sa.Table, layer: Layer) -> list[sa.Select[Any]]:
    """Stretch, field, value and number of features: of all texts in one pass, and of each list.

    A list that is empty or missing has the value null.
    """
    stretch, number = _stretch(table, layer), sa.func.count().label("features")
    fields = [field for name in sorted(layer.tallied_fields) if (field := layer.field(name))]
    texts = [table.c[one.name] for one in fields if one.type is FieldType.STRING]
    counted: list[sa.Select[Any]] = []
    if texts:
        is_of = [sa.func.grouping(column) == 0 for column in texts]
        name = sa.case(*((of, sa.literal(column.name)) for of, column in zip(is_of, texts, strict=True)))
        held = sa.case(*zip(is_of, texts, strict=True))
        sets = sa.func.grouping_sets(*(sa.tuple_(stretch.element, column) for column in texts))
        rows = sa.select(stretch, name.label("field"), held.label("value"), number)
        counted.append(rows.where(_is_current(table)).group_by(sets))
    for one in fields:
        if one.type is not FieldType.STRINGS:
            continue
        lists = sa.select(stretch, table.c[one.name].label("values"), number).where(_is_current(table))
        each = lists.group_by(stretch, table.c[one.name]).subquery("lists")
        named = sa.func.unnest(sa.func.coalesce(sa.func.nullif(each.c["values"], _list()), _list(None)))
        value = sa.select(named.label("value")).distinct().correlate(each).lateral("held")
        features = sa.cast(sa.func.sum(each.c.features), sa.BigInteger)
        rows = sa.select(each.c.stretch, sa.literal(one.name), value.c.value, features)
        counted.append(rows.select_from(each.join(value, sa.true())).group_by(each.c.stretch, value.c.value))
    return counted


def _stretch(table: sa.Table, layer: Layer) -> sa.Label[int]:
    return (table.c[layer.key_field] // sa.literal(STRETCH, literal_execute=True)).label("stretch")


def _is_current(table: sa.Table) -> ColumnElement[bool]:
    return table.c.state == State.CURRENT


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
