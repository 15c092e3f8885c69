"""A record as a schema.org Dataset in JSON-LD, for search engines that look for data."""

from collections.abc import Callable
from typing import Any

from gis.moments import utc
from gis.records.record import Access, Record
from gis.service import Contact, ServiceMetadata

Node = dict[str, Any]


def dataset(record: Record, service: ServiceMetadata, uri: Callable[[str], str]) -> Node:
    """A schema.org Dataset; what is not known is left out. uri: what the record of an id describes."""
    said: Node = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": record.uri,
        "identifier": record.uri,
        "url": record.page,
        "name": record.title,
        "description": record.description,
        "keywords": list(record.keywords),
        "inLanguage": record.language,
        "isAccessibleForFree": True,
        "license": [terms.url or terms.name for terms in record.licences] or None,
        "creator": [{"@type": "Organization", "name": name} for name in record.sources] or None,
        "publisher": _organisation(record.contact),
        "datePublished": utc(record.created) if record.created else None,
        "dateModified": utc(record.updated) if record.updated else None,
        "version": record.version,
        "creditText": record.citation,
        "spatialCoverage": _place(record),
        "variableMeasured": [_variable(one.name, one.title, one.unit) for one in record.variables] or None,
        "isPartOf": {"@type": "Dataset", "@id": uri(record.dataset)} if record.dataset else None,
        "includedInDataCatalog": {"@type": "DataCatalog", "name": service.title, "url": f"{service.base_url}/datasets"},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": one.title,
                "encodingFormat": one.media_type.partition(";")[0],
                "contentUrl": one.href,
            }
            for one in record.distributions
            if one.access is Access.DOWNLOAD
        ],
    }
    return {name: value for name, value in said.items() if value is not None}


def _organisation(who: Contact) -> Node:
    said = {"@type": "Organization", "name": who.organisation, "url": who.url, "email": who.email}
    return {name: value for name, value in said.items() if value}


def _place(record: Record) -> Node | None:
    if record.bbox is None:
        return None
    west, south, east, north = record.bbox
    # schema.org gives a box as latitude and longitude of two corners.
    return {"@type": "Place", "geo": {"@type": "GeoShape", "box": f"{south:.12g} {west:.12g} {north:.12g} {east:.12g}"}}


def _variable(name: str, title: str, unit: str | None) -> Node:
    said = {"@type": "PropertyValue", "propertyID": name, "name": title, "unitText": unit}
    return {key: value for key, value in said.items() if value}
