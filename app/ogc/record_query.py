"""The question a request for records asks: its parameters, read strictly, as a Search."""

from collections.abc import Mapping
from datetime import UTC, datetime, time

from starlette.datastructures import QueryParams

from app.ogc.parameters import OF_A_DOCUMENT, check_names, read_bbox, read_datetime, read_filter_language, read_limit
from gis.crs import CRS84
from gis.errors import InvalidParameterError
from gis.records.filter import Filter
from gis.records.search import DEFAULT_ORDER, QUERYABLES, Interval, Search, read_order

_KNOWN = OF_A_DOCUMENT | {
    "bbox",
    "datetime",
    "limit",
    "cursor",
    "q",
    "type",
    "ids",
    "externalIds",
    "sortby",
    "filter",
    "filter-lang",
    "filter-crs",
}


def given_in(parameters: QueryParams) -> dict[str, str]:
    """The parameters that ask for something: an empty one asks for nothing."""
    return {name: text for name, text in parameters.items() if text}


def read_search(parameters: QueryParams) -> Search:
    """What the parameters of a request ask for. Raises InvalidParameterError that names the parameter."""
    check_names(parameters, _KNOWN)
    given = given_in(parameters)
    order = given.get("sortby")
    return Search(
        limit=read_limit(given.get("limit")),
        after=given.get("cursor"),
        bbox=read_bbox(given.get("bbox")),
        interval=_interval(read_datetime(given.get("datetime"))),
        q=tuple(part for part in _list(given, "q") if part.split()),
        types=_list(given, "type"),
        ids=_list(given, "ids"),
        external_ids=_list(given, "externalIds"),
        filter=_filter(given),
        order=read_order(order) if order else DEFAULT_ORDER,
    )


def _list(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part for part in given.get(name, "").split(",") if part)


def _filter(given: Mapping[str, str]) -> Filter | None:
    language = read_filter_language(given.get("filter-lang"))
    if given.get("filter-crs", CRS84.uri) != CRS84.uri:
        raise InvalidParameterError("filter-crs", f"Geometries in a filter are in {CRS84.uri} only.")
    text = given.get("filter")
    if text is None:
        return None
    if (language == "cql2-json") != text.lstrip().startswith("{"):
        raise InvalidParameterError("filter", f"The filter is not {language}; filter-lang says what it is.")
    return Filter(text, QUERYABLES)


def _interval(ends: tuple[str, str] | None) -> Interval | None:
    """First and last moment of RFC 3339 ends; a date stands for its whole day."""
    if ends is None:
        return None
    first, last = ends
    return _moment(first, time.min) if first else None, _moment(last, time.max) if last else None


def _moment(text: str, at: time) -> datetime:
    moment = text.upper().replace(":60", ":59")  # Python knows no leap second
    if "T" not in moment:
        return datetime.combine(datetime.fromisoformat(moment), at, UTC)
    return datetime.fromisoformat(moment)
