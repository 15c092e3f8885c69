"""A record as OGC API - Records Part 1 (OGC 20-004r1) has it in GeoJSON."""

from collections.abc import Callable, Iterator
from typing import Any

from gis.layer import BBox
from gis.links import Link, link
from gis.moments import utc
from gis.records.record import Access, Record
from gis.service import Contact

CORE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"
TOPICS = "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory"


def feature(record: Record, address: Callable[[str], str]) -> dict[str, Any]:
    """The record as a GeoJSON feature; its links lead to the data and to related records, not to itself.

    address: where the record of an id is.
    """
    found: dict[str, Any] = {
        "id": record.id,
        "type": "Feature",
        "conformsTo": [CORE],
        "geometry": box(record.bbox),
        "time": _time(record),
        "properties": properties(record),
        "links": [*_links(record), *_relatives(record, address)],
    }
    if record.bbox:
        found["bbox"] = list(record.bbox)
    return found


def properties(record: Record) -> dict[str, Any]:
    """The properties of a record; what is not known is left out."""
    said: dict[str, Any] = {
        "type": record.kind.value,
        "title": record.title,
        "description": record.description,
        "keywords": list(record.keywords),
        "themes": [
            {
                "scheme": TOPICS,
                "concepts": [{"id": record.topic, "title": record.theme, "url": f"{TOPICS}/{record.topic}"}],
            }
        ],
        "created": utc(record.created) if record.created else None,
        "updated": utc(record.updated) if record.updated else None,
        "language": {"code": record.language},
        "resourceLanguages": [{"code": record.language}],
        "externalIds": [{"value": record.uri}],
        "formats": [{"name": name, "mediaType": media} for name, media in _formats(record)],
        "contacts": [contact(record.contact, "publisher", "pointOfContact")],
        "license": record.licence_code,
        "rights": "; ".join(one.name for one in record.licences) or None,
        "attribution": "; ".join(record.sources) or None,
        "lineage": record.lineage,
        "citation": record.citation,
        "release": record.version,
        "numberOfFeatures": record.count,
        "contentHash": record.content_hash,
        "publishedBy": record.publisher or None,
        "note": record.note or None,
    }
    if record.changes:
        said["changes"] = dict(zip(("added", "changed", "removed"), record.changes, strict=True))
    return {name: value for name, value in said.items() if value is not None}


def contact(who: Contact, *roles: str) -> dict[str, Any]:
    """A contact with its roles."""
    said: dict[str, Any] = {
        "name": who.person,
        "organization": who.organisation,
        "position": who.position,
        "phones": [{"value": who.phone}] if who.phone else None,
        "emails": [{"value": who.email}] if who.email else None,
        "addresses": _addresses(who),
        "links": [{"href": who.url, "rel": "about", "type": "text/html"}] if who.url else None,
        "roles": list(roles),
    }
    return {name: value for name, value in said.items() if value}


def box(bbox: BBox | None) -> dict[str, Any] | None:
    """The polygon around a bounding box, counterclockwise."""
    if bbox is None:
        return None
    west, south, east, north = bbox
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _time(record: Record) -> dict[str, Any] | None:
    if record.interval is None:
        return None
    start, end = record.interval
    return {"interval": [utc(start), utc(end) if end else ".."]}


def _addresses(who: Contact) -> list[dict[str, Any]]:
    said = {"deliveryPoint": [who.address] if who.address else None, "city": who.city, "country": who.country}
    kept = {name: value for name, value in said.items() if value}
    return [kept] if kept else []


def _formats(record: Record) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one.format, one.media_type) for one in record.distributions))


def _links(record: Record) -> Iterator[Link]:
    yield link("about", "text/html", "Page of the dataset", record.page)
    for one in record.distributions:
        rel = "enclosure" if one.access is Access.DOWNLOAD else "service"
        led = link(rel, one.media_type, one.title, one.description or one.href)
        yield led | ({"ows:layer": one.layer} if one.layer else {})
    if record.preview:
        yield link("preview", "image/jpeg", "Picture", record.preview)
    for terms in record.licences:
        if terms.url:
            yield link("license", "text/html", terms.name, terms.url)


def _relatives(record: Record, address: Callable[[str], str]) -> Iterator[Link]:
    def leading(rel: str, title: str, identifier: str) -> Link:
        return link(rel, "application/geo+json", title, address(identifier))

    if record.dataset:
        yield leading("latest-version", "The dataset as it is now", record.dataset)
    if record.previous:
        yield leading("predecessor-version", "The release before", record.previous)
    if record.next:
        yield leading("successor-version", "The release after", record.next)
    for identifier in record.releases:
        yield leading("version", f"Release {identifier.rpartition('.')[2]}", identifier)
