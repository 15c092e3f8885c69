"""Requests of WMS, WFS and WCS as they arrive: parameters of a query or form and posted bodies, within bounds."""

# SPDX-License-Identifier: Apache-2.0

from urllib.parse import parse_qsl

from starlette.requests import Request

from gis.mapserver.exceptions import ServiceException
from gis.mapserver.parameters import Parameters, parameters

FORM = "application/x-www-form-urlencoded"
"""Media type of a posted form, whose parameters are written as in a query string."""

_MOST_PARAMETERS = 100


def read_parameters(query: bytes, longest: int) -> Parameters:
    """The parameters of a query string. Raises ServiceException if they are too many or too long."""
    return parameters(read_pairs(query, longest))


def read_pairs(query: bytes, longest: int) -> list[tuple[str, str]]:
    """Name and value of each parameter, of which one may come several times. Raises ServiceException as above."""
    if len(query) > longest:
        raise ServiceException("InvalidParameterValue", f"The request is longer than {longest} bytes.")
    try:
        return parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise ServiceException(
            "InvalidParameterValue", f"The request has more than {_MOST_PARAMETERS} parameters."
        ) from None


async def read_body(request: Request, longest: int) -> bytes:
    """The posted body. Raises ServiceException as soon as it is too long."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > longest:
            raise ServiceException("InvalidParameterValue", f"The body is longer than {longest} bytes.")
    return bytes(received)


def media_of(request: Request) -> str:
    """Media type of the posted body, without its parameters."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()
