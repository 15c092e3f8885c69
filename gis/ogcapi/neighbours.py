"""The services beside the OGC API that its landing page and collections lead to."""

from gis import qgis
from gis.layer import Layer, Service
from gis.links import Link, link
from gis.ogcapi.blocks import Block


def neighbours(base_url: str, project: str) -> Block:
    """Links to the map page, the map services and the QGIS project of that name of a server at ``base_url``."""
    wms = f"{base_url}/wms?service=WMS&version=1.3.0&request=GetCapabilities"
    wmts = f"{base_url}/wmts/1.0.0/WMTSCapabilities.xml"

    def links(layer: Layer) -> list[Link]:
        if Service.WMS not in layer.services:
            return []
        return [link("alternate", "text/xml", "Web Map Service; the layer's name is that of the collection", wms)]

    return Block(
        landing_links=(
            link("alternate", "text/xml", "Web Map Service 1.3.0", wms),
            link("alternate", "text/xml", "Web Map Tile Service 1.0.0", wmts),
            link("alternate", "text/html", "The layers on the map", f"{base_url}/map"),
            link("alternate", qgis.MEDIA_TYPE, "The layers in QGIS", f"{base_url}/qgis/{project}.qgs"),
        ),
        collection_links=links,
    )
