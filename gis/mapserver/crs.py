"""The spellings of a coordinate system's name."""

# SPDX-License-Identifier: Apache-2.0

import re

_SPELLINGS = re.compile(
    r"(?:EPSG:|urn:(?:x-)?ogc:def:crs:EPSG:[\d.]*:|https?://www\.opengis\.net/def/crs/EPSG/[\d.]+/"
    r"|https?://www\.opengis\.net/gml/srs/epsg\.xml#)(\d{4,6})",
    re.IGNORECASE,
)


def crs_code(name: str) -> int | None:
    """The EPSG code in a name, as a plain code, a URN or an address; None if it is none of these."""
    match = _SPELLINGS.fullmatch(name.strip())
    return int(match[1]) if match else None


def urn(code: int) -> str:
    """The name of an EPSG system as WFS 2.0 writes it; its axes are in the order of the register."""
    return f"urn:ogc:def:crs:EPSG::{code}"


def address(code: int) -> str:
    """The name of an EPSG system as WCS 2.0 writes it."""
    return f"http://www.opengis.net/def/crs/EPSG/0/{code}"
