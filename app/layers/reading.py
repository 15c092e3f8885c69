"""Rows of one layer for a file: read in one transaction of the public role, with what the file says of itself.

What is to be read is told without the catalogue, so that it can be handed to a process which only writes the file, and
which starts quickly and stays small for it.
"""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg

from app.errors import DatabaseUnavailableError, QueryTooSlowError
from app.releases.citation import citation, dataset_uri
from app.releases.queries import layer_states_sync
from gis.crs import CoordinateSystem
from gis.formats import Provenance
from gis.layer import Layer, LayerState
from gis.records import licence
from gis.service import ServiceMetadata

if TYPE_CHECKING:
    import pyarrow as pa

_IDLE = "10min"  # a reader may be slow; how slow, those who read for it decide
_NOTHING_PUBLISHED = LayerState(release=0, count=0, extent=None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be read.

    conninfo: how to connect as the public role. layer: with its sources and licences. statement, values: of the rows as
    gis.stream takes them, with coordinates of the system crs. as_of: the moment whose public truth they are, None for
    now. address: of the query, for the file to tell.
    """

    conninfo: str = field(repr=False)
    layer: Layer
    statement: str
    values: Mapping[str, Any]
    crs: CoordinateSystem
    as_of: datetime | None
    service: ServiceMetadata
    address: str


@dataclass(frozen=True, slots=True)
class Export:
    """An open read. rows: to be read while it is open. state: what was published when it was opened."""

    layer: Layer
    rows: "pa.RecordBatchReader"
    about: Provenance
    state: LayerState


@contextmanager
def open_reading(reading: Reading) -> Iterator[Export]:
    """Read in one snapshot: the rows are those of the release the file names, whatever is published meanwhile.

    The role's statement timeout holds for each part of the rows that is fetched, not for all of them. Raises
    DatabaseUnavailableError, QueryTooSlowError.
    """
    # Arrow takes seventy megabytes of a process, and most web processes never read for a file.
    from gis import stream  # noqa: PLC0415

    with (
        _database_errors_told(),
        psycopg.connect(reading.conninfo, connect_timeout=5, application_name="amdis export") as connection,
    ):
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE}'")
        # All rows will be read: the plan that is the quickest to its first rows is the wrong one.
        connection.execute("SET cursor_tuple_fraction = 1")
        state = layer_states_sync(connection, reading.as_of).get(reading.layer.id, _NOTHING_PUBLISHED)
        with stream.rows(connection, reading.layer, reading.statement, reading.values) as rows:
            yield Export(reading.layer, rows, _provenance(reading, state), state)


def checked(rows: "pa.RecordBatchReader", check: Callable[[int], None]) -> "pa.RecordBatchReader":
    """The same rows; before each batch is handed on, check is told how many rows that makes, and may raise."""
    import pyarrow as pa  # noqa: PLC0415

    def batches() -> Iterator["pa.RecordBatch"]:
        passed = 0
        # The rows are not always read below the block that opened them, where its errors would be told.
        with _database_errors_told():
            for batch in rows:
                passed += batch.num_rows
                check(passed)
                yield batch

    return pa.RecordBatchReader.from_batches(rows.schema, batches())


def _provenance(reading: Reading, state: LayerState) -> Provenance:
    """What a file of these rows says of itself."""
    layer, service = reading.layer, reading.service
    published_at = state.published_at or ""
    uri = dataset_uri(service.base_url, layer.id, state.release)
    return Provenance(
        title=layer.title,
        licence=layer.licence or service.licence,
        licence_url=licence_url(layer, service),
        attribution=layer.attribution,
        citation=citation(service, layer.title, uri, state.release, published_at[:10]),
        query=reading.address,
        release=state.release,
        published_at=published_at,
        base_url=service.base_url,
        crs=reading.crs,
    )


def licence_url(layer: Layer, service: ServiceMetadata) -> str:
    """Where the licence of a layer's rows can be read, '' where there are several or none known by that name."""
    return (licence(layer.licence).url or "") if layer.licence else service.licence_url


@contextmanager
def _database_errors_told() -> Iterator[None]:
    """Errors of the database as those a person may see."""
    try:
        yield
    except psycopg.errors.QueryCanceled:
        raise QueryTooSlowError from None
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise DatabaseUnavailableError from None
