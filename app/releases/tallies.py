"""The tallies of a layer's current rows: features by the values of some fields, written at each publication."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from app.db.base import table_of
from app.releases.lists import write_lists
from app.releases.models import Release, Tally, TallyPart, TallyRun
from app.releases.states import State
from gis.layer import Layer
from gis.tallies import STRETCH

_TALLIES, _PARTS, _RUNS = table_of(Tally), table_of(TallyPart), table_of(TallyRun)


def write_tallies(connection: sa.Connection, table: sa.Table, layer: Layer, release: int) -> None:
    """Write all tallies of a layer anew for a release, in the caller's transaction."""
    of_layer = _TALLIES.c.layer == layer.id
    connection.execute(sa.delete(_RUNS).where(_RUNS.c.tally == _TALLIES.c.number, of_layer))
    connection.execute(sa.delete(_TALLIES).where(of_layer))
    write_lists(connection, table, layer, release)
    if not _texts(layer):
        return
    by_value = _counted(table, layer).cte("counted").prefix_with("MATERIALIZED")
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
    """Write the tallies of a layer anew whose last release has not all that are kept now; whether so.

    They are of other fields, of another vocabulary, or without the keys of lists, as another version wrote them. In the
    caller's transaction, which nobody publishes beside.
    """
    last = sa.select(sa.func.max(Release.number)).where(Release.layer == layer.id)
    wanted: int | None = connection.execute(last).scalar_one()
    kept = sa.exists().where(_RUNS.c.tally == _TALLIES.c.number)
    of_release = sa.and_(_TALLIES.c.layer == layer.id, _TALLIES.c.release == wanted)
    fields = set(connection.execute(sa.select(_TALLIES.c.field).distinct().where(of_release)).scalars())
    held = sa.and_(of_release, _TALLIES.c.field.in_(layer.listed_fields), _TALLIES.c.value.is_not(None))
    keyless = connection.execute(sa.select(sa.exists().where(held, ~kept))).scalar_one()
    if wanted is None or (fields == {*layer.tallied_fields, *layer.concept_tallies.values()} and not keyless):
        return False
    write_tallies(connection, table, layer, wanted)
    connection.execute(sa.delete(_RUNS).where(~sa.exists().where(_TALLIES.c.number == _RUNS.c.tally)))
    return True


def _texts(layer: Layer) -> list[str]:
    """The tallied fields that are no lists, in order."""
    return sorted(layer.tallied_fields - layer.listed_fields)


def _counted(table: sa.Table, layer: Layer) -> sa.Select[Any]:
    """Stretch, field, value and number of features, of all fields in one pass. A missing value is null."""
    stretch, number = _stretch(table, layer), sa.func.count().label("features")
    texts = [table.c[name] for name in _texts(layer)]
    is_of = [sa.func.grouping(column) == 0 for column in texts]
    name = sa.case(*((of, sa.literal(column.name)) for of, column in zip(is_of, texts, strict=True)))
    held = sa.case(*zip(is_of, texts, strict=True))
    sets = sa.func.grouping_sets(*(sa.tuple_(stretch.element, column) for column in texts))
    rows = sa.select(stretch, name.label("field"), held.label("value"), number)
    return rows.where(_is_current(table)).group_by(sets)


def _stretch(table: sa.Table, layer: Layer) -> sa.Label[int]:
    return (table.c[layer.key_field] // sa.literal(STRETCH, literal_execute=True)).label("stretch")


def _is_current(table: sa.Table) -> ColumnElement[bool]:
    return table.c.state == State.CURRENT


def _tallied(layer: Layer, by_value: sa.CTE, release: int) -> sa.Insert:
    """Each value with its features; and a row for the features without one of each field, though there be none."""
    fields = sa.values(sa.column("field", sa.Text), name="known").data([(one,) for one in _texts(layer)])
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
