"""A record as ISO 19115 metadata in the XML of ISO 19139 (gmd 20070417)."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import datetime

from gis.layer import BBox
from gis.moments import utc
from gis.records.record import Access, Distribution, Kind, Record
from gis.service import Contact

MEDIA_TYPE = "application/vnd.iso.19139+xml"

_CODES = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml"
_NAMESPACES = {
    "gmd": "http://www.isotc211.org/2005/gmd",
    "gco": "http://www.isotc211.org/2005/gco",
    "gmx": "http://www.isotc211.org/2005/gmx",
    "xlink": "http://www.w3.org/1999/xlink",
}
for _prefix, _uri in _NAMESPACES.items():
    ET.register_namespace(_prefix, _uri)

_LANGUAGES = {"en": "eng"}
_LEVELS = {Kind.DATASET: "dataset", Kind.RELEASE: "dataset"}
_FUNCTIONS = {Access.DOWNLOAD: "download", Access.SERVICE: "information"}


def write(record: Record) -> bytes:
    """The gmd:MD_Metadata document of a record, UTF-8."""
    root = ET.Element(_name("gmd:MD_Metadata"))
    root.extend(_metadata(record))
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _metadata(record: Record) -> Iterator[ET.Element]:
    # The order of the elements is that of the schema.
    yield _string("gmd:fileIdentifier", record.uri)
    yield _code("gmd:language", "LanguageCode", _LANGUAGES[record.language])
    yield _code("gmd:characterSet", "MD_CharacterSetCode", "utf8")
    if record.dataset:
        yield _string("gmd:parentIdentifier", record.uri.rpartition("/release/")[0])
    yield _code("gmd:hierarchyLevel", "MD_ScopeCode", _LEVELS[record.kind])
    yield _in("gmd:contact", _party(record.contact, "pointOfContact"))
    yield _date("gmd:dateStamp", record.updated or record.created)
    yield _string("gmd:metadataStandardName", "ISO 19115:2003/19139")
    yield _string("gmd:metadataStandardVersion", "1.0")
    yield _string("gmd:dataSetURI", record.uri)
    if not record.is_table:
        yield _in("gmd:referenceSystemInfo", _reference_system(record))
    yield _in("gmd:identificationInfo", _make("gmd:MD_DataIdentification", *_identification(record)))
    yield _in("gmd:distributionInfo", _make("gmd:MD_Distribution", *_distribution(record)))
    yield _in("gmd:dataQualityInfo", _quality(record))


def _identification(record: Record) -> Iterator[ET.Element]:
    yield _in("gmd:citation", _make("gmd:CI_Citation", *_citation(record)))
    yield _string("gmd:abstract", record.description)
    for source in record.sources:
        yield _string("gmd:credit", source)
    yield _code("gmd:status", "MD_ProgressCode", "completed" if record.kind is Kind.RELEASE else "onGoing")
    yield _in("gmd:pointOfContact", _party(record.contact, "publisher"))
    if record.preview:
        yield _in("gmd:graphicOverview", _make("gmd:MD_BrowseGraphic", _string("gmd:fileName", record.preview)))
    if record.keywords:
        words = (_string("gmd:keyword", word) for word in record.keywords)
        kind = _code("gmd:type", "MD_KeywordTypeCode", "theme")
        yield _in("gmd:descriptiveKeywords", _make("gmd:MD_Keywords", *words, kind))
    yield _in("gmd:resourceConstraints", _make("gmd:MD_LegalConstraints", *_constraints(record)))
    kind_of_data = "grid" if record.raster else "textTable" if record.is_table else "vector"
    yield _code("gmd:spatialRepresentationType", "MD_SpatialRepresentationTypeCode", kind_of_data)
    yield _code("gmd:language", "LanguageCode", _LANGUAGES[record.language])
    yield _in("gmd:topicCategory", _text("gmd:MD_TopicCategoryCode", record.topic))
    if record.bbox:
        yield _in("gmd:extent", _extent(record.bbox))


def _citation(record: Record) -> Iterator[ET.Element]:
    yield _string("gmd:title", record.title)
    dates = (("publication", record.created), ("revision", record.updated))
    known = [(kind, moment) for kind, moment in dates if moment]
    for kind, moment in known:
        date = _make("gmd:CI_Date", _date("gmd:date", moment), _code("gmd:dateType", "CI_DateTypeCode", kind))
        yield _in("gmd:date", date)
    if not known:
        yield _unknown("gmd:date")
    if record.version is not None:
        yield _string("gmd:edition", str(record.version))
    yield _in("gmd:identifier", _make("gmd:MD_Identifier", _anchor("gmd:code", record.uri, record.uri)))
    yield _string("gmd:otherCitationDetails", record.citation)


def _constraints(record: Record) -> Iterator[ET.Element]:
    yield _code("gmd:accessConstraints", "MD_RestrictionCode", "otherRestrictions")
    yield _code("gmd:useConstraints", "MD_RestrictionCode", "license" if record.licences else "otherRestrictions")
    for terms in record.licences:
        if terms.url:
            yield _anchor("gmd:otherConstraints", terms.url, terms.name)
        else:
            yield _string("gmd:otherConstraints", terms.name)
    if not record.licences:
        yield _string("gmd:otherConstraints", "The terms of use are not stated.")


def _distribution(record: Record) -> Iterator[ET.Element]:
    for name in dict.fromkeys(one.format for one in record.distributions):
        described = _make("gmd:MD_Format", _string("gmd:name", name), _unknown("gmd:version"))
        yield _in("gmd:distributionFormat", described)
    online = [_in("gmd:onLine", _online(one)) for one in record.distributions]
    yield _in("gmd:transferOptions", _make("gmd:MD_DigitalTransferOptions", *online))


def _online(one: Distribution) -> ET.Element:
    return _make(
        "gmd:CI_OnlineResource",
        _in("gmd:linkage", _text("gmd:URL", one.description or one.href)),
        _string("gmd:protocol", one.protocol or "WWW:DOWNLOAD-1.0-http--download"),
        _string("gmd:name", one.layer or one.title),
        _string("gmd:description", one.title),
        _code("gmd:function", "CI_OnLineFunctionCode", _FUNCTIONS[one.access]),
    )


def _quality(record: Record) -> ET.Element:
    scope = _make("gmd:DQ_Scope", _code("gmd:level", "MD_ScopeCode", _LEVELS[record.kind]))
    lineage = _make("gmd:LI_Lineage", _string("gmd:statement", record.lineage))
    return _make("gmd:DQ_DataQuality", _in("gmd:scope", scope), _in("gmd:lineage", lineage))


def _reference_system(record: Record) -> ET.Element:
    code = "4326" if record.raster is None else record.raster.epsg
    address = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
    named = _anchor("gmd:code", address, f"EPSG:{code}") if code else _unknown("gmd:code")
    identifier = _make("gmd:RS_Identifier", named)
    return _make("gmd:MD_ReferenceSystem", _in("gmd:referenceSystemIdentifier", identifier))


def _extent(bbox: BBox) -> ET.Element:
    west, south, east, north = bbox
    sides = (("west", "Longitude", west), ("east", "Longitude", east), ("south", "Latitude", south))
    bounds = [
        _in(f"gmd:{side}Bound{axis}", _text("gco:Decimal", f"{value:.12g}"))
        for side, axis, value in (*sides, ("north", "Latitude", north))
    ]
    box = _make("gmd:EX_GeographicBoundingBox", *bounds)
    return _make("gmd:EX_Extent", _in("gmd:geographicElement", box))


def _party(who: Contact, role: str) -> ET.Element:
    told = {"individualName": who.person, "organisationName": who.organisation, "positionName": who.position}
    parts = [_string(f"gmd:{name}", text) for name, text in told.items() if text]
    reach = _reach(who)
    if reach:
        parts.append(_in("gmd:contactInfo", _make("gmd:CI_Contact", *reach)))
    return _make("gmd:CI_ResponsibleParty", *parts, _code("gmd:role", "CI_RoleCode", role))


def _reach(who: Contact) -> list[ET.Element]:
    address = {
        "deliveryPoint": who.address,
        "city": who.city,
        "country": who.country,
        "electronicMailAddress": who.email,
    }
    lines = [_string(f"gmd:{name}", text) for name, text in address.items() if text]
    reach = []
    if who.phone:
        reach.append(_in("gmd:phone", _make("gmd:CI_Telephone", _string("gmd:voice", who.phone))))
    if lines:
        reach.append(_in("gmd:address", _make("gmd:CI_Address", *lines)))
    if who.url:
        page = _make("gmd:CI_OnlineResource", _in("gmd:linkage", _text("gmd:URL", who.url)))
        reach.append(_in("gmd:onlineResource", page))
    return reach


def _name(prefixed: str) -> str:
    prefix, _, name = prefixed.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{name}"


def _make(name: str, *children: ET.Element) -> ET.Element:
    made = ET.Element(_name(name))
    made.extend(children)
    return made


def _in(name: str, child: ET.Element) -> ET.Element:
    return _make(name, child)


def _text(name: str, text: str) -> ET.Element:
    made = _make(name)
    made.text = text
    return made


def _string(name: str, text: str) -> ET.Element:
    return _in(name, _text("gco:CharacterString", text))


def _anchor(name: str, address: str, text: str) -> ET.Element:
    anchor = _text("gmx:Anchor", text)
    anchor.set(_name("xlink:href"), address)
    return _in(name, anchor)


def _code(name: str, codelist: str, value: str) -> ET.Element:
    code = _text(f"gmd:{codelist}", value)
    code.set("codeList", f"{_CODES}#{codelist}")
    code.set("codeListValue", value)
    return _in(name, code)


def _date(name: str, moment: datetime | None) -> ET.Element:
    return _in(name, _text("gco:DateTime", utc(moment))) if moment else _unknown(name)


def _unknown(name: str) -> ET.Element:
    made = _make(name)
    made.set(_name("gco:nilReason"), "unknown")
    return made
