"""The pygeoapi configuration, made from layers; rebuilt and swapped when the catalogue changes."""

from collections.abc import Mapping
from typing import Any

from gis.crs import CRS84
from gis.layer import BBox, Layer, LayerState
from gis.ogcapi.provider import LayerReference
from gis.service import ServiceMetadata


def configuration(
    layers: Mapping[str, Layer],
    states: Mapping[str, LayerState],
    service: ServiceMetadata,
    world: BBox,
) -> dict[str, Any]:
    """A pygeoapi configuration of the layers at ``<base_url>/ogc``.

    world: extent given for a layer without rows.
    """
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 0},
            "url": f"{service.base_url}/ogc",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": list(service.languages),
            "limits": {"default_items": 10, "max_items": 10_000, "on_exceed": "throttle"},
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": _metadata(service),
        "resources": {name: _resource(layer, states[name], service, world) for name, layer in layers.items()},
    }


def _metadata(service: ServiceMetadata) -> dict[str, Any]:
    contact = service.contact
    return {
        "identification": {
            "title": service.title,
            "description": service.abstract,
            "keywords": list(service.keywords),
            "keywords_type": "theme",
            "terms_of_service": service.licence,
            "url": service.base_url,
        },
        "license": {"name": service.licence, "url": service.licence_url},
        "provider": {"name": contact.organisation, "url": contact.url or service.base_url},
        "contact": {
            "name": contact.person,
            "position": contact.position,
            "address": contact.address,
            "city": contact.city,
            "country": contact.country,
            "phone": contact.phone,
            "email": contact.email,
            "url": contact.url,
        },
    }


def _resource(layer: Layer, state: LayerState, service: ServiceMetadata, world: BBox) -> dict[str, Any]:
    return {
        "type": "collection",
        "title": layer.title,
        "description": layer.abstract,
        "keywords": list(layer.keywords),
        "links": [
            {
                "type": "text/html",
                "rel": "alternate",
                "title": "The layer on the map",
                "href": f"{service.base_url}/map#layers={layer.id}",
            }
        ],
        "extents": {"spatial": {"bbox": list(state.extent or world), "crs": CRS84.uri}},
        "providers": [
            {
                "type": "feature",
                "name": "gis.ogcapi.provider.FieldsProvider",
                "data": LayerReference(layer),
                "id_field": layer.id_field,
                "crs": [CRS84.uri],
                "storage_crs": CRS84.uri,
            }
        ],
    }
