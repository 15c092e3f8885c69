"""Reading of declaration files (YAML): every mistake is told with its file, its line and what was expected."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from gis.errors import InvalidDeclarationError


class Declaration(BaseModel):
    """Base of what can be declared in a file: keys are fixed, values are of their type, nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


D = TypeVar("D", bound=Declaration)


def read_declaration(path: Path, kind: type[D]) -> D:
    """Read one file. Raises InvalidDeclarationError that names file and line."""
    text = path.read_text(encoding="utf-8")
    try:
        content = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidDeclarationError(f"{path}: line {line}: {error.problem or 'is not YAML'}") from None
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)  # where each value stands, which only mistakes need
        told = [f"{path}: line {_line(node, e['loc'])}: {_mistake(e, kind)}" for e in error.errors()]
        raise InvalidDeclarationError("\n".join(told)) from None


def nearest(word: str, known: Sequence[str]) -> str:
    """' (did you mean x?)' for the known word nearest to a wrong one, or an empty text."""
    found = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def _line(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """Line of the innermost part of a location that the file has."""
    for step in location:
        inner = _child(node, step)
        if inner is None:
            break
        node = inner
    return node.start_mark.line + 1 if node else 1


def _child(node: yaml.Node | None, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return]
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None


def _mistake(error: Any, kind: type[Declaration]) -> str:
    where = ".".join(str(step) for step in error["loc"]) or "the file"
    if error["type"] == "extra_forbidden":
        known = list(kind.model_fields) if len(error["loc"]) == 1 else []
        expected = f"; known keys: {', '.join(known)}" if known else ""
        return f"{where}: unknown key{nearest(str(error['loc'][-1]), known)}{expected}"
    if error["type"] == "missing":
        return f"{where}: is missing"
    return f"{where}: {error['msg']}, not {error['input']!r}"
