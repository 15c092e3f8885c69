"""A page of features as GeoJSON text: Query -> one SQL statement -> bytes. No row becomes a Python object.

Pages are cut by keyset on the layer's key, an integer: the cursor of a page is the last key before it. A feature keeps
its key when its row is republished, so a walk through all pages sees every feature that was there all along exactly
once, whatever is published meanwhile.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection, Connection
from psycopg.rows import tuple_row
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

from gis.errors import FeatureNotFoundError
from gis.layer import BBox, GeometryType, Layer
from gis.statement import DIALECT, compiled, constant, value

DECIMALS = 7
"""Digits of a published degree: 7 are about 1 cm."""

Statement = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a layer. limit: features a page, None for all. after: the key the page starts behind.

    bbox: degrees; west greater than east means across the antimeridian.
    """

    limit: int | None
    bbox: BBox | None = None
    after: int | None = None

    @property
    def selects_all(self) -> bool:
        """Whether every feature of the layer matches (pages aside)."""
        return self.bbox is None


@dataclass(frozen=True, slots=True)
class Page:
    """Features as comma-separated GeoJSON text, how many, how many match in all (None: not asked), next cursor."""

    features: bytes
    returned: int
    matched: int | None
    next: int | None


class FeatureReader:
    """Reads the features of one layer. Statements are compiled once per kind of query and kept.

    count=True asks for the number of all matching features in the same statement, hence of the same moment.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._compiled: dict[tuple[str, bool, bool], str] = {}
        names = {layer.id_field, layer.geometry_field, layer.key_field, *(f.name for f in layer.public_fields)}
        names |= {layer.place_field} if layer.place_field else set()
        self._table = sa.table(layer.table, *(sa.column(n) for n in sorted(names)), schema=layer.schema)
        self._id = self._table.c[layer.id_field]
        self._key = self._table.c[layer.key_field]
        self._shape = self._table.c[layer.geometry_field]
        self._texts = _text_table(layer)

    async def page(self, connection: AsyncConnection[Any], query: Query, *, count: bool) -> Page:
        """One page of a query, read on an asynchronous connection."""
        text, values = self.page_statement(query, count=count)
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(text, values, prepare=_prepared(query))
            return _page(await cursor.fetchall(), query.limit)

    def page_sync(self, connection: Connection[Any], query: Query, *, count: bool) -> Page:
        """One page of a query, read on a synchronous connection."""
        text, values = self.page_statement(query, count=count)
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            return _page(cursor.execute(text, values, prepare=_prepared(query)).fetchall(), query.limit)

    async def feature(self, connection: AsyncConnection[Any], identifier: str) -> bytes:
        """One feature as GeoJSON text. Raises FeatureNotFoundError."""
        text, values = self.feature_statement(identifier)
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(text, values)
            row = await cursor.fetchone()
        return self._found(row, identifier)

    def feature_sync(self, connection: Connection[Any], identifier: str) -> bytes:
        """One feature as GeoJSON text. Raises FeatureNotFoundError."""
        text, values = self.feature_statement(identifier)
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            row = cursor.execute(text, values).fetchone()
        return self._found(row, identifier)

    def page_statement(self, query: Query, *, count: bool) -> Statement:
        """SQL text and values of a page: rows of the number of matches, a key and its text; one row when none match."""
        kind, values = self._values(query)
        key = (kind, query.after is not None, count)
        if key not in self._compiled:
            self._compiled[key] = compiled(self._page_select(*key))
        return self._compiled[key], values

    def rows_statement(self, query: Query) -> Statement:
        """SQL text and values of the features themselves: the public fields, then the geometry as WKB, by key."""
        kind, values = self._values(query)
        fields = (self._table.c[f.name] for f in self.layer.public_fields)
        shape = sa.func.ST_AsBinary(self._shape).label(self.layer.geometry_field)
        rows = sa.select(*fields, shape).where(*self._matches(kind)).order_by(self._key)
        if query.after is not None:
            rows = rows.where(self._key > value("after", sa.BigInteger))
        if query.limit is not None:
            rows = rows.limit(value("limit", sa.Integer))
        return compiled(rows), values

    def feature_statement(self, identifier: str) -> Statement:
        """SQL text and values of one feature. Raises FeatureNotFoundError for a text PostgreSQL cannot hold."""
        if "\x00" in identifier:
            raise FeatureNotFoundError(f"{self.layer.title} has no feature {identifier!r}.")
        return self._feature_sql, {"identifier": identifier}

    @cached_property
    def _feature_sql(self) -> str:
        wanted = self._rows().where(self._id == value("identifier", sa.Text)).subquery("wanted")
        features, geojson = self._with_text(wanted)
        return compiled(sa.select(geojson).select_from(features))

    def _values(self, query: Query) -> tuple[str, dict[str, Any]]:
        """Which kind of query it is, and the values its statements take."""
        values: dict[str, Any] = {}
        if query.limit is not None:
            values |= {"limit": query.limit, "fetch": query.limit + 1}
        if query.after is not None:
            values["after"] = query.after
        if query.bbox is None:
            return "all", values
        kind, boxes = _boxes(query.bbox)
        return kind, values | boxes

    def _page_select(self, kind: str, after: bool, count: bool) -> sa.Select[Any]:
        """The page of a kind of query.

        A box is looked up once, in a table of keys that count and page are both taken from: the planner cannot
        foresee how many rows a box holds, and must not choose a plan for whole rows by its guess. Texts go out as
        rows of their own: put together in the database they would be copied once more.
        """
        hits = self._hits(kind)
        key = hits.c[self.layer.key_field]
        first = sa.select(key)
        if after:
            first = first.where(key > value("after", sa.BigInteger))
        cut = first.order_by(key).limit(value("fetch", sa.Integer)).subquery("first")
        wanted = cut.c[self.layer.key_field]
        rows = cut if self._texts is not None else self._rows().join(cut, wanted == self._key).subquery("rows")
        features, geojson = self._with_text(rows)
        page = sa.select(rows.c[self.layer.key_field], geojson.label("geojson")).select_from(features).subquery("page")
        matched = sa.select((sa.func.count() if count else sa.cast(sa.null(), sa.BigInteger)).label("matched"))
        total = (matched.select_from(hits) if count else matched).subquery("total")
        return sa.select(total.c.matched, *page.c).select_from(total.outerjoin(page, sa.true()))

    def _hits(self, kind: str) -> sa.FromClause:
        """What holds the keys of all matching rows: the table itself when all match."""
        if kind == "all":
            return self._table
        return sa.select(self._key).where(*self._matches(kind)).cte("hits").prefix_with("MATERIALIZED")

    def _rows(self) -> sa.Select[Any]:
        if self._texts is not None:
            return sa.select(self._key)
        return sa.select(self._table)

    def _with_text(self, rows: sa.Subquery) -> tuple[sa.FromClause, ColumnElement[bytes]]:
        """Rows joined with what their text comes from, and the text as bytes of UTF-8."""
        if self._texts is not None:
            joined = rows.join(self._texts, self._texts.c.number == rows.c[self.layer.key_field])
            return joined, self._texts.c.geojson
        text, properties = feature_text(self.layer, rows)
        return rows.join(properties, sa.true()), text

    def _matches(self, kind: str) -> list[ColumnElement[bool]]:
        if kind == "all":
            return []
        box = self._in_box("1")
        return [sa.or_(box, self._in_box("2")) if kind == "two boxes" else box]

    def _in_box(self, number: str) -> ColumnElement[bool]:
        """Whether the geometry meets box 1 or 2; exact, though indexes of PostGIS hold single-precision boxes."""
        west, south, east, north = (value(side + number, sa.Double) for side in ("west", "south", "east", "north"))
        if self.layer.place_field:
            box = sa.func.box(sa.func.point(west, south), sa.func.point(east, north))
            return self._table.c[self.layer.place_field].bool_op("<@")(box)
        # ST_Envelope, unlike ST_MakeEnvelope, makes a box without width or height the line or point it is.
        corners = (sa.func.ST_Point(x, y, constant(self.layer.srid)) for x, y in ((west, south), (east, north)))
        box = sa.func.ST_Envelope(sa.func.ST_MakeLine(*corners))
        near = self._shape.bool_op("&&")(box)
        if self.layer.geometry_type is GeometryType.POINT:
            x, y = sa.func.ST_X(self._shape), sa.func.ST_Y(self._shape)
            return sa.and_(near, x.between(west, east), y.between(south, north))
        return sa.and_(near, sa.func.ST_Intersects(self._shape, box))

    def _found(self, row: tuple[Any, ...] | None, identifier: str) -> bytes:
        if row is None:
            raise FeatureNotFoundError(f"{self.layer.title} has no feature {identifier!r}.")
        return bytes(row[0])


def feature_text(layer: Layer, rows: sa.FromClause) -> tuple[ColumnElement[bytes], sa.FromClause]:
    """Each row's feature as GeoJSON in UTF-8, and what has to be joined with the rows for it.

    rows: a named source of the layer's columns.
    """
    quoted = DIALECT.identifier_preparer.quote
    name = quoted(str(getattr(rows, "name", "")))
    fields: Iterator[ColumnElement[Any]] = (
        sa.literal_column(f"{name}.{quoted(f.name)}").label(f.name) for f in layer.public_fields
    )
    properties = sa.select(*fields).lateral("properties")
    text = sa.func.concat(
        constant('{"type":"Feature","id":'),
        sa.func.to_json(rows.c[layer.id_field]),
        constant(',"geometry":'),
        sa.func.coalesce(sa.func.ST_AsGeoJSON(rows.c[layer.geometry_field], constant(DECIMALS)), constant("null")),
        constant(',"properties":'),
        sa.func.row_to_json(sa.literal_column("properties")),
        constant("}"),
    )
    return sa.func.convert_to(text, constant("UTF8"), type_=postgresql.BYTEA), properties


def _text_table(layer: Layer) -> sa.TableClause | None:
    if layer.text_table is None:
        return None
    schema, name = layer.text_table
    return sa.table(name, sa.column("number"), sa.column("geojson"), schema=schema)


def _boxes(bbox: BBox) -> tuple[str, dict[str, float]]:
    west, south, east, north = bbox
    if west <= east:
        return "one box", {"west1": west, "south1": south, "east1": east, "north1": north}
    values = {"west1": west, "south1": south, "east1": 180.0, "north1": north}
    return "two boxes", values | {"west2": -180.0, "south2": south, "east2": east, "north2": north}


def _prepared(query: Query) -> bool | None:
    """Whether the statement may be prepared: the plan for any box is bad for most, so a box is planned each time."""
    return None if query.bbox is None else False


def _page(rows: Sequence[tuple[Any, ...]], limit: int | None) -> Page:
    matched = rows[0][0]
    found = sorted((row[1:] for row in rows if row[1] is not None), key=lambda row: row[0])
    shown = found[:limit]
    following = shown[-1][0] if len(found) > len(shown) else None
    return Page(b",".join([text for _, text in shown]), len(shown), matched, following)
