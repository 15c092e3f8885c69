"""Array functions of CQL2 on list fields. Lists are compared as sets, and each text of a literal stands for its group:
itself and, where the field has a vocabulary, all narrower concepts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from gis.filters.operands import Values

Condition = ColumnElement[bool]
List = ColumnElement[Any]
Groups = Sequence[Sequence[str]]

FLIPPED = {
    "a_contains": "a_containedby",
    "a_containedby": "a_contains",
    "a_equals": "a_equals",
    "a_overlaps": "a_overlaps",
}


def of_lists(name: str, one: List, two: List) -> Condition:
    """A function of two list fields."""
    holds: Condition = one.bool_op("@>")(two)
    held: Condition = one.bool_op("<@")(two)
    overlaps: Condition = one.bool_op("&&")(two)
    return {"a_contains": holds, "a_containedby": held, "a_equals": sa.and_(holds, held), "a_overlaps": overlaps}[name]


def _overlaps(one: List, groups: Groups, values: Values) -> Condition:
    return one.bool_op("&&")(_bound((value for group in groups for value in group), values))


def _contains(one: List, groups: Groups, values: Values) -> Condition:
    if not groups:
        # Of an empty literal every list that is there contains all.
        return one.bool_op("@>")(_bound((), values))
    return sa.and_(*(one.bool_op("&&")(_bound(group, values)) for group in groups))


def _contained_by(one: List, groups: Groups, values: Values) -> Condition:
    return one.bool_op("<@")(_bound((value for group in groups for value in group), values))


def _equals(one: List, groups: Groups, values: Values) -> Condition:
    return sa.and_(_contains(one, groups, values), _contained_by(one, groups, values))


def _bound(texts: Any, values: Values) -> List:
    return values.bind(list(texts), ARRAY(sa.Text))


FUNCTIONS: Mapping[str, Callable[[List, Groups, Values], Condition]] = {
    "a_contains": _contains,
    "a_containedby": _contained_by,
    "a_equals": _equals,
    "a_overlaps": _overlaps,
}
