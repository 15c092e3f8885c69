"""Features found by a name, read as the public role. What is typed comes folded (gis.naming.fold)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from psycopg.rows import tuple_row
from sqlalchemy.dialects import postgresql

from app.db.base import table_of
from app.db.pool import Connection
from app.releases.models import FeatureName, FeatureText, NameWord
from app.releases.states import TEXT_TABLE
from gis.naming import SIMILARITY, begins
from gis.statement import compiled, constant, value
from gis.texts import Unpacker, dictionaries

COUNTED = 1_000
"""Matches are counted up to this many."""

_LOOKED_AT = 500  # names that are ranked by their length or likeness, at most
_LIKE = 5  # known words that one that was typed is taken for, at most


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
    """Names that have all the words, the last of which may go on, the shortest first; without those of named_like."""
    values = {"layers": list(layers), "typed": typed, "words": _each(typed), "limit": limit}
    return await _matches(connection, _HOLDING, values)


async def named_nearly(connection: Connection, layers: Sequence[str], typed: str, limit: int) -> list[NameMatch]:
    """Names of words like those that are typed, the likest first."""
    words = typed.split()
    async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        await connection.execute(_SET_LIKENESS)
        rows = await (await cursor.execute(_LIKE_WORDS, {"words": words}, prepare=False)).fetchall()
    like = [[f"'{known}'" for one, known in rows if one == word] for word in words]
    if not all(like):
        return []
    asked = " & ".join(f"({' | '.join(some)})" for some in like)
    return await _matches(connection, _ALIKE, {"layers": list(layers), "typed": typed, "words": asked, "limit": limit})


async def count_named(connection: Connection, layers: Sequence[str], typed: str) -> int:
    """How many features have a name with all the words, the last of which may go on; COUNTED + 1 for more than that."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        asked = await cursor.execute(_COUNTING, {"layers": list(layers), "words": _each(typed)}, prepare=False)
        row = await asked.fetchone()
    return int(row[0]) if row else 0


async def texts_of(connection: Connection, unpacker: Unpacker, numbers: Sequence[int]) -> dict[int, bytes]:
    """The GeoJSON text of current features by their numbers; those that are gone are left out."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        rows = await (await cursor.execute(_TEXTS, {"numbers": list(numbers)})).fetchall()
        packed = [bytes(text) for _, text in rows]
        if unknown := unpacker.unknown(packed):
            for number, content in await (await cursor.execute(*dictionaries(TEXT_TABLE, unknown))).fetchall():
                unpacker.learn(number, bytes(content))
    return dict(zip((number for number, _ in rows), (one.tobytes() for one in unpacker.unpack(packed)), strict=True))


async def _matches(connection: Connection, statement: str, values: dict[str, Any]) -> list[NameMatch]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        # Planned for each value: how many names a word is in differs by orders of magnitude.
        rows = await (await cursor.execute(statement, values, prepare=False)).fetchall()
    return [NameMatch(*row) for row in rows]


def _each(typed: str) -> str:
    """The query for names that have the words, the last of them or its beginning; no quotation mark is left in them."""
    return " & ".join(f"'{word}'" for word in typed.split()) + ":*"


_names, _known = table_of(FeatureName), table_of(NameWord)
_COLUMNS = (_names.c.number, _names.c.layer, _names.c.position, _names.c.name, _names.c.folded)
_TYPED, _LIMIT = value("typed", sa.Text), value("limit", sa.Integer)
_OF_LAYERS = _names.c.layer == sa.func.any(sa.bindparam("layers", required=False, type_=postgresql.ARRAY(sa.Text)))
_HAS_WORDS = _names.c.words.op("@@", is_comparison=True)(sa.cast(value("words", sa.Text), postgresql.TSQUERY))


def _beginning() -> str:
    found = sa.select(*_COLUMNS).where(begins(_names.c.folded, _TYPED), _OF_LAYERS)
    return compiled(found.order_by(*_order(_names)).limit(_LIMIT))


def _holding() -> str:
    held = sa.select(*_COLUMNS).where(_HAS_WORDS, ~begins(_names.c.folded, _TYPED), _OF_LAYERS)
    found = held.limit(constant(_LOOKED_AT)).subquery("held")
    return compiled(sa.select(found).order_by(sa.func.length(found.c.folded), *_order(found)).limit(_LIMIT))


def _counting() -> str:
    held = sa.select(_names.c.number).where(_HAS_WORDS, _OF_LAYERS).distinct().limit(constant(COUNTED + 1))
    return compiled(sa.select(sa.func.count()).select_from(held.subquery("held")))


def _like_words() -> str:
    """Each word with the known words that are like it, the likest first."""
    words = sa.bindparam("words", required=False, type_=postgresql.ARRAY(sa.Text))
    typed = sa.func.unnest(words).table_valued("word", name="typed").render_derived()
    likeness = sa.func.similarity(_known.c.word, typed.c.word)
    like = sa.select(_known.c.word).where(_known.c.word.op("%", is_comparison=True)(typed.c.word))
    near = like.order_by(likeness.desc(), _known.c.word).limit(constant(_LIKE)).lateral("near")
    return compiled(sa.select(typed.c.word, near.c.word).select_from(typed.join(near, sa.true())))


def _alike() -> str:
    candidates = sa.select(*_COLUMNS).where(_HAS_WORDS, _OF_LAYERS).limit(constant(_LOOKED_AT)).subquery("alike")
    likeness = sa.func.similarity(_TYPED, candidates.c.folded).desc()
    return compiled(sa.select(candidates).order_by(likeness, *_order(candidates)).limit(_LIMIT))


def _order(names: sa.FromClause) -> tuple[sa.ColumnElement[Any], ...]:
    return names.c.folded, names.c.position, names.c.number


def _texts() -> str:
    texts = table_of(FeatureText)
    numbers = sa.bindparam("numbers", required=False, type_=postgresql.ARRAY(sa.BigInteger))
    return compiled(sa.select(texts.c.number, texts.c.geojson).where(texts.c.number == sa.func.any(numbers)))


_BEGINNING, _HOLDING, _COUNTING = _beginning(), _holding(), _counting()
_LIKE_WORDS, _ALIKE, _TEXTS = _like_words(), _alike(), _texts()
_SET_LIKENESS = f"SET LOCAL pg_trgm.similarity_threshold = {SIMILARITY}"
