"""Links from an answer to the same in its other formats, and to the page behind it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from gis.links import Link, link

Offers = Mapping[str, tuple[str, str]]
"""Media type and title of each format, by its name."""


def links_to_formats(address: str, given: Mapping[str, str], asked: str, offers: Offers) -> list[Link]:
    """A link to each format of an answer, ``self`` to the one that was asked for.

    address: without parameters. given: the parameters of the request.
    """
    return [
        link(
            "self" if name == asked else "alternate", media_type, title, f"{address}?{urlencode({**given, 'f': name})}"
        )
        for name, (media_type, title) in offers.items()
    ]


def link_to_next(address: str, given: Mapping[str, str], media_type: str, **further: str) -> Link:
    """The link to the next page. further: parameters that lead there, in place of those given."""
    return link("next", media_type, "The next page", f"{address}?{urlencode({**given, **further})}")
