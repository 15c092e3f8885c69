"""Which of the formats of a resource a client gets: the one named by ``f``, else by the Accept header."""

from collections.abc import Mapping

from starlette.requests import Request

from app.errors import NotAcceptableError
from gis.declaration import nearest
from gis.errors import InvalidParameterError


def negotiated(request: Request, offers: Mapping[str, str]) -> str:
    """The name of the format to answer in.

    offers: media type by name, the preferred first. Raises InvalidParameterError, NotAcceptableError.
    """
    named = request.query_params.get("f")
    if named:
        if named not in offers:
            close = nearest(named, list(offers))
            raise InvalidParameterError(
                "f", f"There is no format {named[:60]!r} here{close}. Known: {', '.join(offers)}."
            )
        return named
    accepted = request.headers.get("accept") or "*/*"
    ranges = _ranges(accepted)
    ranked = {name: _quality(media_type, ranges) for name, media_type in offers.items()}
    best = max(ranked, key=lambda name: ranked[name])
    if ranked[best][0] == 0:
        raise NotAcceptableError(f"Nothing here is {accepted[:60]!r}. Known: {', '.join(offers.values())}.")
    return best


def _quality(offer: str, ranges: Mapping[str, tuple[float, int]]) -> tuple[float, int, bool]:
    """Quality of a media type by its most specific range; among equals the range named earlier is the greater.

    Among offers that differ in a parameter only, the one named with it is the greater.
    """
    media_type = offer.partition(";")[0]
    kind, _, name = media_type.partition("/")
    # A client that asks for JSON or XML can read what is written in it.
    general = f"application/{name.rpartition('+')[2]}"
    named = (offer.replace(" ", "").lower(), media_type, general, f"{kind}/*", "*/*")
    found = next((ranges[one] for one in named if one in ranges), (0.0, 0))
    return *found, named[0] in ranges


def _ranges(accepted: str) -> dict[str, tuple[float, int]]:
    found: dict[str, tuple[float, int]] = {}
    for position, part in enumerate(accepted.lower().split(",")):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        rank = (_weight(parameters), -position)
        found.setdefault(media_type, rank)
        found.setdefault(";".join([media_type, *(one for one in parameters if not one.startswith("q="))]), rank)
    return found


def _weight(parameters: list[str]) -> float:
    text = next((one.partition("=")[2].strip() for one in parameters if one.partition("=")[0].strip() == "q"), "1")
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 1.0
