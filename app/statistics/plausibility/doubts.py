"""What a check of plausibility tells: figures that do not go together, and why, in words that can be translated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.statistics.checks import Cube

Row = Mapping[str, Any]
"""A figure by its fields: a published one, or one of a file that was checked."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A value with its unit."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a dimension."""

    dimension: str
    code: str


@dataclass(frozen=True, slots=True)
class Part:
    """A fraction."""

    value: float


Told = Amount | Code | Part | int | str
"""What a message has places for; a number without unit is a year or a count, a text stands as it is."""

Say = Callable[[Told], str]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Figures that do not go together. figures: those concerned, the one to look at first in front.

    message: English, with places for the values. weight: the heavier, the sooner it is worth to be looked at, compared
    with others of the same check.
    """

    figures: tuple[Row, ...]
    message: str
    values: Mapping[str, Told]
    weight: float

    def text(self, say: Say, message: str | None = None) -> str:
        """The message, or its translation, with the values as they are said."""
        return (message or self.message) % {name: say(value) for name, value in self.values.items()}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check found. compared: how often figures were compared; doubts: the heaviest first.

    left_out: how often a comparison was wanted and could not be made, by reason (English messages).
    """

    compared: int
    doubts: Sequence[Doubt]
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Check:
    """A check. method: what is compared and when it is doubted; fill: which figures it takes (English messages)."""

    id: str
    title: str
    method: str
    fill: str
    judge: Callable[[Sequence[Row], Cube], Judged]


def message(text: str) -> str:
    """Mark a text as a message of the catalogues of the pages."""
    return text


def ranked(doubts: Sequence[Doubt]) -> tuple[Doubt, ...]:
    """The heaviest first; those of one weight in the order of their countries and years."""
    return tuple(sorted(doubts, key=lambda one: (-one.weight, one.figures[0]["country"], one.figures[0]["year"])))


def english(cube: Cube) -> Say:
    """Says values in English, as the API does."""
    vocabularies = {"commodity": "commodity-code"}

    def say(value: Told) -> str:
        if isinstance(value, Amount):
            return f"{value.value:,.6g} {value.unit}"
        if isinstance(value, Part):
            return f"{value.value:.1%}"
        if not isinstance(value, Code):
            return str(value)
        if value.dimension in {"country", "partner"}:
            return cube.members.get(value.code, value.code)
        return cube.vocabularies[vocabularies.get(value.dimension, value.dimension)].label(value.code)

    return say
