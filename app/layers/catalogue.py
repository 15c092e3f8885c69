"""The layers as they are published now, kept up to date in every process by PostgreSQL's notifications."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

import psycopg
import structlog

from app.db.pool import Connection, PublicReads, T
from app.db.roles import DatabaseUrl
from app.errors import CollectionNotFoundError, DatabaseError
from app.layers import queries
from app.layers.declarations import CREDITS, Declarations, PublishedLayer
from app.releases.datasets import CHANNEL
from app.releases.queries import PublishedRelease, all_releases, layer_states, tallies
from gis.declaration import nearest
from gis.layer import Layer, LayerState
from gis.style import Style

log = structlog.get_logger(__name__)

_RETRY = 1.0  # seconds between attempts to listen again

_NEVER = "0"  # version before anything was read

EMPTY = LayerState(release=0, count=0, extent=None)


@dataclass(frozen=True)
class Snapshot:
    """What is published at one moment.

    layers: as declared, with the sources and licences of their rows. styles: those of each layer, the
    default first, with the classes that occur. version: changes with every publication and is part of every cache key.
    releases: of each layer, the oldest first.
    times: first and last moment of each layer that has time.
    """

    states: Mapping[str, LayerState]
    layers: Mapping[str, Layer]
    styles: Mapping[str, tuple[Style, ...]]
    version: str
    releases: Mapping[str, tuple[PublishedRelease, ...]] = field(default_factory=dict)
    times: Mapping[str, tuple[str, str]] = field(default_factory=dict)


class Catalogue:
    """The declared layers and the newest snapshot of what is published of them."""

    def __init__(self, declarations: Declarations, reads: PublicReads) -> None:
        self.declared = declarations.layers
        self._reads = reads
        self._watchers: list[Callable[[Snapshot], None]] = []
        self._refreshing = asyncio.Lock()
        styles = {name: one.styles for name, one in self.declared.items()}
        layers = {name: one.layer for name, one in self.declared.items()}
        self.snapshot = Snapshot(dict.fromkeys(self.declared, EMPTY), layers, styles, _NEVER)

    def watch(self, watcher: Callable[[Snapshot], None]) -> None:
        """Call a function with each new snapshot."""
        self._watchers.append(watcher)

    def layer(self, name: str) -> Layer:
        """The layer of that id. Raises CollectionNotFoundError."""
        return self.published(name).layer

    def published(self, name: str) -> PublishedLayer:
        """The declaration of that id. Raises CollectionNotFoundError."""
        found = self.declared.get(name)
        if found is None:
            raise CollectionNotFoundError(f"There is no collection {name!r}{nearest(name, list(self.declared))}.")
        return found

    def state(self, name: str) -> LayerState:
        """What is published of a layer now."""
        return self.snapshot.states[name]

    async def refresh(self) -> None:
        """Read what is published now. Raises DatabaseUnavailableError, QueryTooSlowError."""
        # One after the other: of two at once, the one that began before a publication could end last and undo it.
        async with self._refreshing:
            await self._refresh()

    async def _refresh(self) -> None:
        published = await self._reads(layer_states)
        states = {name: published.get(name, EMPTY) for name in self.declared}
        # Releases of other datasets, such as the statistics, make another version too: pages tell of them.
        version = ".".join(str(published.get(name, EMPTY).release) for name in sorted({*self.declared, *published}))
        if version == self.snapshot.version:
            return
        # What has not changed is not read again, so that a publication shows at once however many layers there are.
        before = self.snapshot
        styles, layers, times = dict(before.styles), dict(before.layers), dict(before.times)
        is_new = before.version == _NEVER
        changed = [name for name in self.declared if is_new or states[name] != before.states[name]]
        counted = await self._reads(lambda connection: tallies(connection, changed))
        for name in changed:
            one = self.declared[name]
            in_use = {field: [*filter(None, counted.get((name, field), ()))] for field in one.layer.tallied_fields}
            styles[name] = tuple(s.only(set(in_use[s.field])) if s.field else s for s in one.styles)
            layers[name] = _credited(one.layer, in_use)
            span = await self._times(one.layer)
            times = {key: known for key, known in times.items() if key != name} | ({name: span} if span else {})
        releases = await self._reads(all_releases)
        self.snapshot = Snapshot(states, layers, styles, version, releases, times)
        for watcher in self._watchers:
            watcher(self.snapshot)

    async def keep_fresh(self, url: DatabaseUrl) -> None:
        """Refresh at every publication until cancelled; after a lost connection listen again and catch up."""
        while True:
            try:
                await self._listen(url)
            except (psycopg.Error, DatabaseError) as error:
                log.warning("listening for publications was interrupted", error=str(error))
            except Exception:  # one release that cannot be taken up must not make the process deaf to all later ones
                log.exception("what is published could not be taken up")
            await asyncio.sleep(_RETRY)

    async def _listen(self, url: DatabaseUrl) -> None:
        options = {"autocommit": True, "application_name": "amdis listener", "connect_timeout": 5}
        async with await psycopg.AsyncConnection.connect(url.conninfo(), **options) as connection:  # type: ignore[arg-type]
            await connection.execute(f"LISTEN {CHANNEL}")
            await self.refresh()
            async for _ in connection.notifies():
                await self.refresh()

    async def _times(self, layer: Layer) -> tuple[str, str] | None:
        if not layer.time_field:
            return None
        return await self._reads(_patient(lambda connection: queries.times(connection, layer)))


def _credited(layer: Layer, in_use: Mapping[str, list[str]]) -> Layer:
    """The layer with the sources and licences of its rows, those of most rows first."""
    source, licence = ("; ".join(in_use.get(name, ())) for name in CREDITS)
    return replace(layer, attribution=source, licence=licence)


def _patient(read: Callable[[Connection], Awaitable[T]]) -> Callable[[Connection], Awaitable[T]]:
    """The same read with the time that all rows of a large layer take: it is part of no request."""

    async def reading(connection: Connection) -> T:
        async with connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = '10min'")
            return await read(connection)

    return reading
