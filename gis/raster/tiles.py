"""Pictures of a raster in tiles."""

import threading
from pathlib import Path
from types import ModuleType
from typing import Any

from gis.tiles import SIZE

_importing = threading.Lock()


class RasterTiles:
    """Tiles of one cloud-optimised GeoTIFF of colours. Safe to use from several threads.

    mark: of the file as it is now, another one when it has changed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        file = path.stat()
        self.mark = f"{file.st_size:x}-{file.st_mtime_ns:x}"

    def png(self, grid: str, zoom: int, row: int, column: int, ratio: int = 1) -> bytes:
        """One tile of a tile matrix set as PNG, empty outside the raster. ratio: pixels for each of the grid's."""
        errors, io, sets = _library()
        try:
            with io.Reader(str(self._path), tms=sets.get(grid)) as source:
                picture = source.tile(column, row, zoom, tilesize=SIZE * ratio, resampling_method="bilinear")
        except errors.TileOutsideBounds:
            return b""
        return bytes(picture.render(img_format="PNG", ZLEVEL=6))


def _library() -> tuple[ModuleType, ModuleType, Any]:
    """rio-tiler, imported at the first tile: it weighs 60 MB, which only a process that makes tiles needs.

    One thread at a time, as its modules import each other: a second thread would see them half made.
    """
    with _importing:
        from morecantile import tms  # noqa: PLC0415
        from rio_tiler import errors, io  # noqa: PLC0415

        return errors, io, tms
