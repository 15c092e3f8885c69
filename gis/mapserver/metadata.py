"""The descriptive part of the mapfile: what the capabilities say about the service and its layers."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable, Mapping
from typing import Any

from gis.layer import Layer, Service
from gis.mapserver.outputs import image_types, info_types
from gis.mapserver.raster import RasterLayer
from gis.mapserver.text import Texts
from gis.service import Contact, ServiceMetadata
from gis.style import Style

_REQUESTS = "GetCapabilities GetMap GetFeatureInfo GetLegendGraphic GetSchemaExtension"


def crs_names(epsg: Iterable[int]) -> tuple[str, ...]:
    """Names of the coordinate systems the service offers: the usual three, then the given EPSG codes."""
    return tuple(dict.fromkeys(["EPSG:4326", "CRS:84", "EPSG:3857", *(f"EPSG:{code}" for code in epsg)]))


def of_layer(layer: Layer, style: Style, service: ServiceMetadata, texts: Texts) -> dict[str, Any]:
    """The METADATA block of a layer on a table."""
    items = ",".join(f.name for f in layer.public_fields)
    aliases = {f"gml_{f.name}_alias": f.name for f in layer.public_fields}
    page = f"{service.base_url}/ogc/collections/{layer.id}"
    links = {
        "wms_metadataurl_href": page,
        "wms_metadataurl_type": "other",
        "wms_metadataurl_format": "text/html",
        "wms_dataurl_href": f"{page}/items",
        "wms_dataurl_format": "application/geo+json",
    }
    return _block(
        {
            **_about(layer.id, layer.title, layer.abstract, layer.keywords, layer.attribution, service),
            **(links if Service.FEATURES in layer.services else {}),
            f"wms_style_{style.id}_title": style.title,
            "wms_include_items": items,
            "gml_include_items": items,
            "gml_types": "auto",
            **aliases,
        },
        texts,
    )


def _about(
    name: str, title: str, abstract: str, keywords: Iterable[str], attribution: str, service: ServiceMetadata
) -> dict[str, str]:
    return {
        "wms_title": title,
        "wms_abstract": abstract,
        "wms_keywordlist": _keywords(keywords),
        "wms_attribution_title": attribution,
        "wms_attribution_onlineresource": service.base_url,
        "wms_authorityurl_name": "amdis",
        "wms_authorityurl_href": service.base_url,
        "wms_identifier_authority": "amdis",
        "wms_identifier_value": name,
    }


def of_raster(raster: RasterLayer, service: ServiceMetadata, texts: Texts) -> dict[str, Any]:
    """The METADATA block of a raster."""
    about = _about(raster.id, raster.title, raster.abstract, raster.keywords, raster.attribution, service)
    return _block({**about, "wms_opaque": "1"}, texts)


def of_service(
    service: ServiceMetadata, wms_url: str, epsg: Iterable[int], version: int, texts: Texts
) -> dict[str, Any]:
    """The METADATA block of the service."""
    return _block(
        {
            "wms_title": service.title,
            "wms_rootlayer_title": service.title,
            # Empty: nobody is offered all layers at once under one name.
            "wms_rootlayer_name": "",
            "wms_abstract": service.abstract,
            "wms_rootlayer_abstract": service.abstract,
            "wms_keywordlist": _keywords(service.keywords),
            "wms_rootlayer_keywordlist": _keywords(service.keywords),
            "wms_onlineresource": f"{wms_url}?",
            "wms_service_onlineresource": service.base_url,
            "wms_fees": service.fees,
            "wms_accessconstraints": service.access_constraints,
            **_contact(service.contact),
            "wms_srs": " ".join(crs_names(epsg)),
            "wms_bbox_extended": "false",
            "wms_updatesequence": str(version),
            "wms_enable_request": _REQUESTS,
            # Styles and filters from a client are URLs to fetch and XML to parse: neither is served.
            "ows_sld_enabled": "false",
            "wms_remote_sld_max_bytes": "0",
            "wms_getmap_formatlist": ",".join(image_types()),
            "wms_getlegendgraphic_formatlist": "image/png",
            "wms_getfeatureinfo_formatlist": ",".join(info_types()),
            "wms_feature_info_mime_type": "text/html",
            "wms_allow_getmap_without_styles": "true",
            "wms_attribution_title": service.contact.organisation,
            "wms_attribution_onlineresource": service.contact.url or service.base_url,
        },
        texts,
        keep={"wms_rootlayer_name"},
    )


def _contact(contact: Contact) -> dict[str, str]:
    return {
        "wms_contactorganization": contact.organisation,
        "wms_contactperson": contact.person or contact.organisation,
        "wms_contactposition": contact.position,
        "wms_contactelectronicmailaddress": contact.email,
        "wms_contactvoicetelephone": contact.phone,
        **(_address(contact) if contact.address and contact.country else {}),
    }


def _address(contact: Contact) -> dict[str, str]:
    """The address whole, MapServer leaves it out if any part is missing."""
    return {
        "wms_addresstype": "postal",
        "wms_address": contact.address,
        "wms_city": contact.city or contact.country,
        "wms_stateorprovince": "-",
        "wms_postcode": "-",
        "wms_country": contact.country,
    }


def _keywords(keywords: Iterable[str]) -> str:
    return ",".join(keyword.replace(",", " ") for keyword in keywords)


def _block(values: Mapping[str, str], texts: Texts, keep: Iterable[str] = ()) -> dict[str, Any]:
    """A METADATA block of the values that are not empty, and of those to keep."""
    kept = {key: texts(value) for key, value in values.items() if value or key in set(keep)}
    return {"__type__": "metadata", **kept}
