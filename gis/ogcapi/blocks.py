"""Building blocks of the OGC API: what each of its standards adds to the documents every client reads first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gis.layer import Layer
from gis.links import Link


def _nothing(_: Layer) -> list[Link]:
    return []


def _no_members(_: Layer) -> dict[str, Any]:
    return {}


def _no_collections() -> list[dict[str, Any]]:
    return []


def _no_paths(_: Mapping[str, Layer]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Block:
    """A standard of the OGC API family as it is served here.

    conformance: the classes kept to, each tested. paths, schemas, parameters: its part of the OpenAPI document.
    landing_links, collection_links: what the landing page and a collection link to because of it. collections: those
    that are no layers, as they are now. collections_members, collection_members: what the list of collections and a
    collection say besides.
    """

    conformance: tuple[str, ...] = ()
    paths: Callable[[Mapping[str, Layer]], dict[str, Any]] = _no_paths
    schemas: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    landing_links: tuple[Link, ...] = ()
    collection_links: Callable[[Layer], list[Link]] = _nothing
    collections: Callable[[], list[dict[str, Any]]] = _no_collections
    collections_members: Mapping[str, Any] = field(default_factory=dict)
    collection_members: Callable[[Layer], dict[str, Any]] = _no_members


def conformance(blocks: Sequence[Block]) -> list[str]:
    """All classes kept to, each once."""
    return list(dict.fromkeys(one for block in blocks for one in block.conformance))
