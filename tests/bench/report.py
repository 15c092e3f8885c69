"""The table people read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.bench.figures import aligned
from tests.bench.measure import Measured
from tests.bench.servers import PRODUCT

_HEAD = ("work", "server", "per second", "p50 ms", "p95 ms", "p99 ms", "kB", "amdis / it", "wanted of amdis")


def table(measured: Iterable[Sequence[Measured]], report: Mapping[str, Any]) -> str:
    """All figures as text."""
    lines = [_HEAD]
    for row in measured:
        lines.extend(_line(one, first=at == 0) for at, one in enumerate(row))
    return "\n".join((aligned(lines), "", *_rest(report), *_failures(measured)))


def _line(one: Measured, *, first: bool) -> tuple[str, ...]:
    return (
        one.title if first else "",
        one.server,
        f"{one.figure.rate:,.1f}" if one.figure.rate < 100 else f"{one.figure.rate:,.0f}",
        f"{one.figure.p50:,.1f}",
        f"{one.figure.p95:,.1f}",
        f"{one.figure.p99:,.1f}",
        f"{one.kilobytes:,.0f}",
        "" if one.times is None else f"{one.times:.2f}",
        one.target if one.server == PRODUCT else "",
    )


def _rest(report: Mapping[str, Any]) -> list[str]:
    lines = []
    for when, parts in report["memory"].items():
        rest = ", ".join(f"{name} {size:,.0f}" for name, size in parts.items() if name != "sum")
        lines.append(f"Memory {when}: {parts['sum']:,.0f} MiB ({rest}); wanted at most 1,024")
    times = report["seconds"]
    copied = (
        f", ogr2ogr alone {times['ogr2ogr']:.1f} s: {times['load'] / times['ogr2ogr']:.1f} x" if len(times) > 1 else ""
    )
    lines.append(f"Load of {report['points']:,} points and the polygons: {times['load']:.1f} s{copied}; wanted <= 3 x")
    for one in report.get("single", []):
        wanted = f"; wanted {one['wanted']}" if one["wanted"] else ""
        lines.append(f"{one['work']}: {one['value']:,.1f} {one['unit']}{wanted}")
        lines += [f"WRONG ANSWER: {one['wrong']}"] if one["wrong"] else []
    busy = report["load average"]
    lines.append(
        f"{report['cores']} cores; load average at the end {busy[0]}, {busy[1]} in 5 minutes; 4 is the bench's own"
    )
    return [*lines, *report["notes"]]


def _failures(measured: Iterable[Sequence[Measured]]) -> list[str]:
    every = [one for row in measured for one in row]
    failed = [one for one in every if one.failed]
    return [
        *(f"WRONG ANSWER of {one.server} ({one.row}): {one.wrong}" for one in every if one.wrong),
        *(f"{one.failed} failures of {one.server} ({one.row}): {one.failures[0][:200]!r}" for one in failed),
    ]
