"""The ways to get a dataset, from the services and formats that are there."""

from datetime import datetime
from urllib.parse import urlencode

from app.regions import Raster
from gis.formats import WRITERS
from gis.layer import Layer, Service
from gis.mapserver.downloads import PREFIX
from gis.moments import utc_exactly
from gis.ogcapi.tiles import TILEJSON
from gis.records import Access, Distribution

_FEATURES = "http://www.opengis.net/doc/IS/ogcapi-features-1/1.0"
_TILES = "http://www.opengis.net/doc/IS/ogcapi-tiles-1/1.0"
_SERVICE_TYPES = "http://www.opengis.net/def/serviceType/ogc"
TILES = "OGC API-Tiles"
"""Protocol of vector tiles, as catalogues name it."""

_DESCRIPTIONS = frozenset({"csvw"})
"""Writers that write about the data, not the data."""


def of_layer(layer: Layer, base_url: str) -> tuple[Distribution, ...]:
    """Services and downloads of a layer as it is now."""
    services = []
    if Service.FEATURES in layer.services:
        services.append(features_service(layer, base_url))
    if Service.WMS in layer.services:
        services += [_wms(layer.id, base_url), _wmts(layer.id, base_url)]
    services.append(_wfs(layer.id, base_url))
    if Service.TILES in layer.services:
        services.append(_tiles(layer, base_url))
    return (*services, *_downloads(layer, base_url, {}))


def of_release(layer: Layer, base_url: str, moment: datetime) -> tuple[Distribution, ...]:
    """Downloads of a layer as it was at a moment."""
    return _downloads(layer, base_url, {"asOf": utc_exactly(moment)})


def of_raster(raster: Raster, base_url: str) -> tuple[Distribution, ...]:
    """Services and the file of a raster."""
    return (
        _wms(raster.id, base_url),
        _wmts(raster.id, base_url),
        Distribution(
            title="SpatioTemporal Asset Catalog",
            href=f"{base_url}/ogc/stac/collections/{raster.id}",
            access=Access.SERVICE,
            media_type="application/json",
            format="STAC",
            description=f"{base_url}/ogc/stac/collections/{raster.id}",
            protocol="STAC",
            standard="https://stacspec.org",
            layer=raster.id,
        ),
        Distribution(
            title="Cloud-optimised GeoTIFF",
            href=f"{base_url}/ogc/stac/assets/{raster.id}.tif",
            access=Access.DOWNLOAD,
            media_type="image/tiff; application=geotiff; profile=cloud-optimized",
            format="GeoTIFF",
        ),
    )


def features_service(layer: Layer, base_url: str) -> Distribution:
    """Its collection of the OGC API, to be asked."""
    return Distribution(
        title="OGC API – Features",
        href=f"{base_url}/ogc",
        access=Access.SERVICE,
        media_type="application/json",
        format="OGC API – Features",
        description=f"{base_url}/ogc/collections/{layer.id}",
        protocol="OGC API-Features",
        standard=_FEATURES,
        layer=layer.id,
    )


def _wms(name: str, base_url: str) -> Distribution:
    return _web_service("wms", "Web Map Service", "?service=WMS&version=1.3.0&request=GetCapabilities", name, base_url)


def _wmts(name: str, base_url: str) -> Distribution:
    return _web_service("wmts", "Web Map Tile Service", "/1.0.0/WMTSCapabilities.xml", name, base_url)


def _wfs(name: str, base_url: str) -> Distribution:
    capabilities = "?service=WFS&version=2.0.0&request=GetCapabilities"
    return _web_service("wfs", "Web Feature Service", capabilities, f"{PREFIX}:{name}", base_url)


def _web_service(kind: str, title: str, capabilities: str, layer: str, base_url: str) -> Distribution:
    """One of OGC's web services, whose addresses here are their short names. capabilities: what follows these."""
    address = f"{base_url}/{kind}"
    return Distribution(
        title=title,
        href=address,
        access=Access.SERVICE,
        media_type="text/xml",
        format=kind.upper(),
        description=f"{address}{capabilities}",
        protocol=f"OGC:{kind.upper()}",
        standard=f"{_SERVICE_TYPES}/{kind}",
        layer=layer,
    )


def _tiles(layer: Layer, base_url: str) -> Distribution:
    address = f"{base_url}/ogc/collections/{layer.id}/tiles/WebMercatorQuad?f=tilejson"
    return Distribution(
        title="Vector tiles (TileJSON)",
        href=address,
        access=Access.SERVICE,
        media_type=TILEJSON,
        format="Vector tiles",
        description=address,
        protocol=TILES,
        standard=_TILES,
        layer=layer.id,
    )


def _downloads(layer: Layer, base_url: str, query: dict[str, str]) -> tuple[Distribution, ...]:
    address = f"{base_url}/ogc/collections/{layer.id}/items"
    return tuple(
        Distribution(
            title=writer.title,
            href=f"{address}?{urlencode({**query, 'f': writer.name})}",
            access=Access.DOWNLOAD,
            media_type=writer.media_type,
            format=writer.title,
        )
        for writer in WRITERS.values()
        if writer.name not in _DESCRIPTIONS
    )
