"""Whether a point lies in the country it is said to lie in, or in that country's sea."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely import STRtree, prepare
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import make_valid

from data.compile.tables import read_features

SEA_DEGREES = 0.25
"""How far from its country's coast a point may lie at sea."""

BORDER_DEGREES = 0.05
"""How far a point may lie inside a neighbour: borders are generalised and points rounded."""


@dataclass(frozen=True)
class Places:
    """Country polygons: the members at 1:10 million, their neighbours at 1:50 million."""

    codes: list[str]
    polygons: list[BaseGeometry]
    tree: STRtree

    def distance(self, point: Point, country: str) -> float:
        """Degrees between a point and a country; 0 inside it."""
        return float(self.polygons[self.codes.index(country)].distance(point))

    def at(self, point: Point) -> str:
        """The ISO 3166-1 alpha-3 code of the country a point is in, empty at sea."""
        found = self.tree.query(point, predicate="intersects")
        return self.codes[int(found[0])] if len(found) else ""

    def complaint(self, lon: float, lat: float, country: str) -> str:
        """Why a point cannot be in a country or its sea; empty when it can."""
        point = Point(lon, lat)
        distance = self.distance(point, country)
        if distance == 0:
            return ""
        if self.at(point) and distance > BORDER_DEGREES:
            return "inside another country"
        return "more than 0.25 degree from its country" if distance > SEA_DEGREES else ""


def load_places(members_file: Path, world_file: Path, members: list[str]) -> Places:
    """Polygons of the members from one file and of all other countries from the other."""
    found = [(code_of(feature), feature) for feature in read_features(members_file)]
    world = [(code_of(feature), feature) for feature in read_features(world_file)]
    chosen = [pair for pair in found if pair[0] in members] + [pair for pair in world if pair[0] not in members]
    polygons = [make_valid(shape(feature["geometry"])) for _, feature in chosen]
    prepare(polygons)
    return Places([code for code, _ in chosen], polygons, STRtree(polygons))


def code_of(feature: dict[str, Any]) -> str:
    """The three-letter code of a Natural Earth country: ISO where it has one, Natural Earth's own otherwise."""
    properties = feature["properties"]
    iso = str(properties["ISO_A3"])
    return iso if iso != "-99" else str(properties["ADM0_A3"])
