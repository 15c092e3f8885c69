"""Where MapServer reads a layer's features: its connection and the statement it selects from."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Callable
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import (
    ColumnElement,
    Select,
    SmallInteger,
    TableClause,
    Text,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import quoted_name

from gis.errors import InvalidDeclarationError
from gis.layer import Field, FieldType, GeometryType, Layer
from gis.style import scale_of_zoom

GEOMETRY_TYPES = {GeometryType.POINT: "POINT", GeometryType.LINE: "LINE", GeometryType.POLYGON: "POLYGON"}

CLASS_VALUE = "class_value"
"""The column of the field whose values make the classes of the style a request asks for."""

GEOMETRY_TOKEN, ZOOM_TOKEN = "%drawn%", "%zoom%"

_EVERY_RANK = 99
_CLOSEST = 22  # zoom level
_KEY = "fid"  # Every layer table has it: MapServer needs an integer key to come back to a feature it found.
_POSTGRESQL = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
_TIMEOUT = 20_000  # ms; a little less than a client waits for its map.
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_LAYER_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
# Dates are text as ISO 8601 writes them, which sorts and compares like the dates. PostgreSQL's own text of a time has a
# space in it and the session's zone; MapServer's own dates are TimeInstants in GML and have slashes in CSV.
_DATE: ColumnElement[str] = literal_column("'YYYY-MM-DD'")
_TIME: ColumnElement[str] = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS"Z"'""")


def connection_string(connection: str) -> str:
    """The libpq connection string with the limits of a map request added to it."""
    given = conninfo_to_dict(connection).get("options") or ""
    # Compiling a query costs more than drawing from it, so no JIT. The role may only read anyway: a second lock.
    ours = f"-c statement_timeout={_TIMEOUT} -c default_transaction_read_only=on -c jit=off"
    return make_conninfo(connection, options=f"{given} {ours}".strip(), application_name="mapserv", connect_timeout=5)


def source(layer: Layer) -> str:
    """Geometry source of a layer in MapServer's own form: every row, its whole geometry and all its public fields.

    The columns are named one by one because the reading role may see the public ones only, and MapServer asks for all
    columns of a bare table. PostgreSQL folds the inner query away, so the spatial index is used.
    Raises InvalidDeclarationError if a name cannot stand in SQL.
    """
    columns = [_column(_KEY), _column(layer.geometry_field), *(_value(f) for f in layer.public_fields)]
    return _statement(layer, select(*columns).select_from(_table(layer)))


def drawn_source(layer: Layer, chosen: str = "") -> str:
    """The same of what is drawn at the scale of a map: the rows of that rank, simplified as far as it does not show.

    chosen: name of a request parameter that names one of the fields, which is then the column CLASS_VALUE too.
    """
    shape = _column(layer.geometry_field)
    drawn = literal_column(f'"{GEOMETRY_TOKEN}"').label(_name(layer.geometry_field)) if layer.bands else shape
    columns = [_column(_KEY), drawn, *(_value(f) for f in layer.public_fields)]
    if chosen:
        columns.append(literal_column(f'"%{chosen}%"').label(CLASS_VALUE))
    inner = select(*columns).select_from(_table(layer))
    if layer.bands:
        # The index is on the whole geometry; what MapServer adds asks the simplified one.
        inner = inner.where(shape.bool_op("&&")(literal_column("!BOX!")))
    if layer.rank_field:
        inner = inner.where(_column(layer.rank_field) <= cast(literal_column(ZOOM_TOKEN), SmallInteger))
    return _statement(layer, inner)


def scale_tokens(layer: Layer) -> list[dict[str, Any]]:
    """What the tokens of drawn_source stand for from which scale denominator on, as SCALETOKEN blocks.

    Between two zoom levels the closer one counts, so that no map has less than it could show.
    """
    tokens: dict[str, Callable[[int], str]] = {}
    if layer.rank_field:
        tokens[ZOOM_TOKEN] = lambda zoom: str(zoom if zoom < layer.maxzoom else _EVERY_RANK)
    if layer.bands:
        tokens[GEOMETRY_TOKEN] = lambda zoom: _checked(layer.drawn_geometry(zoom))
    return [
        {"__type__": "scaletoken", "name": name, "values": {"__type__": "values", **_from_scales(value)}}
        for name, value in tokens.items()
    ]


def _from_scales(value_at: Callable[[int], str]) -> dict[str, str]:
    """The values by the least denominator they count at, without those equal to the one before."""
    found: dict[str, str] = {}
    last = ""
    for zoom in range(_CLOSEST, -1, -1):
        # A hair below the level's own scale, at which tiles are drawn.
        least = "0" if zoom == _CLOSEST else f"{scale_of_zoom(zoom) * 0.999:.0f}"
        value = value_at(zoom)
        if value != last:
            found[least] = last = value
    return found


def _statement(layer: Layer, inner: Select[Any]) -> str:
    text = " ".join(str(inner.compile(dialect=_POSTGRESQL)).split())
    return f"{layer.geometry_field} FROM ({text}) AS t USING UNIQUE {_KEY} USING SRID={layer.srid}"


def _table(layer: Layer) -> TableClause:
    return table(_name(layer.table), schema=_name(layer.schema))


def layer_id(name: str) -> str:
    """The layer's id, checked: it becomes a name in the mapfile and in addresses."""
    if not _LAYER_ID.fullmatch(name):
        raise InvalidDeclarationError(f"layer id {name!r}: expected small letters, digits, - and _")
    return name


def _value(field: Field) -> ColumnElement[Any]:
    plain = _column(field.name)
    if field.type is FieldType.STRINGS:
        return func.array_to_string(plain, literal_column("', '")).label(_name(field.name))
    if field.type is FieldType.BOOLEAN:
        return cast(plain, Text).label(_name(field.name))
    if field.type is FieldType.DATETIME:
        return func.to_char(func.timezone(literal_column("'UTC'"), plain), _TIME).label(_name(field.name))
    if field.type is FieldType.DATE:
        return func.to_char(plain, _DATE).label(_name(field.name))
    return plain


def _column(name: str) -> ColumnElement[Any]:
    return column(_name(name))


def _name(name: str) -> quoted_name:
    """The name as SQL is to quote it."""
    return quoted_name(_checked(name), quote=True)


def _checked(name: str) -> str:
    """The name, if it is a plain one: MapServer reads the statement with a scanner of its own."""
    if not _IDENTIFIER.fullmatch(name):
        raise InvalidDeclarationError(f"{name!r} cannot name a table or column of a map: letters, digits and _ only")
    return name
