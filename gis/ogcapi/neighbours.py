"""The services beside the OGC API that its landing page and collections lead to."""

from gis import qgis
from gis.layer import Layer, Service
from gis.ogcapi.blocks import Block, Link


def neighbours(base_url: str, project: str) -> Block:
    """Links to the map page, the Web Map Service and the QGIS project of that name of a server at ``base_url``."""
    wms = f"{base_url}/wms?service=WMS&version=1.3.0&request=GetCapabilities"

    def links(layer: Layer) -> list[Link]:
        if Service.WMS not in layer.services:
            return []
        title = "Web Map Service; the layer's name is that of the collection"
        return [{"rel": "alternate", "type": "text/xml", "title": title, "href": wms}]

    return Block(
        landing_links=(
            {"rel": "alternate", "type": "text/xml", "title": "Web Map Service 1.3.0", "href": wms},
            {"rel": "alternate", "type": "text/html", "title": "The layers on the map", "href": f"{base_url}/map"},
            {
                "rel": "alternate",
                "type": qgis.MEDIA_TYPE,
                "title": "The layers in QGIS",
                "href": f"{base_url}/qgis/{project}.qgs",
            },
        ),
        collection_links=links,
    )
