"""A page of features as GeoJSON text: Query -> one SQL statement -> bytes. No row becomes a Python object.

Pages are cut by keyset on the layer's identifier: the cursor of a page is the last identifier before it. An identifier
keeps its place when its row is republished, so a walk through all pages sees every feature that was there all along
exactly once, whatever is published meanwhile.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection, Connection
from psycopg.rows import tuple_row
from sqlalchemy.sql.elements import ColumnElement

from gis.errors import FeatureNotFoundError
from gis.layer import BBox, GeometryType, Layer
from gis.statement import DIALECT, compiled, constant, value

DECIMALS = 7
"""Digits of a published degree: 7 are about 1 cm."""

_SHAPE = "geometry of the feature"

Statement = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a layer. limit: features a page. after: cursor, the identifier the page starts behind.

    bbox: degrees; west greater than east means across the antimeridian.
    """

    limit: int
    bbox: BBox | None = None
    after: str | None = None

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
    next: str | None


class FeatureReader:
    """Reads the features of one layer. Statements are compiled once per kind of query and kept.

    count=True asks for the number of all matching features in the same statement, hence of the same moment.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._compiled: dict[tuple[str, bool, bool], str] = {}
        names = {layer.id_field, layer.geometry_field, *(f.name for f in layer.public_fields)}
        self._table = sa.table(layer.table, *(sa.column(n) for n in sorted(names)), schema=layer.schema)
        self._id = self._table.c[layer.id_field]
        self._shape = self._table.c[layer.geometry_field]

    async def page(self, connection: AsyncConnection[Any], query: Query, *, count: bool) -> Page:
        """One page of a query, read on an asynchronous connection."""
        text, values = self.page_statement(query, count=count)
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(text, values)
            return _page(await cursor.fetchone())

    def page_sync(self, connection: Connection[Any], query: Query, *, count: bool) -> Page:
        """One page of a query, read on a synchronous connection."""
        text, values = self.page_statement(query, count=count)
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            return _page(cursor.execute(text, values).fetchone())

    async def feature(self, connection: AsyncConnection[Any], identifier: str) -> bytes:
        """One feature as GeoJSON text without its closing brace. Raises FeatureNotFoundError."""
        text, values = self.feature_statement(identifier)
        async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            await cursor.execute(text, values)
            row = await cursor.fetchone()
        return self._found(row, identifier)

    def feature_sync(self, connection: Connection[Any], identifier: str) -> bytes:
        """One feature as GeoJSON text without its closing brace. Raises FeatureNotFoundError."""
        text, values = self.feature_statement(identifier)
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            row = cursor.execute(text, values).fetchone()
        return self._found(row, identifier)

    def page_statement(self, query: Query, *, count: bool) -> Statement:
        """SQL text and values of a page."""
        values: dict[str, Any] = {"limit": query.limit, "fetch": query.limit + 1}
        kind = "all"
        if query.bbox:
            kind, boxes = _boxes(query.bbox)
            values |= boxes
        if query.after is not None:
            values["after"] = query.after
        key = (kind, query.after is not None, count)
        if key not in self._compiled:
            self._compiled[key] = compiled(self._page_select(*key))
        return self._compiled[key], values

    def feature_statement(self, identifier: str) -> Statement:
        """SQL text and values of one feature. Raises FeatureNotFoundError for a text PostgreSQL cannot hold."""
        if "\x00" in identifier:
            raise FeatureNotFoundError(f"{self.layer.title} has no feature {identifier!r}.")
        return self._feature_sql, {"identifier": identifier}

    @cached_property
    def _feature_sql(self) -> str:
        wanted = self._rows().where(self._id == value("identifier", sa.Text)).subquery("page")
        feature, properties = self._feature(wanted)
        return compiled(sa.select(feature).select_from(wanted).join(properties, sa.true()))

    def _page_select(self, kind: str, after: bool, count: bool) -> sa.Select[Any]:
        """The page of a kind of query.

        A box is looked up once, in a table of identifiers that count and page are both taken from: the planner
        cannot foresee how many rows a box holds, and must not choose a plan for whole rows by its guess.
        """
        hits = self._hits(kind)
        identifier = hits.c[self.layer.id_field]
        rows = self._rows() if hits is self._table else sa.select(identifier)
        if after:
            rows = rows.where(identifier > value("after", sa.Text))
        first = rows.order_by(identifier).limit(value("fetch", sa.Integer)).subquery("first")
        key = first.c[self.layer.id_field]
        # Numbered after the cut: PostgreSQL numbers rows before it sorts them.
        number = sa.func.row_number().over(order_by=key).label("n")
        whole = sa.select(first) if hits is self._table else self._rows().join(first, key == self._id)
        page = whole.add_columns(number).subquery("page")
        feature, properties = self._feature(page)
        limit = value("limit", sa.Integer)
        shown = page.c.n <= limit
        return (
            sa.select(
                sa.func.string_agg(sa.func.concat(feature, constant("}")), constant(",")).filter(shown),
                sa.func.count().filter(shown),
                sa.case((sa.func.count() > limit, sa.func.max(page.c[self.layer.id_field]).filter(shown))),
                sa.select(sa.func.count()).select_from(hits).scalar_subquery() if count else sa.null(),
            )
            .select_from(page)
            .join(properties, sa.true())
        )

    def _hits(self, kind: str) -> sa.FromClause:
        """What holds the identifiers of all matching rows: the table itself when all match."""
        if kind == "all":
            return self._table
        return sa.select(self._id).where(*self._matches(kind)).cte("hits").prefix_with("MATERIALIZED")

    def _rows(self) -> sa.Select[Any]:
        return sa.select(*(self._table.c[f.name] for f in self.layer.public_fields), self._shape.label(_SHAPE))

    def _matches(self, kind: str) -> list[ColumnElement[bool]]:
        if kind == "all":
            return []
        box = self._in_box("1")
        return [sa.or_(box, self._in_box("2")) if kind == "two boxes" else box]

    def _in_box(self, number: str) -> ColumnElement[bool]:
        """Whether the geometry meets box 1 or 2; checked exactly, as the index compares single-precision boxes."""
        west, south, east, north = (value(side + number, sa.Double) for side in ("west", "south", "east", "north"))
        # ST_Envelope, unlike ST_MakeEnvelope, makes a box without width or height the line or point it is.
        corners = (sa.func.ST_Point(x, y, constant(self.layer.srid)) for x, y in ((west, south), (east, north)))
        box = sa.func.ST_Envelope(sa.func.ST_MakeLine(*corners))
        near = self._shape.bool_op("&&")(box)
        if self.layer.geometry_type is GeometryType.POINT:
            x, y = sa.func.ST_X(self._shape), sa.func.ST_Y(self._shape)
            return sa.and_(near, x.between(west, east), y.between(south, north))
        return sa.and_(near, sa.func.ST_Intersects(self._shape, box))

    def _feature(self, rows: sa.Subquery) -> tuple[ColumnElement[str], sa.FromClause]:
        """GeoJSON text of each row's feature, its closing brace left off for links to be added; and what to join."""
        quoted = DIALECT.identifier_preparer.quote
        fields: Iterator[ColumnElement[Any]] = (
            sa.literal_column(f"{rows.name}.{quoted(f.name)}").label(f.name) for f in self.layer.public_fields
        )
        properties = sa.select(*fields).lateral("properties")
        feature = sa.func.concat(
            constant('{"type":"Feature","id":'),
            sa.func.to_json(rows.c[self.layer.id_field]),
            constant(',"geometry":'),
            sa.func.coalesce(sa.func.ST_AsGeoJSON(rows.c[_SHAPE], constant(DECIMALS)), constant("null")),
            constant(',"properties":'),
            sa.func.row_to_json(sa.literal_column("properties")),
        )
        return feature, properties

    def _found(self, row: tuple[Any, ...] | None, identifier: str) -> bytes:
        if row is None:
            raise FeatureNotFoundError(f"{self.layer.title} has no feature {identifier!r}.")
        return _bytes(row[0])


def _boxes(bbox: BBox) -> tuple[str, dict[str, float]]:
    west, south, east, north = bbox
    if west <= east:
        return "one box", {"west1": west, "south1": south, "east1": east, "north1": north}
    values = {"west1": west, "south1": south, "east1": 180.0, "north1": north}
    return "two boxes", values | {"west2": -180.0, "south2": south, "east2": east, "north2": north}


def _page(row: tuple[Any, ...] | None) -> Page:
    if row is None:  # an aggregate always gives a row
        raise RuntimeError("a page query gave no row")
    features, returned, last, matched = row
    return Page(_bytes(features or b""), returned, matched, None if last is None else _bytes(last).decode())


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)
