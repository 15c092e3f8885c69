"""Filters of OGC Filter Encoding 1.0 to 2.0, checked and written anew: nothing of a client's document reaches MapServer
but operators it is known for, names that are fields of the layer, literals of the field's type and plain coordinates.
"""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from math import isfinite

from lxml import etree

from gis.crs import STORED
from gis.declaration import nearest
from gis.layer import FieldType
from gis.mapserver.catalogue import Catalogue, MapLayer
from gis.mapserver.crs import crs_code, urn
from gis.mapserver.exceptions import ServiceException, shown
from gis.mapserver.nearness import near
from gis.mapserver.places import COORDINATES_IN, GEOMETRIES, GEOMETRY_PARTS, check_places
from gis.mapserver.xml import Element, local, namespace, parsed, text_of, written
from gis.moments import utc

FES, OGC = "http://www.opengis.net/fes/2.0", "http://www.opengis.net/ogc"
_GML = frozenset({"http://www.opengis.net/gml", "http://www.opengis.net/gml/3.2", ""})

_LOGIC = frozenset({"And", "Or"})
_COMPARISONS = frozenset(
    {
        "PropertyIsEqualTo",
        "PropertyIsNotEqualTo",
        "PropertyIsLessThan",
        "PropertyIsLessThanOrEqualTo",
        "PropertyIsGreaterThan",
        "PropertyIsGreaterThanOrEqualTo",
    }
)
_NULLS = frozenset({"PropertyIsNull", "PropertyIsNil"})
# What GML 3.2.1, 9.4.1, gives each feature and may be left out of it.
_OF_EVERY_FEATURE = frozenset({"name", "description", "descriptionReference", "identifier", "metaDataProperty"})
_SPATIAL = frozenset(
    {"BBOX", "Intersects", "Within", "Contains", "Disjoint", "Overlaps", "Crosses", "Touches", "Equals"}
)
_DISTANCE = frozenset({"DWithin", "Beyond"})
_NAMES = frozenset({"ValueReference", "PropertyName"})
_IDS = {"ResourceId": "rid", "FeatureId": "fid", "GmlObjectId": "{http://www.opengis.net/gml}id"}

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_MOST_DISTANCES = 5  # of a filter
_LONGEST = 1000  # characters of a literal


def read_filter(text: str | bytes | Element, layer: MapLayer, catalogue: Catalogue, locator: str = "FILTER") -> str:
    """The filter on a layer as MapServer is to read it. Raises ServiceException that names what cannot be."""
    root = parsed(text, locator) if isinstance(text, str | bytes) else text
    if local(root) != "Filter" or namespace(root) not in {FES, OGC, ""}:
        raise _refused(f"{locator}: expected a Filter of OGC Filter Encoding.", locator)
    return written(_Reader(layer, catalogue, locator).filter(root))


def identifier_in(layer: MapLayer, resource: str, catalogue: Catalogue) -> str:
    """The identifier in a gml:id, which is the layer's name, a full stop and the identifier.

    Raises ServiceException if it names a feature of another layer (WFS 2.0, 7.9.2.4.1).
    """
    owner, point, identifier = resource.partition(".")
    if not point or (owner != layer.id and owner not in catalogue.layers):
        return resource
    if owner != layer.id:
        message = f"RESOURCEID: {shown(resource)} is no feature of {layer.id}."
        raise ServiceException("InvalidParameterValue", message, locator="RESOURCEID")
    return identifier


def equal_to(layer: MapLayer, name: str, values: Iterable[str]) -> str:
    """A filter for the features whose field has one of the values."""
    root = etree.Element("Filter")
    _any_of(root, [_equality(name, value) for value in values])
    return written(root)


def within(name: str, spans: Iterable[tuple[str, str]]) -> str:
    """A filter for the features whose field lies in one of the spans, both ends included."""
    root = etree.Element("Filter")
    conditions = []
    for start, end in spans:
        condition = etree.Element("And")
        condition.append(_comparison("PropertyIsGreaterThanOrEqualTo", name, start))
        condition.append(_comparison("PropertyIsLessThanOrEqualTo", name, end))
        conditions.append(condition)
    _any_of(root, conditions)
    return written(root)


def both(first: str, second: str) -> str:
    """A filter for what two filters, as this module writes them, have in common; an empty one is no filter."""
    if not first or not second:
        return first or second
    root = etree.Element("Filter")
    parent = etree.SubElement(root, "And")
    for one in (first, second):
        parent.extend(list(etree.fromstring(one)))
    return written(root)


class _Reader:
    """Copies what it knows, element by element."""

    def __init__(self, layer: MapLayer, catalogue: Catalogue, locator: str) -> None:
        self._layer = layer
        self._catalogue = catalogue
        self._locator = locator
        self._distances = 0

    def filter(self, root: Element) -> Element:
        """The whole filter: one condition, or any number of identifiers."""
        result = etree.Element("Filter")
        children = list(root)
        if children and all(local(one) in _IDS for one in children):
            _any_of(result, [self._identifier(one) for one in children])
        elif len(children) == 1:
            result.append(self._condition(children[0]))
        else:
            raise self._error("a Filter holds one condition or a list of identifiers")
        return result

    def _condition(self, element: Element) -> Element:
        name = local(element)
        if namespace(element) not in {FES, OGC, ""}:
            raise self._error(f"{shown(name)} is of another namespace")
        if name in _IDS:
            return self._identifier(element)
        reader = _CONDITIONS.get(name)
        if reader is None:
            raise self._error(f"the operator {shown(name)} is not served")
        return reader(self, element)

    def logic(self, element: Element) -> Element:
        if len(element) < 2:
            raise self._error(f"{local(element)} needs two conditions or more")
        return self._copy(element, [self._condition(one) for one in element])

    def negation(self, element: Element) -> Element:
        if len(element) != 1:
            raise self._error("Not takes one condition")
        return self._copy(element, [self._condition(element[0])])

    def _identifier(self, element: Element) -> Element:
        value = element.get(_IDS[local(element)], "")
        if not value or len(value) > _LONGEST:
            raise self._error(f"{local(element)} names no feature")
        return _equality(self._layer.id_field, identifier_in(self._layer, value, self._catalogue))

    def compare(self, element: Element) -> Element:
        found = sorted(element, key=lambda one: local(one) not in _NAMES)
        if len(found) != 2 or local(found[0]) not in _NAMES or local(found[1]) != "Literal":
            raise self._error(f"{local(element)} compares a property with a literal")
        flipped = local(element[0]) == "Literal"
        operator = _FLIPPED.get(local(element), local(element)) if flipped else local(element)
        field = self._field(found[0])
        value = self._literal(found[1], field)
        result = _equality(field, value, operator) if _is_misread(value) else _comparison(operator, field, value)
        if element.get("matchCase") == "false":
            for one in result.iter(operator, "PropertyIsLike"):
                one.set("matchCase", "false")
        return result

    def like(self, element: Element) -> Element:
        if len(element) != 2 or local(element[0]) not in _NAMES or local(element[1]) != "Literal":
            raise self._error("PropertyIsLike compares a property with a literal")
        field = self._field(element[0])
        if self._layer.types[field] in _NUMBERS:
            raise self._error(f"{field} is a number, which has no pattern")
        marks = {key: element.get(key, "") for key in ("wildCard", "singleChar", "escapeChar")}
        marks["escapeChar"] = marks["escapeChar"] or element.get("escape", "")
        if not all(len(mark) == 1 and mark.isascii() and mark.isprintable() for mark in marks.values()):
            raise self._error("PropertyIsLike needs wildCard, singleChar and escapeChar, one character each")
        if len(set(marks.values())) != 3:
            raise self._error("wildCard, singleChar and escapeChar must differ")
        result = _comparison("PropertyIsLike", field, _without_runs(self._text(element[1]), marks))
        for key, mark in marks.items():
            result.set(key, mark)
        result.set("matchCase", "false" if element.get("matchCase") == "false" else "true")
        return result

    def null(self, element: Element) -> Element:
        if len(element) != 1 or local(element[0]) not in _NAMES:
            raise self._error(f"{local(element)} takes one property")
        if self._is_left_out(element[0]):
            return _not(_null(self._layer.id_field))
        return _null(self._property(element[0]))

    def between(self, element: Element) -> Element:
        names = [local(one) for one in element]
        if len(element) != 3 or names[0] not in _NAMES or names[1:] != ["LowerBoundary", "UpperBoundary"]:
            raise self._error("PropertyIsBetween takes a property, a LowerBoundary and an UpperBoundary")
        field = self._field(element[0])
        # As two comparisons: MapServer joins the two bounds with a semicolon, which a literal may hold.
        result = etree.Element("And")
        for operator, side in zip(("GreaterThan", "LessThan"), list(element)[1:], strict=True):
            if len(side) != 1 or local(side[0]) != "Literal":
                raise self._error(f"{local(side)} holds one literal")
            literal = self._literal(side[0], field)
            result.append(_comparison(f"PropertyIs{operator}OrEqualTo", field, literal))
        return result

    def during(self, element: Element) -> Element:
        """During: a property and a gml:TimePeriod."""
        if len(element) != 2 or local(element[0]) not in _NAMES or local(element[1]) != "TimePeriod":
            raise self._error("During takes a property and a TimePeriod")
        field = self._field(element[0])
        if self._layer.types[field] not in _TIMES:
            raise self._error(f"{field} is no date or time")
        ends = [one for one in element[1].iter() if local(one) in _ENDS]
        if [local(one) for one in ends] not in (["beginPosition", "endPosition"], ["timePosition", "timePosition"]):
            raise self._error("a TimePeriod has a beginning and an end")
        result = etree.Element("And")
        for operator, end in zip(("GreaterThan", "LessThan"), ends, strict=True):
            result.append(_comparison(f"PropertyIs{operator}", field, self._value(text_of(end), field)))
        return result

    def spatial(self, element: Element) -> Element:
        parts = list(element)
        is_of_distance = local(element) in _DISTANCE
        result = etree.Element("Intersects" if is_of_distance else local(element))
        name = etree.SubElement(result, "ValueReference")
        name.text = self._layer.geometry_field
        if parts and local(parts[0]) in _NAMES:
            self._geometry_name(parts.pop(0))
        if len(parts) != 1 + is_of_distance or local(parts[0]) not in GEOMETRIES:
            raise self._error(f"{local(element)} takes a geometry" + (" and a distance" if is_of_distance else ""))
        shape = self._geometry(parts[0])
        if not any(one.text for one in shape.iter(*COORDINATES_IN)):
            raise self._error(f"{local(element)} takes a geometry with coordinates")
        try:
            check_places(shape)
        except ValueError as error:
            raise self._error(str(error)) from None
        result.append(self._near(shape, parts[1]) if is_of_distance else shape)
        return _not(result) if local(element) == "Beyond" else result

    def _near(self, shape: Element, distance: Element) -> Element:
        """All places at most so far from a shape."""
        self._distances += 1
        if self._distances > _MOST_DISTANCES:
            raise self._error(f"a filter has at most {_MOST_DISTANCES} distances")
        name = next((one.get("srsName") for one in shape.iter() if one.get("srsName")), "") or urn(STORED)
        try:
            return near(shape, distance, self._crs(name))
        except ValueError as error:
            raise self._error(str(error)) from None

    def _geometry(self, element: Element) -> Element:
        name = local(element)
        if name not in GEOMETRY_PARTS or namespace(element) not in _GML:
            raise self._error(f"a geometry cannot hold {shown(name)}")
        result = etree.Element(name)
        if element.get("srsName"):
            result.set("srsName", f"urn:ogc:def:crs:EPSG::{self._crs(element.get('srsName', ''))}")
        if element.get("srsDimension", "2") != "2":
            raise self._error("geometries have two dimensions here")
        text = text_of(element)
        if text and (len(element) or not all(map(_number, re.split(r"[\s,]+", text.strip(" ,"))))):
            raise self._error("coordinates are numbers")
        result.text = " ".join(text.split())
        for one in element:
            result.append(self._geometry(one))
        return result

    def _crs(self, name: str) -> int:
        code = crs_code(name)
        if code is None or f"EPSG:{code}" not in self._catalogue.crs:
            raise self._error(f"srsName {shown(name)} is not served")
        return code

    def _field(self, element: Element) -> str:
        if text_of(element).rpartition(":")[2] == "boundedBy":
            # Every feature of GML has one, so it is no wrong name; WFS 2.0, 7.5, has another code for that.
            message = f"{self._locator}: boundedBy has no order; compare {self._layer.geometry_field} with a shape."
            raise ServiceException("OperationProcessingFailed", message, locator=self._locator.lower())
        name = self._property(element)
        if name not in self._layer.types:
            raise self._error(f"{name} is no field with a value to compare")
        return name

    def _property(self, element: Element) -> str:
        """The name of a field or of the geometry, freed of prefixes and of the layer's own name before it."""
        steps = [step.rpartition(":")[2] for step in text_of(element).split("/")]
        if steps and steps[0] == self._layer.id:
            steps = steps[1:]
        name = steps[0] if len(steps) == 1 else ""
        if name not in self._layer.types and name != self._layer.geometry_field:
            close = nearest(name, [*self._layer.types, self._layer.geometry_field])
            raise self._error(f"{self._layer.id} has no field {shown(text_of(element))}{close}")
        return name

    def _is_left_out(self, element: Element) -> bool:
        """Whether it names a property that GML knows of every feature and this layer has not."""
        prefix, _, name = text_of(element).rpartition(":")
        in_gml = prefix != "" and element.nsmap.get(prefix) in _GML
        return in_gml and name in _OF_EVERY_FEATURE - self._layer.types.keys()

    def _geometry_name(self, element: Element) -> None:
        if text_of(element) and self._property(element) != self._layer.geometry_field:
            raise self._error(f"{shown(text_of(element))} is no geometry")

    def _literal(self, element: Element, field: str) -> str:
        return self._value(self._text(element), field)

    def _value(self, text: str, field: str) -> str:
        """The literal as the field's values are written in the map engine's source."""
        value = _LITERALS[self._layer.types[field]](text)
        if value is None:
            raise self._error(f"{shown(text)} is no value of {field}, which is of type {self._layer.types[field]}")
        return value

    def _text(self, element: Element) -> str:
        value = text_of(element)
        if len(element) or len(value) > _LONGEST or not value.replace("\n", "").replace("\t", "").isprintable():
            raise self._error(f"a literal is plain text of at most {_LONGEST} characters")
        return value

    def _copy(self, element: Element, children: list[Element]) -> Element:
        result = etree.Element(local(element))
        result.extend(children)
        return result

    def _error(self, sentence: str) -> ServiceException:
        return _refused(f"{self._locator}: {sentence}.", self._locator)


def _refused(message: str, locator: str) -> ServiceException:
    return ServiceException("InvalidParameterValue", message, locator=locator.lower())


def _null(name: str) -> Element:
    result = etree.Element("PropertyIsNull")
    etree.SubElement(result, "ValueReference").text = name
    return result


def _comparison(operator: str, name: str, value: str) -> Element:
    result = etree.Element(operator)
    etree.SubElement(result, "ValueReference").text = name
    etree.SubElement(result, "Literal").text = value
    return result


def _is_misread(value: str) -> bool:
    """Whether MapServer 8.0 takes the text of a comparison for something else: it does not double a backslash for SQL,
    and reads a text in brackets as the name of a field."""
    return "\\" in value or (value.startswith("[") and value.endswith("]"))


def _equality(name: str, value: str, operator: str = "PropertyIsEqualTo") -> Element:
    """Equality with a text, or its opposite; by a pattern without wild cards if a comparison would be misread."""
    if not _is_misread(value):
        return _comparison(operator, name, value)
    marks = [mark for mark in "*?!#%@~^|" if mark not in value][:3]
    if operator not in {"PropertyIsEqualTo", "PropertyIsNotEqualTo"} or len(marks) < 3:
        raise _refused(f"The literal {shown(value)} cannot be compared; use a pattern or other bounds.", "filter")
    pattern = _comparison("PropertyIsLike", name, value)
    for key, mark in zip(("wildCard", "singleChar", "escapeChar"), marks, strict=True):
        pattern.set(key, mark)
    return pattern if operator == "PropertyIsEqualTo" else _not(pattern)


def _without_runs(pattern: str, marks: Mapping[str, str]) -> str:
    """The pattern with one wild card in place of several: PostgreSQL takes minutes for the thousand of a long one."""
    wild, escape = marks["wildCard"], re.escape(marks["escapeChar"])
    return re.sub(rf"({escape}.)|{re.escape(wild)}+", lambda found: found[1] or wild, pattern, flags=re.DOTALL)


def _not(condition: Element) -> Element:
    result = etree.Element("Not")
    result.append(condition)
    return result


def _any_of(parent: Element, conditions: list[Element]) -> None:
    if len(conditions) > 1:
        parent = etree.SubElement(parent, "Or")
    parent.extend(conditions)


def _number(text: str) -> str | None:
    return text if _NUMBER.fullmatch(text) and isfinite(float(text)) else None


def _boolean(text: str) -> str | None:
    return {"true": "true", "false": "false", "1": "true", "0": "false"}.get(text.lower())


def _date(text: str) -> str | None:
    found = _moment(text)
    return found.date().isoformat() if found else None


def _time(text: str) -> str | None:
    found = _moment(text)
    return utc(found) if found else None


def _moment(text: str) -> datetime | None:
    """The moment in UTC, which is meant where no zone is given."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


_NUMBERS = frozenset({FieldType.INTEGER, FieldType.NUMBER})
_TIMES = frozenset({FieldType.DATE, FieldType.DATETIME})
_ENDS = frozenset({"beginPosition", "endPosition", "timePosition"})
_LITERALS: Mapping[FieldType, Callable[[str], str | None]] = {
    FieldType.STRING: lambda text: text,
    FieldType.STRINGS: lambda text: text,
    FieldType.INTEGER: _number,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.DATETIME: _time,
}
_FLIPPED = {
    "PropertyIsLessThan": "PropertyIsGreaterThan",
    "PropertyIsGreaterThan": "PropertyIsLessThan",
    "PropertyIsLessThanOrEqualTo": "PropertyIsGreaterThanOrEqualTo",
    "PropertyIsGreaterThanOrEqualTo": "PropertyIsLessThanOrEqualTo",
}
_CONDITIONS: Mapping[str, Callable[[_Reader, Element], Element]] = {
    **dict.fromkeys(_LOGIC, _Reader.logic),
    **dict.fromkeys(_COMPARISONS, _Reader.compare),
    **dict.fromkeys(_NULLS, _Reader.null),
    **dict.fromkeys(_SPATIAL | _DISTANCE, _Reader.spatial),
    "Not": _Reader.negation,
    "PropertyIsLike": _Reader.like,
    "PropertyIsBetween": _Reader.between,
    "During": _Reader.during,
}
