"""A WFS 2.0 request, checked: what it names is looked up, its filters are written anew, and it becomes one query."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from urllib.parse import urlencode

from gis.declaration import nearest
from gis.mapserver.catalogue import Catalogue, MapLayer
from gis.mapserver.crs import crs_code, urn
from gis.mapserver.downloads import MOST_FEATURES, PREFIX
from gis.mapserver.exceptions import ServiceException, shown
from gis.mapserver.filters import equal_to, identifier_in, read_filter
from gis.mapserver.outputs import CSV, GEOJSON, GML32, ZIP
from gis.mapserver.parameters import Parameters
from gis.mapserver.parameters import optional as _text
from gis.mapserver.stored import BY_ID, layer_of
from gis.mapserver.xml import Element

VERSION = "2.0.0"

_ACCEPTED_VERSIONS = frozenset({"2.0.0", "2.0.2"})
_MOST_QUERIES = 10
_MOST_IDS = 1000
_DEEPEST = 10_000_000  # rows that can be skipped
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_WHOLE = re.compile(r"\d{1,9}")
_SECTIONS = {
    one.lower(): one
    for one in (
        *("All", "ServiceIdentification", "ServiceProvider", "OperationsMetadata", "FeatureTypeList"),
        "Filter_Capabilities",
    )
}
_GML = {
    name.replace(" ", "").lower(): name
    for name in (GML32, "text/xml; subtype=gml/3.2.1", "text/xml; subtype=gml/3.1.1", "text/xml; subtype=gml/2.1.2")
} | {"gml32": GML32, "gml3": GML32, "text/xml": GML32, "application/xml": GML32, "text/xml;subtype=gml/3.2": GML32}
_FORMATS = _GML | {
    **dict.fromkeys((GEOJSON, "application/json", "json", "geojson"), GEOJSON),
    **dict.fromkeys((CSV, "csv"), CSV),
    **dict.fromkeys((ZIP, "shape-zip", "shapezip"), ZIP),
}


@dataclass(frozen=True, slots=True)
class Query:
    """One query expression as the client wrote it. filter: text of KVP or element of a posted document."""

    types: str
    srs: str = ""
    filter: str | Element = ""
    properties: str = ""
    sorting: str = ""
    ids: str = ""
    box: str = ""


@dataclass(frozen=True, slots=True)
class FeatureRequest:
    """One checked request. query: what MapServer is asked. layers: those it reads. format: media type of the answer."""

    operation: str
    query: str
    layers: tuple[MapLayer, ...] = field(default=())
    format: str = GML32
    hits: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What the answer depends on, apart from the capabilities: the query and what is published of the layers."""
        return self.query, tuple(layer.mark for layer in self.layers)


def read_features_request(
    given: Parameters, catalogue: Catalogue, namespace: str, queries: Sequence[Query] | None = None
) -> FeatureRequest:
    """The request in those parameters. namespace: that of the feature types. queries: from a posted document.

    Raises ServiceException with the OWS code of the first mistake.
    """
    name = _text(given, "REQUEST")
    if not name:
        raise _missing("REQUEST")
    service = _text(given, "SERVICE")
    if service.upper() != "WFS":
        raise _missing("SERVICE") if not service else _invalid("SERVICE", f"is {shown(service)}; expected WFS")
    reader = _OPERATIONS.get(name.lower())
    if reader is None:
        raise ServiceException("OperationNotSupported", f"REQUEST {shown(name)} is not served.", locator="request")
    if name.lower() != "getcapabilities":
        _check_version(given)
    return reader(_Reader(given, catalogue, namespace, queries))


def _check_version(given: Parameters) -> None:
    version = _text(given, "VERSION")
    if not version:
        raise _missing("VERSION")
    if version not in _ACCEPTED_VERSIONS:
        raise _invalid("VERSION", f"{shown(version)} is not served, only {VERSION}")


class _Reader:
    """Reads one request."""

    def __init__(
        self, given: Parameters, catalogue: Catalogue, namespace: str, queries: Sequence[Query] | None
    ) -> None:
        self._given = given
        self._catalogue = catalogue
        self._posted = queries
        self._prefixes = {PREFIX} | _bound_prefixes(_text(given, "NAMESPACES"), namespace)

    def capabilities(self) -> FeatureRequest:
        """GetCapabilities: the version is agreed on, and the sections are those asked for."""
        accepted = [one.strip() for one in _text(self._given, "ACCEPTVERSIONS").split(",") if one.strip()]
        if accepted and not _ACCEPTED_VERSIONS & set(accepted):
            message = f"ACCEPTVERSIONS: none of them is served, only {VERSION}."
            raise ServiceException("VersionNegotiationFailed", message, locator="acceptVersions")
        sequence = _text(self._given, "UPDATESEQUENCE")
        if sequence.isascii() and sequence.isdigit() and len(sequence) < 19 and int(sequence) > self._catalogue.version:
            message = f"UPDATESEQUENCE {sequence} is above the current {self._catalogue.version}."
            raise ServiceException("InvalidUpdateSequence", message, locator="updateSequence")
        asked = [one.strip().lower() for one in _text(self._given, "SECTIONS").split(",") if one.strip()]
        for one in asked:
            if one not in _SECTIONS:
                raise _invalid("SECTIONS", f"there is no section {shown(one)}")
        sections = ",".join(_SECTIONS[one] for one in dict.fromkeys(asked))
        query = _query("GetCapabilities", **({"sections": sections} if sections else {}))
        return FeatureRequest("GetCapabilities", query, format="text/xml")

    def schema(self) -> FeatureRequest:
        """DescribeFeatureType: of the named types or of all."""
        text = _text(self._given, "TYPENAMES") or _text(self._given, "TYPENAME")
        layers = tuple(self._layer(one) for one in text.split(",")) if text else tuple(self._offered())
        if len(layers) > len(self._catalogue.layers):
            raise _invalid("TYPENAMES", "has more names than there are feature types")
        media = self._format(_GML)
        names = ",".join(f"{PREFIX}:{layer.id}" for layer in layers)
        query = _query("DescribeFeatureType", typenames=names, outputformat=media)
        return FeatureRequest("DescribeFeatureType", query, layers, media)

    def stored_queries(self) -> FeatureRequest:
        """ListStoredQueries: the one there is."""
        return FeatureRequest("ListStoredQueries", _query("ListStoredQueries"), tuple(self._offered()))

    def stored_query(self) -> FeatureRequest:
        """DescribeStoredQueries: the one there is."""
        for one in filter(None, _text(self._given, "STOREDQUERY_ID").split(",")):
            _check_stored(one)
        return FeatureRequest("DescribeStoredQueries", _query("DescribeStoredQueries"), tuple(self._offered()))

    def features(self) -> FeatureRequest:
        """GetFeature: by queries or by the stored query for one identifier."""
        self._refuse_unserved()
        media = self._format(_FORMATS)
        hits = self._result_type() == "hits"
        if _text(self._given, "STOREDQUERY_ID"):
            layers, values = self._stored()
        else:
            layers, values = self._queries()
            values |= self._page()
        if len(layers) > 1 and media not in _GML.values():
            raise _invalid("OUTPUTFORMAT", f"{media} holds one feature type; ask for them one by one")
        values |= {"resulttype": "hits"} if hits else {}
        # The number of hits comes as an empty collection, which has but one form.
        asked = GML32 if hits else media
        query = _query("GetFeature", **values, outputformat=asked)
        return FeatureRequest("GetFeature", query, layers, asked, hits)

    def values(self) -> FeatureRequest:
        """GetPropertyValue: one field of the features a query finds."""
        self._refuse_unserved()
        reference = _text(self._given, "VALUEREFERENCE")
        if not reference:
            # WFS 2.0, 10.4, tells apart what is absent and what is empty.
            empty = "VALUEREFERENCE" in self._given
            raise _invalid("VALUEREFERENCE", "names no field") if empty else _missing("VALUEREFERENCE")
        media = self._format(_GML)
        stored = bool(_text(self._given, "STOREDQUERY_ID"))
        layers, values = self._stored() if stored else self._queries()
        if len(layers) != 1:
            raise _invalid("TYPENAMES", "values are given of one feature type at a time")
        values |= {} if stored else self._page()
        values |= {"resulttype": "hits"} if self._result_type() == "hits" else {}
        name = "@gml:id" if reference == "@gml:id" else self._property(layers[0], reference, "VALUEREFERENCE")
        query = _query("GetPropertyValue", **values, valuereference=name, outputformat=media)
        return FeatureRequest("GetPropertyValue", query, layers, media)

    def _refuse_unserved(self) -> None:
        for name, served in _FIXED.items():
            value = _text(self._given, name)
            if value and value.lower() not in served:
                raise ServiceException(
                    "OptionNotSupported", f"{name} {shown(value)} is not served.", locator=name.lower()
                )
        if _text(self._given, "ALIASES"):
            raise ServiceException("OptionNotSupported", "Joins are not served.", locator="aliases")

    def _result_type(self) -> str:
        value = _text(self._given, "RESULTTYPE").lower() or "results"
        if value not in {"results", "hits"}:
            raise _invalid("RESULTTYPE", f"is {shown(value)}; expected results or hits")
        return value

    def _stored(self) -> tuple[tuple[MapLayer, ...], dict[str, str]]:
        _check_stored(_text(self._given, "STOREDQUERY_ID"))
        identifier = _text(self._given, "ID")
        if not identifier:
            raise _missing("ID")
        return (layer_of(identifier, self._catalogue),), {"storedquery_id": BY_ID, "id": identifier}

    def _queries(self) -> tuple[tuple[MapLayer, ...], dict[str, str]]:
        queries = self._posted if self._posted is not None else self._written()
        if not queries:
            raise _missing("TYPENAMES")
        if len(queries) > _MOST_QUERIES:
            raise _invalid("TYPENAMES", f"at most {_MOST_QUERIES} queries are answered at once")
        layers = tuple(self._query_layer(one) for one in queries)
        systems = {self._srs(one) for one in queries}
        if len(systems) > 1:
            raise _invalid("SRSNAME", "one coordinate system is served at a time")
        pairs = list(zip(queries, layers, strict=True))
        values = {
            "filter": [self._filter(query, layer) for query, layer in pairs],
            "propertyname": [self._properties(query, layer) for query, layer in pairs],
            "sortby": [self._sorting(query, layer) for query, layer in pairs],
        }
        if any(values["filter"]):
            values["filter"] = [one or "<Filter/>" for one in values["filter"]]
        if any(values["propertyname"]):
            values["propertyname"] = [one or "*" for one in values["propertyname"]]
        joined = {name: _joined(some) for name, some in values.items() if any(some)}
        names = ",".join(f"{PREFIX}:{layer.id}" for layer in layers)
        return layers, {"typenames": names, **joined, "srsname": systems.pop()}

    def _written(self) -> list[Query]:
        """The queries of the parameters, which are lists in parentheses when there are several."""
        ids = _text(self._given, "RESOURCEID") or _text(self._given, "FEATUREID")
        types = _listed(_text(self._given, "TYPENAMES") or _text(self._given, "TYPENAME"))
        if not types and ids:
            types = [_joined_types(ids)]
        names = {"filter": "FILTER", "properties": "PROPERTYNAME", "sorting": "SORTBY"}
        lists = {key: _listed(self._long(name)) for key, name in names.items()}
        for key, some in lists.items():
            if some and len(some) != len(types):
                raise _invalid(names[key], f"has {len(some)} parts for {len(types)} queries")
        return [
            Query(
                one,
                _text(self._given, "SRSNAME"),
                ids=ids,
                box=_text(self._given, "BBOX"),
                **{key: some[place] for key, some in lists.items() if some},
            )
            for place, one in enumerate(types)
        ]

    def _long(self, name: str) -> str:
        """A parameter that may be as long as the request, which is bounded as a whole."""
        return self._given.get(name, "") if name == "FILTER" else _text(self._given, name)

    def _query_layer(self, query: Query) -> MapLayer:
        names = query.types.replace(" ", ",").split(",")
        if len([one for one in names if one]) > 1:
            raise ServiceException("OptionNotSupported", "Joins are not served.", locator="typeNames")
        return self._layer(query.types)

    def _layer(self, text: str) -> MapLayer:
        prefix, colon, name = text.strip().rpartition(":")
        layer = self._catalogue.layers.get(name)
        if layer is None or not layer.queryable or (colon and prefix not in self._prefixes):
            offered = [one.id for one in self._offered()]
            raise _invalid("TYPENAMES", f"there is no feature type {shown(text)}{nearest(name, offered)}")
        return layer

    def _offered(self) -> list[MapLayer]:
        return [one for one in self._catalogue.layers.values() if one.queryable]

    def _filter(self, query: Query, layer: MapLayer) -> str:
        given = [name for name, value in _conditions(query).items() if value]
        if len(given) > 1:
            raise _invalid(given[1], f"cannot stand beside {given[0]}; put both into one FILTER")
        if query.ids:
            ids = query.ids.split(",")
            if not query.ids.isprintable():
                raise _invalid("RESOURCEID", "names of features are plain text")
            if len(ids) > _MOST_IDS:
                raise _invalid("RESOURCEID", f"at most {_MOST_IDS} features are named at once")
            values = [identifier_in(layer, one.strip(), self._catalogue) for one in ids]
            return equal_to(layer, layer.id_field, values)
        if query.box:
            return read_filter(self._box(query.box), layer, self._catalogue, "BBOX")
        return read_filter(query.filter, layer, self._catalogue) if given else ""

    def _box(self, text: str) -> str:
        parts = [part.strip() for part in text.split(",")]
        numbers, crs = parts[:4], parts[4] if len(parts) == 5 else urn(4326)
        if len(parts) not in {4, 5} or not all(_NUMBER.fullmatch(one) for one in numbers):
            raise _invalid("BBOX", "expected four numbers and, if it is not EPSG:4326, a coordinate system")
        values = [float(one) for one in numbers]
        if not all(map(isfinite, values)) or values[0] > values[2] or values[1] > values[3]:
            raise _invalid("BBOX", "the lower corner must be below the upper one on both axes")
        low, high = (f"{values[at]!r} {values[at + 1]!r}" for at in (0, 2))
        corners = f"<lowerCorner>{low}</lowerCorner><upperCorner>{high}</upperCorner>"
        return f'<Filter><BBOX><Envelope srsName="{self._crs(crs, "BBOX")}">{corners}</Envelope></BBOX></Filter>'

    def _srs(self, query: Query) -> str:
        return self._crs(query.srs, "SRSNAME") if query.srs else urn(4326)

    def _crs(self, name: str, parameter: str) -> str:
        code = crs_code(name)
        if code is None or f"EPSG:{code}" not in self._catalogue.crs:
            raise _invalid(parameter, f"the coordinate system {shown(name)} is not served")
        return urn(code)

    def _properties(self, query: Query, layer: MapLayer) -> str:
        if not query.properties or query.properties == "*":
            return ""
        names = [self._property(layer, one, "PROPERTYNAME") for one in query.properties.split(",")]
        return ",".join(dict.fromkeys(names))

    def _sorting(self, query: Query, layer: MapLayer) -> str:
        """The order asked for, else that of the identifiers: pages need one that stays."""
        parts = []
        for one in filter(None, query.sorting.split(",")):
            name, _, order = one.strip().partition(" ")
            if order.upper() not in {"", "ASC", "DESC", "A", "D"}:
                raise _invalid("SORTBY", f"{shown(one)} ends in neither ASC nor DESC")
            field_name = self._property(layer, name, "SORTBY")
            if field_name == layer.geometry_field:
                raise _invalid("SORTBY", f"{field_name} has no order")
            parts.append(f"{field_name} {'DESC' if order.upper().startswith('D') else 'ASC'}")
        return ",".join(parts) or f"{layer.id_field} ASC"

    def _property(self, layer: MapLayer, text: str, parameter: str) -> str:
        name = text.strip().rpartition("/")[2].rpartition(":")[2]
        if name not in layer.types and name != layer.geometry_field:
            raise _invalid(parameter, f"{layer.id} has no field {shown(text)}{nearest(name, list(layer.types))}")
        return name

    def _page(self) -> dict[str, str]:
        count = self._whole("COUNT", MOST_FEATURES) if _text(self._given, "COUNT") else None
        if count is None and _text(self._given, "MAXFEATURES"):
            count = self._whole("MAXFEATURES", MOST_FEATURES)
        start = self._whole("STARTINDEX", _DEEPEST) if _text(self._given, "STARTINDEX") else 0
        return {"count": str(MOST_FEATURES if count is None else count), "startindex": str(start)}

    def _whole(self, name: str, most: int) -> int:
        text = _text(self._given, name)
        if not _WHOLE.fullmatch(text):
            raise _invalid(name, f"is {shown(text)}; expected a whole number from 0")
        return min(int(text), most)

    def _format(self, known: Mapping[str, str]) -> str:
        text = _text(self._given, "OUTPUTFORMAT")
        if not text:
            return GML32
        # A plus sign that a client did not escape arrives as a space.
        media = known.get(text.replace("gml xml", "gml+xml").replace("geo json", "geo+json").replace(" ", "").lower())
        if media is None:
            served = ", ".join(dict.fromkeys(known.values()))
            raise _invalid("OUTPUTFORMAT", f"{shown(text)} is not served: {served}")
        return media


def _conditions(query: Query) -> dict[str, bool]:
    return {"FILTER": query.filter != "", "BBOX": bool(query.box), "RESOURCEID": bool(query.ids)}


def _bound_prefixes(text: str, namespace: str) -> set[str]:
    """Prefixes that NAMESPACES binds to ours: xmlns(p,uri),xmlns(q,uri)."""
    bound = re.findall(r"xmlns\(\s*([\w.-]+)\s*[,=]\s*([^)]*?)\s*\)", text)
    return {prefix for prefix, uri in bound if uri == namespace}


def _listed(text: str) -> list[str]:
    """The parts of (a)(b), or the text alone."""
    if not (text.startswith("(") and text.endswith(")")):
        return [text] if text else []
    return re.split(r"\)\s*\(", text[1:-1])


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else "".join(f"({one})" for one in parts)


def _joined_types(ids: str) -> str:
    types = dict.fromkeys(one.strip().partition(".")[0] for one in ids.split(","))
    if len(types) > 1:
        raise _invalid("RESOURCEID", "features of one type are named at a time")
    return next(iter(types))


def _check_stored(name: str) -> None:
    if name != BY_ID:
        raise _invalid("STOREDQUERY_ID", f"there is no stored query {shown(name)}")


def _missing(name: str) -> ServiceException:
    return ServiceException("MissingParameterValue", f"{name} is missing.", locator=name.lower())


def _invalid(name: str, sentence: str) -> ServiceException:
    locator = _LOCATORS.get(name, name.lower())
    return ServiceException("InvalidParameterValue", f"{name}: {sentence}.", locator=locator)


def _query(operation: str, **values: str) -> str:
    return urlencode({"service": "WFS", "version": VERSION, "request": operation, **values})


_FIXED = {
    "RESOLVE": {"none", "local"},
    "FILTER_LANGUAGE": {"urn:ogc:def:querylanguage:ogc-fes:filter"},
}
_LOCATORS = {
    "TYPENAMES": "typeNames",
    "STOREDQUERY_ID": "storedQuery_Id",
    "OUTPUTFORMAT": "outputFormat",
    "SRSNAME": "srsName",
    "RESULTTYPE": "resultType",
    "STARTINDEX": "startIndex",
    "VALUEREFERENCE": "valueReference",
    "PROPERTYNAME": "propertyName",
    "SORTBY": "sortBy",
    "RESOURCEID": "RESOURCEID",
}
_OPERATIONS: Mapping[str, Callable[[_Reader], FeatureRequest]] = {
    "getcapabilities": _Reader.capabilities,
    "describefeaturetype": _Reader.schema,
    "liststoredqueries": _Reader.stored_queries,
    "describestoredqueries": _Reader.stored_query,
    "getfeature": _Reader.features,
    "getpropertyvalue": _Reader.values,
}
