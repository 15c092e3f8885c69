"""The audit log as a file, written line by line."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_COLUMNS = (
    *("number", "at", "person", "name", "role", "country", "action", "kind", "object", "outcome"),
    *("detail", "address"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A form of the file: how it is named, and what writes rows of the log as text."""

    suffix: str
    media_type: str
    write: Callable[[Iterable[Mapping[str, Any]]], Iterator[str]]


def _as_csv(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Rows as CSV. What a spreadsheet would take for a formula gets an apostrophe: names in it are anybody's."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row in rows:
        told = _told(row)
        told["detail"] = json.dumps(told["detail"], ensure_ascii=False)
        writer.writerow([_plain(told[name]) for name in _COLUMNS])
        yield _taken(text)
    yield _taken(text)


def _as_json_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (json.dumps(_told(row), ensure_ascii=False) + "\n" for row in rows)


FORMATS: Mapping[str, ExportFormat] = {
    "csv": ExportFormat("csv", "text/csv; charset=utf-8", _as_csv),
    "jsonl": ExportFormat("jsonl", "application/jsonl; charset=utf-8", _as_json_lines),
}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row["person_id"] if name == "person" else row[name] for name in _COLUMNS} | {
        "at": row["at"].isoformat()
    }


def _plain(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _taken(text: io.StringIO) -> str:
    written = text.getvalue()
    text.seek(0)
    text.truncate()
    return written
