"""CQL2 text and JSON into one tree, by the library cql2, within bounds that are checked before it is parsed.

The bounds come first because the parser recurses: a few thousand brackets or signs would overflow its stack, and that
ends the process. It also tries what is wrong within brackets twice for each of them: thirty would take it hours.
"""

import json
import re
from typing import Any

import cql2

from gis.errors import InvalidParameterError

FilterTree = Any
"""CQL2 JSON as Python values: {"op", "args"}, {"property"}, {"date"}, {"timestamp"}, {"interval"}, {"bbox"}, GeoJSON
geometries, lists, texts, numbers, booleans, None."""

MAX_LENGTH = 16_384
"""Characters of a filter."""
MAX_DEPTH = 32
"""Levels of brackets or of operators inside each other."""
MOST_TRIES = 1 << 19
"""Characters of a filter in text, times two for each level of brackets: what is wrong is told within 0.2 s."""
MAX_OPERATORS = 500
"""Comparisons and negations in one filter."""

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_QUOTED_JSON = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPERATOR = re.compile(r"\b(?:NOT|LIKE)\b|[=<>]+", re.IGNORECASE)
_SIGNS = re.compile(r"(?:-\s*){8}")
_PLACE = re.compile(r"--> (\d+):(\d+)")


def parse_text(text: str, parameter: str = "filter") -> FilterTree:
    """The tree of a filter in CQL2 text. Raises InvalidParameterError that tells line and column."""
    _check_length(text, parameter)
    bare = _QUOTED.sub("''", text)
    depth = _check_depth(bare, "()", parameter)
    if len(bare) << depth > MOST_TRIES:
        raise InvalidParameterError(
            parameter,
            f"{parameter} has {depth} brackets inside each other, too many for one of its length; as CQL2 JSON it may.",
        )
    if len(_OPERATOR.findall(bare)) > MAX_OPERATORS:
        raise InvalidParameterError(parameter, f"{parameter} has more than {MAX_OPERATORS} comparisons.")
    if signs := _SIGNS.search(bare):
        raise InvalidParameterError(parameter, f"{parameter} has too many signs in a row: {signs[0]!r}.")
    try:
        tree = cql2.parse_text(text).to_json()
    except cql2.ParseError as error:
        raise InvalidParameterError(parameter, f"{parameter} is not CQL2 text {_where(text, str(error))}.") from None
    except Exception as error:  # the library raises no narrower class for a geometry without coordinates
        raise InvalidParameterError(parameter, f"{parameter} is not CQL2 text: {error}.") from None
    _check_tree(tree, parameter)
    return tree


def parse_json(text: str, parameter: str = "filter") -> FilterTree:
    """The tree of a filter in CQL2 JSON. Raises InvalidParameterError that tells line and column, or what is wrong."""
    _check_length(text, parameter)
    _check_depth(_QUOTED_JSON.sub('""', text), "[]{}", parameter)
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InvalidParameterError(parameter, f"{parameter} is not JSON at {place}: {error.msg}.") from None
    except ValueError as error:  # a number of thousands of digits
        raise InvalidParameterError(parameter, f"{parameter} is not JSON: {error}.") from None
    try:
        tree = cql2.parse_json(text).to_json()
    except Exception:  # as above
        raise InvalidParameterError(
            parameter,
            f"{parameter} is JSON but not CQL2 JSON: an expression is an object with 'op' and 'args', a 'property', "
            "'date', 'timestamp', 'interval' or 'bbox', a GeoJSON geometry, a list, a text, a number or a boolean.",
        ) from None
    _check_tree(tree, parameter)
    return tree


def _check_length(text: str, parameter: str) -> None:
    if len(text) > MAX_LENGTH:
        raise InvalidParameterError(
            parameter, f"{parameter} has {len(text):,} characters; at most {MAX_LENGTH:,} are taken."
        )
    if "\x00" in text:
        raise InvalidParameterError(parameter, f"{parameter} holds a NUL character.")


def _check_depth(bare: str, brackets: str, parameter: str) -> int:
    """How many brackets are inside each other. Raises InvalidParameterError for more than MAX_DEPTH."""
    depth, deepest = 0, 0
    for place, letter in enumerate(bare):
        side = brackets.find(letter)
        if side < 0:
            continue
        depth += 1 if side % 2 == 0 else -1
        deepest = max(deepest, depth)
        if depth > MAX_DEPTH:
            raise InvalidParameterError(
                parameter, f"{parameter} has more than {MAX_DEPTH} brackets inside each other (character {place + 1})."
            )
    return deepest


def _check_tree(tree: FilterTree, parameter: str) -> None:
    """Raise InvalidParameterError for a tree of too many levels; walked without recursion."""
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > 2 * MAX_DEPTH:
            raise InvalidParameterError(
                parameter, f"{parameter} has more than {MAX_DEPTH} operators inside each other."
            )
        level = [child for node in level for child in _children(node)]


def _children(node: FilterTree) -> list[Any]:
    if isinstance(node, list):
        return node
    return list(node.values()) if isinstance(node, dict) and "coordinates" not in node else []


def _where(text: str, told: str) -> str:
    """The place a parser's message names, with what stands there."""
    found = _PLACE.search(told)
    if found is None:
        return "that can be read"
    line, column = int(found[1]), int(found[2])
    rest = text.split("\n")[line - 1][column - 1 :].strip()
    at = f"at line {line}, column {column}"
    if not rest:
        return f"{at}: it ends where something is still expected"
    return f"{at}, near {rest[:30]!r}"
