"""Pictures of a raster in the tile matrix set WebMercatorQuad."""

import threading
from pathlib import Path
from types import ModuleType

SIZE = 512
"""Pixels of a tile's side: double the usual, so that it is sharp on a dense screen."""

_importing = threading.Lock()


class RasterTiles:
    """Tiles of one cloud-optimised GeoTIFF of colours. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def png(self, zoom: int, row: int, column: int) -> bytes:
        """One tile as PNG, empty outside the raster."""
        errors, io = _library()
        try:
            with io.Reader(str(self._path)) as source:
                picture = source.tile(column, row, zoom, tilesize=SIZE, resampling_method="bilinear")
        except errors.TileOutsideBounds:
            return b""
        return bytes(picture.render(img_format="PNG", ZLEVEL=6))


def _library() -> tuple[ModuleType, ModuleType]:
    """rio-tiler, imported at the first tile: it weighs 60 MB, which only a process that makes tiles needs.

    One thread at a time, as its modules import each other: a second thread would see them half made.
    """
    with _importing:
        from rio_tiler import errors, io  # noqa: PLC0415

        return errors, io
