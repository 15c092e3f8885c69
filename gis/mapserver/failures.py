"""What MapServer's own error texts mean. They hold paths, SQL and connection strings, so nobody outside sees them."""

# SPDX-License-Identifier: Apache-2.0

import re

from gis.mapserver.exceptions import ServiceException

_CODE = re.compile(rb'<(?:ServiceException code|ows:Exception exceptionCode)="(\w{1,40})"')
_DATABASE = re.compile(rb"msPostGIS|Database connection|Query error", re.IGNORECASE)
_SENTENCES = {
    "InvalidCRS": "The coordinate system cannot be used for this map.",
    "InvalidSRS": "The coordinate system cannot be used for this map.",
    "LayerNotDefined": "A layer is not available at present.",
    "StyleNotDefined": "A style is not available at present.",
    "LayerNotQueryable": "A layer cannot be queried.",
    "InvalidFormat": "The format is not served.",
    "InvalidPoint": "The point is outside the map.",
    "NotFound": "There is no feature of that identifier.",
    "InvalidSubsetting": "A SUBSET does not meet the coverage.",
    "InvalidAxisLabel": "A SUBSET names no axis of the coverage.",
}


def of_database(body: bytes) -> bool:
    """Whether the error came from the database, so that asking again may help: MapServer finds out that a connection
    is dead by using it, and opens a new one the next time."""
    return bool(_DATABASE.search(body))


def explained(body: bytes) -> ServiceException:
    """A service exception with a sentence of ours for MapServer's error document."""
    if of_database(body):
        return ServiceException(None, "The database did not answer. Please try again.", available=False)
    match = _CODE.search(body)
    code = match[1].decode() if match else None
    if code in _SENTENCES:
        return ServiceException(code, _SENTENCES[code])
    return ServiceException(None, "There is no answer to these parameters.")
