"""Conditions on a record in CQL2, evaluated on its properties by the cql2 library."""

from collections.abc import Iterator, Mapping
from typing import Any

import cql2

from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.filters import parse_json, parse_text

_PARAMETER = "filter"


class Filter:
    """A condition; whether records meet it.

    text: CQL2 text, or a CQL2 JSON document. known: names a condition may use. Raises InvalidParameterError for a
    condition that is not CQL2 or names something else.
    """

    def __init__(self, text: str, known: Mapping[str, Any]) -> None:
        expression = (parse_json if text.lstrip().startswith("{") else parse_text)(text)
        self._names = frozenset(_names(expression))
        for name in sorted(self._names - known.keys()):
            raise InvalidParameterError(
                _PARAMETER,
                f"A record has no property {name!r}{nearest(name, list(known))}. Known: {', '.join(known)}.",
            )
        self._expression = cql2.Expr(_without_between(expression))

    def matches(self, properties: dict[str, Any]) -> bool:
        """Whether the condition is true. Raises InvalidParameterError when its parts cannot be compared."""
        try:
            return bool(self._expression.matches(properties))
        except Exception:
            if any(properties.get(name) is None for name in self._names):
                # What is not known makes a comparison neither true nor false: it does not match, as in SQL.
                return False
            raise InvalidParameterError(
                _PARAMETER,
                "The filter is no condition, or compares values of different types or with a function that is not "
                f"there. Given: {str(self._expression.to_text())[:200]}",
            ) from None


def _names(expression: Any) -> Iterator[str]:
    if isinstance(expression, list):
        for one in expression:
            yield from _names(one)
    elif isinstance(expression, dict):
        if isinstance(expression.get("property"), str):
            yield expression["property"]
        for one in expression.values():
            yield from _names(one)


def _without_between(expression: Any) -> Any:
    """The expression with BETWEEN as two comparisons: evaluated as such, the library knows times too."""
    if isinstance(expression, list):
        return [_without_between(one) for one in expression]
    if not isinstance(expression, dict):
        return expression
    inner = {key: _without_between(value) for key, value in expression.items()}
    if inner.get("op") != "between":
        return inner
    if len(inner["args"]) != 3:
        raise InvalidParameterError(_PARAMETER, f"filter: BETWEEN takes 3 arguments, not {len(inner['args'])}.")
    value, low, high = inner["args"]
    return {"op": "and", "args": [{"op": ">=", "args": [value, low]}, {"op": "<=", "args": [value, high]}]}
