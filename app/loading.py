"""Loading of a region's files into the database: checked row by row, then published whole or not at all."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry

from app.audit.service import Event, Who
from app.audit.service import record as log_event
from app.db.base import table_of
from app.db.locks import take_turn
from app.errors import InvalidDataError
from app.layers.declarations import Declarations, PublishedLayer, read_declarations
from app.minerals.vocabularies import NIL, NIL_REASONS
from app.regions import Region, read_region
from app.releases.datasets import Publication
from app.releases.loads import loaded_digest, record_load
from app.releases.service import StagedRow, new_submission, publish, stage
from app.statistics.checks import FigureChecks, read_cube
from app.statistics.sdmx import from_sdmx
from app.statistics.service import publish_observations
from gis.declaration import nearest
from gis.formats import Record, read_records
from gis.validate import Checks, Finding

Progress = Callable[[str, int, int], None]
"""Told as the work goes on: name of the file, records read so far, size of the file in bytes."""

_NIL = frozenset(NIL + reason for reason in NIL_REASONS)
_BY = "amdis load"
_MOST_FINDINGS = 20
_EVERY = 500  # records between two signs of progress


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: the publication of each layer and of the figures. Empty when nothing had changed."""

    layers: dict[str, Publication]
    statistics: Publication | None


def load_region(engine: sa.Engine, folder: Path, progress: Progress, *, force: bool = False) -> Loaded:
    """Publish the facts in a region's folder, unless exactly these files were loaded last (force: even then).

    engine: connects as the application's role. A layer the region has no file for becomes empty.
    Raises InvalidDataError that names file, line and field of the first mistakes; nothing is changed then.
    """
    region = read_region(folder)
    digest = _digest(folder, region)
    with engine.begin() as connection:
        take_turn(connection, "load region")
        if not force and loaded_digest(connection, region.id) == digest:
            return Loaded({}, None)
        loaded = _Load(connection, folder, region, read_declarations(), progress).run()
        record_load(connection, region.id, digest)
        _log(connection, loaded)
    return loaded


def _log(connection: sa.Connection, loaded: Loaded) -> None:
    """Write each publication into the audit log; last, as lines of others wait until the transaction ends."""
    published = loaded.layers | ({"statistics": loaded.statistics} if loaded.statistics else {})
    for dataset, one in published.items():
        if one.added or one.changed or one.removed:
            detail = {"release": one.number, "added": one.added, "changed": one.changed, "removed": one.removed}
            log_event(connection, Who(None, _BY), Event("publish", "dataset", dataset, detail=detail))


class _Load:
    """One load of a region's files in one transaction."""

    def __init__(
        self, connection: sa.Connection, folder: Path, region: Region, declarations: Declarations, progress: Progress
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._region = region
        self._declarations = declarations
        self._progress = progress

    def run(self) -> Loaded:
        files = {dataset.layer: self._folder / dataset.file for dataset in self._region.datasets}
        for layer in files.keys() - self._declarations.layers.keys():
            close = nearest(layer, list(self._declarations.layers))
            raise InvalidDataError(f"{self._folder / 'region.yml'}: datasets: there is no layer {layer!r}{close}")
        submission = new_submission(self._connection, _BY)
        published = self._declarations.layers.items()
        layers = {name: self._layer(one, files.get(name), submission) for name, one in published}
        return Loaded(layers, self._statistics())

    def _layer(self, published: PublishedLayer, path: Path | None, submission: int) -> Publication:
        layer, table = published.layer, table_of(published.model)
        checks = Checks(layer.fields, self._declarations.vocabularies, _NIL, layer.geometry_type)
        stage(self._connection, table, submission, self._rows(path, checks, layer.id_field) if path else ())
        note = f"File {path.name} of the region {self._region.id}" if path else "No data in this region"
        return publish(self._connection, table, layer, submission, by=_BY, note=note, complete=True)

    def _statistics(self) -> Publication:
        checks = FigureChecks(read_cube(self._region, self._declarations.vocabularies))
        files = [self._folder / one.file for one in self._region.statistics]
        names = ", ".join(path.name for path in files)
        note = f"Files {names} of the region {self._region.id}" if files else "No figures in this region"
        rows = self._figures(files, checks)
        return publish_observations(self._connection, rows, by=_BY, note=note)

    def _rows(self, path: Path, checks: Checks, id_field: str) -> Iterator[StagedRow]:
        first: dict[str, int] = {}
        for record, values, shape in self._checked(path, checks):
            before = first.setdefault(values[id_field], record.line)
            if before != record.line:
                raise InvalidDataError(f"{path.name}: line {record.line}: {id_field} is that of line {before} too")
            if shape is not None:
                yield StagedRow(values, shape)

    def _figures(self, files: Sequence[Path], checks: FigureChecks) -> Iterator[Mapping[str, Any]]:
        """Checked figures of all files; raises when one has a mistake, and at the end when totals are wrong."""
        for path in files:
            yield from self._checked_figures(path, checks)
        wrong = list(checks.totals())
        for path in files:
            findings = [finding for name, finding in wrong if name == path.name]
            if findings:
                raise InvalidDataError(_listed(path, findings))

    def _checked_figures(self, path: Path, checks: FigureChecks) -> Iterator[Mapping[str, Any]]:
        findings: list[Finding] = []
        for record in from_sdmx(read_records(path)):
            values, found = checks.row(path.name, record)
            findings.extend(found)
            if not findings:
                yield values
        if findings:
            raise InvalidDataError(_listed(path, findings))

    def _checked(self, path: Path, checks: Checks) -> Iterator[tuple[Record, dict[str, Any], BaseGeometry | None]]:
        """Records with their converted values; raises after the last record if anything was found."""
        findings: list[Finding] = []
        size = path.stat().st_size if path.is_file() else 0
        number = 0
        for number, record in enumerate(read_records(path), start=1):
            values, shape, found = checks.apply(record)
            findings.extend(found)
            if number % _EVERY == 0:
                self._progress(path.name, number, size)
            if not findings:
                yield record, values, shape
        self._progress(path.name, number, size)
        if findings:
            raise InvalidDataError(_listed(path, findings))


def _listed(path: Path, findings: Sequence[Finding]) -> str:
    first = [f"{path.name}: {finding}" for finding in findings[:_MOST_FINDINGS]]
    more = len(findings) - len(first)
    return "\n".join([*first, f"... and {more} more in {path.name}"] if more else first)


def _digest(folder: Path, region: Region) -> str:
    """SHA-256 over the names and contents of all files a load reads, and over the declarations they are checked by."""
    names = ["region.yml", *(one.file for one in region.datasets), *(one.file for one in region.statistics)]
    digest = hashlib.sha256()
    for path in (folder / name for name in names):
        if not path.is_file():
            raise InvalidDataError(f"{folder / 'region.yml'}: there is no file {path.name} beside it")
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
