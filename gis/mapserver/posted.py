"""WFS 2.0 requests as XML documents, turned into the parameters and queries they stand for."""

# SPDX-License-Identifier: Apache-2.0

from gis.mapserver.downloads import PREFIX
from gis.mapserver.exceptions import ServiceException, shown
from gis.mapserver.features import Query
from gis.mapserver.stored import BY_ID
from gis.mapserver.xml import Element, local, namespace, parsed, text_of

_WFS = "http://www.opengis.net/wfs/2.0"
_ATTRIBUTES = frozenset(
    {"service", "version", "outputFormat", "count", "startIndex", "resultType", "valueReference", "resolve"}
    | {"updateSequence"}
)


def read_posted(body: bytes, target: str) -> tuple[dict[str, str], list[Query] | None]:
    """Parameters by upper-case name, and the query expressions if the operation has any.

    target: namespace of the feature types. Raises ServiceException if it is no request of WFS 2.0.
    """
    root = parsed(body, "The request")
    if namespace(root) != _WFS:
        raise ServiceException(
            "OperationParsingFailed", f"The request is of namespace {shown(namespace(root))}; expected {_WFS}."
        )
    given = {name.upper(): root.get(name, "") for name in _ATTRIBUTES if name in root.attrib}
    given["REQUEST"] = local(root)
    if local(root) == "GetCapabilities":
        return given | _accepted(root), None
    if local(root) == "DescribeFeatureType":
        names = [_type(one, text_of(one), target) for one in root if local(one) == "TypeName"]
        return given | ({"TYPENAMES": ",".join(names)} if names else {}), None
    if local(root) == "DescribeStoredQueries":
        ids = [text_of(one) for one in root if local(one) == "StoredQueryId"]
        return given | ({"STOREDQUERY_ID": ",".join(ids)} if ids else {}), None
    stored = [one for one in root if local(one) == "StoredQuery"]
    if stored:
        return given | _stored(stored), None
    return given, [_query(one, target) for one in root if local(one) == "Query"]


def _accepted(root: Element) -> dict[str, str]:
    lists = {
        "ACCEPTVERSIONS": ("AcceptVersions", "Version"),
        "SECTIONS": ("Sections", "Section"),
    }
    return {
        name: ",".join(
            text_of(one) for parent in root if local(parent) == outer for one in parent if local(one) == inner
        )
        for name, (outer, inner) in lists.items()
    }


def _stored(found: list[Element]) -> dict[str, str]:
    if len(found) > 1:
        raise ServiceException("OptionNotSupported", "One stored query is answered at a time.", locator="StoredQuery")
    identifier = found[0].get("id", "")
    # A parameter's value is any content: ours is text.
    named = {one.get("name", "").upper(): text_of(one) for one in found[0] if local(one) == "Parameter"}
    return {"STOREDQUERY_ID": identifier or BY_ID, "ID": named.get("ID", "")}


def _query(element: Element, target: str) -> Query:
    types = element.get("typeNames", "").split()
    filters = [one for one in element if local(one) == "Filter"]
    if len(filters) > 1:
        raise ServiceException("OperationParsingFailed", "A Query has more than one Filter.", locator="Filter")
    names = [text_of(one) for one in element if local(one) in {"PropertyName", "AbstractProjectionClause"}]
    return Query(
        ",".join(_type(element, one, target) for one in types),
        element.get("srsName", ""),
        filters[0] if filters else "",
        ",".join(names),
        ",".join(_order(one) for parent in element if local(parent) == "SortBy" for one in parent),
    )


def _order(element: Element) -> str:
    parts = {local(one): text_of(one) for one in element}
    return f"{parts.get('ValueReference', '')} {parts.get('SortOrder', 'ASC')}"


def _type(element: Element, name: str, target: str) -> str:
    """The type's name with the service's own prefix, whatever prefix the document binds to the namespace."""
    prefix, colon, bare = name.rpartition(":")
    if name.startswith("schema-element(") and name.endswith(")"):
        return _type(element, name[len("schema-element(") : -1], target)
    if colon and element.nsmap.get(prefix) == target:
        return f"{PREFIX}:{bare}"
    return name
