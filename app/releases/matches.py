"""Features found by a name, read as the public role. What is typed comes folded (gis.naming.fold)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from psycopg import AsyncConnection
from psycopg.rows import tuple_row
from sqlalchemy.dialects import postgresql

from app.db.base import table_of
from app.releases.models import FeatureName, FeatureText
from gis.naming import LIKENESS, begins
from gis.statement import compiled, constant, value

Connection = AsyncConnection[Any]

COUNTED = 1_000
"""Matches are counted up to this many."""

_LOOKED_AT = 500  # names that are ranked by their length or likeness, at most


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A current feature by one of its names. position: 1 for its own name."""

    number: int
    layer: str
    position: int
    name: str
    folded: str


async def named_like(connection: Connection, layers: Sequence[str], typed: str, limit: int) -> list[NameMatch]:
    """Names that begin with what is typed, in their own order: what is called just so comes first."""
    return await _matches(connection, _BEGINNING, {"layers": list(layers), "typed": typed, "limit": limit})


async def named_with(connection: Connection, layers: Sequence[str], typed: str, limit: int) -> list[NameMatch]:
    """Names that have a word beginning with each of the words, the shortest first; not those that begin with all."""
    words = typed.split()
    return await _matches(connection, _holding(len(words)), _held(layers, words) | {"typed": typed, "limit": limit})


async def named_nearly(connection: Connection, layers: Sequence[str], typed: str, limit: int) -> list[NameMatch]:
    """Names like what is typed, the likest first."""
    async with connection.transaction():
        await connection.execute(_SET_LIKENESS)
        return await _matches(connection, _ALIKE, {"layers": list(layers), "typed": typed.strip(), "limit": limit})


async def count_named(connection: Connection, layers: Sequence[str], typed: str) -> int:
    """How many features have a name with a word beginning with each of the words; COUNTED + 1 for more than that."""
    words = typed.split()
    async with connection.cursor(row_factory=tuple_row) as cursor:
        row = await (await cursor.execute(_counting(len(words)), _held(layers, words))).fetchone()
    return int(row[0]) if row else 0


async def texts_of(connection: Connection, numbers: Sequence[int]) -> dict[int, bytes]:
    """The GeoJSON text of current features by their numbers; those that are gone are left out."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        rows = await (await cursor.execute(_TEXTS, {"numbers": list(numbers)})).fetchall()
    return {number: bytes(text) for number, text in rows}


async def _matches(connection: Connection, statement: str, values: dict[str, Any]) -> list[NameMatch]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        # Planned for each value: how many names a word is in differs by orders of magnitude.
        rows = await (await cursor.execute(statement, values, prepare=False)).fetchall()
    return [NameMatch(*row) for row in rows]


def _held(layers: Sequence[str], words: Sequence[str]) -> dict[str, Any]:
    return {"layers": list(layers)} | {f"word{n}": f"% {word}%" for n, word in enumerate(words)}


_names = table_of(FeatureName)
_COLUMNS = (_names.c.number, _names.c.layer, _names.c.position, _names.c.name, _names.c.folded)
_TYPED, _LIMIT = value("typed", sa.Text), value("limit", sa.Integer)
_OF_LAYERS = _names.c.layer == sa.func.any(sa.bindparam("layers", required=False, type_=postgresql.ARRAY(sa.Text)))


def _words(count: int) -> sa.ColumnElement[bool]:
    """Whether a name has a word beginning with each of the words; they hold no wildcard, as no punctuation is left."""
    return sa.and_(*(_names.c.folded.like(value(f"word{n}", sa.Text)) for n in range(count)))


@lru_cache(maxsize=16)
def _holding(count: int) -> str:
    held = (
        sa.select(*_COLUMNS)
        .where(_words(count), ~begins(_names.c.folded, _TYPED), _OF_LAYERS)
        .limit(constant(_LOOKED_AT))
    )
    found = held.subquery("held")
    return compiled(sa.select(found).order_by(sa.func.length(found.c.folded), *_order(found)).limit(_LIMIT))


@lru_cache(maxsize=16)
def _counting(count: int) -> str:
    held = sa.select(_names.c.number).where(_words(count), _OF_LAYERS).distinct().limit(constant(COUNTED + 1))
    return compiled(sa.select(sa.func.count()).select_from(held.subquery("held")))


def _beginning() -> str:
    found = sa.select(*_COLUMNS).where(begins(_names.c.folded, _TYPED), _OF_LAYERS)
    return compiled(found.order_by(*_order(_names)).limit(_LIMIT))


def _alike() -> str:
    like = _TYPED.op("<%", is_comparison=True)(_names.c.folded)
    candidates = sa.select(*_COLUMNS).where(like, _OF_LAYERS).limit(constant(_LOOKED_AT)).subquery("alike")
    by_word = sa.func.word_similarity(_TYPED, candidates.c.folded).desc()
    whole = sa.func.similarity(_TYPED, candidates.c.folded).desc()
    return compiled(sa.select(candidates).order_by(by_word, whole, *_order(candidates)).limit(_LIMIT))


def _order(names: sa.FromClause) -> tuple[sa.ColumnElement[Any], ...]:
    return names.c.folded, names.c.position, names.c.number


def _texts() -> str:
    texts = table_of(FeatureText)
    numbers = sa.bindparam("numbers", required=False, type_=postgresql.ARRAY(sa.BigInteger))
    return compiled(sa.select(texts.c.number, texts.c.geojson).where(texts.c.number == sa.func.any(numbers)))


_BEGINNING, _ALIKE, _TEXTS = _beginning(), _alike(), _texts()
_SET_LIKENESS = f"SET LOCAL pg_trgm.word_similarity_threshold = {LIKENESS}"
