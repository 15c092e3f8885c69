"""What a chart shows: points with the rows they come from, what they cover, whose they are, of which release."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.releases.queries import PublishedRelease
from app.statistics.totals import Coverage


class State(StrEnum):
    """How a value came about, as its source tells."""

    REPORTED = "reported"
    ESTIMATED = "estimated"
    NOT_STATED = "not-stated"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a chart is asked for: codes by dimension (several separated by commas), years, both included, a release."""

    codes: Mapping[str, str] = field(default_factory=dict)
    first: int | None = None
    last: int | None = None
    release: int | None = None

    def parameters(self) -> dict[str, str]:
        """The parameters of a request that asks for it."""
        numbers = {"from": self.first, "to": self.last, "release": self.release}
        return dict(self.codes) | {name: str(number) for name, number in numbers.items() if number is not None}


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart. observations: how many figures it is the sum of; rows: parameters that ask for them."""

    indicator: str
    country: str
    commodity: str
    content: str
    year: int
    value: float
    state: State
    observations: int
    rows: Mapping[str, str]
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a chart shows, all in one unit. coverage: by year, of the countries that are expected.

    fill: what would fill it, where it is empty and that is known.
    """

    unit: str
    points: tuple[Point, ...]
    coverage: Mapping[int, Coverage]
    sources: tuple[str, ...]
    release: PublishedRelease | None
    citation: str
    fill: str = ""

    @property
    def years(self) -> tuple[int, ...]:
        """Years with a value, in their order."""
        return tuple(sorted({point.year for point in self.points}))

    @property
    def countries(self) -> tuple[str, ...]:
        """Countries with a value, in the order of their codes."""
        return tuple(sorted({point.country for point in self.points}))

    @property
    def expected(self) -> tuple[str, ...]:
        """Countries a value is expected of; empty where nothing was expected."""
        return next((one.expected for one in self.coverage.values()), ())
