"""The tallies of a layer's lists: features by each value and each broader concept, and the keys of these features.

They are written in one pass over the current rows, run by run: a list has several values, and a value is of several
concepts, so that the database would sort each feature many times.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from app.db.base import table_of
from app.db.driver import driver_of
from app.releases.models import Tally, TallyPart, TallyRun
from app.releases.states import State
from gis.layer import Layer
from gis.runs import KEYS
from gis.tallies import STRETCH

_AT_ONCE = 20_000  # rows that are read, and written, in one go
_NEXT = sa.func.nextval(sa.func.pg_get_serial_sequence(table_of(Tally).fullname, "number"))

_Told = tuple[str, str | None]  # what a tally is told as: field, and value or None
_Lists = tuple[tuple[str, ...], ...]
_TYPES = {
    Tally: {"number": "int4", "layer": "text", "field": "text", "value": "text", "features": "int4", "release": "int4"},
    TallyPart: {"tally": "int4", "stretch": "int4", "share": "float4"},
    TallyRun: {"tally": "int4", "run": "int4", "keys": "int2[]"},
}


def write_lists(connection: sa.Connection, table: sa.Table, layer: Layer, release: int) -> None:
    """Write the tallies of all lists of a layer for a release, of which there are none, in the caller's transaction.

    A list that is empty or missing has the value None, of which a tally is there even if it is of no feature.
    """
    names = sorted(layer.listed_fields)
    if not names:
        return
    numbers: dict[_Told, int] = {
        (name, None): _number(connection) for name in (*names, *layer.concept_tallies.values())
    }
    features, parts, whole = Counter[_Told](), Counter[tuple[_Told, int]](), Counter[int]()
    terms = _terms(layer, names)
    found: list[tuple[int, int, list[int]]] = []
    for run, rows in groupby(_rows(connection, table, layer, names), key=lambda row: int(row[0] // KEYS)):
        stretch, held = run * KEYS // STRETCH, dict[_Told, list[int]]()
        for key, *lists in rows:
            whole[stretch] += 1
            for told in terms(tuple(tuple(one or ()) for one in lists)):
                held.setdefault(told, []).append(key % KEYS)
        for told, keys in held.items():
            if told not in numbers:
                numbers[told] = _number(connection)
            features[told] += len(keys)
            parts[told, stretch] += len(keys)
            if told[1] is not None:
                found.append((numbers[told], run, keys))
        if len(found) >= _AT_ONCE:
            _copy(connection, TallyRun, found)
            found = []
    _copy(connection, TallyRun, found)
    _copy(connection, Tally, [(number, layer.id, *told, features[told], release) for told, number in numbers.items()])
    shares = ((numbers[told], stretch, count / whole[stretch]) for (told, stretch), count in parts.items())
    _copy(connection, TallyPart, sorted(shares))


def _terms(layer: Layer, names: Sequence[str]) -> Callable[[_Lists], Collection[_Told]]:
    """What the lists of a row are told as: their values, and the concepts these are of."""
    concepts = dict[_Told, list[_Told]]()
    for name, named in layer.concepts.items():
        for values, concept in named.items():
            for value in values:
                concepts.setdefault((name, value), []).append((layer.concept_tallies[name], concept))

    @lru_cache(_AT_ONCE)
    def terms(lists: _Lists) -> Collection[_Told]:
        held = [(name, value) for name, values in zip(names, lists, strict=True) for value in values or (None,)]
        return {*held, *(concept for one in held for concept in concepts.get(one, ()))}

    return terms


def _rows(connection: sa.Connection, table: sa.Table, layer: Layer, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Key and lists of the current rows, in the order of their keys."""
    key = table.c[layer.key_field]
    rows = sa.select(key, *(table.c[name] for name in names)).where(table.c.state == State.CURRENT).order_by(key)
    with driver_of(connection).cursor("lists", binary=True) as cursor:
        cursor.execute(str(rows.compile(connection, compile_kwargs={"literal_binds": True})))
        while found := cursor.fetchmany(_AT_ONCE):
            yield from found


def _number(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(_NEXT)).scalar_one())


def _copy(connection: sa.Connection, model: type[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    table, types = table_of(model), _TYPES[model]
    with driver_of(connection).cursor() as cursor:
        statement = f"COPY {table.fullname} ({', '.join(types)}) FROM STDIN (FORMAT binary)"
        with cursor.copy(statement) as stream:
            stream.set_types([*types.values()])
            for row in rows:
                stream.write_row(row)
