"""Landing page, conformance, collections, queryables and schema, by pygeoapi.

What it links to that is not served here is taken out, and what is served besides is put in. Pages for people are made
of the same documents by whoever serves them: pygeoapi's own would know one language, and not what was put in.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pygeoapi import api as pygeoapi

from gis.layer import BBox, Layer, LayerState
from gis.ogcapi.blocks import Block, conformance
from gis.ogcapi.config import configuration
from gis.ogcapi.features import queryables
from gis.ogcapi.openapi import OPENAPI, SCHEMA, document
from gis.service import ServiceMetadata

_NOT_SERVED = ("/processes", "/jobs", "/TileMatrixSets")
_JSON_LD = "f=jsonld"
_OK = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A document: HTTP status, media type, what it holds and the same as JSON text."""

    status: int
    media_type: str
    document: Mapping[str, Any]
    body: bytes


class Frame:
    """The documents around the items, for the layers as they are published now.

    blocks: the standards served, which add conformance classes, links and parts of the OpenAPI document.
    """

    def __init__(
        self,
        layers: Mapping[str, Layer],
        service: ServiceMetadata,
        world: BBox,
        blocks: Sequence[Block],
    ) -> None:
        self._layers = layers
        self._service = service
        self._world = world
        self._blocks = blocks
        self._systems = next((b.collections_members["crs"] for b in blocks if "crs" in b.collections_members), ())
        self._api = self._build(dict.fromkeys(layers, LayerState(0, 0, None)))
        self._kept: dict[tuple[Any, ...], Answer] = {}

    def swap(self, states: Mapping[str, LayerState]) -> None:
        """Describe what is published now; answers kept until now are dropped."""
        self._api = self._build(states)
        self._kept = {}

    def landing(self, request: Any) -> Answer:
        """The landing page."""
        return self._keep(request, pygeoapi.landing_page, self._mend_landing)

    def conformance(self, request: Any) -> Answer:
        """The conformance classes this server keeps to."""
        return self._keep(request, pygeoapi.conformance, lambda d: {**d, "conformsTo": conformance(self._blocks)})

    def collections(self, request: Any) -> Answer:
        """All collections."""
        return self._keep(request, pygeoapi.describe_collections, self._mend_collections)

    def collection(self, request: Any, layer: Layer) -> Answer:
        """One collection."""
        return self._keep(request, pygeoapi.describe_collections, self._mend_collection, layer.id)

    def queryables(self, request: Any, layer: Layer) -> Answer:
        """The fields a query may name, as JSON Schema."""
        from pygeoapi.api import itemtypes  # noqa: PLC0415  (it builds a grammar we do not use: a third of a second)

        return self._keep(
            request,
            itemtypes.get_collection_queryables,
            lambda _: queryables(layer, self._address(layer, "queryables")),
            layer.id,
            media_type=SCHEMA,
        )

    def schema(self, request: Any, layer: Layer) -> Answer:
        """The fields of a feature, as JSON Schema."""
        return self._keep(
            request,
            pygeoapi.get_collection_schema,
            lambda _: {**layer.json_schema(), "$id": self._address(layer, "schema")},
            layer.id,
            media_type=SCHEMA,
        )

    def openapi(self, request: Any) -> Answer:
        """The OpenAPI 3.0 document, which refers to nothing outside itself."""
        return self._keep(request, pygeoapi.openapi_, None, media_type=OPENAPI)

    def _address(self, layer: Layer, resource: str) -> str:
        return f"{self._service.base_url}/ogc/collections/{layer.id}/{resource}"

    def _build(self, states: Mapping[str, LayerState]) -> pygeoapi.API:
        config = configuration(self._layers, states, self._service, self._world)
        return pygeoapi.API(config, document(self._layers, self._service, self._blocks))

    def _keep(
        self,
        request: Any,
        answer: Callable[..., tuple[Mapping[str, str], int, Any]],
        mend: Callable[[Any], Any] | None,
        *arguments: str,
        media_type: str = "application/json",
    ) -> Answer:
        # Read in the order opposite to swap's: what an old API makes is never kept for the new one.
        kept, api = self._kept, self._api
        asked = pygeoapi.APIRequest(request, api.locales)
        # The function itself, not its name: pygeoapi's decorators give several the same.
        key = (answer, *arguments, str(asked.format), str(asked.locale))
        if key not in kept:
            _, status, content = answer(api, asked, *arguments)
            document = json.loads(content)
            if mend and int(status) == _OK:
                document = mend(document)
                content = json.dumps(document)
            body = content if isinstance(content, bytes) else str(content).encode()
            kept[key] = Answer(int(status), media_type, document, body)
        return kept[key]

    def _mend_landing(self, landing: dict[str, Any]) -> dict[str, Any]:
        kept = [link for link in landing["links"] if _served(link)]
        return {**landing, "links": [*kept, *(link for block in self._blocks for link in block.landing_links)]}

    def _mend_collections(self, collections: dict[str, Any]) -> dict[str, Any]:
        # The coordinate systems are told once, not with every collection.
        each = [{**self._mend_collection(c), "crs": ["#/crs"]} for c in collections["collections"]]
        each += [one for block in self._blocks for one in block.collections()]
        members = {name: value for block in self._blocks for name, value in block.collections_members.items()}
        kept = [link for link in collections["links"] if _served(link)]
        return {**members, **collections, "collections": each, "links": kept}

    def _mend_collection(self, collection: dict[str, Any]) -> dict[str, Any]:
        layer = self._layers[collection["id"]]
        kept = [link for link in collection["links"] if _served(link)]
        added = [link for block in self._blocks for link in block.collection_links(layer)]
        members = {name: value for block in self._blocks for name, value in block.collection_members(layer).items()}
        return {**members, **collection, "crs": list(self._systems), "links": [*kept, *added]}


def _served(link: Mapping[str, str]) -> bool:
    path = link["href"].partition("?")[0]
    return not path.endswith(_NOT_SERVED) and _JSON_LD not in link["href"]
