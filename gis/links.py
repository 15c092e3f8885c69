"""Links as every document of the OGC APIs writes them."""

from typing import Any

Link = dict[str, Any]


def link(rel: str, media_type: str, title: str, href: str) -> Link:
    """A link with its relation, the media type of what it leads to, and a title for people."""
    return {"rel": rel, "type": media_type, "title": title, "href": href}
