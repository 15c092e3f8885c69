"""The stored query that every WFS 2.0 has: one feature by its identifier."""

# SPDX-License-Identifier: Apache-2.0

import re

from gis.mapserver.catalogue import Catalogue, MapLayer
from gis.mapserver.exceptions import ServiceException, shown

BY_ID = "urn:ogc:def:query:OGC-WFS::GetFeatureById"

_IDENTIFIER = re.compile(r"[\w:/~-]{1,200}")
# As C's strtod reads them.
_NUMBER = re.compile(r"[+-]?(\d+(e[+-]?\d+)?|0x[0-9a-f]+(p[+-]?\d+)?|inf(inity)?|nan)", re.ASCII | re.IGNORECASE)


def layer_of(resource: str, catalogue: Catalogue) -> MapLayer:
    """The layer of a gml:id, which is the layer's name, a full stop and the identifier.

    Raises ServiceException where there is none, and for identifiers that MapServer 8.0 misreads here: one that is a
    number it compares with texts as a number, and of others it takes what is after the last full stop.
    """
    name, _, identifier = resource.partition(".")
    layer = catalogue.layers.get(name)
    if layer is None or not layer.queryable or not identifier:
        raise _not_found(f"There is no feature {shown(resource)}.")
    if not _IDENTIFIER.fullmatch(identifier) or _NUMBER.fullmatch(identifier):
        raise _not_found(f"This query finds no feature {shown(resource)}. RESOURCEID finds those of any identifier.")
    return layer


def _not_found(sentence: str) -> ServiceException:
    return ServiceException("NotFound", sentence, locator="ID")
