"""What the servers are asked: boxes, cursors and tiles drawn from the points themselves, new ones in every round."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tests.bench.generate import POINTS, Array, coordinates, extent

Box = tuple[float, float, float, float]

ZOOM = 5
PIXELS = 512
_LABELS_FROM = 9  # zoom level at which the product writes names beside the points, which a bare map does not


@dataclass(frozen=True, slots=True)
class Page:
    """A page of features. after: number of the feature before it, for servers that seek. skipped: how many that match
    lie before it, for servers that count. matched: how many there are in all, which a client has learnt by then.
    """

    limit: int
    box: Box | None = None
    after: int | None = None
    skipped: int = 0
    matched: int | None = None


class Questions:
    """Questions about the points; the same for the same row and round.

    order: the points in the order of their numbers in the database, which follow each other from `first` on.
    """

    def __init__(self, count: int = POINTS, order: Sequence[int] | None = None, first: int = 0) -> None:
        lon, lat = coordinates(count)
        self._lon, self._lat = (lon, lat) if order is None else (lon[order], lat[order])
        self._count = count
        self._first = first
        self._by_lon = np.argsort(self._lon)
        self._sorted = self._lon[self._by_lon]

    def pages(self, row: str, number: int, limit: int) -> list[Page]:
        """Pages of all features that start anywhere."""
        draw = random.Random(f"{row} {number}")
        starts = [draw.randrange(self._count - limit - 1) for _ in range(4000)]
        return [Page(limit, None, self._first + start, start + 1, self._count) for start in starts]

    def boxes(self, row: str, number: int, limit: int, *, deep: bool = False) -> list[Page]:
        """First pages, or pages far behind, of boxes that cover a twentieth (deep: a quarter) of the extent."""
        draw = random.Random(f"{row} {number}")
        return [self._boxed(draw, limit, 4 if deep else 20, deep) for _ in range(400)]

    def _boxed(self, draw: random.Random, limit: int, share: int, deep: bool) -> Page:
        west, south, east, north = extent()
        width, height = (east - west) / math.sqrt(share), (north - south) / math.sqrt(share)
        left, low = draw.uniform(west, east - width), draw.uniform(south, north - height)
        box = (round(left, 4), round(low, 4), round(left + width, 4), round(low + height, 4))
        if not deep:
            return Page(limit, box)
        last = draw.randrange(self._count // 2, self._count * 8 // 10)
        inside = self._inside(box)
        return Page(limit, box, self._first + last, int((inside <= last).sum()), len(inside))

    def maps(self, row: str, number: int, count: int, points: int = 700) -> list[Box]:
        """Square boxes with about so many points each, none so small that names are written."""
        draw = random.Random(f"{row} {number}")
        found: list[Box] = []
        while len(found) < count:
            box = self._map(draw, points)
            if box:
                found.append(box)
        return found

    def _map(self, draw: random.Random, points: int) -> Box | None:
        west, south, east, north = extent()
        x, y = draw.uniform(west + 3, east - 3), draw.uniform(south + 3, north - 3)
        low, high = 360 / 256 / 2**_LABELS_FROM * PIXELS / 2 * 1.1, 3.0
        for _ in range(14):
            half = (low + high) / 2
            box = (round(x - half, 5), round(y - half, 5), round(x + half, 5), round(y + half, 5))
            inside = len(self._inside(box))
            if abs(inside - points) <= 0.05 * points:
                return box
            low, high = (half, high) if inside < points else (low, half)
        return None

    @cached_property
    def tiles(self) -> list[tuple[int, int, int]]:
        """Row, column and number of points of the tiles at zoom 5 that have any, the fullest first."""
        return self.fullest(ZOOM)

    def fullest(self, zoom: int, most: int | None = None) -> list[tuple[int, int, int]]:
        """The same at any zoom level, at most so many."""
        size = 2**zoom
        column = np.floor((self._lon + 180) / 360 * size).astype(np.int64)
        row = np.floor((1 - np.arcsinh(np.tan(np.radians(self._lat))) / np.pi) / 2 * size).astype(np.int64)
        places, counts = np.unique(row * size + column, return_counts=True)
        chosen = np.argsort(-counts, kind="stable")[:most]
        return [(*divmod(int(places[n]), size), int(counts[n])) for n in chosen]

    def wholes(self, row: str, number: int, count: int) -> list[Box]:
        """Boxes around all points, no two alike."""
        draw = random.Random(f"{row} {number}")
        west, south, east, north = extent()
        margins = [round(draw.uniform(0.001, 0.5), 6) for _ in range(count)]
        return [(west - m, south - 5 - m, east + m, north + 5 + m) for m in margins]

    def _inside(self, box: Box) -> Array:
        """Numbers of the points in a box."""
        west, south, east, north = box
        first, last = np.searchsorted(self._sorted, (west, east))
        near = self._by_lon[first:last]
        lat = self._lat[near]
        inside: Array = near[(lat >= south) & (lat <= north)]
        return inside
