"""The cube as it is asked: releases, codes in use, slices and totals, as the public role reads them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from app.db.pool import PublicReads
from app.errors import ObservationNotFoundError, ReleaseNotFoundError, UnknownCodeError
from app.releases.citation import citation
from app.releases.queries import PublishedRelease, releases_of
from app.statistics import queries
from app.statistics.checks import Cube
from app.statistics.models import NOT_APPLICABLE, TOTAL, UNSPECIFIED
from app.statistics.plausibility.doubts import Judged
from app.statistics.plausibility.registry import judged
from app.statistics.queries import Contents, Row
from app.statistics.selection import CODED, Selection
from app.statistics.service import DATASET
from app.statistics.totals import Totals, totals
from gis.declaration import nearest
from gis.errors import InvalidParameterError
from gis.service import ServiceMetadata

MOST_SUMMED = 150_000
"""A total is made over about so many figures at most."""

MOST_JUDGED = 50_000
"""So many figures are checked against each other at once."""

PATH = "/api/v1/statistics"

_SPECIAL = {TOTAL: "All together", UNSPECIFIED: "Not specified", NOT_APPLICABLE: "Not applicable"}
_BY = tuple(name for name in CODED if name != "indicator")


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a slice. next: number of the figure the following page comes after, None at the end."""

    rows: Sequence[Row]
    next: int | None


class Figures:
    """Reads figures. Every answer is of one release: the newest, or the one that is asked for."""

    def __init__(self, reads: PublicReads, cube: Cube, service: ServiceMetadata) -> None:
        self.cube = cube
        self._reads = reads
        self._service = service
        self._contents: tuple[int, Contents] = (-1, {})

    async def releases(self) -> tuple[PublishedRelease, ...]:
        """Every release, the oldest first."""
        return await self._reads(lambda connection: releases_of(connection, DATASET))

    async def release(self, number: int | None) -> PublishedRelease | None:
        """The release of that number, the newest where none is named; None before the first one.

        Raises ReleaseNotFoundError.
        """
        released = await self.releases()
        if number is None:
            return released[-1] if released else None
        found = next((one for one in released if one.number == number), None)
        if found is None:
            newest = released[-1].number if released else 0
            raise ReleaseNotFoundError(f"There is no release {number} of the statistics; the newest is {newest}.")
        return found

    def citation(self, release: PublishedRelease) -> str:
        """How a release is cited."""
        day = release.published_at.astimezone(UTC).date().isoformat()
        uri = f"{self._service.base_url}{PATH}?release={release.number}"
        return citation(self._service, "Mineral statistics", uri, release.number, day)

    async def contents(self) -> Contents:
        """Which codes have figures, kept until the next release."""
        newest = await self.release(None)
        number = newest.number if newest else 0
        if self._contents[0] != number:
            self._contents = number, await self._reads(queries.codes_in_use)
        return self._contents[1]

    async def selection(
        self, codes: Mapping[str, str | None], years: tuple[int | None, int | None], release: int | None
    ) -> Selection:
        """The slice of comma-separated codes by dimension and of years, both included.

        Raises UnknownCodeError with the nearest code, InvalidParameterError, ReleaseNotFoundError.
        """
        first, last = years
        if first is not None and last is not None and first > last:
            raise InvalidParameterError("from", f"from: {first} is after to: {last}.")
        chosen = {name: tuple(dict.fromkeys(text.split(","))) for name, text in codes.items() if text is not None}
        for name, wanted in chosen.items():
            for code in wanted:
                self._known(name, code)
        found = await self.release(release)
        newest = await self.release(None)
        past = release if found and newest and found.number < newest.number else None
        return Selection(chosen, first, last, past)

    def codes(self, dimension: str) -> Mapping[str, str]:
        """Codes of a dimension that are listed, with their labels; those that stand for no single member at the end."""
        cube = self.cube
        listed: dict[str, Mapping[str, str]] = {
            "country": cube.members,
            "partner": {**cube.members, cube.region: cube.region},
            "hs": {code: title for (_, code), title in sorted(cube.crosswalk.hs.items())},
            "hsEdition": {edition: f"HS {edition}" for edition, _ in sorted(cube.crosswalk.hs)},
            "isic": {code: title for (_, code), title in sorted(cube.crosswalk.isic.items())},
            "isicRevision": {revision: f"ISIC Rev.{revision}" for revision, _ in sorted(cube.crosswalk.isic)},
        }
        name = {"commodity": "commodity-code"}.get(dimension, dimension)
        codes = listed.get(dimension) or {term.code: term.label for term in cube.vocabularies[name]}
        return {**codes, **_SPECIAL}

    async def observation(self, number: int) -> Row:
        """One version of a figure. Raises ObservationNotFoundError."""
        found = await self._reads(lambda connection: queries.observation(connection, number))
        if found is None:
            raise ObservationNotFoundError(f"There is no figure of number {number}.")
        return found

    async def page(self, selection: Selection, limit: int, after: int | None, unit: str | None) -> Page:
        """Figures of a slice, in a unit if one is named. Raises IncompatibleUnitsError, ObservationNotFoundError."""
        if unit is not None:
            self.cube.units.known(unit)
        if after is not None:
            await self.observation(after)
        contents = await self.contents()
        rows = await self._reads(lambda c: queries.observations(c, selection, contents, limit + 1, after))
        kept = rows[:limit]
        converted = [self._converted(row, unit) for row in kept] if unit else kept
        return Page(converted, kept[-1]["id"] if len(rows) > limit else None)

    async def judged(self, selection: Selection) -> Mapping[str, Judged]:
        """What the checks of plausibility find in a slice, by check. InvalidParameterError where it is too large."""
        contents = await self.contents()
        rows = await self._reads(lambda c: queries.observations(c, selection, contents, MOST_JUDGED + 1))
        if len(rows) > MOST_JUDGED:
            told = f"The slice has more than {MOST_JUDGED:,} figures, so many are checked at once"
            raise InvalidParameterError("commodity", f"{told}: choose a commodity, a country or years.")
        return await asyncio.to_thread(judged, rows, self.cube)

    async def years(self) -> tuple[int, int] | None:
        """First and last year with figures, None while there are none."""
        known = [int(year) for year in (await self.contents()).get("year", {})]
        return (min(known), max(known)) if known else None

    async def count(self, selection: Selection) -> tuple[int | None, bool]:
        """How many figures a slice has, and whether exactly; None where it is large and nothing tells its size."""
        found = await self._reads(lambda connection: queries.count(connection, selection))
        if found <= queries.MOST_COUNTED:
            return found, True
        if selection.filters or selection.release is not None:
            return None, False
        return round(queries.estimated_count(selection, await self.contents())), False

    async def totals(self, selection: Selection, by: Sequence[str], unit: str | None) -> Totals:
        """Totals of a slice by year and dimensions. Raises ConflictingFiguresError, InvalidParameterError."""
        for name in by:
            if name not in _BY:
                raise InvalidParameterError("by", f"by: {name[:60]!r} is none of {', '.join(_BY)}{nearest(name, _BY)}.")
        if unit is not None:
            self.cube.units.known(unit)
        contents = await self.contents()
        about = queries.estimated_count(selection, contents)
        if about > MOST_SUMMED:
            told = f"The slice has about {about:,.0f} figures, a total is made over {MOST_SUMMED:,} at most"
            raise InvalidParameterError("indicator", f"{told}: choose codes of indicator, commodity, country or years.")
        sums = await self._reads(lambda connection: queries.sums(connection, selection, by))
        expected = selection.codes.get("country") or tuple(self.cube.members)
        if "country" not in selection.codes and {row["country"] for row in sums} == {TOTAL}:
            expected = (TOTAL,)
        return totals(sums, by, expected, unit, self.cube.units, self.cube.vocabularies)

    def rows_of(self, selection: Selection, codes: Mapping[str, str], year: int, release: int) -> Selection:
        """The slice of the figures that a total is the sum of, as of the release it was made from."""
        chosen = {**selection.codes, **{name: (code,) for name, code in codes.items()}}
        return replace(selection, codes=chosen, first_year=year, last_year=year, release=release)

    def _known(self, dimension: str, code: str) -> None:
        listed = self.codes(dimension)
        foreign = dimension == "partner" and len(code) == 3 and code.isalpha() and code.isupper()
        if code not in listed and not foreign:
            raise UnknownCodeError(f"{dimension}: there is no code {code[:60]!r}{nearest(code, list(listed))}.")

    def _converted(self, row: Row, unit: str) -> dict[str, Any]:
        value = self.cube.units.convert(row["value"], row["unit"], unit)
        return {**row, "value": value, "unit": unit, "published_value": row["value"], "published_unit": row["unit"]}
