"""Pictures of a raster in the tile matrix set WebMercatorQuad."""

from pathlib import Path

SIZE = 512
"""Pixels of a tile's side: double the usual, so that it is sharp on a dense screen."""


class RasterTiles:
    """Tiles of one cloud-optimised GeoTIFF of colours."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def png(self, zoom: int, row: int, column: int) -> bytes:
        """One tile as PNG, empty outside the raster."""
        # Imported late: the library and what it pulls in weigh 60 MB, which only a process that makes tiles needs.
        from rio_tiler.errors import TileOutsideBounds  # noqa: PLC0415
        from rio_tiler.io import Reader  # noqa: PLC0415

        try:
            with Reader(str(self._path)) as source:
                picture = source.tile(column, row, zoom, tilesize=SIZE, resampling_method="bilinear")
        except TileOutsideBounds:
            return b""
        return bytes(picture.render(img_format="PNG", ZLEVEL=6))
