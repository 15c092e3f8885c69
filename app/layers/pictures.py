"""Addresses of pictures of layers."""

from collections.abc import Sequence
from urllib.parse import urlencode

from gis.layer import BBox


def preview_address(bbox: BBox, layers: Sequence[str], width: int = 960) -> str:
    """Path and query of a GetMap request that draws layers over a bounding box, the first one at the bottom."""
    west, south, east, north = bbox
    height = round(width * (north - south) / (east - west))
    parameters = {
        "service": "WMS",
        "version": "1.3.0",
        "request": "GetMap",
        "layers": ",".join(layers),
        "styles": "",
        "crs": "CRS:84",
        "bbox": f"{west:g},{south:g},{east:g},{north:g}",
        "width": width,
        "height": height,
        "format": "image/jpeg",
    }
    return f"/wms?{urlencode(parameters, safe=',:/')}"
