"""The descriptive part of the mapfile: what the capabilities say about the service and its layers."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable, Mapping
from typing import Any

from gis.layer import Layer, Service
from gis.mapserver.outputs import image_types, info_types
from gis.mapserver.raster import RasterLayer
from gis.mapserver.text import Texts
from gis.records.iso19139 import MEDIA_TYPE as ISO_19139
from gis.service import Contact, ServiceMetadata
from gis.style import Style

_REQUESTS = "GetCapabilities GetMap GetFeatureInfo GetLegendGraphic GetSchemaExtension"


def crs_names(epsg: Iterable[int]) -> tuple[str, ...]:
    """Names of the coordinate systems the service offers: the usual three, then the given EPSG codes."""
    return tuple(dict.fromkeys(["EPSG:4326", "CRS:84", "EPSG:3857", *(f"EPSG:{code}" for code in epsg)]))


def of_layer(
    layer: Layer,
    styles: Iterable[Style],
    service: ServiceMetadata,
    texts: Texts,
    time: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The METADATA block of a layer on a table. time: first and last moment of a layer that has time."""
    items = ",".join(f.name for f in layer.public_fields)
    aliases = {f"gml_{f.name}_alias": f.name for f in layer.public_fields}
    items_address = f"{service.base_url}/ogc/collections/{layer.id}/items"
    links = {"wms_dataurl_href": items_address, "wms_dataurl_format": "application/geo+json"}
    return block(
        {
            **_about(layer.id, layer.title, layer.abstract, layer.keywords, layer.attribution, service),
            **(links if Service.FEATURES in layer.services else {}),
            **{f"wms_style_{style.id}_title": style.title for style in styles},
            # Told in the capabilities only: TIME of a request becomes a filter, and without it everything is drawn.
            **({"wms_timeextent": "/".join(time), "wms_timeitem": layer.time_field or ""} if time else {}),
            "wms_include_items": items,
            "gml_include_items": items,
            "gml_types": "auto",
            **aliases,
        },
        texts,
    )


def record(name: str, service: ServiceMetadata, kind: str) -> str:
    """Address of the record of a layer in a format: iso, html."""
    return f"{service.base_url}/ogc/collections/records/items/{name}?f={kind}"


def _metadata(name: str, service: ServiceMetadata) -> dict[str, str]:
    """Where the record of a layer is, as ISO 19139 and as a page, each with the format it answers in."""
    return {
        "wms_metadataurl_list": "iso page",
        "wms_metadataurl_iso_href": record(name, service, "iso"),
        "wms_metadataurl_iso_type": "ISO19115:2003",
        "wms_metadataurl_iso_format": ISO_19139,
        "wms_metadataurl_page_href": record(name, service, "html"),
        "wms_metadataurl_page_type": "other",
        "wms_metadataurl_page_format": "text/html",
    }


def _about(
    name: str, title: str, abstract: str, keywords: Iterable[str], attribution: str, service: ServiceMetadata
) -> dict[str, str]:
    return {
        "wms_title": title,
        "wms_abstract": abstract,
        "wms_keywordlist": keyword_list(keywords),
        "wms_attribution_title": attribution,
        "wms_attribution_onlineresource": service.base_url,
        "wms_authorityurl_name": "amdis",
        "wms_authorityurl_href": service.base_url,
        "wms_identifier_authority": "amdis",
        "wms_identifier_value": name,
        **_metadata(name, service),
    }


def of_raster(raster: RasterLayer, service: ServiceMetadata, texts: Texts) -> dict[str, Any]:
    """The METADATA block of a raster."""
    about = _about(raster.id, raster.title, raster.abstract, raster.keywords, raster.attribution, service)
    return block({**about, "wms_opaque": "1"}, texts)


def of_service(service: ServiceMetadata, epsg: Iterable[int], version: int, texts: Texts) -> dict[str, Any]:
    """The METADATA block of the service."""
    return block(
        {
            "wms_title": service.title,
            "wms_rootlayer_title": service.title,
            # Empty: nobody is offered all layers at once under one name.
            "wms_rootlayer_name": "",
            "wms_abstract": service.abstract,
            "wms_rootlayer_abstract": service.abstract,
            "wms_keywordlist": keyword_list(service.keywords),
            "wms_rootlayer_keywordlist": keyword_list(service.keywords),
            "wms_onlineresource": f"{service.base_url}/wms?",
            "wms_service_onlineresource": service.base_url,
            "wms_fees": service.fees,
            "wms_accessconstraints": service.access_constraints,
            **contact(service.contact, "wms"),
            "wms_srs": " ".join(crs_names(epsg)),
            "wms_bbox_extended": "false",
            "wms_updatesequence": str(version),
            "wms_enable_request": _REQUESTS,
            # Styles of a client arrive checked and written anew; none is ever fetched.
            "ows_sld_enabled": "true",
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


def contact(given: Contact, prefix: str) -> dict[str, str]:
    """Who to ask, under the keys of the service of that prefix."""
    values = {
        "contactorganization": given.organisation,
        "contactperson": given.person or given.organisation,
        "contactposition": given.position,
        "contactelectronicmailaddress": given.email,
        "contactvoicetelephone": given.phone,
        **(_address(given) if given.address and given.country else {}),
    }
    return {f"{prefix}_{key}": value for key, value in values.items()}


def _address(given: Contact) -> dict[str, str]:
    """The address whole, MapServer leaves it out if any part is missing."""
    return {
        "addresstype": "postal",
        "address": given.address,
        "city": given.city or given.country,
        "stateorprovince": "-",
        "postcode": "-",
        "country": given.country,
    }


def keyword_list(keywords: Iterable[str]) -> str:
    """The keywords in one string, as MapServer takes them."""
    return ",".join(keyword.replace(",", " ") for keyword in keywords)


def block(values: Mapping[str, str], texts: Texts, keep: Iterable[str] = ()) -> dict[str, Any]:
    """A METADATA block of the values that are not empty, and of those to keep."""
    kept = {key: texts(value) for key, value in values.items() if value or key in set(keep)}
    return {"__type__": "metadata", **kept}
