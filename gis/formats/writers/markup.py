"""Columns as XML text, whole columns at a time."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from shapely.geometry.base import BaseGeometry

from gis.formats.writers.columns import text

Coordinates = npt.NDArray[np.float64]

_NOT_IN_XML = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x{fffe}\\x{ffff}]"
# A carriage return would be read back as a line feed.
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\r", "&#13;"))


def escaped(column: pa.Array) -> pa.Array:
    """A column as text that may stand in an element or attribute; null stays null.

    Characters XML cannot hold become U+FFFD.
    """
    made = pc.replace_substring_regex(text(column), _NOT_IN_XML, "\ufffd")
    for plain, entity in _ENTITIES:
        made = pc.replace_substring(made, plain, entity)
    return made


def escape(value: str) -> str:
    """One text as `escaped` makes it."""
    made: str = escaped(pa.array([value], pa.string()))[0].as_py()
    return made


def wrapped(before: str, column: pa.Array, after: str) -> pa.Array:
    """Each text of a column between two others; null stays null."""
    return pc.binary_join_element_wise(before, column, after, "")


def joined(columns: Sequence[pa.Array], rows: int) -> list[str]:
    """The texts of each row one behind the other, null as nothing."""
    if not columns:
        return [""] * rows
    made: list[str] = pc.binary_join_element_wise(
        *columns, "", null_handling="replace", null_replacement=""
    ).to_pylist()
    return made


def parts(shape: BaseGeometry) -> list[list[Coordinates]]:
    """Coordinates of a shape: for each point or line one ring, for each polygon its outer ring and its holes."""
    return [_rings(part) for part in shapely.get_parts(shape)]


def places(coordinates: Coordinates, between: str, after: str) -> str:
    """Coordinates as text: one character between the two of a place, another after it."""
    return after.join(f"{x!r}{between}{y!r}" for x, y in coordinates.tolist())


def _rings(part: BaseGeometry) -> list[Coordinates]:
    if part.geom_type != "Polygon":
        return [shapely.get_coordinates(part)]
    rings = [
        shapely.get_exterior_ring(part),
        *(shapely.get_interior_ring(part, n) for n in range(shapely.get_num_interior_rings(part))),
    ]
    return [shapely.get_coordinates(ring) for ring in rings]


def each(shapes: npt.NDArray[np.object_], make: Callable[[int, BaseGeometry], str]) -> pa.Array:
    """A text for every shape, made from its number in the batch and the shape; null where there is none."""
    return pa.array([make(n, shape) if shape is not None else None for n, shape in enumerate(shapes)], pa.string())
