"""Rows of one layer for a file: read in one transaction of the public role, with what the file says of itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import psycopg

from app.db.pool import PublicReads
from app.db.roles import DatabaseUrl
from app.errors import DatabaseUnavailableError, InvalidDataError, QueryTooSlowError
from app.layers.catalogue import Catalogue
from app.layers.declarations import Declarations
from app.releases.citation import citation, dataset_uri
from app.releases.queries import layer_states_sync
from gis.formats import WRITERS, Provenance, Writer
from gis.layer import Layer, LayerState
from gis.query import FeatureReader, Query
from gis.service import ServiceMetadata

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[int, int], None]
"""Told as the work goes on: rows written so far, rows in all."""

_IDLE = "10min"  # a reader may be slow; how slow, those who read for it decide
_NOTHING_PUBLISHED = LayerState(release=0, count=0, extent=None)


@dataclass(frozen=True, slots=True)
class Export:
    """An open read. rows: to be read while it is open. state: what was published when it was opened."""

    layer: Layer
    rows: "pa.RecordBatchReader"
    about: Provenance
    state: LayerState


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read. layer: with its sources and licences. address: of this query, for the file to tell."""

    layer: Layer
    query: Query
    service: ServiceMetadata
    address: str


@contextmanager
def open_export(url: DatabaseUrl, wanted: Wanted) -> Iterator[Export]:
    """Read a query in one snapshot: the rows are those of the release the file names, whatever is published meanwhile.

    The role's statement timeout holds for each part of the rows that is fetched, not for all of them. Raises
    DatabaseUnavailableError, QueryTooSlowError.
    """
    # Arrow takes seventy megabytes of a process, and most web processes never write a file.
    from gis import stream  # noqa: PLC0415

    statement, values = FeatureReader(wanted.layer).rows_statement(wanted.query)
    with _told(), psycopg.connect(url.conninfo(), connect_timeout=5, application_name="amdis export") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE}'")
        # All rows will be read: the plan that is the quickest to its first rows is the wrong one.
        connection.execute("SET cursor_tuple_fraction = 1")
        state = layer_states_sync(connection, wanted.query.as_of).get(wanted.layer.id, _NOTHING_PUBLISHED)
        with stream.rows(connection, wanted.layer, statement, values) as rows:
            yield Export(wanted.layer, rows, provenance(wanted, state), state)


def provenance(wanted: Wanted, state: LayerState) -> Provenance:
    """What a file of these rows says of itself."""
    layer, service = wanted.layer, wanted.service
    published_at = state.published_at or ""
    uri = dataset_uri(service.base_url, layer.id, state.release)
    return Provenance(
        title=layer.title,
        licence=layer.licence or service.licence,
        licence_url=service.licence_url,
        attribution=layer.attribution,
        citation=citation(service, layer.title, uri, state.release, published_at[:10]),
        query=wanted.address,
        release=state.release,
        published_at=published_at,
        base_url=service.base_url,
        crs=wanted.query.output.crs,
    )


def checked(rows: "pa.RecordBatchReader", check: Callable[[int], None]) -> "pa.RecordBatchReader":
    """The same rows; before each batch is handed on, check is told how many rows that makes, and may raise."""
    import pyarrow as pa  # noqa: PLC0415

    def batches() -> Iterator["pa.RecordBatch"]:
        passed = 0
        # The rows are not always read below the block that opened them, where its errors would be told.
        with _told():
            for batch in rows:
                passed += batch.num_rows
                check(passed)
                yield batch

    return pa.RecordBatchReader.from_batches(rows.schema, batches())


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
    with open_export(url, wanted) as export:
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


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the database as those a person may see."""
    try:
        yield
    except psycopg.errors.QueryCanceled:
        raise QueryTooSlowError("The query took too long and was stopped. Ask for a smaller part.") from None
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise DatabaseUnavailableError(
            "The database does not answer at the moment. Try again in a few seconds."
        ) from None
