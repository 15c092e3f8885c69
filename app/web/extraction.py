"""What Babel takes messages from besides templates and code: the house's own vocabularies, layers and regions."""

import ast
import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any, BinaryIO

import yaml

Found = tuple[int, None, str, list[str]]
"""Line, no function, message, comments: what Babel takes from an extraction."""

_COLUMNS = ("label", "description", "fill")
_DECLARED = {"field": 0, "Field": 2, "Layer": 2}
"""What declares a field or layer, and how many arguments come before its title."""
_TOLD = ("title", "description", "abstract", "keywords")
_KEYS = ("title", "description", "disclaimer", "abstract", "name", "group", "text", "licence", "organisation")


def vocabulary(file: BinaryIO, keywords: object, comment_tags: object, options: object) -> Iterator[Found]:
    """Labels and descriptions of the terms of a vocabulary without labels in other languages."""
    rows = csv.DictReader(StringIO(file.read().decode(), newline=""))
    for row in rows:
        for text in filter(None, (row.get(column) for column in _COLUMNS)):
            yield rows.line_num, None, text, []


def declaration(file: BinaryIO, keywords: object, comment_tags: object, options: object) -> Iterator[Found]:
    """Titles and texts of a declaration in YAML, at whatever depth."""
    for text in _texts(yaml.safe_load(file)):
        yield 1, None, text.strip(), []


def fields(file: BinaryIO, keywords: object, comment_tags: object, options: object) -> Iterator[Found]:
    """Titles and descriptions of the fields and layers that are declared in a module."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _DECLARED:
            told = [one.value for one in node.keywords if one.arg in _TOLD]
            listed = [part for one in told if isinstance(one, ast.Tuple) for part in one.elts]
            for text in (*node.args[_DECLARED[node.func.id] :], *told, *listed):
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield node.lineno, None, text.value, []


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in _KEYS and isinstance(value, str):
                yield value
            elif key == "keywords":
                yield from value
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
