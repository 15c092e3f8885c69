"""Records in DCAT-AP 3.0 as JSON-LD; what only spatial catalogues know is named as GeoDCAT-AP names it."""

from collections.abc import Callable, Iterable
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
_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
_LANGUAGES = {"en": "ENG"}

Node = dict[str, Any]


def dataset(record: Record, uri: Callable[[str], str]) -> Node:
    """A dcat:Dataset with its context. uri: what the record of an id describes."""
    return {"@context": CONTEXT, **_dataset(record, uri)}


def catalog(records: Iterable[Record], service: ServiceMetadata, uri: Callable[[str], str], address: str) -> Node:
    """A dcat:Catalog of records, whole. address: where the catalogue is."""
    return {
        "@context": CONTEXT,
        "@id": address,
        "@type": "dcat:Catalog",
        "dct:title": _text(service.title),
        "dct:description": _text(service.abstract),
        "dct:publisher": _agent(service.contact),
        "foaf:homepage": {"@id": service.base_url, "@type": "foaf:Document"},
        "dcat:dataset": [_dataset(record, uri) for record in records],
    }


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
        "dct:accessRights": {"@id": f"{_AUTHORITY}/access-right/PUBLIC"},
        "dct:language": {"@id": f"{_AUTHORITY}/language/{_LANGUAGES[record.language]}"},
        "dct:provenance": {"@type": "dct:ProvenanceStatement", "rdfs:label": _text(record.lineage)},
        "dct:bibliographicCitation": record.citation,
        "dcat:landingPage": {"@id": record.page, "@type": "foaf:Document"},
        "dcat:distribution": [_distribution(record, one) for one in record.distributions],
    }
    if record.bbox:
        node["dct:spatial"] = {"@type": "dct:Location", "dcat:bbox": {"@type": _WKT, "@value": _polygon(record.bbox)}}
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
        "dcat:mediaType": {"@id": f"http://www.iana.org/assignments/media-types/{one.media_type.partition(';')[0]}"},
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
    service: Node = {"@type": "dcat:DataService", "dct:title": _text(one.title), "dcat:endpointURL": {"@id": one.href}}
    if one.description:
        service["dcat:endpointDescription"] = {"@id": one.description}
    if one.standard:
        service["dct:conformsTo"] = {"@id": one.standard}
    return node | {"dcat:accessService": service | {"dcat:servesDataset": {"@id": record.uri}}}


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
