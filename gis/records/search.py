"""Search in a catalogue that is held in memory: every record is looked at, in the order asked for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.layer import BBox
from gis.records import geojson
from gis.records.filter import Filter
from gis.records.record import Record

Interval = tuple[datetime | None, datetime | None]

_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}

SORTABLES: Mapping[str, Mapping[str, Any]] = {
    "id": {**_TEXT, "title": "Identifier of the record"},
    "title": {**_TEXT, "title": "Title"},
    "type": {**_TEXT, "title": "What is described: dataset or release"},
    "created": {**_TIME, "title": "First publication"},
    "updated": {**_TIME, "title": "Last publication"},
    "release": {"type": "integer", "title": "Number of the release"},
    "numberOfFeatures": {"type": "integer", "title": "Number of features"},
}
"""What records can be put in order by, as JSON Schema."""

QUERYABLES: Mapping[str, Mapping[str, Any]] = {
    **SORTABLES,
    "description": {**_TEXT, "title": "Description"},
    "keywords": {"type": "array", "items": _TEXT, "title": "Keywords"},
    "license": {**_TEXT, "title": "Licence, by its SPDX identifier"},
    "rights": {**_TEXT, "title": "Licences, as the sources name them"},
    "attribution": {**_TEXT, "title": "Sources"},
    "geometry": {"format": "geometry-polygon", "title": "Extent", "x-ogc-role": "primary-geometry"},
}
"""What a condition on a record may name, as JSON Schema."""

DEFAULT_ORDER = (("type", False), ("title", False), ("release", True))
"""Datasets before releases, by title, the newest release first."""

_SEARCHED = ("title", "description", "keywords", "attribution", "rights", "citation")


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of a catalogue; an empty tuple or None asks for everything.

    q: alternatives, each found as it stands but for case and white space. interval: first and last moment, None for an
    open end. order: pairs of sortable and whether it descends. after: id of the record the page starts behind.
    """

    limit: int = 10
    after: str | None = None
    bbox: BBox | None = None
    interval: Interval | None = None
    q: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    filter: Filter | None = None
    order: tuple[tuple[str, bool], ...] = DEFAULT_ORDER


@dataclass(frozen=True, slots=True)
class Found:
    """A page of records, how many match in all, and the id the next page starts behind, None on the last page."""

    records: tuple[Record, ...]
    matched: int
    next: str | None


class Index:
    """Records prepared for search."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = tuple(records)
        self._by_id = {record.id: record for record in records}
        self._properties = {record.id: _flat(record) for record in records}
        self._texts = {record.id: _text(self._properties[record.id]) for record in records}

    def record(self, identifier: str) -> Record | None:
        """The record of that id, or None."""
        return self._by_id.get(identifier)

    def search(self, search: Search) -> Found:
        """One page of what matches. Raises InvalidParameterError for a page or filter that cannot be."""
        tests = list(self._tests(search))
        matching = [record for record in self.records if all(test(record) for test in tests)]
        self._sort(matching, search.order)
        start = self._start(matching, search.after)
        page = matching[start : start + search.limit]
        more = start + len(page) < len(matching)
        return Found(tuple(page), len(matching), page[-1].id if more else None)

    def _tests(self, search: Search) -> list[Callable[[Record], bool]]:
        tests: list[Callable[[Record], bool]] = []
        if search.ids:
            tests.append(lambda record: record.id in search.ids)
        if search.external_ids:
            tests.append(lambda record: record.uri in search.external_ids)
        if search.types:
            tests.append(lambda record: record.kind in search.types)
        if search.q:
            patterns = [_pattern(one) for one in search.q]
            tests.append(lambda record: any(one.search(self._texts[record.id]) for one in patterns))
        if search.bbox is not None:
            box = search.bbox
            tests.append(lambda record: _meets(record.bbox, box))
        if search.interval is not None:
            interval = search.interval
            tests.append(lambda record: _during(record, interval))
        if search.filter is not None:
            condition = search.filter
            tests.append(lambda record: condition.matches(self._properties[record.id]))
        return tests

    def _sort(self, records: list[Record], order: Sequence[tuple[str, bool]]) -> None:
        # Python's sort is stable, so sorting by the last key first gives the order of all; the id settles the rest.
        for name, descending in reversed((*order, ("id", False))):
            known = [r for r in records if self._properties[r.id].get(name) is not None]
            unknown = [r for r in records if self._properties[r.id].get(name) is None]
            known.sort(key=lambda r: self._properties[r.id][name], reverse=descending)
            records[:] = [*known, *unknown]

    @staticmethod
    def _start(matching: Sequence[Record], after: str | None) -> int:
        if after is None:
            return 0
        for position, record in enumerate(matching, start=1):
            if record.id == after:
                return position
        raise InvalidParameterError("cursor", "The cursor is not of this search. Start again from its first page.")


def read_order(text: str) -> tuple[tuple[str, bool], ...]:
    """Order from ``sortby``: names with commas between, - before one that descends. Raises InvalidParameterError."""
    order = []
    for part in text.split(","):
        name = part.strip().lstrip("+-")
        if name not in SORTABLES:
            close = nearest(name, list(SORTABLES))
            raise InvalidParameterError(
                "sortby", f"Records cannot be sorted by {name!r}{close}. Known: {', '.join(SORTABLES)}."
            )
        order.append((name, part.strip().startswith("-")))
    return tuple(order)


def _flat(record: Record) -> dict[str, Any]:
    properties = geojson.properties(record)
    geometry = geojson.box(record.bbox)
    return {"id": record.id, **properties, **({"geometry": geometry} if geometry else {})}


def _text(properties: Mapping[str, Any]) -> str:
    parts = (properties.get(name, "") for name in _SEARCHED)
    return "\n".join(part if isinstance(part, str) else "\n".join(part) for part in parts).casefold()


def _pattern(words: str) -> re.Pattern[str]:
    """The words in their order with any white space between, as words of the text begin."""
    return re.compile(r"\s+".join(re.escape(word) for word in words.casefold().split()))


def _meets(box: BBox | None, asked: BBox) -> bool:
    if box is None:
        return False
    west, south, east, north = asked
    if not (box[1] <= north and south <= box[3]):
        return False
    if west > east:  # across the antimeridian
        return box[2] >= west or box[0] <= east
    return box[0] <= east and west <= box[2]


def _during(record: Record, asked: Interval) -> bool:
    """Whether the record's time, which ends before its end, meets an interval; one without time always does."""
    if record.interval is None:
        return True
    start, end = record.interval
    first, last = asked
    return (last is None or start <= last) and (first is None or end is None or first < end)
