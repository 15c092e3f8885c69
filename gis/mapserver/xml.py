"""XML that clients send: parsed without entities, without a document type and without a way out of the document."""

# SPDX-License-Identifier: Apache-2.0

from lxml import etree

from gis.mapserver.exceptions import ServiceException

LARGEST = 65_536
"""Bytes of a document from a client."""

_MOST_ELEMENTS = 4_000
_DEEPEST = 40

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type


def parsed(text: str | bytes, locator: str) -> Element:
    """Root of the document, without comments and processing instructions.

    locator: the parameter it came in. Raises ServiceException if it is too large, too deep, not well-formed or has a
    document type, in which entities could be declared.
    """
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(content) > LARGEST:
        raise ServiceException(
            "InvalidParameterValue", f"{locator} is longer than {LARGEST} bytes.", locator=locator.lower()
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
        # Text in a str has no encoding left, whatever its declaration says.
        encoding="utf-8" if isinstance(text, str) else None,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise ServiceException(
            "OperationParsingFailed", f"{locator} is not well-formed XML (line {line}).", locator=locator.lower()
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ServiceException(
            "OperationParsingFailed", f"{locator}: a document type is not allowed.", locator=locator.lower()
        )
    _check_shape(root, locator)
    return root


def _check_shape(root: Element, locator: str) -> None:
    count = depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > _DEEPEST or count > _MOST_ELEMENTS or not isinstance(element.tag, str):
            raise ServiceException(
                "OperationParsingFailed",
                f"{locator} is too deep or too long: at most {_DEEPEST} levels and {_MOST_ELEMENTS} elements are read.",
                locator=locator.lower(),
            )


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(element).localname


def namespace(element: Element) -> str:
    """The element's namespace, empty if it has none."""
    return etree.QName(element).namespace or ""


def text_of(element: Element) -> str:
    """The element's own text, without white space around it."""
    return (element.text or "").strip()


def written(element: Element) -> str:
    """The element as text for a query: parentheses, which separate documents there, as character references."""
    return str(etree.tostring(element, encoding="unicode")).replace("(", "&#40;").replace(")", "&#41;")
