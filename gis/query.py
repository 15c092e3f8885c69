"""A page of features as GeoJSON text: Query -> SQL -> bytes. No row becomes a Python object.

Pages are cut by keyset on the sort keys and the layer's key, an integer: the cursor of a page tells the last feature
before it. A feature keeps its key when its row is republished, so a walk through all pages sees every feature that was
there all along exactly once, whatever is published meanwhile.
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import psycopg
import sqlalchemy as sa
from cachetools import LRUCache
from psycopg import AsyncConnection, Connection
from psycopg.rows import tuple_row

from gis.asked import Query, columns
from gis.errors import FeatureNotFoundError, InvalidParameterError
from gis.geojson import feature_text
from gis.layer import Layer
from gis.paging import Cursor
from gis.runs import KEYS, SPREADS
from gis.selection import BOUND, STRETCH, Selection
from gis.statement import compiled
from gis.texts import Unpacker, dictionaries

__all__ = ["BOUND", "FeatureReader", "Page", "Query", "feature_text"]

SAMPLE = 20_000
"""Rows the sample of an estimate has, about."""


class Statement(NamedTuple):
    """SQL text, its values, and whether it is prepared: None leaves that to psycopg."""

    text: str
    values: Mapping[str, Any]
    prepare: bool | None = None


Rows = Sequence[tuple[Any, ...]]
_T = TypeVar("_T")
Steps = Generator[Statement, Rows, _T]
"""Statements one after the other, each answered with its rows, and what they come to."""

_LARGE = 4 * BOUND  # features of a layer from which on a sample is looked at before counting
_SURELY = 1.25  # times BOUND: an estimate of that is not of fewer, but for one in a million
_FEW = 1_000  # features that tallies tell of, up to which they are counted all the same
_LOOKED_AT = 10_000  # features of a large layer that are looked at to count those that match
_ENOUGH = 100  # matching features in a sample from which on no larger one is taken
_TELLING = 20  # matching features in a sample from which on it tells how many there are, to a fifth
_DENSER = 4  # times as dense as on average the matching features may stand where the page starts
_STATEMENTS = 256  # kinds of query whose statements are kept
_ONE = Query(limit=None)


@dataclass(frozen=True, slots=True)
class Page:
    """Features as comma-separated GeoJSON text, and how many.

    matched: features that match in all, None: not asked. estimated: whether that is an estimate. next: cursor of the
    next page, None on the last.
    """

    features: bytes
    returned: int
    matched: int | None
    next: str | None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class _Cut:
    """What is on a page, its texts as the database gave them."""

    texts: Sequence[bytes]
    matched: int | None
    next: str | None
    estimated: bool


class FeatureReader:
    """Reads the features of one layer. Statements are compiled once per kind of query and kept.

    count=True asks for the number of all matching features. Up to BOUND it is of the same moment as the page, save for
    numbers that are known without counting.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._columns = columns(layer)
        self._compiled: LRUCache[Any, str] = LRUCache(_STATEMENTS)
        self._unpacker = Unpacker()

    async def page(self, connection: AsyncConnection[Any], query: Query, *, count: bool) -> Page:
        """One page of a query, read on an asynchronous connection. Raises InvalidParameterError."""
        with _crs_failure_told(query):
            return await _answered(connection, self._page(query, count))

    def page_sync(self, connection: Connection[Any], query: Query, *, count: bool) -> Page:
        """One page of a query, read on a synchronous connection. Raises InvalidParameterError."""
        with _crs_failure_told(query):
            return _answered_sync(connection, self._page(query, count))

    async def feature(self, connection: AsyncConnection[Any], identifier: str, query: Query = _ONE) -> bytes:
        """One feature as GeoJSON text. query: its output and moment. Raises FeatureNotFoundError."""
        with _crs_failure_told(query):
            return await _answered(connection, self._feature(identifier, query))

    def feature_sync(self, connection: Connection[Any], identifier: str, query: Query = _ONE) -> bytes:
        """One feature as GeoJSON text. query: its output and moment. Raises FeatureNotFoundError."""
        with _crs_failure_told(query):
            return _answered_sync(connection, self._feature(identifier, query))

    def rows_statement(self, query: Query) -> tuple[str, Mapping[str, Any]]:
        """SQL text and values of the features themselves: fields of the output, then the geometry as WKB, in order.

        The geometry is easting or longitude first in any system.
        """
        selection = Selection(self.layer, self._columns, query)
        return compiled(selection.rows()), selection.values

    def _feature(self, identifier: str, query: Query) -> Steps[bytes]:
        selection = Selection(self.layer, self._columns, query)
        text, values, _ = self._kept("feature", selection, selection.feature)
        # PostgreSQL cannot hold a text with a NUL, so no feature has it.
        rows = () if "\x00" in identifier else (yield Statement(text, {**values, "identifier": identifier}))
        if not rows:
            raise FeatureNotFoundError(f"{self.layer.title} has no feature {identifier!r}.")
        return bytes((yield from self._texts(selection, [rows[0][0]]))[0])

    def _page(self, query: Query, count: bool) -> Steps[Page]:
        selection = Selection(self.layer, self._columns, query)
        cut = yield from self._cut_of(selection, query, count)
        texts = yield from self._texts(selection, cut.texts)
        return Page(b",".join(texts), len(texts), cut.matched, cut.next, cut.estimated)

    def _texts(self, selection: Selection, texts: Sequence[bytes]) -> Steps[Sequence[Any]]:
        """Texts from the database as buffers of text: where they are kept compressed, unpacked."""
        table = self.layer.text_table
        if table is None or not selection.is_kept:
            return texts
        if unknown := self._unpacker.unknown(texts):
            for number, dictionary in (yield Statement(*dictionaries(table, unknown))):
                self._unpacker.learn(number, dictionary)
        return self._unpacker.unpack(texts)

    def _cut_of(self, selection: Selection, query: Query, count: bool) -> Steps[_Cut]:
        """What is on a page, found by one statement after the other."""
        if query.selects_all and not count:
            return _cut((yield self._walk(selection)), query, None, estimated=False)
        known = query.after.matched if query.after and query.after.edition == query.edition else None
        estimated = known is not None and query.after is not None and query.after.estimated
        is_large = query.total is not None and query.total > _LARGE and not query.is_counted
        if known is None and is_large and selection.is_told_by_runs:
            cut = yield from self._tallied(selection, query, count)
            if cut is not None:
                return cut
        elif known is None and query.total is not None and (is_large or selection.is_exactly_tallied):
            known, estimated = yield from self._guess(selection, query, query.total)
        if not estimated and not (selection.is_tallied and known is not None and known > BOUND):
            cut = yield from self._exact(selection, query, known, count)
            if cut is not None:
                return cut
            known = yield from self._estimate(selection, query)
            estimated = True
        cut = yield from self._stretch(selection, query, known, estimated=estimated, told=count)
        if cut is not None:
            return cut
        return _cut((yield self._walk(selection)), query, known, estimated=estimated, told=count)

    def _tallied(self, selection: Selection, query: Query, count: bool) -> Steps[_Cut | None]:
        """The page of a box and about how many match, None if they are so few that they are counted."""
        step = "tallied", query.limit
        asked = self._kept(step, selection, lambda: selection.page_of_tallied(least=_FEW + 1))
        rows = yield asked._replace(prepare=True)
        number = int(rows[0][0])
        if number <= _FEW:
            return None
        return _cut(rows, query, _rounded(number, query), estimated=True, told=count)

    def _exact(self, selection: Selection, query: Query, known: int | None, count: bool) -> Steps[_Cut | None]:
        """The page of a selection whose number is counted, None if there are more than BOUND."""
        if known is not None:
            cut = yield from self._stretch(selection, query, known, estimated=False, told=count)
            if cut is not None:
                return cut
        rows = yield self._kept(
            ("hits", known is None), selection, lambda: selection.page_of_hits(counts=known is None)
        )
        matched = rows[0][0] if known is None else known
        if matched > BOUND and not (query.is_counted or selection.is_summed):
            return None
        return _cut(rows, query, matched, estimated=False, told=count)

    def _stretch(
        self, selection: Selection, query: Query, known: int | None, *, estimated: bool, told: bool
    ) -> Steps[_Cut | None]:
        """The page if it is found among the next rows, where it is likely to be; else None."""
        if selection.is_summed or (selection.is_by_runs and selection.is_keyed):
            return _cut((yield self._walk(selection)), query, known, estimated=estimated, told=told)
        if query.limit is None or query.sort or query.is_counted or not query.total or not known:
            return None
        if known * STRETCH < query.limit * query.total / _DENSER:
            return None
        if selection.has_runs:
            return _cut((yield self._walk(selection)), query, known, estimated=estimated, told=told)
        rows = yield self._kept("stretch", selection, selection.page_of_stretch)
        return _cut(rows, query, known, estimated=estimated, told=told) if len(rows) > query.limit else None

    def _guess(self, selection: Selection, query: Query, total: int) -> Steps[tuple[int | None, bool]]:
        """How many features match and whether that is an estimate; None if they are to be counted."""
        if selection.is_tallied:
            number = int((yield self._kept("tally", selection, selection.tally))[0][0])
            if number <= _FEW:
                return None, False
            return (number, False) if selection.is_exactly_tallied else (_rounded(number, query), True)
        about = yield from self._sampled(selection, query, total)
        return about, about is not None

    def _sampled(self, selection: Selection, query: Query, total: int) -> Steps[int | None]:
        """About how many features of a large layer match, None if they are to be counted.

        They are where there are surely no more than BOUND and few have to be looked at for it, and where those that
        match are so rare that an estimate would say little and an index is likely to know them.
        """
        if not selection.has_runs:
            found = yield from self._estimate(selection, query)
            return found if found > _SURELY * BOUND else None
        if selection.is_one:
            return None
        if not query.filters:
            about = total if query.bbox is None else int((yield self._kept("share", selection, selection.share))[0][0])
            return _rounded(about, query) if about > _SURELY * BOUND else None
        features, found, looked_at, hits = yield from self._spread(selection, total, SPREADS[0])
        if hits < _ENOUGH:
            # As many runs as these few tell are needed, and a quarter more, as they may tell too many.
            more = min(SPREADS[1], SPREADS[0] * 5 * _ENOUGH // (4 * max(1, hits)))
            features, found, looked_at, hits = yield from self._spread(selection, total, more)
        if hits < _TELLING:
            return None
        number, work = (one * features // found for one in (hits, looked_at))
        is_counted = number <= _SURELY * BOUND and work <= _LOOKED_AT
        return None if is_counted else _rounded(number, query)

    def _spread(self, selection: Selection, total: int, size: int) -> Steps[tuple[Any, ...]]:
        text, values, _ = self._kept("spread", selection, selection.spread)
        sample = {"spread": size, "every": max(1, total // KEYS // size), "total": total}
        return (yield Statement(text, {**values, **sample}, prepare=False))[0]

    def _estimate(self, selection: Selection, query: Query) -> Steps[int]:
        """About how many features match, of which there are more than BOUND; to two digits."""
        percent = 100 * min(1.0, SAMPLE / query.total) if query.total else 100.0
        text, values, _ = self._kept("sample", selection, selection.sample)
        rows = yield Statement(text, {**values, "share": percent}, prepare=False)
        return max(BOUND + 1, _rounded(int(rows[0][0] * 100 / percent), query))

    def _walk(self, selection: Selection) -> Statement:
        return self._kept("walk", selection, selection.page_of_walk)

    def _kept(self, step: Any, selection: Selection, make: Callable[[], sa.Select[Any]]) -> Statement:
        """A statement, made once per kind of query. It is planned anew: the plan for any selection is bad for most."""
        key = (step, selection.kind)
        text = self._compiled.get(key)
        if text is None:
            text = self._compiled[key] = compiled(make())
        return Statement(text, selection.values, None if selection.query.selects_all else False)


async def _answered(connection: AsyncConnection[Any], steps: Steps[_T]) -> _T:
    """What steps come to, each statement of theirs answered with its rows."""
    async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        try:
            statement = next(steps)
            while True:
                await cursor.execute(statement.text, statement.values, prepare=statement.prepare)
                statement = steps.send(await cursor.fetchall())
        except StopIteration as done:
            found: _T = done.value
            return found


def _answered_sync(connection: Connection[Any], steps: Steps[_T]) -> _T:
    with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        try:
            statement = next(steps)
            while True:
                statement = steps.send(
                    cursor.execute(statement.text, statement.values, prepare=statement.prepare).fetchall()
                )
        except StopIteration as done:
            found: _T = done.value
            return found


@contextmanager
def _crs_failure_told(query: Query) -> Iterator[None]:
    """Tell of a geometry that the wanted system cannot express; PostGIS stops at it with an internal error."""
    try:
        yield
    except psycopg.errors.InternalError_ as error:
        if query.output.crs.is_stored:
            raise
        raise InvalidParameterError(
            "crs",
            f"crs: {query.output.crs.name} cannot express where some of these features lie; choose a bbox inside it.",
        ) from error


def _rounded(number: int, query: Query) -> int:
    """An estimate to two digits, no more than there are features."""
    rounded = round(number, 2 - len(str(number)))
    return min(rounded, query.total or rounded)


def _cut(rows: Rows, query: Query, matched: int | None, *, estimated: bool, told: bool = True) -> _Cut:
    """The page in rows of number of all, place, key, text and sort values; in any order, one more than its limit."""
    found = sorted((row for row in rows if row[2] is not None), key=lambda row: row[1])
    shown = found[: query.limit]
    following = None
    if len(found) > len(shown):
        _, _, key, _, *values = shown[-1]
        cursor = Cursor(key, tuple(values), matched, estimated, query.edition)
        following = cursor.text(query.sort)
    elif query.after is None and matched is not None:  # all there is was found, so that an estimate is none
        matched, estimated = len(shown), False
    return _Cut([row[3] for row in shown], matched if told else None, following, estimated)
