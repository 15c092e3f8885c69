"""The folder of mapfiles: the pieces, and the maps that include some of them.

Names tell what is in a file, so that a file never changes: processes that publish the same at the same time agree,
and one that still serves what was published before finds its files unchanged.
"""

# SPDX-License-Identifier: Apache-2.0

import fcntl
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from cachetools import LRUCache

from gis.mapserver.fonts import FONTSET, fontset, installed
from gis.mapserver.parts import Part

PATTERN = r"^[0-9a-f]{24}\.map$"
"""What names a map to MapServer, which runs in the folder."""

_STALE = 3600.0  # seconds after which nobody serves what an older publication wrote
_MOST = 1000  # maps one process has written for requests


class MapFolder:
    """The mapfiles in the folder in which MapServer runs. Only the owner may read them: they may hold a password."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._maps = _Written(_MOST)

    def keep(self, parts: Iterable[Part]) -> None:
        """Have the files of those pieces. One process writes, the others wait for it and find them."""
        self.path.mkdir(parents=True, exist_ok=True)
        missing = [part for part in parts if not self._part(part.name).exists()]
        fonts = self.path / FONTSET
        if missing or not fonts.exists():
            with _locked(self.path / ".lock"):
                _replace(fonts, fontset(installed()))
                for part in missing:
                    if not self._part(part.name).exists():
                        _replace(self._part(part.name), part.text)

    def map(self, names: Iterable[str]) -> str:
        """What a query calls the map of the pieces of those names, the one all layers share first."""
        text = "".join(f'INCLUDE "{self._part(name).name}"\n' for name in names)
        name = f"{blake2b(text.encode(), digest_size=12).hexdigest()}.map"
        path = self.path / name
        if name not in self._maps or not path.exists():
            _replace(path, f"MAP\n{text}END\n")
            self._maps[name] = path
        return name

    def clean(self, before: Iterable[str], now: Iterable[str]) -> None:
        """Remove what has long been of no use. before, now: pieces served until now and from now on."""
        moment = time.time()
        kept = {self._part(name) for name in now}
        for name in before:
            with suppress(FileNotFoundError):
                # Other processes may serve it a moment longer.
                os.utime(self._part(name))
        for path in (*self.path.glob("*.part"), *self.path.glob("*.map")):
            with suppress(FileNotFoundError):
                if path not in kept and moment - path.stat().st_mtime > _STALE:
                    path.unlink()

    def _part(self, name: str) -> Path:
        return self.path / f"{name}.part"


class _Written(LRUCache[str, Path]):
    """The maps written last; whoever may think of ever new combinations of layers does not fill the disk."""

    def popitem(self) -> tuple[str, Path]:
        """Remove the one that has not been asked for the longest."""
        name, path = super().popitem()
        path.unlink(missing_ok=True)
        return name, path


@dataclass(frozen=True, slots=True)
class Mapfiles:
    """The mapfiles of what is published at one moment.

    service: name of the piece all layers share in the one that capabilities are read from. head: the same in the
    others, which do not change with every publication. layers: name of each layer's piece by its id, the lowest first.
    """

    folder: MapFolder
    service: str
    head: str
    layers: Mapping[str, str] = field(default_factory=dict)

    @property
    def pieces(self) -> tuple[str, ...]:
        """Names of all pieces."""
        return self.service, self.head, *self.layers.values()

    def whole(self) -> str:
        """What a query calls the mapfile of all layers, which tells the capabilities."""
        return self.folder.map([self.service, *self.layers.values()])

    def of(self, layers: Iterable[str]) -> str:
        """What a query calls the mapfile of those layers."""
        asked = set(layers)
        return self.folder.map([self.head, *(part for name, part in self.layers.items() if name in asked)])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replace(path: Path, text: str) -> None:
    """Write the file in one step, so that a process reading it sees all of it or nothing."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
