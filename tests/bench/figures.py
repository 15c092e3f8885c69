"""Statistics of measured rounds, and the table they are told in."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Round:
    """One measured round: seconds from the first request to the last answer, latency of each answer in seconds."""

    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """What several rounds come to. rate: median of the rounds, per second.

    p50, p95, p99: milliseconds over all answers.
    """

    rate: float
    p50: float
    p95: float
    p99: float
    answers: int


def figure(rounds: Sequence[Round]) -> Figure:
    """The figure of some rounds, of which one at least has an answer."""
    latencies = [latency for one in rounds for latency in one.latencies]
    p50, p95, p99 = (1000 * quantile(latencies, share) for share in (0.5, 0.95, 0.99))
    return Figure(statistics.median(one.rate for one in rounds), p50, p95, p99, len(latencies))


def ratio(ours: Sequence[Round], theirs: Sequence[Round]) -> float:
    """How many times the peer's rate ours is: median over the rounds, each with the one that ran beside it."""
    return statistics.median(a.rate / b.rate if b.rate else math.inf for a, b in zip(ours, theirs, strict=True))


def quantile(values: Sequence[float], share: float) -> float:
    """The least value that at least `share` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table; the first two columns are text and stand left, the others are figures and stand right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if at < 2 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
