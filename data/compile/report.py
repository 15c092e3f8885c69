"""What was read, kept and left out, and why: report.csv in figures, dropped.csv record by record."""

from collections import Counter
from pathlib import Path

from data.compile.sites import Dropped
from data.compile.tables import write_csv

FIELDS = ("layer", "source", "outcome", "reason", "rows")


class Report:
    """Counts rows by layer and source while a region is compiled."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str, str, str]] = Counter()
        self.sites: list[Dropped] = []

    def keep(self, layer: str, source: str, rows: int = 1) -> None:
        """Count rows that are in the layer's table."""
        self.counts[layer, source, "kept", ""] += rows

    def drop(self, layer: str, source: str, reason: str, rows: int = 1) -> None:
        """Count rows that are not in the layer's table."""
        self.counts[layer, source, "dropped", reason] += rows

    def drop_sites(self, dropped: list[Dropped]) -> None:
        """Count and list sites that are in no table."""
        self.sites += dropped
        for site in dropped:
            self.drop(site.layer, site.source, site.reason)

    def write(self, target: Path) -> None:
        """Write report.csv (for each layer and source: read, kept, dropped by reason) and dropped.csv."""
        read: Counter[tuple[str, str]] = Counter()
        for (layer, source, _, _), rows in self.counts.items():
            read[layer, source] += rows
        lines = [(layer, source, "read", "", rows) for (layer, source), rows in read.items()]
        lines += [(*place, rows) for place, rows in self.counts.items()]
        ordered = sorted(lines, key=lambda line: (line[0], line[1], OUTCOMES.index(line[2]), line[3]))
        write_csv(target / "report.csv", FIELDS, [dict(zip(FIELDS, map(str, line), strict=True)) for line in ordered])
        rows_of_sites = [
            {"identifier": x.identifier, "name": x.name, "layer": x.layer, "reason": x.reason, "keptAs": x.kept_as}
            for x in sorted(self.sites, key=lambda site: site.identifier)
        ]
        write_csv(target / "dropped.csv", ("identifier", "name", "layer", "reason", "keptAs"), rows_of_sites)


OUTCOMES = ("read", "kept", "dropped")
