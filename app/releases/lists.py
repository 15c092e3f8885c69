"""The tallies of a layer's lists: features by each value and each broader concept, and the keys of these features.

The database tells which feature has which value; they are put in order here: a list has several values, and a value is
of several concepts, so that the database would sort each feature many times.
"""

import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from app.db.base import table_of
from app.db.copying import read_numbers, write_binary, write_numbers
from app.releases.models import Tally, TallyPart, TallyRun
from app.releases.states import State
from gis.layer import Layer
from gis.runs import KEYS
from gis.tallies import STRETCH

_TALLIES, _PARTS, _RUNS = table_of(Tally), table_of(TallyPart), table_of(TallyRun)
_SPAN = 1 << 20  # keys that are worked on at a time: a whole number of stretches

# A row of keys in PostgreSQL's binary COPY: three values with their sizes, the last the head of an array of items.
_HEAD = struct.Struct(">h ii ii iiiiii")
_OF_ARRAY = 5 * 4  # bytes of the head that are the array's
_ITEM = np.dtype([("size", ">i4"), ("key", ">i2")])
_SMALLINT = 21  # PostgreSQL's number of the type of the items

_Keys = npt.NDArray[np.int64]
_Numbers = dict[tuple[str, str | None], int]  # of tallies, by what they are told as: field and value


def write_lists(connection: sa.Connection, table: sa.Table, layer: Layer, release: int) -> None:
    """Write the tallies of all lists of a layer for a release, of which there are none, in the caller's transaction.

    None is the value of a list that is empty, missing or holds a null; its tally is there even if it is of no feature.
    """
    for name in sorted(layer.listed_fields):
        numbers = _new_tallies(connection, table, layer, name, release)
        without = {number for (_, value), number in numbers.items() if value is None}
        concepts = _concepts(layer, name, numbers)
        features = Counter[int]()
        for pairs in _pairs(connection, table, layer, name, numbers[name, None]):
            held = _held(pairs, concepts)
            features.update({tally: len(keys) for tally, keys in held.items()})
            _write_shares(connection, pairs["key"].astype(np.int64), held)
            runs = (run for tally, keys in held.items() if tally not in without for run in _runs(tally, keys))
            write_binary(connection, _RUNS.fullname, ("tally", "run", "keys"), runs)
        counted = sa.update(_TALLIES).where(_TALLIES.c.number == sa.bindparam("tally"))
        found = [{"tally": tally, "found": number} for tally, number in features.items()]
        if found:
            connection.execute(counted.values(features=sa.bindparam("found")), found)


def _new_tallies(connection: sa.Connection, table: sa.Table, layer: Layer, name: str, release: int) -> _Numbers:
    """The tallies of the values of a list that are in use, of the concepts they are of, and of no value at all."""
    used = sa.select(sa.func.unnest(table.c[name])).where(_is_current(table)).distinct()
    values = {*connection.execute(used).scalars()} - {None}
    told: list[tuple[str, str | None]] = [(name, value) for value in (None, *sorted(values))]
    if (of := layer.concept_tallies.get(name)) is not None:
        concepts = (concept for narrower, concept in layer.concepts[name].items() if values & {*narrower})
        told += [(of, value) for value in (None, *sorted(concepts))]
    rows = [{"layer": layer.id, "field": f, "value": v, "features": 0, "release": release} for f, v in told]
    made = sa.insert(_TALLIES).returning(_TALLIES.c.field, _TALLIES.c.value, _TALLIES.c.number)
    return {(field, value): number for field, value, number in connection.execute(made, rows)}


def _concepts(layer: Layer, name: str, numbers: _Numbers) -> dict[int, list[int]]:
    """The tallies of the values of each concept, by its own; those of no value are the same for both."""
    if (of := layer.concept_tallies.get(name)) is None:
        return {}
    members = {numbers[of, None]: [numbers[name, None]]}
    for values, concept in layer.concepts[name].items():
        if (of, concept) in numbers:
            members[numbers[of, concept]] = [numbers[name, one] for one in values if (name, one) in numbers]
    return members


def _pairs(
    connection: sa.Connection, table: sa.Table, layer: Layer, name: str, without: int
) -> Iterator[npt.NDArray[Any]]:
    """Which key is in the tally of which value, or in that of none: a part of the layer at a time."""
    key = table.c[layer.key_field]
    bounds = sa.select(sa.func.min(key), sa.func.max(key)).where(_is_current(table))
    first, last = connection.execute(bounds).one()
    held = sa.func.unnest(table.c[name]).table_valued(sa.column("value", sa.Text), name="held").render_derived()
    is_it = sa.and_(_TALLIES.c.layer == layer.id, _TALLIES.c.field == name, _TALLIES.c.value == held.c.value)
    joined = table.outerjoin(held, sa.true()).outerjoin(_TALLIES, is_it)
    tally = sa.func.coalesce(_TALLIES.c.number, without).label("tally")
    rows = sa.select(key, tally).select_from(joined).where(_is_current(table))
    for start in () if first is None else range(first // _SPAN * _SPAN, last + 1, _SPAN):
        pairs = read_numbers(connection, rows.where(key.between(start, start + _SPAN - 1)), key="i8", tally="i4")
        if len(pairs):
            yield pairs


def _held(pairs: npt.NDArray[Any], concepts: dict[int, list[int]]) -> dict[int, _Keys]:
    """The keys of each tally, each once and in their order."""
    keys, tallies = pairs["key"].astype(np.int64), pairs["tally"].astype(np.int64)
    order = np.argsort(tallies, kind="stable")
    found, starts = np.unique(tallies[order], return_index=True)
    listed = dict(zip(found.tolist(), np.split(keys[order], starts[1:]), strict=True))
    together = {of: [listed[one] for one in values if one in listed] for of, values in concepts.items()}
    together = {of: some for of, some in together.items() if some}
    return {of: _sorted(some) for of, some in ({of: [some] for of, some in listed.items()} | together).items()}


def _sorted(keys: list[_Keys]) -> _Keys:
    """Keys of a part of a layer, each once and in their order; marked in a row they need no sorting."""
    every = np.concatenate(keys)
    first = every.min()
    marks = np.zeros(every.max() - first + 1, bool)
    marks[every - first] = True
    return np.asarray(np.flatnonzero(marks) + first, np.int64)


def _write_shares(connection: sa.Connection, all_keys: _Keys, held: dict[int, _Keys]) -> None:
    """What share of the features of each stretch those of a tally are."""
    every, features = np.unique(_sorted([all_keys]) // STRETCH, return_counts=True)
    counted = {tally: np.unique(keys // STRETCH, return_counts=True) for tally, keys in held.items()}
    tallies = np.concatenate([np.full(len(stretches), tally) for tally, (stretches, _) in counted.items()])
    stretches, numbers = (np.concatenate([one[which] for one in counted.values()]) for which in (0, 1))
    shares = numbers / features[np.searchsorted(every, stretches)]
    columns = {"tally": tallies.astype("i4"), "stretch": stretches.astype("i4"), "share": shares.astype("f4")}
    write_numbers(connection, _PARTS.fullname, **columns)


def _runs(tally: int, keys: _Keys) -> Iterator[bytes]:
    """The rows of a tally's keys, run by run."""
    runs, starts = np.unique(keys // KEYS, return_index=True)
    items = np.empty(len(keys), _ITEM)
    items["size"], items["key"] = 2, keys % KEYS
    for run, piece in zip(runs.tolist(), np.split(items, starts[1:]), strict=True):
        array = (_OF_ARRAY + piece.nbytes, 1, 0, _SMALLINT, len(piece), 1)  # one dimension, no nulls, counted from 1
        yield _HEAD.pack(3, 4, tally, 4, run, *array) + piece.tobytes()


def _is_current(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.state == State.CURRENT
