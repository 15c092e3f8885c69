"""What a download format is, and what a download says of itself: its terms, its query and its release.

A format is described here without the libraries it is written with: those take a hundred megabytes of a web process,
so the module of a format is imported when somebody first asks for it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gis.crs import CRS84, CoordinateSystem
from gis.errors import InvalidParameterError

if TYPE_CHECKING:
    import pyarrow as pa

    from gis.layer import Layer


@dataclass(frozen=True, slots=True)
class Provenance:
    """What every download carries beside its features.

    licence: name or names of the terms; licence_url: where they are, or ''. attribution: the sources. citation: how to
    cite this very download. query: address that gives it again. release: number of the layer's release; published_at:
    its RFC 3339 time. base_url: public address of the site, without a slash at the end. crs: of the coordinates, which
    stand easting or longitude first in the rows whatever the order of the system's axes.
    """

    title: str
    licence: str
    attribution: str
    citation: str
    query: str
    release: int
    published_at: str
    base_url: str
    licence_url: str = ""
    crs: CoordinateSystem = CRS84

    def items(self) -> dict[str, str]:
        """Names and texts in the order they are shown; what is not known is left out."""
        said = {
            "title": self.title,
            "licence": self.licence,
            "licence_url": self.licence_url,
            "attribution": self.attribution,
            "citation": self.citation,
            "query": self.query,
            **self._places(),
            "release": str(self.release),
            "published_at": self.published_at,
        }
        return {name: text for name, text in said.items() if text}

    def _places(self) -> dict[str, str]:
        """What the coordinates are of, where they are not those stored, and how exactly they were made of these."""
        if self.crs.is_stored:
            return {}
        used = (
            f"{one.name} ({'accuracy not known' if one.accuracy is None else f'accuracy {one.accuracy:g} m'})"
            for one in self.crs.operations
        )
        return {"crs": f"{self.crs.name}, {self.crs.uri}", "coordinate_operations": "; ".join(used)}

    def text(self) -> str:
        """The same for a person to read, one line each."""
        return "\n".join(f"{_LABELS[name]}: {text}" for name, text in self.items().items())


_LABELS = {
    "title": "Title",
    "licence": "Licence",
    "licence_url": "Licence text",
    "attribution": "Sources",
    "citation": "Please cite as",
    "query": "Query",
    "crs": "Coordinates",
    "coordinate_operations": "Operations from WGS 84",
    "release": "Release",
    "published_at": "Published",
}


def in_format(address: str, name: str) -> str:
    """The address of a query with another format asked for."""
    parts = urlsplit(address)
    asked = [(key, name if key == "f" else value) for key, value in parse_qsl(parts.query, keep_blank_values=True)]
    return urlunsplit(parts._replace(query=urlencode(asked)))


@dataclass(frozen=True, slots=True)
class Writer:
    """A format a layer can be downloaded in.

    name: what it is called in a query (``f=``). suffix: of its files. module: of gis.formats.writers, with a function
    ``chunks`` when the format is streamed (text), or ``write`` when it needs a file it can go back in. any_crs: False
    for a format whose coordinates are longitude and latitude by its standard. has_schema: whether a schema tells what
    each feature has to have.
    """

    name: str
    title: str
    media_type: str
    suffix: str
    module: str
    streamed: bool
    any_crs: bool = True
    has_schema: bool = False

    def check(self, crs: CoordinateSystem) -> None:
        """Raise InvalidParameterError when the format cannot have coordinates of that system."""
        if not self.any_crs and not crs.is_stored:
            raise InvalidParameterError(
                "crs", f"{self.title} has longitude and latitude only: leave crs out, or ask for another format."
            )

    def properties(self, layer: Layer, asked: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Names of the fields to write, None for all: those asked for, and those without which a feature is invalid.

        What is known would else be told as "unknown".
        """
        if asked is None or not self.has_schema:
            return asked
        needed = layer.gml.mandatory if layer.gml else {layer.id_field}
        return tuple(one.name for one in layer.public_fields if one.name in needed or one.name in asked)

    def chunks(self, layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
        """The text of a streamed format, piece by piece.

        rows: columns named as the layer's fields, in their natural types, and the geometry as WKB.
        """
        made: Iterator[bytes] = self._module().chunks(layer, rows, about)
        return made

    def write(self, layer: Layer, rows: pa.RecordBatchReader, about: Provenance, path: Path) -> None:
        """Write a file at a path that does not exist yet; files beside it, in its folder, may come and go meanwhile.

        Nothing is left of it when something goes wrong.
        """
        try:
            if self.streamed:
                with path.open("wb") as file:
                    file.writelines(self.chunks(layer, rows, about))
            else:
                self._module().write(layer, rows, about, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _module(self) -> Any:
        return importlib.import_module(f"gis.formats.writers.{self.module}")
