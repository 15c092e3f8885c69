"""Parameters of the JSON API that nobody reads are refused: a misspelt filter would give the wrong answer."""

from collections.abc import Collection

from starlette.requests import Request

from gis.declaration import nearest
from gis.errors import InvalidParameterError


def no_unknown_parameters(request: Request) -> None:
    """A dependency of a router. Raises InvalidParameterError with the nearest parameter of the route."""
    known = [parameter.alias for parameter in request.scope["route"].dependant.query_params]
    for dependency in request.scope["route"].dependant.dependencies:
        known += [parameter.alias for parameter in dependency.query_params]
    check_known(request, known)


def check_known(request: Request, known: Collection[str]) -> None:
    """Raises InvalidParameterError for a parameter a page does not have, with the nearest one."""
    for name in request.query_params:
        if name not in known:
            raise InvalidParameterError(name, f"There is no parameter {name[:60]!r}{nearest(name, list(known))}.")
