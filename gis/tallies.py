"""Tallies: how many features of a layer have each value of a field, in all and as shares of its stretches.

A filter of one such field is answered with its number from them alone. In a box the number is estimated: the runs tell
how many features of each stretch are in the box, and the tally what share of the stretch matches.

No index of a list has features in the order of their keys: of each of its values the keys are kept, run by run. The
broader concepts of its vocabulary are told as values of one more field (Layer.concept_tallies).
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnElement

from gis.filters import Conjunct
from gis.layer import FieldType, Layer
from gis.runs import KEYS, share
from gis.statement import constant

STRETCH = 16 * KEYS
"""Keys a stretch spans: sixteen runs."""


def number_of(layer: Layer, field: str, condition: ColumnElement[bool]) -> sa.Select[Any]:
    """How many features of a layer a condition on one tallied field holds for."""
    table = _tallies(layer)
    return sa.select(_whole(sa.func.sum(table.c.features)).label("matched")).where(
        *_held(layer, table, field, condition)
    )


def number_in(
    layer: Layer, met: sa.FromClause, boxes: Sequence[str], field: str, condition: ColumnElement[bool]
) -> sa.Select[Any]:
    """About how many of them are in boxes. met: the runs that meet these, as gis.runs tells them."""
    table, parts = _tallies(layer), _parts(layer, "part", sa.column("stretch", sa.Integer), sa.column("share", sa.REAL))
    stretch = (met.c["run first"] // constant(STRETCH)).label("stretch")
    features = sa.func.sum(met.c["run features"] * share(met, boxes)).label("features")
    inside = sa.select(stretch, features).group_by(stretch).subquery("inside")
    joined = table.join(parts, parts.c.tally == table.c.number).join(inside, inside.c.stretch == parts.c.stretch)
    about = _whole(sa.func.sum(parts.c.share * inside.c.features))
    return sa.select(about.label("matched")).select_from(joined).where(*_held(layer, table, field, condition))


def told_as(layer: Layer, one: Conjunct) -> tuple[str, ColumnElement[bool]] | None:
    """The field that tallies tell a condition by, and the condition on its value.

    None if they do not tell it: a feature with two values of a list is in the tallies of both.
    """
    field = one.equated
    if field is None or field not in layer.tallied_fields:
        return None
    if one.concept is not None:
        name = layer.concept_tallies[field]
        return name, sa.column(name) == one.concept
    return (field, one.condition) if one.is_fixed or field not in layer.listed_fields else None


def keys_in(layer: Layer, met: sa.FromClause, one: Conjunct) -> sa.Select[Any]:
    """The keys of the features of a run, each once, that a condition on a listed field holds for. met: the run."""
    told = told_as(layer, one)
    field, condition = told or (one.equated or "", one.condition)
    table = _tallies(layer)
    kept = _parts(layer, "run", sa.column("run", sa.Integer), sa.column("keys", ARRAY(sa.SmallInteger)))
    run = sa.cast(met.c["run first"] // constant(KEYS), sa.Integer)
    fitting = sa.select(table.c.number).where(*_held(layer, table, field, condition)).scalar_subquery()
    numbers = sa.cast(sa.func.array(fitting), ARRAY(sa.Integer))
    key = (sa.cast(run, sa.BigInteger) * constant(KEYS) + sa.func.unnest(kept.c["keys"])).label(layer.key_field)
    keys = sa.select(key).where(kept.c.run == run, kept.c.tally == sa.func.any(numbers)).correlate(met)
    return keys.distinct() if told is None else keys


def _held(layer: Layer, table: sa.TableClause, field: str, condition: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    """The tallies whose value fulfils the condition on the field. A list has each of its values counted."""
    declared = layer.field(field)
    is_list = declared is not None and declared.type is FieldType.STRINGS
    value: ColumnElement[Any] = array([table.c.value], type_=ARRAY(sa.Text)) if is_list else table.c.value

    def replaced(element: Any, **_: Any) -> Any:
        return value if isinstance(element, sa.ColumnClause) and element.name == field else None

    on_value = visitors.replacement_traverse(condition, {}, replaced)
    return [table.c.layer == constant(layer.id), table.c.field == constant(field), on_value]


def _whole(number: ColumnElement[Any]) -> ColumnElement[int]:
    return sa.cast(sa.func.coalesce(number, constant(0)), sa.BigInteger)


def _tallies(layer: Layer) -> sa.TableClause:
    """The table of tallies. Raises TypeError for a layer without any."""
    if layer.tally_table is None:
        raise TypeError(f"{layer.id} has no tallies")
    schema, name = layer.tally_table
    texts = (sa.column(one, sa.Text) for one in ("layer", "field", "value"))
    return sa.table(name, sa.column("number", sa.Integer), *texts, sa.column("features", sa.Integer), schema=schema)


def _parts(layer: Layer, of: str, *columns: sa.ColumnClause[Any]) -> sa.TableClause:
    """The table of what tallies come to in each part of the layer."""
    schema, name = layer.tally_table or ("", "")
    return sa.table(f"{name}_{of}", sa.column("tally", sa.Integer), *columns, schema=schema)
