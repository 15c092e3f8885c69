"""What every reader gives: one record of a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Record:
    """One record. line: where it starts in the file, from 1. values: by name as the file has them, text or typed.

    shape: geometry in degrees (CRS84), None when the file gives none.
    """

    line: int
    values: Mapping[str, Any]
    shape: BaseGeometry | None
