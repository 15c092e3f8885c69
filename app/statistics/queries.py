"""What the figures are, how many there are, and slices of them, read as the public role."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection
from psycopg.rows import dict_row, tuple_row
from sqlalchemy.dialects import postgresql

from app.db.base import fields_of, table_of
from app.statistics.models import DIMENSIONS, NOT_APPLICABLE, TOTAL, UNSPECIFIED, CodeUse, Observation
from app.statistics.selection import Selection
from gis.layer import Field
from gis.statement import compiled, with_values

Row = Mapping[str, Any]

LOOK_UP_COST = 4
"""How much longer it takes to look a figure up and put it in order than to step over one in the index of the key."""

MOST_COUNTED = 100_000
"""Figures of a slice are counted up to so many."""

_TABLE = table_of(Observation)
_USES = table_of(CodeUse)
_COLUMNS = tuple(c for c in _TABLE.columns if c.name not in ("content_hash",))
_KEY = tuple(_TABLE.c[name] for name in DIMENSIONS)


@dataclass(frozen=True, slots=True)
class CodesInUse:
    """How many figures have a code, and of which years."""

    observations: int
    first_year: int
    last_year: int


Contents = Mapping[str, Mapping[str, CodesInUse]]
"""Codes in use by dimension; unit and source are told like dimensions."""


@cache
def observation_fields() -> tuple[Field, ...]:
    """The fields of a figure."""
    return fields_of(_TABLE)


async def observation_summary(connection: AsyncConnection[Any]) -> tuple[int, int | None, int | None]:
    """Number of figures, first and last year."""
    years = (await codes_in_use(connection)).get("year", {})
    known = [int(year) for year in years]
    return sum(use.observations for use in years.values()), min(known, default=None), max(known, default=None)


async def codes_in_use(connection: AsyncConnection[Any]) -> Contents:
    """The cube's table of contents."""
    found: dict[str, dict[str, CodesInUse]] = {}
    uses = compiled(sa.select(_USES).order_by(_USES.c.dimension, _USES.c.code))
    async with connection.cursor(row_factory=tuple_row) as cursor:
        rows = await (await cursor.execute(uses)).fetchall()
    for dimension, code, *use in rows:
        found.setdefault(dimension, {})[code] = CodesInUse(*use)
    return found


async def observation(connection: AsyncConnection[Any], number: int) -> Row | None:
    """One version of a figure by its number, whether it is current or not."""
    return await _row(connection, sa.select(*_COLUMNS).where(_TABLE.c.id == number))


async def observations(
    connection: AsyncConnection[Any], selection: Selection, contents: Contents, limit: int, after: int | None = None
) -> list[Row]:
    """The first figures of a slice in the order of the dimensions, those after a figure when its number is given."""
    last = await observation(connection, after) if after is not None else None
    found: list[Row] = []
    walks = _walks(selection, contents, limit)
    values = selection.values
    for statement in _walk(selection, contents, last) if walks else [_look_up(selection, last, limit)]:
        found += await _rows(connection, statement.limit(limit - len(found)), values)
        if len(found) == limit:
            break
    return found


async def count(connection: AsyncConnection[Any], selection: Selection) -> int:
    """How many figures a slice has, up to MOST_COUNTED; one more than that where there are more."""
    some = sa.select(sa.literal(1)).where(*_conditions(selection)).limit(MOST_COUNTED + 1).subquery()
    rows = await _rows(connection, sa.select(sa.func.count().label("found")).select_from(some), selection.values)
    return int(rows[0]["found"])


def estimated_count(selection: Selection, contents: Contents) -> float:
    """About how many current figures a slice has, as if the dimensions were independent of each other."""
    total = sum(use.observations for use in contents.get("year", {}).values())
    if not total:
        return 0
    share = 1.0
    for name, codes in selection.codes.items():
        share *= sum(contents[name][code].observations for code in codes if code in contents[name]) / total
    years = contents["year"].items()
    share *= sum(use.observations for year, use in years if _within(selection, int(year))) / total
    return total * share


def _within(selection: Selection, year: int) -> bool:
    first, last = selection.first_year, selection.last_year
    return (first is None or year >= first) and (last is None or year <= last)


def _walks(selection: Selection, contents: Contents, limit: int) -> bool:
    """Whether a page is read quicker along the index of the key than by looking all of the slice up.

    The planner cannot know how the codes of two dimensions go together; the counts of codes tell well enough how many
    figures have to be stepped over until a page is full. Past figures are not in that index.
    """
    if selection.release is not None:
        return False
    leading = {name: codes for name, codes in selection.codes.items() if name in DIMENSIONS[:2]}
    few, scope = estimated_count(selection, contents), estimated_count(Selection(leading), contents)
    return few > 0 and limit * scope / few < LOOK_UP_COST * few


def _look_up(selection: Selection, last: Row | None, limit: int) -> sa.Select[Any]:
    """The slice, or what of it comes after a figure: found first, whatever the index, put in order, and then read."""
    # What all figures of the slice have alike puts none before another, and takes time to compare.
    names = (*(name for name in DIMENSIONS if len(selection.codes.get(name, ())) != 1), "id")
    few = sa.select(_TABLE.c.id, *_KEY).where(*_conditions(selection)).cte("few").prefix_with("MATERIALIZED")
    page = sa.select(few)
    if last is not None:
        page = page.where(sa.tuple_(*(few.c[name] for name in names)) > _place(last, names))
    first = page.order_by(*(few.c[name] for name in names)).limit(limit).subquery("first")
    chosen = sa.select(*_COLUMNS).join(first, first.c.id == _TABLE.c.id)
    return chosen.order_by(*(first.c[name] for name in names))


def _walk(selection: Selection, contents: Contents, last: Row | None) -> Iterator[sa.Select[Any]]:
    """The slice by indicator and country, the first columns of the key, each part in the order of the others."""
    inner = DIMENSIONS[2:]
    start = (last["indicator"], last["country"]) if last is not None else None
    for place in _places(selection, contents):
        if start is not None and place < start:
            continue
        codes = {**selection.codes, "indicator": (place[0],), "country": (place[1],)}
        chosen = sa.select(*_COLUMNS).where(*_conditions(replace(selection, codes=codes)))
        if last is not None and place == start:
            chosen = chosen.where(sa.tuple_(*(_TABLE.c[name] for name in inner)) > _place(last, inner))
        yield chosen.order_by(*(_TABLE.c[name] for name in inner))


def _places(selection: Selection, contents: Contents) -> list[tuple[str, str]]:
    """The pairs of indicator and country a slice may have: the first columns of the key."""
    indicators, countries = (selection.codes.get(name) or contents.get(name, {}) for name in ("indicator", "country"))
    return sorted((indicator, country) for indicator in indicators for country in countries)


def _place(row: Row, names: Sequence[str]) -> sa.Tuple:
    return sa.tuple_(*(sa.literal(row[name]) for name in names))


def _conditions(selection: Selection) -> list[sa.ColumnElement[bool]]:
    found = [_among(_TABLE.c[name], codes) for name, codes in selection.codes.items()]
    found += [one.condition for one in selection.filters]
    if selection.first_year is not None:
        found.append(_TABLE.c.year >= selection.first_year)
    if selection.last_year is not None:
        found.append(_TABLE.c.year <= selection.last_year)
    if selection.release is None:
        return [*found, _TABLE.c.replaced.is_(None)]
    later = sa.or_(_TABLE.c.replaced.is_(None), _TABLE.c.replaced > selection.release)
    return [*found, _TABLE.c.release <= selection.release, later]


def _among(column: sa.ColumnElement[Any], codes: Sequence[str]) -> sa.ColumnElement[bool]:
    if len(codes) == 1:
        return column == codes[0]
    return column == sa.any_(sa.literal(list(codes), postgresql.ARRAY(sa.Text)))


async def sums(connection: AsyncConnection[Any], selection: Selection, by: Sequence[str]) -> list[Row]:
    """Sums of a slice by year, country, indicator, content, unit, further dimensions, and by what may forbid adding.

    That is commodity, isic, hsEdition, what kind of partner (_T, _Z or _X for any other) and whether there is an HS
    code (has_hs). Besides: number of figures and of estimates. As plain groups, because those are hashed, not sorted.
    """
    always = ("indicator", "country", "year", "content", "unit", "commodity", "isic", "hsEdition")
    grouped: list[sa.ColumnElement[Any]] = [_TABLE.c[name] for name in dict.fromkeys((*always, *by))]
    partner = sa.case((_TABLE.c.partner.in_([TOTAL, NOT_APPLICABLE]), _TABLE.c.partner), else_=UNSPECIFIED)
    grouped += [partner.label("partner_kind"), (_TABLE.c.hs != NOT_APPLICABLE).label("has_hs")]
    counted = [
        sa.func.sum(_TABLE.c.value).label("value"),
        sa.func.count().label("observations"),
        sa.func.count().filter(_TABLE.c.estimated).label("estimates"),
    ]
    statement = sa.select(*grouped, *counted).where(*_conditions(selection))
    places = range(1, len(grouped) + 1)
    return await _rows(connection, statement.group_by(*(sa.text(str(place)) for place in places)))


async def series_of(connection: AsyncConnection[Any], commodity: str) -> list[Row]:
    """What is measured of a commodity: indicator, content, number of figures, countries, first and last year."""
    return await _series(connection, ("indicator", "content"), _TABLE.c.commodity == commodity)


async def all_series(connection: AsyncConnection[Any]) -> list[Row]:
    """What is measured of each commodity: indicator, commodity, content, and the same as of one."""
    return await _series(connection, ("indicator", "commodity", "content"))


async def _series(
    connection: AsyncConnection[Any], names: Sequence[str], *conditions: sa.ColumnElement[bool]
) -> list[Row]:
    named = tuple(_TABLE.c[name] for name in names)
    counted = (
        sa.func.count().label("observations"),
        sa.func.array_agg(_TABLE.c.country.distinct()).label("countries"),
        sa.func.min(_TABLE.c.year).label("first_year"),
        sa.func.max(_TABLE.c.year).label("last_year"),
    )
    rows = sa.select(*named, *counted).where(*conditions, _TABLE.c.replaced.is_(None))
    return await _rows(connection, rows.group_by(*named).order_by(*named))


async def _rows(
    connection: AsyncConnection[Any], statement: sa.Select[Any], values: Mapping[str, Any] | None = None
) -> list[Row]:
    text, own = with_values(statement)
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows: list[Row] = list(await (await cursor.execute(text, {**own, **(values or {})})).fetchall())
    return rows


async def _row(connection: AsyncConnection[Any], statement: sa.Select[Any]) -> Row | None:
    rows = await _rows(connection, statement)
    return rows[0] if rows else None
