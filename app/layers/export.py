"""What is published of one layer, written to a file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from app.db.pool import PublicReads
from app.db.roles import DatabaseUrl
from app.errors import InvalidDataError
from app.layers.catalogue import Catalogue
from app.layers.declarations import Declarations
from app.layers.reading import Reading, checked, open_reading
from gis.formats import WRITERS, Writer
from gis.layer import Layer, LayerState
from gis.query import FeatureReader, Query
from gis.service import ServiceMetadata

Progress = Callable[[int, int], None]
"""Told as the work goes on: rows written so far, rows in all."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read. layer: with its sources and licences. address: of this query, for the file to tell."""

    layer: Layer
    query: Query
    service: ServiceMetadata
    address: str


def reading(url: DatabaseUrl, wanted: Wanted) -> Reading:
    """What is to be read, as whoever reads it takes it."""
    query = wanted.query
    statement, values = FeatureReader(wanted.layer).rows_statement(query)
    return Reading(
        conninfo=url.conninfo(),
        layer=wanted.layer,
        statement=statement,
        values=values,
        crs=query.output.crs,
        as_of=query.as_of,
        service=wanted.service,
        address=wanted.address,
    )


async def published_now(declarations: Declarations, url: DatabaseUrl) -> Catalogue:
    """The catalogue as it is now, for one use. Raises DatabaseUnavailableError."""
    reads = PublicReads(url)
    await reads.open()
    try:
        catalogue = Catalogue(declarations, reads)
        await catalogue.refresh()
    finally:
        await reads.close()
    return catalogue


def writer_of(path: Path) -> Writer:
    """The writer of a file's suffix. Raises InvalidDataError that names those there are."""
    fitting = [one for one in WRITERS.values() if path.name.lower().endswith(one.suffix)]
    if not fitting:
        known = ", ".join(one.suffix for one in WRITERS.values())
        raise InvalidDataError(f"{path.name}: there is no format of that suffix. Known: {known}")
    return max(fitting, key=lambda one: len(one.suffix))


def export_layer(
    url: DatabaseUrl,
    catalogue: Catalogue,
    service: ServiceMetadata,
    layer: str,
    path: Path,
    progress: Progress,
    release: int | None = None,
) -> LayerState:
    """Write what is published of a layer to a file that does not exist yet; returns what was published then.

    release: number of an earlier release, whose features are written instead.

    Beside a table in CSV its description is written too. Raises InvalidDataError for a file that is there, an unknown
    suffix or release, CollectionNotFoundError, DatabaseUnavailableError.
    """
    name = catalogue.layer(layer).id
    writer = writer_of(path)
    if path.exists():
        raise InvalidDataError(f"{path}: is there already; remove it or choose another name")
    address = f"{service.base_url}/ogc/collections/{layer}/items?f={writer.name}"
    as_of = None if release is None else _moment_of(catalogue, name, release)
    if as_of is not None:
        address += f"&{urlencode({'asOf': as_of.isoformat()})}"
    wanted = Wanted(catalogue.snapshot.layers[name], Query(limit=None, as_of=as_of), service, address)
    with open_reading(reading(url, wanted)) as export:
        rows = checked(export.rows, lambda passed: progress(passed, export.state.count))
        writer.write(wanted.layer, rows, export.about, path)
        if writer.name == "csv":
            described = replace(export.about, query=path.name)
            WRITERS["csvw"].write(wanted.layer, rows, described, path.with_name(f"{path.name}-metadata.json"))
        return export.state


def _moment_of(catalogue: Catalogue, layer: str, release: int) -> datetime:
    """When a release became the public truth."""
    releases = catalogue.snapshot.releases.get(layer, ())
    for one in releases:
        if one.number == release:
            return one.published_at
    known = f"there are {releases[0].number} to {releases[-1].number}" if releases else "there is none"
    raise InvalidDataError(f"{layer}: there is no release {release}; {known}")
