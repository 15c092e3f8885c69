"""What is asked of a layer."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gis.filters import Filter
from gis.geojson import WHOLE, Output
from gis.layer import BBox
from gis.paging import Cursor, SortKey


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a layer. limit: features a page, None for all. after: where the page starts.

    bbox: degrees; west greater than east means across the antimeridian. filters: conditions that must all hold. sort:
    fields to sort by. output: what each feature's text holds. as_of: a moment whose public truth is asked for, None for
    now. edition: of the data, so that a number counted for another one is not taken from a cursor. total: features the
    layer has, if known.
    """

    limit: int | None
    bbox: BBox | None = None
    after: Cursor | None = None
    filters: tuple[Filter, ...] = ()
    sort: tuple[SortKey, ...] = ()
    output: Output = WHOLE
    as_of: datetime | None = None
    edition: str = ""
    total: int | None = None

    @property
    def selects_all(self) -> bool:
        """Whether every feature of the layer matches (pages aside)."""
        return self.bbox is None and not self.filters and self.as_of is None

    @property
    def is_counted(self) -> bool:
        """Whether all matching features are counted, however many: there is no sample of the past."""
        return self.as_of is not None


def boxes_of(bbox: BBox | None) -> tuple[str, dict[str, Any]]:
    """Numbers of the boxes a bbox is made of, and their corners."""
    if bbox is None:
        return "", {}
    west, south, east, north = bbox
    if west <= east:
        return "1", {"west1": west, "south1": south, "east1": east, "north1": north}
    corners = {"west1": west, "south1": south, "east1": 180.0, "north1": north}
    return "12", corners | {"west2": -180.0, "south2": south, "east2": east, "north2": north}
