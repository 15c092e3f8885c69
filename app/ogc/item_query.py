"""The question a request for items asks: its parameters, read strictly, as a gis.query.Query."""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import shapely
from cachetools import LRUCache
from starlette.datastructures import QueryParams

from app.ogc.parameters import (
    FILTER_LANGUAGES,
    OF_A_DOCUMENT,
    check_names,
    read_corners,
    read_datetime,
    read_file_limit,
    read_filter_language,
    read_flag,
    read_limit,
    read_moment,
)
from gis.asked import columns
from gis.crs import CRS84, CoordinateSystem, named
from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.filters import Concepts, Filter, FilterCompiler, FilterTree, search
from gis.geojson import WHOLE, Output
from gis.layer import BBox, Field, FieldType, Layer, LayerState
from gis.ogcapi.features import RESERVED
from gis.paging import SortKey, is_sortable, read_cursor
from gis.query import Query

OF_AN_ITEM = OF_A_DOCUMENT | {"crs", "asOf"}

CONCEPTS = {"commodity": "commodityCodes"}
"""What may be compared with a concept by code, URI or name, as a parameter and by =, <> and IN in a filter, though the
field of that name is a text; and the field whose vocabulary the concept is of."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,300}\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LISTED = frozenset({FieldType.NUMBER, FieldType.INTEGER, FieldType.STRINGS})
_MOST_SORT_KEYS = 5
_FILTERS = 256  # kept compiled


class ItemQueries:
    """Reads the queries of one layer.

    systems: coordinate systems by URI. concepts: hierarchy of the vocabularies.
    """

    def __init__(self, layer: Layer, systems: Mapping[str, CoordinateSystem], concepts: Concepts) -> None:
        self._layer = layer
        self._systems = systems
        self._concepts = concepts
        self._columns = columns(layer)
        self._compiler = FilterCompiler(layer, self._columns, concepts)
        self._kept: LRUCache[Any, Filter] = LRUCache(_FILTERS)
        self._concept_fields = {
            name: found for name, target in CONCEPTS.items() if (found := layer.field(target)) and found.vocabulary
        }
        self._known = RESERVED | {f.name for f in layer.public_fields} | self._concept_fields.keys()

    def read(self, parameters: QueryParams, state: LayerState, *, paged: bool = True) -> Query:
        """The query of a request's parameters. paged: whether it asks for a page, not for a file, which has no bound.

        Raises InvalidParameterError that names the parameter.
        """
        check_names(parameters, self._known)
        given = parameters.get
        sort = self._sort(given("sortby"))
        cursor = given("cursor")
        bbox, outlined = self._box(given("bbox"), given("bbox-crs"))
        return Query(
            limit=read_limit(given("limit")) if paged else read_file_limit(given("limit")),
            bbox=bbox,
            after=None if cursor is None else read_cursor(cursor, sort),
            filters=(*outlined, *self._filters(parameters)),
            sort=sort,
            output=self._output(parameters),
            as_of=read_moment(given("asOf"), "asOf"),
            edition=str(state.release),
            total=state.count,
        )

    def read_item(self, parameters: QueryParams) -> Query:
        """The output and moment of a request for one feature. Raises InvalidParameterError."""
        check_names(parameters, OF_AN_ITEM)
        output = Output(crs=self._system(parameters.get("crs"), "crs")) if "crs" in parameters else WHOLE
        return Query(limit=None, output=output, as_of=read_moment(parameters.get("asOf"), "asOf"))

    def _filters(self, parameters: QueryParams) -> list[Filter]:
        # Language and system may be wrong also where there is no filter they are of.
        language = read_filter_language(parameters.get("filter-lang"))
        system = self._system(parameters.get("filter-crs"), "filter-crs")
        made: dict[Any, Callable[[], Filter | None]] = {}
        for name, text in parameters.items():
            if name == "filter":
                made[name, text, language, system.uri] = partial(self._filter, text, language, system)
            elif name == "q":
                made[name, text] = partial(search, self._layer, self._columns, text)
            elif name == "datetime":
                made[name, text] = partial(self._time, text)
            elif name not in RESERVED:
                made[name, text] = partial(self._equal, name, text)
        return [one for key, make in made.items() if (one := self._once(key, make)) is not None]

    def _once(self, key: Any, make: Callable[[], Filter | None]) -> Filter | None:
        """A filter made before, or made now: who walks through pages asks for the same each time."""
        found = self._kept.get(key) or make()
        if found is not None:
            self._kept[key] = found
        return found

    def _filter(self, text: str, language: str, system: CoordinateSystem) -> Filter:
        return self._compiler.compile(self._with_concepts(FILTER_LANGUAGES[language](text)), system=system)

    def _with_concepts(self, tree: FilterTree) -> FilterTree:
        """The tree in which a text field that is compared with a concept stands for the field of its vocabulary."""
        if not isinstance(tree, dict) or not isinstance(tree.get("args"), list):
            return tree
        name, arguments = str(tree.get("op")).lower(), tree["args"]
        if name in ("=", "<>", "in") and len(arguments) == 2:
            one, two = arguments if isinstance(arguments[0], dict) else reversed(arguments)
            field = self._concept_fields.get(one["property"]) if _is_bare(one) else None
            if field is not None:
                return self._compared(tree, name, field, two)
        return {**tree, "args": [self._with_concepts(one) for one in arguments]}

    def _compared(self, tree: FilterTree, name: str, field: Field, given: Any) -> FilterTree:
        texts = given if isinstance(given, list) else [given]
        terms = {one: self._concepts.named(field.vocabulary or "", one) for one in texts if isinstance(one, str)}
        codes = [term.code for term in terms.values() if term is not None]
        others = [one for one in texts if not isinstance(one, str) or terms[one] is None]
        if not codes:
            return tree
        of_concepts: FilterTree = {"op": "in", "args": [{"property": field.name}, codes]}
        if name == "<>":
            return {"op": "not", "args": [of_concepts]}
        if not others:
            return of_concepts
        return {"op": "or", "args": [of_concepts, {**tree, "args": [tree["args"][0], others]}]}

    def _equal(self, name: str, text: str) -> Filter:
        """The condition of a parameter that names a vocabulary or a field."""
        tree: FilterTree
        if (of := self._concept_fields.get(name)) is not None and not self._is_text_of(name, of, text):
            tree = {"op": "in", "args": [{"property": of.name}, [self._concept(name, of, text)]]}
        else:
            tree = equals(self._field(name, name), text)
        return self._compiler.compile(tree, parameter=name, prefix=f"p_{name}_")

    def _is_text_of(self, name: str, of: Field, text: str) -> bool:
        """Whether a text is one the field of that name holds: concepts with commas between."""
        parts = [part.strip() for part in text.split(",")]
        known = self._layer.field(name) is not None and len(parts) > 1
        return known and all(self._concepts.named(of.vocabulary or "", part) for part in parts)

    def _concept(self, name: str, field: Field, text: str) -> str:
        vocabulary = field.vocabulary or ""
        term = self._concepts.named(vocabulary, text)
        if term is None:
            close = nearest(text[:60], self._concepts.labels(vocabulary))
            raise InvalidParameterError(name, f"{name}: {text[:60]!r} is not in the vocabulary {vocabulary}{close}.")
        return term.code

    def _time(self, text: str) -> Filter | None:
        """The condition of datetime: features without a time match always."""
        interval = read_datetime(text)
        field = self._layer.time_field
        if field is None or interval is None:
            return None
        start, end = (_end(one) for one in interval)
        instant = start if "/" not in text else None
        period = _literal(instant) if instant else {"interval": [start or "..", end or ".."]}
        meets = {"op": "t_intersects", "args": [{"property": field}, period]}
        always = {"op": "isNull", "args": [{"property": field}]}
        tree = {"op": "or", "args": [meets, always]}
        return self._compiler.compile(tree, parameter="datetime", prefix="d")

    def _box(self, text: str | None, uri: str | None) -> tuple[BBox | None, tuple[Filter, ...]]:
        """The box in degrees, or the condition of one that is no box in degrees."""
        system = self._system(uri, "bbox-crs")
        corners = read_corners(text)
        if corners is None:
            return None, ()
        if system.keeps_boxes:
            return system.box_to_degrees(corners, "bbox"), ()
        outline = json.loads(shapely.to_geojson(system.outline(corners, "bbox")))
        tree = {"op": "s_intersects", "args": [{"property": self._layer.geometry_field}, outline]}
        return None, (self._compiler.compile(tree, parameter="bbox", prefix="b"),)

    def _sort(self, text: str | None) -> tuple[SortKey, ...]:
        if text is None:
            return ()
        keys = tuple(self._sort_key(part.strip()) for part in text.split(","))
        if len(keys) > _MOST_SORT_KEYS or len({key.field.name for key in keys}) < len(keys):
            raise InvalidParameterError("sortby", f"sortby takes at most {_MOST_SORT_KEYS} fields, each once.")
        return keys

    def _sort_key(self, text: str) -> SortKey:
        name = text[1:] if text[:1] in ("+", "-") else text
        return SortKey(self._field(name, "sortby", sortable=True), descending=text.startswith("-"))

    def _field(self, name: str, parameter: str, *, sortable: bool = False) -> Field:
        fields = [f for f in self._layer.public_fields if not sortable or is_sortable(f)]
        found = next((f for f in fields if f.name == name), None)
        if found is None:
            close = nearest(name[:60], [f.name for f in fields])
            raise InvalidParameterError(
                parameter, f"{parameter}: {self._layer.title} has no property {name[:60]!r} to use here{close}."
            )
        return found

    def _output(self, parameters: QueryParams) -> Output:
        if not {"properties", "skipGeometry", "crs"} & parameters.keys():
            return WHOLE
        wanted = parameters.get("properties")
        names = None
        if wanted is not None:
            asked = {self._field(part.strip(), "properties").name for part in wanted.split(",") if part.strip()}
            names = tuple(f.name for f in self._layer.public_fields if f.name in asked)
        return Output(
            properties=names,
            geometry=not read_flag(parameters.get("skipGeometry"), "skipGeometry"),
            crs=self._system(parameters.get("crs"), "crs"),
        )

    def _system(self, uri: str | None, parameter: str) -> CoordinateSystem:
        return CRS84 if uri is None else named(uri, self._systems, parameter)


def _is_bare(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("property"), str)


def equals(field: Field, text: str) -> FilterTree:
    """That a field has a value given as a parameter; of lists and numbers several with commas between."""
    wanted: list[Any] = [text]
    if field.type in _LISTED or field.vocabulary:
        wanted = [part.strip() for part in text.split(",")]
    values = [_value(field, one) for one in wanted]
    if len(values) > 1 or field.type is FieldType.STRINGS:
        return {"op": "in", "args": [{"property": field.name}, values]}
    return {"op": "=", "args": [{"property": field.name}, values[0]]}


def _value(field: Field, text: str) -> Any:
    if field.type in (FieldType.NUMBER, FieldType.INTEGER):
        if not _NUMBER.fullmatch(text):
            raise InvalidParameterError(field.name, f"{field.name} is a number, not {text[:60]!r}.")
        return float(text)
    if field.type is FieldType.BOOLEAN:
        return read_flag(text, field.name)
    return text


def _end(text: str) -> str:
    """An end of an interval with its zone."""
    return f"{text}Z" if len(text) > 10 and not re.search(r"(?:[Zz]|[+-]\d\d:\d\d)$", text) else text


def _literal(text: str) -> FilterTree:
    return {"timestamp": text} if len(text) > 10 else {"date": text}
