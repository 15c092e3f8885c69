"""XML elements made in one expression, for documents that are written and never read."""

# SPDX-License-Identifier: Apache-2.0

from lxml import etree

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type


def element(tag: str, *children: Element | str, namespace: str = "", **attributes: str) -> Element:
    """An element with its attributes and children, in their order; a text among them is the element's text."""
    made = etree.Element(f"{{{namespace}}}{tag}" if namespace else tag, attributes)
    for child in children:
        if isinstance(child, str):
            made.text = (made.text or "") + child
        else:
            made.append(child)
    return made


def written(root: Element, doctype: str | None = None) -> bytes:
    """The document, UTF-8 and indented."""
    if doctype:
        return etree.tostring(root, encoding="UTF-8", doctype=doctype, pretty_print=True)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
