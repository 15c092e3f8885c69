"""The catalogue of datasets: a record of every layer and raster as it is now, and one of every release."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import zip_longest

from app.layers.catalogue import Snapshot
from app.layers.declarations import PublishedLayer
from app.layers.distributions import of_layer, of_raster, of_release
from app.layers.pictures import preview_address
from app.regions import Raster as RasterFile
from app.regions import Region
from app.releases.citation import citation, dataset_uri
from app.releases.queries import PublishedRelease
from app.settings import Settings
from gis.layer import BBox, Layer
from gis.raster.description import RasterDescription, describe
from gis.records import Distribution, Kind, Licence, Raster, Record, Variable, licence
from gis.records.search import Index
from gis.service import ServiceMetadata

_PREVIEW_MARGIN = 0.05  # of the extent's sides
_WIDEST = 2.5  # width of a preview by its height, at most; at least the inverse


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """Rows that lie nowhere: what they are, the group they are listed in, their ISO 19115 topic, the ways to get them.

    of_release: the ways to get them as a release of that number had them.
    """

    layer: Layer
    group: str
    topic: str
    distributions: tuple[Distribution, ...]
    of_release: Callable[[int], tuple[Distribution, ...]]


@dataclass(frozen=True, slots=True)
class PublishedRaster:
    """A raster of the region with what its file says."""

    declared: RasterFile
    file: RasterDescription


def read_rasters(settings: Settings, region: Region) -> list[PublishedRaster]:
    """The rasters of a region, each described from the head of its file."""
    return [PublishedRaster(one, describe(settings.region_path / one.file)) for one in region.rasters]


class Records:
    """The records of the newest snapshot. version: changes whenever they do.

    background: ids of layers and rasters that pictures of others are drawn on, the lowest first.
    """

    def __init__(
        self,
        declared: Mapping[str, PublishedLayer],
        rasters: Sequence[PublishedRaster],
        service: ServiceMetadata,
        *,
        tables: Sequence[PublishedTable] = (),
        background: Sequence[str] = (),
        language: str = "en",
    ) -> None:
        self.service = service
        self.rasters = {one.declared.id: one for one in rasters}
        self._declared = declared
        self._tables = tables
        self._background = tuple(background)
        self._language = language
        self.index = Index(())
        self.version = "0"

    def swap(self, snapshot: Snapshot) -> None:
        """Describe what is published now."""
        found = [record for one in self._declared.values() for record in self._of_layer(one, snapshot)]
        found += [record for one in self._tables for record in self._of_table(one, snapshot)]
        self.index = Index([*found, *(self._of_raster(one) for one in self.rasters.values())])
        self.version = snapshot.version

    def uri(self, identifier: str) -> str:
        """The persistent address of what the record of an id describes."""
        dataset, _, release = identifier.partition(_RELEASE)
        return dataset_uri(self.service.base_url, dataset, int(release) if release else None)

    def releases(self, dataset: str) -> list[Record]:
        """The records of a dataset's releases, the newest first."""
        record = self.index.record(dataset)
        found = [self.index.record(one) for one in record.releases] if record else []
        return [one for one in found if one]

    def _of_layer(self, published: PublishedLayer, snapshot: Snapshot) -> Iterator[Record]:
        name = published.layer.id
        layer, state = snapshot.layers[name], snapshot.states[name]
        # A release made while the snapshot was read belongs to the next one.
        releases = [one for one in snapshot.releases.get(name, ()) if one.number <= state.release]
        base = self.service.base_url
        last = releases[-1].extent if releases else None
        preview = self._preview(layer, last) if releases else None
        dataset = replace(
            self._dataset(published, layer, releases), distributions=of_layer(layer, base), bbox=last, preview=preview
        )
        yield dataset
        for release, following in zip_longest(releases, releases[1:]):
            files = of_release(layer, base, release.published_at)
            yield self._release(dataset, layer, release, following, files)

    def _of_table(self, table: PublishedTable, snapshot: Snapshot) -> Iterator[Record]:
        layer = table.layer
        releases = snapshot.releases.get(layer.id, ())
        dataset = replace(self._dataset(table, layer, releases), distributions=table.distributions, is_table=True)
        yield dataset
        for release, following in zip_longest(releases, releases[1:]):
            yield self._release(dataset, layer, release, following, table.of_release(release.number))

    def _dataset(
        self, published: PublishedLayer | PublishedTable, layer: Layer, releases: Sequence[PublishedRelease]
    ) -> Record:
        """The record of a dataset, without where it lies and how it is had."""
        last = releases[-1] if releases else None
        return Record(
            id=layer.id,
            kind=Kind.DATASET,
            uri=self.uri(layer.id),
            page=f"{self.service.base_url}/datasets/{layer.id}",
            title=layer.title,
            description=layer.abstract,
            keywords=layer.keywords,
            theme=published.group,
            topic=published.topic,
            contact=self.service.contact,
            licences=_licences(layer.licence),
            sources=_listed(layer.attribution),
            language=self._language,
            citation=self._citation(layer, last),
            created=releases[0].published_at if releases else None,
            updated=last.published_at if last else None,
            interval=(releases[0].published_at, None) if releases else None,
            variables=tuple(Variable(f.name, f.title, f.unit) for f in layer.public_fields),
            version=last.number if last else None,
            count=last.total if last else None,
            content_hash=last.content_hash if last else None,
            releases=tuple(release_id(layer.id, one.number) for one in reversed(releases)),
        )

    def _release(
        self,
        dataset: Record,
        layer: Layer,
        release: PublishedRelease,
        following: PublishedRelease | None,
        distributions: tuple[Distribution, ...],
    ) -> Record:
        identifier = release_id(layer.id, release.number)
        return replace(
            dataset,
            id=identifier,
            kind=Kind.RELEASE,
            uri=self.uri(identifier),
            page=f"{dataset.page}#release-{release.number}",
            title=f"{layer.title}, release {release.number}",
            citation=self._citation(layer, release),
            bbox=release.extent,
            created=release.published_at,
            updated=release.published_at,
            interval=(release.published_at, following.published_at if following else None),
            distributions=distributions,
            preview=None,
            version=release.number,
            count=release.total,
            changes=(release.added, release.changed, release.removed),
            note=release.note,
            publisher=release.published_by,
            content_hash=release.content_hash,
            dataset=layer.id,
            previous=release_id(layer.id, release.number - 1) if release.number > 1 else None,
            next=release_id(layer.id, following.number) if following else None,
            releases=(),
        )

    def _of_raster(self, one: PublishedRaster) -> Record:
        declared, file = one.declared, one.file
        base = self.service.base_url
        return Record(
            id=declared.id,
            kind=Kind.DATASET,
            uri=self.uri(declared.id),
            page=f"{base}/datasets/{declared.id}",
            title=declared.title,
            description=declared.abstract or declared.title,
            keywords=("raster",),
            theme="Rasters",
            topic=declared.topic,
            contact=self.service.contact,
            licences=_licences(declared.licence),
            sources=(declared.source,) if declared.source else (),
            language=self._language,
            citation=citation(self.service, declared.title, self.uri(declared.id), day=declared.date.isoformat()),
            bbox=file.bbox,
            created=datetime.combine(declared.date, time.min, UTC),
            distributions=of_raster(declared, base),
            raster=Raster(file.width, file.height, len(file.bands), file.epsg),
            preview=f"{base}{preview_address(file.bbox, [declared.id])}",
        )

    def _preview(self, layer: Layer, extent: BBox | None) -> str | None:
        if extent is None:
            return None
        below = [name for name in self._background if name != layer.id]
        return self.service.base_url + preview_address(framed(extent), [*below, layer.id])

    def _citation(self, layer: Layer, release: PublishedRelease | None) -> str:
        if release is None:
            return citation(self.service, layer.title, self.uri(layer.id))
        uri = self.uri(release_id(layer.id, release.number))
        day = release.published_at.astimezone(UTC).date().isoformat()
        return citation(self.service, layer.title, uri, release.number, day)


_RELEASE = ".release."


def release_id(layer: str, number: int) -> str:
    """Id of the record of a release; no layer's id has a full stop, so it is no layer's."""
    return f"{layer}{_RELEASE}{number}"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("; ") if part)


def _licences(text: str) -> tuple[Licence, ...]:
    return tuple(licence(name) for name in _listed(text))


def framed(extent: BBox) -> BBox:
    """The extent with a margin, neither very wide nor very high, inside the world."""
    west, south, east, north = extent
    width, height = max(east - west, 0.2), max(north - south, 0.2)
    width, height = max(width, height / _WIDEST), max(height, width / _WIDEST)
    x, y = (west + east) / 2, (south + north) / 2
    half, rise = width * (0.5 + _PREVIEW_MARGIN), height * (0.5 + _PREVIEW_MARGIN)
    return max(x - half, -180.0), max(y - rise, -90.0), min(x + half, 180.0), min(y + rise, 90.0)
