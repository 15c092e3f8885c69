"""Landing page, conformance, collections, queryables and schema, and the HTML of all of them, by pygeoapi.

pygeoapi renders; what it links to that is not served here is taken out, and what is served besides is put in.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pygeoapi import api as pygeoapi
from pygeoapi.util import render_j2_template

from gis.layer import BBox, Layer, LayerState
from gis.ogcapi.blocks import Block, conformance
from gis.ogcapi.config import configuration
from gis.ogcapi.features import queryables
from gis.ogcapi.openapi import OPENAPI, SCHEMA, document
from gis.service import ServiceMetadata
from gis.vocabulary import Vocabulary

_NOT_SERVED = ("/processes", "/jobs", "/TileMatrixSets")
_JSON_LD = "f=jsonld"


@dataclass(frozen=True, slots=True)
class Answer:
    """A document: HTTP status, media type and body."""

    status: int
    media_type: str
    body: bytes


class Frame:
    """The documents around the items, for the layers as they are published now.

    blocks: the standards served, which add conformance classes, links and parts of the OpenAPI document. vocabularies:
    by id, for the labels of coded values on pages. site: handed to the templates as config.site.
    """

    def __init__(
        self,
        layers: Mapping[str, Layer],
        service: ServiceMetadata,
        templates: Path,
        world: BBox,
        blocks: Sequence[Block],
        vocabularies: Mapping[str, Vocabulary],
        site: object,
    ) -> None:
        self._layers = layers
        self._service = service
        self._templates = templates
        self._world = world
        self._blocks = blocks
        self._vocabularies = vocabularies
        self._site = site
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
            lambda found: queryables(layer, found["$id"]),
            layer.id,
            media_type=SCHEMA,
        )

    def schema(self, request: Any, layer: Layer) -> Answer:
        """The fields of a feature, as JSON Schema."""
        return self._keep(
            request, pygeoapi.get_collection_schema, lambda _: layer.json_schema(), layer.id, media_type=SCHEMA
        )

    def openapi(self, request: Any) -> Answer:
        """The OpenAPI 3.0 document, which refers to nothing outside itself."""
        return self._keep(request, pygeoapi.openapi_, None, media_type=OPENAPI)

    def items_page(self, layer: Layer, page: dict[str, Any]) -> bytes:
        """A page of features as HTML. page: the GeoJSON feature collection."""
        features = [self._labelled(layer, feature) for feature in page["features"]]
        return self.page("collections/items/index.html", layer, {**page, "features": features})

    def item_page(self, layer: Layer, feature: dict[str, Any]) -> bytes:
        """One feature as HTML. feature: the GeoJSON feature."""
        return self.page("collections/items/item.html", layer, self._labelled(layer, feature))

    def _labelled(self, layer: Layer, feature: dict[str, Any]) -> dict[str, Any]:
        """The feature with labels in place of codes; URIs stay, as people follow them."""
        properties = dict(feature["properties"] or {})
        for field in layer.public_fields:
            value = properties.get(field.name)
            if field.vocabulary is None or field.name.endswith("_uri") or not value:
                continue
            label = self._vocabularies[field.vocabulary].label
            properties[field.name] = [label(one) for one in value] if isinstance(value, list) else label(value)
        return {**feature, "properties": properties}

    def _build(self, states: Mapping[str, LayerState]) -> pygeoapi.API:
        config = configuration(self._layers, states, self._service, self._templates, self._world, self._site)
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
            headers, status, content = answer(api, asked, *arguments)
            html = headers.get("Content-Type", "").startswith("text/html")
            if not html and mend:
                content = json.dumps(mend(json.loads(content)))
            body = content if isinstance(content, bytes) else str(content).encode()
            kept[key] = Answer(int(status), "text/html" if html else media_type, body)
        return kept[key]

    def page(self, template: str, layer: Layer, data: Mapping[str, Any]) -> bytes:
        """A page of a template below the OGC API's, about a layer or another collection described like one."""
        base = self._api.base_url
        told = {
            **data,
            "title": layer.title,
            "description": layer.abstract,
            "collection": layer.id,
            "fields": [{"name": f.name, "title": f.title, "unit": f.unit} for f in layer.public_fields],
            "summary": list(layer.summary),
            "id_field": layer.id_field,
            "collections_path": f"{base}/collections",
            "dataset_path": f"{base}/collections/{layer.id}",
            "items_path": f"{base}/collections/{layer.id}/items",
        }
        html = render_j2_template(
            self._api.tpl_config, self._api.config["server"]["templates"], template, told, self._api.default_locale
        )
        return str(html).encode()

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
