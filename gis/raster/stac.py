"""Rasters as a static SpatioTemporal Asset Catalog (STAC 1.1.0): a catalog, a collection a raster, an item a file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from gis.layer import BBox
from gis.links import Link, link
from gis.raster.description import Band, RasterDescription
from gis.records.geojson import box
from gis.records.record import Licence
from gis.service import ServiceMetadata

VERSION = "1.1.0"
GEOTIFF = "image/tiff; application=geotiff; profile=cloud-optimized"
_EXTENSIONS = (
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
)
_JSON = "application/json"
_GEOJSON = "application/geo+json"


@dataclass(frozen=True, slots=True)
class Asset:
    """A raster with what its provider says of it. href: address of the file; date: when it was made."""

    id: str
    title: str
    description: str
    keywords: tuple[str, ...]
    source: str
    licence: Licence | None
    date: date
    href: str
    preview: str
    file: RasterDescription

    @property
    def moment(self) -> str:
        """The day as RFC 3339."""
        return f"{self.date.isoformat()}T00:00:00Z"


class Stac:
    """The documents of a catalog at an address."""

    def __init__(self, assets: Iterable[Asset], service: ServiceMetadata, address: str) -> None:
        self._assets = tuple(assets)
        self._service = service
        self._address = address

    def catalog(self) -> dict[str, Any]:
        """The root."""
        children = [self._link("child", _JSON, one.title, f"/collections/{one.id}") for one in self._assets]
        return {
            "type": "Catalog",
            "id": "rasters",
            "stac_version": VERSION,
            "title": f"{self._service.title}: rasters",
            "description": "The rasters of the region as cloud-optimised GeoTIFF.",
            "links": [self._link("root", _JSON, "The rasters", ""), self._link("self", _JSON, "This", ""), *children],
        }

    def collection(self, asset: Asset) -> dict[str, Any]:
        """A raster as a collection."""
        path = f"/collections/{asset.id}"
        return {
            "type": "Collection",
            "id": asset.id,
            "stac_version": VERSION,
            "stac_extensions": [],
            "title": asset.title,
            "description": asset.description,
            "keywords": list(asset.keywords),
            "license": _licence(asset.licence),
            "providers": self._providers(asset),
            "extent": {
                "spatial": {"bbox": [_rounded(asset.file.bbox)]},
                "temporal": {"interval": [[asset.moment, asset.moment]]},
            },
            "links": [
                self._link("root", _JSON, "The rasters", ""),
                self._link("parent", _JSON, "The rasters", ""),
                self._link("self", _JSON, asset.title, path),
                self._link("item", _GEOJSON, asset.title, f"{path}/items/{asset.id}"),
                *self._terms(asset),
            ],
        }

    def item(self, asset: Asset) -> dict[str, Any]:
        """The file of a raster as an item."""
        path = f"/collections/{asset.id}"
        return {
            "type": "Feature",
            "stac_version": VERSION,
            "stac_extensions": list(_EXTENSIONS),
            "id": asset.id,
            "collection": asset.id,
            "geometry": box(_rounded(asset.file.bbox)),
            "bbox": list(_rounded(asset.file.bbox)),
            "properties": {"datetime": asset.moment, "title": asset.title, "license": _licence(asset.licence)},
            "links": [
                self._link("root", _JSON, "The rasters", ""),
                self._link("parent", _JSON, asset.title, path),
                self._link("collection", _JSON, asset.title, path),
                self._link("self", _GEOJSON, asset.title, f"{path}/items/{asset.id}"),
                *self._terms(asset),
            ],
            "assets": {
                "data": {
                    "href": asset.href,
                    "type": GEOTIFF,
                    "title": "Cloud-optimised GeoTIFF",
                    "roles": ["data"],
                    "file:size": asset.file.size,
                    **_grid(asset.file),
                    "bands": [_band(band, asset.file) for band in asset.file.bands],
                },
                "overview": {"href": asset.preview, "type": "image/jpeg", "title": "Picture", "roles": ["overview"]},
            },
        }

    def _providers(self, asset: Asset) -> list[dict[str, Any]]:
        host = {"name": self._service.contact.organisation, "roles": ["host"], "url": self._service.base_url}
        return [{"name": asset.source, "roles": ["producer", "licensor"]}, host] if asset.source else [host]

    def _terms(self, asset: Asset) -> list[Link]:
        terms = asset.licence
        if terms is None or terms.url is None:
            return []
        return [link("license", "text/html", terms.name, terms.url)]

    def _link(self, rel: str, media_type: str, title: str, path: str) -> Link:
        return link(rel, media_type, title, f"{self._address}{path}")


def _licence(terms: Licence | None) -> str:
    return (terms.spdx if terms else None) or "other"


def _grid(file: RasterDescription) -> dict[str, Any]:
    """The projection extension's fields of a file."""
    return {
        "proj:code": f"EPSG:{file.epsg}" if file.epsg else None,
        "proj:shape": [file.height, file.width],
        "proj:transform": list(file.transform),
        "proj:bbox": list(file.bounds),
    }


def _band(band: Band, file: RasterDescription) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": band.colour,
        "data_type": band.data_type,
        "nodata": band.nodata,
        "raster:spatial_resolution": file.transform[0],
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _rounded(bbox: BBox) -> BBox:
    west, south, east, north = (round(side, 7) for side in bbox)
    return west, south, east, north
