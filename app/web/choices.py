"""What a form of a public page lets one choose from."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """A drop-down list: options are pairs of code and label, chosen is one of the codes or empty."""

    name: str
    options: Sequence[tuple[str, str]]
    chosen: str
