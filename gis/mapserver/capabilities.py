"""Capabilities documents as MapServer writes them, cut down to what is served."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from lxml import etree

from gis.mapserver.xml import Element, local, text_of

_OLD_VERSIONS = frozenset({"1.1.1", "1.1.0", "1.0.0"})
_POST_XML = "http://www.opengis.net/spec/WCS_protocol-binding_post-xml/1.0/conf/post-xml"
_MULTIPART = "http://www.opengis.net/spec/GMLCOV/1.0/conf/multipart"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_FES, _OWS = "{http://www.opengis.net/fes/2.0}", "{http://www.opengis.net/ows/1.1}"
_RESOLVING = frozenset({"GetFeature", "GetPropertyValue"})
_RESOLVED = ("none", "local")
_NULL_OPERATORS = ("PropertyIsNull", "PropertyIsNil")

_STYLE = re.compile(
    r"(?P<head><Style>\s*<Name>(?P<name>[^<]*)</Name>\s*<Title>[^<]*</Title>)"
    r'(?:(?P<legend>\s*<LegendURL) width="\d+" height="\d+")?'
)

_OTHER_METADATA = re.compile(r'\s*<MetadataURL type="other">.*?</MetadataURL>', re.DOTALL)


def of_wms(document: bytes, abstracts: Mapping[str, str], legends: Mapping[str, tuple[int, int]]) -> bytes:
    """The document of WMS with the abstracts of its styles, by name: MapServer has no place for them.

    legends: width and height of the legends of styles for which MapServer tells those of their layer's default.
    As text, so that everything else stays as it is, the document type of WMS 1.1.1 too.
    """

    def told(match: re.Match[str]) -> str:
        abstract = abstracts.get(match["name"])
        head = f"{match['head']}<Abstract>{escape(abstract)}</Abstract>" if abstract else match["head"]
        size = legends.get(match["name"])
        if not match["legend"] or not size:
            return head + match[0].removeprefix(match["head"])
        return f'{head}{match["legend"]} width="{size[0]}" height="{size[1]}"'

    text = document.decode("utf-8")
    if "<WMT_MS_Capabilities" in text:
        # The document type of WMS 1.1.1 knows two kinds of metadata, and calls this one by its committee.
        text = _OTHER_METADATA.sub("", text).replace('<MetadataURL type="ISO19115:2003"', '<MetadataURL type="TC211"')
    return _STYLE.sub(told, text).encode("utf-8")


def of_wfs(document: bytes) -> bytes:
    """The document of WFS with version 2.0.0 alone, without remarks on what the mapfile lacks, and with what the
    filters answer that MapServer does not tell of."""
    root = _read(document)
    _remove(one for one in root.iter() if local(one) == "Value" and text_of(one) in _OLD_VERSIONS)
    _remove_empty_contact(root)
    for one in [one for one in root.iter() if local(one) == "Operation" and one.get("name") in _RESOLVING]:
        _allow(one, "resolve", _RESOLVED)
    for one in [one for one in root.iter() if local(one) == "ComparisonOperators"]:
        for name in _NULL_OPERATORS:
            etree.SubElement(one, f"{_FES}ComparisonOperator", name=name)
    for one in [one for one in root.iter(f"{_FES}Constraint") if one.get("name") == "ImplementsSpatialFilter"]:
        for value in one.iter(f"{_OWS}DefaultValue"):
            value.text = "TRUE"
    return _written(root)


def _allow(operation: Element, name: str, values: Iterable[str]) -> None:
    """Tell of one more parameter of an operation, behind its others and before its constraints."""
    parameter = etree.Element(f"{_OWS}Parameter", name=name)
    allowed = etree.SubElement(parameter, f"{_OWS}AllowedValues")
    for value in values:
        etree.SubElement(allowed, f"{_OWS}Value").text = value
    place = max(at for at, one in enumerate(operation, 1) if local(one) in {"DCP", "Parameter"})
    operation.insert(place, parameter)


def of_wcs(document: bytes) -> bytes:
    """The document of WCS with version 2.0.1 and KVP alone."""
    root = _read(document)
    gone = _OLD_VERSIONS | {_POST_XML, _MULTIPART}
    _remove(one for one in root.iter() if local(one) in {"ServiceTypeVersion", "Profile"} and text_of(one) in gone)
    _remove(one for one in root.iter() if local(one) == "Post")
    _name_formats(root)
    _remove_empty_contact(root)
    return _written(root)


def _name_formats(root: Element) -> None:
    """Each media type once and without the coverage MapServer is told it for."""
    seen: set[str] = set()
    for one in [one for one in root.iter() if local(one) == "formatSupported"]:
        one.text = text_of(one).partition(";")[0]
        if one.text in seen:
            _remove([one])
        seen.add(one.text)


def _read(document: bytes) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, huge_tree=True)
    return etree.fromstring(document, parser)


def _written(root: Element) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _remove_empty_contact(root: Element) -> None:
    """Take out the parts of the provider's address that nobody has filled in, inner ones first."""
    for provider in [one for one in root.iter() if local(one) == "ServiceProvider"]:
        for one in reversed(list(provider.iter())):
            if not len(one) and not text_of(one) and not one.get(_XLINK):
                _remove([one])


def _remove(elements: Iterable[Element]) -> None:
    for one in list(elements):
        parent = one.getparent()
        if parent is not None:
            parent.remove(one)
