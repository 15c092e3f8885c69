"""Records in DCAT-AP 3.0 as JSON-LD; what only spatial catalogues know is named as GeoDCAT-AP names it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gis.layer import BBox
from gis.moments import utc
from gis.records.geojson import TOPICS
from gis.records.record import Access, Distribution, Record
from gis.service import Contact, ServiceMetadata

CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_AUTHORITY = "http://publications.europa.eu/resource/authority"
_THEMES = f"{_AUTHORITY}/data-theme"
_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
_LANGUAGES = {"en": "ENG"}

# By ISO topic category, as GeoDCAT-AP's alignment has it for the theme of INSPIRE that belongs to the category.
_THEME_OF: Mapping[str, str] = {
    "farming": "AGRI",
    "biota": "ENVI",
    "boundaries": "GOVE",
    "climatologyMeteorologyAtmosphere": "ENVI",
    "economy": "ECON",
    "elevation": "TECH",
    "environment": "ENVI",
    "geoscientificInformation": "TECH",
    "health": "HEAL",
    "imageryBaseMapsEarthCover": "TECH",
    "inlandWaters": "ENVI",
    "location": "GOVE",
    "oceans": "ENVI",
    "planningCadastre": "ECON",
    "society": "SOCI",
    "transportation": "TRAN",
    "utilitiesCommunication": "GOVE",
}
FILE_TYPES: Mapping[str, str] = {
    "CSV": "CSV",
    "Excel workbook": "XLSX",
    "GML": "GML",
    "GeoJSON": "GEOJSON",
    "GeoPackage": "GPKG",
    "GeoParquet": "PARQUET",
    "GeoTIFF": "GEOTIFF",
    "KML": "KML",
    "Shapefile (zip)": "SHP",
    "WFS": "WFS_SRVC",
    "WMS": "WMS_SRVC",
}
"""Codes of the EU's list of file types by the name of a format, where it has one."""

Node = dict[str, Any]


def dataset(record: Record, uri: Callable[[str], str]) -> Node:
    """A dcat:Dataset with its context. uri: what the record of an id describes."""
    return {"@context": CONTEXT, **_dataset(record, uri)}


def catalog(records: Iterable[Record], service: ServiceMetadata, uri: Callable[[str], str], address: str) -> Node:
    """A dcat:Catalog of records, whole. address: where the catalogue is."""
    listed = list(records)
    node: Node = {
        "@context": CONTEXT,
        "@id": address,
        "@type": "dcat:Catalog",
        "dct:title": _text(service.title),
        "dct:description": _text(service.abstract),
        "dct:publisher": _agent(service.contact),
        "dct:language": _language("en"),
        "dcat:themeTaxonomy": {"@id": _THEMES, "@type": "skos:ConceptScheme"},
        "foaf:homepage": {"@id": service.base_url, "@type": "foaf:Document"},
        **_of_all(listed),
        "dcat:dataset": [_dataset(record, uri) for record in listed],
    }
    if service.licence:
        node["dct:rights"] = {"@type": "dct:RightsStatement", "rdfs:label": _text(service.licence)}
    return node


def _of_all(records: Sequence[Record]) -> Node:
    """When the first of them came and the last one changed, and where they lie."""
    issued = [record.created for record in records if record.created]
    modified = [record.updated for record in records if record.updated]
    boxes = [record.bbox for record in records if record.bbox]
    node: Node = {}
    if issued:
        node["dct:issued"] = _time(utc(min(issued)))
    if modified:
        node["dct:modified"] = _time(utc(max(modified)))
    if boxes:
        west, south, east, north = zip(*boxes, strict=True)
        node["dct:spatial"] = _location((min(west), min(south), max(east), max(north)))
    return node


def _dataset(record: Record, uri: Callable[[str], str]) -> Node:
    node: Node = {
        "@id": record.uri,
        "@type": "dcat:Dataset",
        "dct:identifier": record.uri,
        "dct:title": _text(record.title),
        "dct:description": _text(record.description),
        "dcat:keyword": [_text(word) for word in record.keywords],
        "dct:subject": {"@id": f"{TOPICS}/{record.topic}"},
        "dct:publisher": _agent(record.contact),
        "dcat:contactPoint": _point(record.contact),
        "dct:accessRights": {"@id": f"{_AUTHORITY}/access-right/PUBLIC", "@type": "dct:RightsStatement"},
        "dct:language": _language(record.language),
        "dct:provenance": {"@type": "dct:ProvenanceStatement", "rdfs:label": _text(record.lineage)},
        "dct:bibliographicCitation": record.citation,
        "dcat:landingPage": {"@id": record.page, "@type": "foaf:Document"},
        "dcat:distribution": [_distribution(record, one) for one in record.distributions],
    }
    if record.topic in _THEME_OF:
        node["dcat:theme"] = _theme(record.topic)
    if record.bbox:
        node["dct:spatial"] = _location(record.bbox)
    if record.created:
        node["dct:issued"] = _time(utc(record.created))
    if record.updated:
        node["dct:modified"] = _time(utc(record.updated))
    return node | _versions(record, uri)


def _versions(record: Record, uri: Callable[[str], str]) -> Node:
    node: Node = {}
    if record.version is not None:
        node["dcat:version"] = str(record.version)
    if record.note:
        node["adms:versionNotes"] = _text(record.note)
    if record.dataset:
        node["dcat:isVersionOf"] = {"@id": uri(record.dataset)}
    if record.previous:
        node["dcat:previousVersion"] = {"@id": uri(record.previous)}
    if record.releases:
        node["dcat:hasVersion"] = [{"@id": uri(one)} for one in record.releases]
    return node


def _distribution(record: Record, one: Distribution) -> Node:
    node: Node = {
        "@type": "dcat:Distribution",
        "dct:title": _text(one.title),
        "dcat:accessURL": {"@id": one.description or one.href},
        "dct:format": _format(one.format),
        "dcat:mediaType": {
            "@id": f"http://www.iana.org/assignments/media-types/{one.media_type.partition(';')[0]}",
            "@type": "dct:MediaType",
        },
    }
    licences = [_licence(terms.name, terms.url) for terms in record.licences]
    if licences:
        # DCAT-AP allows one licence; where the sources have several, they stand together in a statement of rights.
        single = licences[0] if len(licences) == 1 else None
        names = "; ".join(terms.name for terms in record.licences)
        rights = {"@type": "dct:RightsStatement", "rdfs:label": _text(names)}
        node |= {"dct:license": single} if single else {"dct:rights": rights}
    if one.access is Access.DOWNLOAD:
        return node | {"dcat:downloadURL": {"@id": one.href}}
    return node | {"dcat:accessService": _service(record, one)}


def _service(record: Record, one: Distribution) -> Node:
    service: Node = {
        "@type": "dcat:DataService",
        "dct:title": _text(one.title),
        "dct:publisher": _agent(record.contact),
        "dcat:contactPoint": _point(record.contact),
        "dcat:endpointURL": {"@id": one.href},
        "dcat:servesDataset": {"@id": record.uri},
    }
    if record.topic in _THEME_OF:
        service["dcat:theme"] = _theme(record.topic)
    if one.description:
        service["dcat:endpointDescription"] = {"@id": one.description}
    if one.standard:
        service["dct:conformsTo"] = {"@id": one.standard, "@type": "dct:Standard"}
    return service


def _format(name: str) -> Node:
    node: Node = {"@type": "dct:MediaTypeOrExtent", "rdfs:label": _text(name)}
    known = FILE_TYPES.get(name)
    return {"@id": f"{_AUTHORITY}/file-type/{known}", **node} if known else node


def _theme(topic: str) -> Node:
    return {"@id": f"{_THEMES}/{_THEME_OF[topic]}", "@type": "skos:Concept"}


def _language(code: str) -> Node:
    return {"@id": f"{_AUTHORITY}/language/{_LANGUAGES[code]}", "@type": "dct:LinguisticSystem"}


def _location(bbox: BBox) -> Node:
    return {"@type": "dct:Location", "dcat:bbox": {"@type": _WKT, "@value": _polygon(bbox)}}


def _licence(name: str, url: str | None) -> Node:
    node: Node = {"@type": "dct:LicenseDocument", "rdfs:label": _text(name)}
    return {"@id": url, **node} if url else node


def _agent(who: Contact) -> Node:
    node: Node = {"@type": "foaf:Agent", "foaf:name": _text(who.organisation)}
    return node | ({"foaf:homepage": {"@id": who.url}} if who.url else {})


def _point(who: Contact) -> Node:
    node: Node = {"@type": "vcard:Organization", "vcard:fn": who.organisation}
    if who.email:
        node["vcard:hasEmail"] = {"@id": f"mailto:{who.email}"}
    if who.phone:
        node["vcard:hasTelephone"] = {"@id": f"tel:{who.phone}"}
    if who.url:
        node["vcard:hasURL"] = {"@id": who.url}
    return node


def _text(text: str) -> Node:
    return {"@value": text, "@language": "en"}


def _time(text: str) -> Node:
    return {"@value": text, "@type": "xsd:dateTime"}


def _polygon(bbox: BBox) -> str:
    west, south, east, north = bbox
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"POLYGON(({', '.join(f'{x:.12g} {y:.12g}' for x, y in corners)}))"
