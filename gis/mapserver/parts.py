"""The pieces a mapfile is put together from: what all layers share, and one piece for each layer.

A map of few layers must not cost the reading of all, and a publication changes one layer of many. So each piece is a
file of its own, which mapfiles include.
"""

# SPDX-License-Identifier: Apache-2.0

import json
from functools import cache, cached_property
from hashlib import blake2b
from typing import Any

from mappyfile.pprint import PrettyPrinter

from gis.mapserver.text import Texts


class Part:
    """One piece. name: tells what is in it, so that processes that never met give equal pieces one name."""

    def __init__(self, title: str, document: dict[str, Any], texts: Texts) -> None:
        self._document = document
        self._texts = texts
        content = json.dumps([document, texts.given], sort_keys=True).encode()
        self.name = f"{title}-{blake2b(content, digest_size=12).hexdigest()}"

    @cached_property
    def text(self) -> str:
        """What stands in the mapfile: a LAYER, or what a MAP has besides its layers."""
        lines = self._texts.restore(_printer().pprint(self._document)).splitlines(keepends=True)
        return "".join(lines[1:-1] if self._document["__type__"] == "map" else [*lines, "\n"])


@cache
def _printer() -> PrettyPrinter:
    """One for all: each reads the whole schema of mapfiles first."""
    return PrettyPrinter(indent=1)
