"""Where a page of a sorted walk starts: the keyset of the last feature before it, carried by an opaque cursor.

The order is that of the sort keys, missing values last, and then of the layer's key, which is unique; so a walk sees
every feature that was there all along exactly once, whatever is published meanwhile.
"""

# SPDX-License-Identifier: Apache-2.0

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from gis.errors import InvalidParameterError
from gis.filters.text import code_points
from gis.layer import Field, FieldType
from gis.statement import value


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by."""

    field: Field
    descending: bool = False

    @property
    def text(self) -> str:
        """The key as a client writes it."""
        return f"{'-' if self.descending else ''}{self.field.name}"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last feature before a page, and how many features the walk has.

    values: of its sort keys. matched: None if not known; estimated: whether it is an estimate. edition: of the data the
    number is true for.
    """

    key: int
    values: tuple[Any, ...] = ()
    matched: int | None = None
    estimated: bool = False
    edition: str = ""

    def text(self, sort: Sequence[SortKey]) -> str:
        """The cursor as a client hands it back."""
        values = [one.isoformat() if isinstance(one, date) else one for one in self.values]
        told = [self.key, values, [one.text for one in sort], self.matched, self.estimated, self.edition]
        written = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(written).rstrip(b"=").decode()


def read_cursor(text: str, sort: Sequence[SortKey]) -> Cursor:
    """The cursor of a text. Raises InvalidParameterError if it is none, or of another order."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        key, values, order, matched, estimated, edition = json.loads(base64.b64decode(padded, b"-_", validate=True))
        found = tuple(_read(one, raw) for one, raw in zip(sort, values, strict=True))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise _wrong() from None
    right = (
        order == [one.text for one in sort]
        and _is_count(key)
        and (matched is None or (_is_count(matched) and matched >= 0))
        and isinstance(estimated, bool)
        and isinstance(edition, str)
    )
    if not right:
        raise _wrong()
    return Cursor(key, found, matched, estimated, edition)


def order_by(sort: Sequence[SortKey], columns: Mapping[str, Any], key: ColumnElement[int]) -> list[Any]:
    """What rows are ordered by; columns: of the sort fields, by name."""
    terms: list[Any] = []
    for one in sort:
        column = _comparable(one, columns[one.field.name])
        terms.append((column.desc() if one.descending else column.asc()).nulls_last())
    return [*terms, key]


def keyset(cursor: Cursor) -> dict[str, Any]:
    """The values that the condition of `behind` binds."""
    values = {f"after{number}": given for number, given in enumerate(cursor.values) if given is not None}
    return {"after": cursor.key, **values}


def behind(
    cursor: Cursor, sort: Sequence[SortKey], columns: Mapping[str, Any], key: ColumnElement[int]
) -> ColumnElement[bool]:
    """Whether a row comes after the cursor. The statement depends on which of the cursor's values are missing."""
    last = key > value("after", sa.BigInteger)
    ways: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for number, (one, given) in enumerate(zip(sort, cursor.values, strict=True)):
        column = _comparable(one, columns[one.field.name])
        if given is None:  # the last of the order: only what is missing too can follow
            equal.append(column.is_(sa.null()))
            continue
        kind = _SORTED[one.field.type]
        place = _comparable(one, sa.cast(value(f"after{number}", kind), kind))
        further = column < place if one.descending else column > place
        ways.append(sa.and_(*equal, sa.or_(further, column.is_(sa.null()))))
        equal.append(column == place)
    return sa.or_(*ways, sa.and_(*equal, last))


def _comparable(one: SortKey, column: ColumnElement[Any]) -> ColumnElement[Any]:
    return code_points(column) if one.field.type is FieldType.STRING else column


_SORTED: Mapping[FieldType, type[sa.types.TypeEngine[Any]]] = {
    FieldType.STRING: sa.Text,
    FieldType.INTEGER: sa.BigInteger,
    FieldType.NUMBER: sa.Double,
    FieldType.BOOLEAN: sa.Boolean,
    FieldType.DATE: sa.Date,
    FieldType.DATETIME: sa.DateTime,
}


def is_sortable(field: Field) -> bool:
    """Whether features can be put in the order of a field."""
    return field.type in _SORTED


def _read(one: SortKey, raw: Any) -> Any:
    """A sort value out of JSON. Raises ValueError or TypeError."""
    kind = one.field.type
    if raw is None:
        return None
    if kind is FieldType.DATE:
        return date.fromisoformat(raw)
    if kind is FieldType.DATETIME:
        moment = datetime.fromisoformat(raw)
        if moment.tzinfo is None:
            raise ValueError(raw)
        return moment
    expected = {FieldType.STRING: str, FieldType.BOOLEAN: bool, FieldType.INTEGER: int}.get(kind, (int, float))
    if not isinstance(raw, expected) or isinstance(raw, bool) is not (kind is FieldType.BOOLEAN):
        raise TypeError(raw)
    if isinstance(raw, str):
        if "\x00" in raw:
            raise ValueError(raw)
        raw.encode()
    elif not _fits(raw, kind):
        raise ValueError(raw)
    return raw


def _fits(raw: Any, kind: FieldType) -> bool:
    return math.isfinite(raw) and (kind is FieldType.NUMBER or abs(raw) < 2**63)


def _is_count(raw: Any) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 2**63


def _wrong() -> InvalidParameterError:
    return InvalidParameterError(
        "cursor", "cursor is none of ours, or of a walk in another order: take it from the link to the next page."
    )
