"""The slice of the statistics that a request for items asks for: its parameters, read strictly, as a Selection."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from starlette.datastructures import QueryParams

from app.ogc.item_query import equals
from app.ogc.parameters import (
    FILTER_LANGUAGES,
    OF_A_DOCUMENT,
    check_names,
    read_bbox,
    read_datetime,
    read_filter_language,
    read_limit,
)
from app.statistics.queries import observation_fields
from app.statistics.selection import CODED, Selection
from gis.errors import InvalidParameterError
from gis.filters import Concepts, Filter, FilterCompiler, FilterTree
from gis.layer import Field, FieldType, GeometryType, Layer
from gis.ogcapi.tables import PARAMETERS

CUBE = Layer(
    id="statistics",
    title="Mineral statistics",
    abstract="Figures by indicator, country, partner, commodity, code, content and year, each as its source has it. "
    "_T stands for all members of a dimension together, _X for those not named, _Z where a figure has none.",
    keywords=("statistics", "production", "trade", "reserves", "minerals"),
    geometry_type=GeometryType.POINT,
    schema="statistics",
    table="observation",
    fields=(
        Field("id", FieldType.INTEGER, "Number of the figure", required=True),
        *observation_fields(),
        Field("release", FieldType.INTEGER, "Release that brought it", required=True),
    ),
    style="",
    summary=("indicator", "country", "commodity", "content", "year", "value", "unit", "source"),
    services=frozenset(),
    attribution="Each figure names its source",
    licence="Each figure names its licence",
    id_field="id",
    geometry_field="geometry",
)
"""The cube as a collection: a figure is a row whose geometry is null."""

_KNOWN = frozenset({*OF_A_DOCUMENT, *PARAMETERS, *(field.name for field in CUBE.public_fields)})
_CURSOR = re.compile("[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FigureQuery:
    """What is asked for. after: number of the figure before the page."""

    selection: Selection
    limit: int
    after: int | None


class FigureQueries:
    """Reads the queries. concepts: hierarchy of the vocabularies, as filters use it."""

    def __init__(self, concepts: Concepts) -> None:
        self._concepts = concepts
        # No function of a null geometry is true.
        columns: dict[str, sa.ColumnElement[Any]] = {field.name: sa.column(field.name) for field in CUBE.public_fields}
        nowhere = sa.cast(sa.null(), Geometry)
        self._compiler = FilterCompiler(CUBE, {**columns, CUBE.geometry_field: nowhere}, concepts)

    def read(self, parameters: QueryParams) -> FigureQuery:
        """The query of a request's parameters. Raises InvalidParameterError that names the parameter."""
        check_names(parameters, _KNOWN)
        cursor = parameters.get("cursor")
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise InvalidParameterError("cursor", f"cursor: {cursor[:60]!r} is no cursor of this collection.")
        read_bbox(parameters.get("bbox"))  # a box matches what has no geometry (/req/core/fc-bbox-response)
        return FigureQuery(
            selection=self._selection(parameters),
            limit=read_limit(parameters.get("limit")),
            after=int(cursor) if cursor else None,
        )

    def _selection(self, parameters: QueryParams) -> Selection:
        language = read_filter_language(parameters.get("filter-lang"))
        chosen = _years(parameters.get("datetime"))
        for field in CUBE.public_fields:
            if (text := parameters.get(field.name)) is not None:
                chosen = self._narrowed(chosen, equals(field, text), field.name, f"p_{field.name}_")
        if (text := parameters.get("filter")) is not None:
            for number, part in enumerate(_parts(FILTER_LANGUAGES[language](text))):
                chosen = self._narrowed(chosen, part, "filter", f"f{number}_")
        return chosen

    def _narrowed(self, chosen: Selection, tree: FilterTree, parameter: str, prefix: str) -> Selection:
        """A slice with one more condition: as codes of a dimension where it asks for these alone."""
        compiled: Filter = self._compiler.compile(tree, parameter=parameter, prefix=prefix)
        name, codes = _codes(tree)
        if not name or name in chosen.codes:
            return replace(chosen, filters=(*chosen.filters, compiled))
        field = CUBE.field(name)
        meant = [one for code in codes for one in (self._concepts(field, code) if field else (code,))]
        return replace(chosen, codes={**chosen.codes, name: tuple(dict.fromkeys(meant))})


def _parts(tree: FilterTree) -> Sequence[FilterTree]:
    """The conditions that must all hold."""
    if isinstance(tree, Mapping) and str(tree.get("op")).lower() == "and" and isinstance(tree.get("args"), list):
        return [inner for one in tree["args"] for inner in _parts(one)] if len(tree["args"]) > 1 else [tree]
    return [tree]


def _codes(tree: Any) -> tuple[str, Sequence[str]]:
    """Dimension and codes of a condition that asks for nothing but these; without a name otherwise."""
    if not (isinstance(tree, Mapping) and tree.get("op") in ("=", "in") and len(tree["args"]) == 2):
        return "", ()
    left, right = tree["args"]
    codes = right if isinstance(right, list) else [right]
    name = left.get("property") if isinstance(left, Mapping) else None
    known = name in CODED and all(isinstance(code, str) for code in codes)
    return (str(name), codes) if known else ("", ())


def _years(text: str | None) -> Selection:
    """The years that meet the time of a request. Raises InvalidParameterError."""
    interval = read_datetime(text)
    if interval is None:
        return Selection()
    first, last = (int(one[:4]) if one else None for one in interval)
    return Selection(first_year=first, last_year=last)
