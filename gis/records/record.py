"""What a catalogue says of a dataset or of one release of it; every metadata format is written from this."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gis.layer import BBox
from gis.service import Contact


class Kind(StrEnum):
    """What a record describes: a dataset as it is now, or as one release made it."""

    DATASET = "dataset"
    RELEASE = "release"


class Access(StrEnum):
    """How a distribution is had: a file to keep, or a service to ask."""

    DOWNLOAD = "download"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms of use. name: as the source says it. spdx: its id in the SPDX list, url: its text; None where unknown."""

    name: str
    spdx: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """One way to get the data.

    href: the file, or the address a client is given. description: a service's own description (capabilities). format:
    short name people know. protocol: as catalogues name it (OGC:WMS). standard: URI of the service's specification.
    layer: what the dataset is called in the service.
    """

    title: str
    href: str
    access: Access
    media_type: str
    format: str
    description: str | None = None
    protocol: str | None = None
    standard: str | None = None
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A field of the dataset. unit: UCUM code, None for text or a count."""

    name: str
    title: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Raster:
    """The grid of a raster: pixels and the EPSG code of their coordinate system."""

    width: int
    height: int
    bands: int
    epsg: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """A dataset, or one release of it.

    id: of the record, unique in the catalogue. uri: persistent address of what is described; page: its page for
    people. topic: ISO 19115 topic category. bbox: None when nothing is in it. created, updated: of the data, None
    where it is not known. interval: from when to when the data were the public truth, None for an end that is open;
    None for a raster. is_table: whether its rows lie nowhere. version: number of the release, with what it added,
    changed and removed, the note and name of who published it; content_hash: hexadecimal SHA-256 of the content.
    previous, next, dataset, releases: ids of the records it belongs with.
    """

    id: str
    kind: Kind
    uri: str
    page: str
    title: str
    description: str
    keywords: tuple[str, ...]
    theme: str
    topic: str
    contact: Contact
    licences: tuple[Licence, ...]
    sources: tuple[str, ...]
    language: str
    citation: str
    bbox: BBox | None = None
    created: datetime | None = None
    updated: datetime | None = None
    interval: tuple[datetime, datetime | None] | None = None
    distributions: tuple[Distribution, ...] = ()
    variables: tuple[Variable, ...] = ()
    raster: Raster | None = None
    is_table: bool = False
    preview: str | None = None
    version: int | None = None
    count: int | None = None
    changes: tuple[int, int, int] | None = None
    note: str = ""
    publisher: str = ""
    content_hash: str | None = None
    dataset: str | None = None
    previous: str | None = None
    next: str | None = None
    releases: tuple[str, ...] = ()

    @property
    def lineage(self) -> str:
        """Where the data come from, as one text."""
        sources = f"Compiled from: {'; '.join(self.sources)}." if self.sources else "The sources are not stated."
        return f"{sources} {self.note}.".replace("..", ".") if self.note else sources

    @property
    def licence_code(self) -> str | None:
        """The SPDX id of the one licence, ``various`` for several, ``other`` for one SPDX does not know."""
        if len(self.licences) > 1:
            return "various"
        return (self.licences[0].spdx or "other") if self.licences else None


def licence(name: str) -> Licence:
    """The licence of that name, with what is known of it."""
    spdx, url = _LICENCES.get(name.casefold(), (None, None))
    return Licence(name, spdx, url)


_CREATIVE_COMMONS = "https://creativecommons.org"
_LICENCES: Mapping[str, tuple[str | None, str]] = {
    "cc by 4.0": ("CC-BY-4.0", f"{_CREATIVE_COMMONS}/licenses/by/4.0/"),
    "cc by-sa 4.0": ("CC-BY-SA-4.0", f"{_CREATIVE_COMMONS}/licenses/by-sa/4.0/"),
    "cc by 3.0": ("CC-BY-3.0", f"{_CREATIVE_COMMONS}/licenses/by/3.0/"),
    "cc0 1.0": ("CC0-1.0", f"{_CREATIVE_COMMONS}/publicdomain/zero/1.0/"),
    "odc-by 1.0": ("ODC-By-1.0", "https://opendatacommons.org/licenses/by/1-0/"),
    "odbl 1.0": ("ODbL-1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
    # Not licences but the statement that none is needed, for which Creative Commons keeps an address.
    "public domain": (None, f"{_CREATIVE_COMMONS}/publicdomain/mark/1.0/"),
    "us public domain": (None, f"{_CREATIVE_COMMONS}/publicdomain/mark/1.0/"),
}
"""SPDX id and text by the name in small letters, as sources write it."""
