"""Checks of a record against the fields of a layer: each value is converted to its type or told as a Finding.

A rule is a function of field and value that returns what is wrong, or None; RULES names all of them.
"""

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gis.formats.record import Record
from gis.layer import Field, FieldType, GeometryType
from gis.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a record: line of the file, field, name of the rule, what is wrong in words."""

    row: int
    field: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"line {self.row}: {self.field}: {self.message}"


@dataclass(frozen=True, slots=True)
class Checks:
    """What records are checked against. nil: URIs allowed in place of a term because they tell why it is missing."""

    fields: tuple[Field, ...]
    vocabularies: Mapping[str, Vocabulary]
    nil: frozenset[str] = frozenset()
    geometry_type: GeometryType | None = None

    def apply(self, record: Record) -> tuple[dict[str, Any], BaseGeometry | None, list[Finding]]:
        """Values by field name converted to their types, the geometry in the layer's type, and what was found."""
        unknown = record.values.keys() - {f.name for f in self.fields}
        findings = [Finding(record.line, name, "unknown-field", "the layer has no such field") for name in unknown]
        values = {}
        for field in self.fields:
            values[field.name], wrong = self._value(field, record.values.get(field.name))
            findings.extend(Finding(record.line, field.name, rule, message) for rule, message in wrong)
        shape, wrong_shape = _geometry(record.shape, self.geometry_type)
        if wrong_shape:
            findings.append(Finding(record.line, "geometry", "geometry", wrong_shape))
        return values, shape, findings

    def _value(self, field: Field, given: Any) -> tuple[Any, list[tuple[str, str]]]:
        if given is None or given == "":
            return None, [("required", "is required and empty")] if field.required else []
        try:
            value = _CONVERTERS[field.type](given)
        except (ValueError, TypeError):
            return None, [("type", f"{given!r} is not of type {field.type}")]
        found = ((name, rule(self, field, value)) for name, rule in RULES.items())
        return value, [(name, message) for name, message in found if message]


def _in_range(checks: Checks, field: Field, value: Any) -> str | None:
    if field.minimum is not None and value < field.minimum:
        return f"{value} is below {field.minimum}"
    if field.maximum is not None and value > field.maximum:
        return f"{value} is above {field.maximum}"
    return None


def _in_vocabulary(checks: Checks, field: Field, value: Any) -> str | None:
    if field.vocabulary is None:
        return None
    vocabulary = checks.vocabularies[field.vocabulary]
    known: Mapping[str, Any] = vocabulary.by_uri if field.name.endswith("_uri") else vocabulary.terms
    given: Iterable[str] = value if isinstance(value, list) else [value]
    unknown = [v for v in given if v not in known and v not in checks.nil]
    return f"{', '.join(map(repr, unknown))} is not in the vocabulary {field.vocabulary}" if unknown else None


def _clean_text(checks: Checks, field: Field, value: Any) -> str | None:
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if isinstance(text, str) and any(ord(c) < 32 and c not in "\n\t" for c in text):
            return "holds a control character"
    return None


Rule = Callable[[Checks, Field, Any], str | None]
RULES: Mapping[str, Rule] = {"range": _in_range, "vocabulary": _in_vocabulary, "text": _clean_text}


def _number(given: Any) -> float:
    value = float(given)
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def _boolean(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).lower()
    if word not in ("true", "false"):
        raise ValueError(given)
    return word == "true"


def _strings(given: Any) -> list[str]:
    return [str(g) for g in given] if isinstance(given, list) else [part for part in str(given).split("|") if part]


def _text(given: Any) -> str:
    return str(given).strip()


_CONVERTERS: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.STRING: _text,
    FieldType.INTEGER: int,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _text,
    FieldType.DATETIME: _text,
    FieldType.STRINGS: _strings,
}


def _geometry(shape: BaseGeometry | None, wanted: GeometryType | None) -> tuple[BaseGeometry | None, str | None]:
    """The geometry as the wanted type (single parts become collections of one), and what is wrong with it."""
    if wanted is None:
        return shape, None
    if shape is None or shape.is_empty:
        return None, "there is no geometry"
    converted = _MULTI[wanted]([shape]) if f"Multi{shape.geom_type}" == wanted else shape
    if converted.geom_type != wanted:
        return None, f"is a {shape.geom_type}, the layer holds {wanted}"
    west, south, east, north = converted.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None, f"lies outside the degrees of the globe: {west:g} {south:g} {east:g} {north:g}"
    if wanted is not GeometryType.POINT and not converted.is_valid:
        return None, f"is not valid: {shapely.is_valid_reason(converted)}"
    return converted, None


_MULTI: Mapping[GeometryType, Any] = {
    GeometryType.POINT: operator.itemgetter(0),
    GeometryType.LINE: shapely.MultiLineString,
    GeometryType.POLYGON: shapely.MultiPolygon,
}
