"""The lowest zoom level at which each point of many is still to be seen beside more important ones."""

import numpy as np
import numpy.typing as npt

CELLS = 64
"""Cells along a tile: where a tile is shown 512 pixels wide, one symbol of 8 pixels stands in each."""

_MAX_LATITUDE = 85.051128

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]


def lowest_zooms(lon: Floats, lat: Floats, importance: Integers, maxzoom: int) -> npt.NDArray[np.int16]:
    """For each point the lowest zoom level, from 0 to maxzoom, at which it is the most important of its cell.

    lon, lat: degrees, shape (n,). importance: greater is more; of equals the earlier stands before. At maxzoom all are
    shown. A point shown at a level is shown at all higher ones, as each cell lies within one of the level below.
    """
    order = np.argsort(-importance.astype(np.int64), kind="stable")
    x, y = _cells(lon[order], lat[order], maxzoom)
    zooms = np.full(len(order), maxzoom, dtype=np.int16)
    standing = np.arange(len(order))
    for zoom in range(maxzoom - 1, -1, -1):
        width = np.int64(CELLS) << zoom
        shift = maxzoom - zoom
        cell = (y[standing] >> shift) * width + (x[standing] >> shift)
        # The first of each cell is its most important: they stand in that order.
        standing = np.sort(standing[np.unique(cell, return_index=True)[1]])
        zooms[standing] = zoom
    ranked = np.empty_like(zooms)
    ranked[order] = zooms
    return ranked


def _cells(lon: Floats, lat: Floats, zoom: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Column and row of each point's cell, in the Web Mercator square."""
    width = CELLS << zoom
    sine = np.sin(np.radians(np.clip(lat, -_MAX_LATITUDE, _MAX_LATITUDE)))
    east = (lon + 180) / 360
    south = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    return tuple(np.clip((share * width).astype(np.int64), 0, width - 1) for share in (east, south))  # type: ignore[return-value]
