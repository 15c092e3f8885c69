"""One compiler from the tree of a CQL2 filter to a SQLAlchemy condition; every literal is a bound value.

Logic is three-valued as in SQL and the standard: a comparison with a missing value is neither true nor false. Where the
standard leaves room, this holds: text is ordered by code point; a date compared with a time is its first moment, inside
a temporal function its whole day; an instant is an interval of no length. A field with a hierarchical vocabulary equals
a concept if its value is the concept or a narrower one; this holds for =, <>, IN and the array functions. A list field
equals a text if one of its values does.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from gis.crs import CRS84, CoordinateSystem
from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.filters import arrays, literals, spatial, temporal
from gis.filters.operands import KIND_OF_FIELD, Kind, Operand, Values, described
from gis.filters.parse import FilterTree
from gis.filters.text import accenti, casei, code_points
from gis.layer import Field, Layer

Condition = ColumnElement[bool]
Columns = Mapping[str, ColumnElement[Any]]
Narrower = Callable[[Field, str], Sequence[str]]
"""A concept's value of a field and those of all narrower concepts; the value alone where it is in no vocabulary."""

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_EQUALITY = frozenset({"=", "<>"})
_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^", "div"})
_GEOMETRIES = frozenset({"geometry", "geom", "the_geom"})  # what the geometry is called elsewhere
_FOLDS = {"casei": casei, "accenti": accenti}


@dataclass(frozen=True, slots=True)
class Conjunct:
    """One of the conditions that must all hold.

    equated: the field whose value must be among given ones for it to hold, if there is one; a list, if one of its
    values must. is_fixed: it is one value. concept: the broader concept, bound, that the values of a list are given by.
    """

    condition: Condition
    equated: str | None = None
    is_fixed: bool = False
    concept: ColumnElement[str] | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that must all hold, the values they bind, and what they look like without them.

    Equal shapes make equal statements.
    """

    conjuncts: tuple[Conjunct, ...]
    values: Mapping[str, Any]
    shape: Any

    @property
    def condition(self) -> Condition:
        """All of it as one condition."""
        return sa.and_(sa.true(), *(one.condition for one in self.conjuncts))

    @classmethod
    def of(cls, condition: Condition, values: Mapping[str, Any], shape: Any) -> "Filter":
        """A filter of one condition."""
        return cls((Conjunct(condition),), values, shape)


def same(field: Field, value: str) -> Sequence[str]:
    """The hierarchy of a layer without one: each value stands for itself."""
    return (value,)


class FilterCompiler:
    """Compiles filters on the public fields and the geometry of one layer.

    columns: of the layer's rows by name. narrower: the hierarchy of the vocabularies.
    """

    def __init__(self, layer: Layer, columns: Columns, narrower: Narrower = same) -> None:
        self.layer = layer
        self._columns = columns
        self._narrower = narrower

    def compile(
        self, tree: FilterTree, *, system: CoordinateSystem = CRS84, parameter: str = "filter", prefix: str = "f"
    ) -> Filter:
        """The condition of a tree. Raises InvalidParameterError that names what is wrong.

        system: what the coordinates of its geometries are in. prefix: start of the names of the bound values.
        """
        values = Values(prefix)
        scope = _Scope(self.layer, self._columns, self._narrower, system, parameter, values)
        conjuncts = tuple(scope.conjunct(part) for part in _conjuncts(tree))
        told = tuple((one.is_fixed, one.concept is not None) for one in conjuncts)
        return Filter(
            conjuncts, values.bound, (prefix, _shape(tree), told, tuple(len(one) == 1 for one in scope.concepts_met))
        )


class _Scope:
    """The compilation of one tree."""

    def __init__(
        self,
        layer: Layer,
        columns: Columns,
        narrower: Narrower,
        system: CoordinateSystem,
        parameter: str,
        values: Values,
    ) -> None:
        self.layer = layer
        self.parameter = parameter
        self.values = values
        self.concepts_met: list[tuple[str, ...]] = []  # the values of each concept something was compared with
        self._columns = columns
        self._narrower = narrower
        self._system = system
        self._operators: Mapping[str, Callable[[str, list[Any]], Condition]] = {
            **dict.fromkeys(("and", "or"), self._junction),
            **dict.fromkeys(_FLIPPED, self._comparison),
            **dict.fromkeys(spatial.FUNCTIONS, self._spatial),
            **dict.fromkeys(temporal.RELATIONS, self._temporal),
            **dict.fromkeys(arrays.FUNCTIONS, self._array),
            "not": self._not,
            "like": self._like,
            "between": self._between,
            "in": self._in,
            "isnull": self._is_null,
        }

    def conjunct(self, tree: FilterTree) -> Conjunct:
        """A part of the tree that must hold."""
        before = len(self.concepts_met)
        condition, met = self.condition(tree), self.concepts_met[before:]
        equated, is_one = _equated(tree, self.layer.listed_fields)
        concept = self.layer.concepts.get(equated or "", {}).get(met[0]) if is_one and len(met) == 1 else None
        bound = None if concept is None else self.values.bind(concept, sa.Text)
        return Conjunct(condition, equated, is_one and all(len(one) == 1 for one in met), bound)

    def condition(self, tree: FilterTree) -> Condition:
        """A part of the tree that is true or false."""
        if isinstance(tree, bool):
            return sa.true() if tree else sa.false()
        if not (isinstance(tree, dict) and isinstance(tree.get("op"), str)):
            operand = self.operand(tree)
            if operand.kind is not Kind.BOOLEAN:
                raise self.wrong(f"{operand.told} is no condition; compare it with something")
            return operand.sql
        name, arguments = tree["op"].lower(), tree.get("args", [])
        if name not in self._operators:
            raise self.wrong(self._unknown(tree["op"]))
        return self._operators[name](name, arguments)

    def operand(self, node: FilterTree, wanted: Kind | None = None) -> Operand:
        """A part of the tree that has a value. wanted: what a text stands for, where it could be a date or time."""
        if isinstance(node, dict):
            return self._composed(node)
        if isinstance(node, bool):
            return Operand(self.values.bind(node, sa.Boolean), Kind.BOOLEAN, described(node))
        if isinstance(node, str):
            return self._text(node, wanted)
        if isinstance(node, (int, float)):
            number = literals.number(node, self.parameter)
            type_: Any = sa.BigInteger if isinstance(number, int) else sa.Double
            return Operand(self.values.bind(number, type_), Kind.NUMBER, described(node))
        if isinstance(node, list):
            raise self.wrong("a list can only stand on the right of IN and in the array functions")
        raise self.wrong("there is no null to compare with; use IS NULL")

    def wrong(self, told: str) -> InvalidParameterError:
        """The error that says what is wrong with the filter."""
        return InvalidParameterError(self.parameter, f"{self.parameter}: {told}.")

    def arguments(self, name: str, given: Any, count: int) -> list[Any]:
        """The arguments of an operator. Raises InvalidParameterError unless there are that many."""
        if not isinstance(given, list) or len(given) != count:
            number = len(given) if isinstance(given, list) else 1
            raise self.wrong(f"{name.upper()} takes {count} argument{'s' if count > 1 else ''}, not {number}")
        return given

    def texts(self, field: Field | None, node: Any, name: str) -> list[str]:
        """The texts of a list literal. Raises InvalidParameterError for anything else in it."""
        if not isinstance(node, list) or not all(isinstance(one, str) for one in node):
            raise self.wrong(f"{name.upper()} takes a list of texts as in ('gold', 'tin')")
        return [literals.text(one, self.parameter) for one in node]

    def concepts(self, field: Field | None, value: str) -> tuple[str, ...]:
        """A value with its narrower concepts, where the field has a vocabulary."""
        found = tuple(self._narrower(field, value)) if field and field.vocabulary else (value,)
        self.concepts_met.append(found)
        return found

    def _composed(self, node: dict[str, Any]) -> Operand:
        if "property" in node:
            return self._property(node["property"])
        if literals.is_geometry(node):
            shape = literals.geometry(node, self._system, self.parameter)
            return Operand(spatial.bound(shape, self.values, self.layer.srid), Kind.GEOMETRY, "a geometry")
        if "date" in node:
            day = literals.day(node["date"], self.parameter)
            return Operand(self.values.bind(day, sa.Date), Kind.DATE, described(node["date"]))
        if "timestamp" in node:
            moment = literals.timestamp(node["timestamp"], self.parameter)
            return Operand(
                self.values.bind(moment, sa.DateTime(timezone=True)), Kind.TIMESTAMP, described(node["timestamp"])
            )
        name = str(node.get("op", "")).lower()
        if name in _FOLDS:
            (inner,) = self.arguments(name, node.get("args"), 1)
            operand = self.operand(inner)
            if operand.kind is not Kind.TEXT:
                raise self.wrong(f"{name.upper()} takes text, and {operand.told} is {operand.kind}")
            return Operand(_FOLDS[name](operand.sql), Kind.TEXT, operand.told, is_literal=operand.is_literal)
        if "interval" in node:
            raise self.wrong("an INTERVAL can only be compared by the temporal functions such as T_DURING")
        if name in self._operators:
            return Operand(self.condition(node), Kind.BOOLEAN, "a condition")
        raise self.wrong(self._unknown(str(node.get("op"))) if name else "this cannot be read: " + described(node))

    def _property(self, name: Any) -> Operand:
        layer = self.layer
        if name == layer.geometry_field:
            return Operand(self._columns[name], Kind.GEOMETRY, name)
        field = layer.field(name) if isinstance(name, str) else None
        if field is None:
            close = nearest(str(name), [*(f.name for f in layer.public_fields), layer.geometry_field])
            if name in _GEOMETRIES and layer.geometry_field in self._columns:
                close = f" (its geometry is {layer.geometry_field!r})"
            raise self.wrong(f"{layer.title} has no property {name!r}{close}; the queryables list all")
        return Operand(self._columns[name], KIND_OF_FIELD[field.type], field.name, field=field)

    def _text(self, value: str, wanted: Kind | None) -> Operand:
        if wanted is Kind.DATE:
            return self._composed({"date": value})
        if wanted is Kind.TIMESTAMP:
            return self._composed({"timestamp": value} if "T" in value.upper() else {"date": value})
        bound = self.values.bind(literals.text(value, self.parameter), sa.Text)
        return Operand(bound, Kind.TEXT, described(value), is_literal=True)

    def _unknown(self, name: str) -> str:
        if name in _ARITHMETIC:
            return f"arithmetic ({name}) is not supported"
        known = sorted({*self._operators, *_FOLDS})
        return f"there is no operator or function {name[:60]!r}{nearest(name.lower(), known)}"

    def _junction(self, name: str, given: Any) -> Condition:
        if not isinstance(given, list) or len(given) < 2:
            raise self.wrong(f"{name.upper()} joins at least two conditions")
        parts = [self.condition(one) for one in given]
        return sa.and_(*parts) if name == "and" else sa.or_(*parts)

    def _not(self, name: str, given: Any) -> Condition:
        (inner,) = self.arguments(name, given, 1)
        return sa.not_(self.condition(inner).self_group())

    def _is_null(self, name: str, given: Any) -> Condition:
        (inner,) = self.arguments("IS NULL", given, 1)
        return self.operand(inner).sql.is_(sa.null())

    def _comparison(self, name: str, given: Any) -> Condition:
        left, right = self.arguments(name, given, 2)
        if not _is_property(left) and _is_property(right):
            left, right, name = right, left, _FLIPPED[name]
        one, two = self._pair(left, right)
        if one.kind is Kind.LIST:
            return self._of_list(name, one, right)
        if one.kind in (Kind.BOOLEAN, Kind.GEOMETRY) and name not in _EQUALITY:
            raise self.wrong(f"{one.told} is {one.kind}, which has no order")
        if name in _EQUALITY and one.field and one.field.vocabulary and isinstance(right, str):
            equal = self._is_concept(one.field, one.sql, right)
            return equal if name == "=" else sa.not_(equal)
        if one.kind is Kind.TEXT and name not in _EQUALITY:
            return code_points(one.sql).bool_op(name)(code_points(two.sql))
        return one.sql.bool_op(name)(two.sql)

    def _is_concept(self, field: Field, sql: ColumnElement[Any], text: str) -> Condition:
        """Whether a value is a concept or a narrower one. One value is told as one: an index then keeps its order."""
        concepts = self.concepts(field, text)
        if len(concepts) == 1:
            return sql == self.values.bind(concepts[0], sa.Text)
        return sql == sa.any_(self.values.bind(list(concepts), ARRAY(sa.Text)))

    def _of_list(self, name: str, one: Operand, value: Any) -> Condition:
        """A list field compared with one text: true if any of its values is that."""
        if name not in _EQUALITY or not isinstance(value, str):
            raise self.wrong(f"{one.told} is a list: compare it by =, IN or the array functions such as A_CONTAINS")
        concepts = self.concepts(one.field, literals.text(value, self.parameter))
        meets = one.sql.bool_op("&&")(self.values.bind(list(concepts), ARRAY(sa.Text)))
        return meets if name == "=" else sa.not_(meets)

    def _pair(self, left: Any, right: Any) -> tuple[Operand, Operand]:
        """Two operands of one kind. Raises InvalidParameterError that names both."""
        one = self.operand(left)
        two = self.operand(right, one.kind)
        if one.kind is Kind.TEXT and two.kind in (Kind.DATE, Kind.TIMESTAMP) and isinstance(left, str):
            one = self.operand(left, two.kind)
        kinds = {one.kind, two.kind}
        if kinds == {Kind.DATE, Kind.TIMESTAMP}:
            return temporal.as_moment(one), temporal.as_moment(two)
        if len(kinds) == 1 or (one.kind is Kind.LIST and isinstance(right, str)):
            return one, two
        raise self.wrong(f"{one.told} is {one.kind} and cannot be compared with {two.told}, which is {two.kind}")

    def _like(self, name: str, given: Any) -> Condition:
        left, right = self.arguments(name, given, 2)
        one, two = self.operand(left), self.operand(right)
        if one.kind is not Kind.TEXT or two.kind is not Kind.TEXT or not two.is_literal:
            raise self.wrong("LIKE compares text with a pattern as in name LIKE 'Grasberg%'")
        pattern = _innermost(right)
        if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
            raise self.wrong(f"the pattern {described(pattern)} ends in a backslash that escapes nothing")
        return one.sql.bool_op("LIKE")(two.sql)

    def _between(self, name: str, given: Any) -> Condition:
        middle, low, high = self.arguments(name, given, 3)
        return sa.and_(self._comparison(">=", [middle, low]), self._comparison("<=", [middle, high]))

    def _in(self, name: str, given: Any) -> Condition:
        left, listed = self.arguments(name, given, 2)
        if not isinstance(listed, list) or not listed:
            raise self.wrong("IN takes a list of at least one value as in (1, 2)")
        one = self.operand(left)
        if one.kind in (Kind.TEXT, Kind.LIST) and one.field and all(isinstance(item, str) for item in listed):
            wanted = [
                concept for item in self.texts(one.field, listed, name) for concept in self.concepts(one.field, item)
            ]
            bound = self.values.bind(wanted, ARRAY(sa.Text))
            return one.sql.bool_op("&&")(bound) if one.kind is Kind.LIST else one.sql == sa.any_(bound)
        return sa.or_(*(self._comparison("=", [left, item]) for item in listed))

    def _spatial(self, name: str, given: Any) -> Condition:
        left, right = (self.operand(one) for one in self.arguments(name, given, 2))
        for one in (left, right):
            if one.kind is not Kind.GEOMETRY:
                raise self.wrong(f"{name.upper()} takes geometries, and {one.told} is {one.kind}")
        return spatial.FUNCTIONS[name](left.sql, right.sql)

    def _temporal(self, name: str, given: Any) -> Condition:
        left, right = self.arguments(name, given, 2)
        return temporal.RELATIONS[name](*temporal.aligned(self._period(name, left), self._period(name, right)))

    def _period(self, name: str, node: Any) -> temporal.Period:
        """The start and end of an instant or interval."""
        if isinstance(node, dict) and "interval" in node:
            ends = node["interval"]
            if not isinstance(ends, list) or len(ends) != 2:
                raise self.wrong("an INTERVAL has two ends")
            start, end = (
                self._end(name, one, open_) for one, open_ in zip(ends, (literals.START, literals.END), strict=True)
            )
            if all(isinstance(one, str) and one != ".." for one in ends) and ends[0] > ends[1]:
                raise self.wrong(f"the INTERVAL ends ({ends[1]}) before it starts ({ends[0]})")
            return temporal.Period(start, end)
        instant = self._instant(name, node)
        return temporal.Period(instant, instant)

    def _end(self, name: str, node: Any, open_: str) -> Operand:
        if node == "..":
            return Operand(self.values.bind(open_, sa.Text), Kind.OPEN, "an open end")
        return self._instant(name, node)

    def _instant(self, name: str, node: Any) -> Operand:
        found = self.operand(node, Kind.TIMESTAMP)
        if found.kind not in (Kind.DATE, Kind.TIMESTAMP):
            raise self.wrong(f"{name.upper()} takes dates and times, and {found.told} is {found.kind}")
        return found

    def _array(self, name: str, given: Any) -> Condition:
        left, right = self.arguments(name, given, 2)
        if isinstance(left, list):
            left, right, name = right, left, arrays.FLIPPED[name]
        one = self.operand(left)
        if one.kind is not Kind.LIST:
            raise self.wrong(f"{name.upper()} takes a list, and {one.told} is {one.kind}")
        if not isinstance(right, list):
            two = self.operand(right)
            if two.kind is not Kind.LIST:
                raise self.wrong(f"{name.upper()} takes a list, and {two.told} is {two.kind}")
            return arrays.of_lists(name, one.sql, two.sql)
        groups = [self.concepts(one.field, item) for item in self.texts(one.field, right, name)]
        return arrays.FUNCTIONS[name](one.sql, groups, self.values)


def _conjuncts(tree: FilterTree) -> list[FilterTree]:
    """The parts of a tree that must all hold. A list that contains several texts contains each of them."""
    name, given = (str(tree.get("op")).lower(), tree.get("args")) if isinstance(tree, dict) else ("", None)
    if not isinstance(given, list) or len(given) < 2:  # this is told as a mistake where it is compiled
        return [tree]
    if name == "a_contains" and len(given) == 2 and isinstance(given[1], list) and len(given[1]) > 1:
        return [{"op": name, "args": [given[0], [text]]} for text in given[1]]
    return [part for one in given for part in _conjuncts(one)] if name == "and" else [tree]


def _equated(tree: FilterTree, lists: Container[str]) -> tuple[str | None, bool]:
    """Name of the field that a tree demands to equal or hold a text or one of several; whether it is one text.

    lists: names of fields whose values are lists. One text behind IN is told as one of several to other fields, as its
    condition has the form for several.
    """
    if not isinstance(tree, dict) or not isinstance(tree.get("args"), list) or len(tree["args"]) != 2:
        return None, False
    name, given = str(tree.get("op")).lower(), tree["args"]
    one, two = given if _is_property(given[0]) or name == "a_contains" else reversed(given)
    if not _is_property(one) or name not in ("=", "in", "a_contains", "a_overlaps"):
        return None, False
    texts = two if name != "=" and isinstance(two, list) else [two]
    is_one = len(texts) == 1 and (name != "in" or one["property"] in lists)
    is_told = bool(texts) and all(isinstance(text, str) for text in texts)  # of no text every list contains all
    return (one["property"], is_one) if is_told else (None, False)


def _is_property(node: Any) -> bool:
    return isinstance(node, dict) and "property" in node


def _innermost(node: Any) -> str:
    """The text inside CASEI and ACCENTI."""
    while isinstance(node, dict):
        node = node["args"][0]
    return str(node)


def _shape(node: Any) -> Any:
    """What a tree looks like without its literals' values, as far as the statement depends on it."""
    if isinstance(node, dict):
        return _shape_of_object(node)
    if isinstance(node, list):
        return tuple(map(_shape, node))
    if isinstance(node, str):
        # A text compared with a time may be a date or a time.
        return ".." if node == ".." else "time" if node[10:11] in ("T", "t") else "text"
    if isinstance(node, float):
        return "integer" if node.is_integer() and abs(node) < 2**63 else "number"
    return node if isinstance(node, bool) else type(node).__name__


def _shape_of_object(node: dict[str, Any]) -> Any:
    if literals.is_geometry(node):
        return "geometry"
    if "property" in node:
        return ("property", node["property"])
    return tuple((key, one if key == "op" else _shape(one)) for key, one in node.items())
