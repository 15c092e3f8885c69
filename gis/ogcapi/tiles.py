"""OGC API - Tiles: tile matrix sets, tilesets of the collections and of the whole dataset, vector and map."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gis.crs import CRS84
from gis.layer import BBox, Layer, LayerState, Service
from gis.links import Link, link
from gis.ogcapi.blocks import Block
from gis.ogcapi.openapi import (
    BINARY,
    COUNT,
    JSON,
    LINKS,
    NOT_FOUND,
    TEXT,
    answer,
    get,
    path_parameter,
    query_parameter,
    schema,
)
from gis.tiles import GRIDS, MAX_ZOOM, SHARP, WEB_MERCATOR_QUAD, TileGrid

MVT = "application/vnd.mapbox-vector-tile"
PNG = "image/png"
TILEJSON = "application/vnd.mapbox.tilejson+json"

_SPEC = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
_REGISTERED = "http://www.opengis.net/def/tilematrixset/OGC/1.0"
_REL = "http://www.opengis.net/def/rel/ogc/1.0"
_SYSTEMS = {3857: "http://www.opengis.net/def/crs/EPSG/0/3857", 4326: CRS84.uri}
_TAG = "Tiles"
_OBJECTS = {"type": "array", "items": {"type": "object"}}
_TILE = "{tileMatrix}/{tileRow}/{tileCol}"


@dataclass(frozen=True, slots=True)
class Tileset:
    """Tiles of one resource in one tile matrix set.

    path: of the tilesets below the API's root, such as ``/collections/mines/tiles``. layers: what is in them, with what
    is published of each; empty for pictures of a raster. drawn: whether they are pictures. minzoom, maxzoom: matrices
    with something new in them. query: parameters that are part of each tile's address.
    """

    path: str
    title: str
    grid: TileGrid
    layers: tuple[tuple[Layer, LayerState], ...]
    extent: BBox
    drawn: bool = False
    minzoom: int = 0
    maxzoom: int = 14
    attribution: str = ""
    query: str = ""

    @property
    def media_type(self) -> str:
        """Media type of the tiles."""
        return PNG if self.drawn else MVT

    def template(self, base_url: str) -> str:
        """Address of a tile, with places for matrix, row and column."""
        return f"{base_url}/ogc{self.path}/{self.grid.id}/{_TILE}?f={'png' if self.drawn else 'mvt'}{self.query}"


def tilesets_document(tilesets: list[Tileset], base_url: str) -> dict[str, Any]:
    """The list of a resource's tilesets."""
    path = tilesets[0].path
    return {
        "links": [
            link("self", JSON, "This document", f"{base_url}/ogc{path}?f=json"),
            link("alternate", "text/html", "As a page", f"{base_url}/ogc{path}?f=html"),
        ],
        "tilesets": [
            {
                "title": one.title,
                "dataType": "map" if one.drawn else "vector",
                "crs": _SYSTEMS[one.grid.srid],
                "tileMatrixSetURI": f"{_REGISTERED}/{one.grid.id}",
                # Of what a client may follow as it stands; the template of the tiles is in the tileset.
                "links": [
                    link("self", JSON, "The tileset", f"{base_url}/ogc{path}/{one.grid.id}?f=json"),
                    *_tileset_links(one, base_url),
                ],
            }
            for one in tilesets
        ],
    }


def tileset_document(tileset: Tileset, base_url: str) -> dict[str, Any]:
    """Metadata of a tileset (OGC Two Dimensional Tile Matrix Set and Tile Set Metadata 2.0)."""
    grid, path = tileset.grid, f"{base_url}/ogc{tileset.path}/{tileset.grid.id}"
    west, south, east, north = tileset.extent
    limits = [_limits(tileset, zoom) for zoom in range(tileset.minzoom, tileset.maxzoom + 1)]
    document: dict[str, Any] = {
        "title": tileset.title,
        "dataType": "map" if tileset.drawn else "vector",
        "crs": _SYSTEMS[grid.srid],
        "tileMatrixSetURI": f"{_REGISTERED}/{grid.id}",
        "tileMatrixSetLimits": limits,
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": _SYSTEMS[4326]},
        "mediaTypes": [tileset.media_type],
        "links": [
            link("self", JSON, "This document", f"{path}?f=json"),
            link("alternate", "text/html", "As a page", f"{path}?f=html"),
            *_tileset_links(tileset, base_url),
            link("item", tileset.media_type, "A tile", tileset.template(base_url)) | {"templated": True},
        ],
    }
    if tileset.attribution:
        document["attribution"] = tileset.attribution
    if has_tilejson(tileset):
        document["links"].append(link("alternate", TILEJSON, "As TileJSON", f"{path}?f=tilejson"))
    if not tileset.drawn:
        document["layers"] = [_layer_of(layer, base_url) for layer, _ in tileset.layers]
    return document


def has_tilejson(tileset: Tileset) -> bool:
    """Whether TileJSON can tell of a tileset: it is for vector tiles of WebMercatorQuad alone."""
    return tileset.grid is WEB_MERCATOR_QUAD and not tileset.drawn


def tilejson(tileset: Tileset, base_url: str) -> dict[str, Any]:
    """The tileset as TileJSON 3.0, where it has one."""
    template = tileset.template(base_url)
    for ours, theirs in (("{tileMatrix}", "{z}"), ("{tileRow}", "{y}"), ("{tileCol}", "{x}")):
        template = template.replace(ours, theirs)
    west, south, east, north = tileset.extent
    return {
        "tilejson": "3.0.0",
        "name": tileset.title,
        "attribution": tileset.attribution,
        "tiles": [template],
        "minzoom": tileset.minzoom,
        "maxzoom": tileset.maxzoom,
        "bounds": [west, south, east, north],
        "vector_layers": [
            {
                "id": layer.id,
                "description": layer.abstract,
                "minzoom": layer.minzoom,
                "maxzoom": layer.maxzoom,
                "fields": {f.name: f.title for f in layer.tile_fields},
            }
            for layer, _ in tileset.layers
        ],
    }


def tile_matrix_sets(base_url: str) -> dict[str, Any]:
    """The tile matrix sets tiles come in."""
    sets = [
        {
            "id": name,
            "title": _registered(name)["title"],
            "uri": f"{_REGISTERED}/{name}",
            "crs": _SYSTEMS[grid.srid],
            "links": [link("self", JSON, name, f"{base_url}/ogc/tileMatrixSets/{name}?f=json")],
        }
        for name, grid in GRIDS.items()
    ]
    return {"tileMatrixSets": sets}


def tile_matrix_set(name: str) -> dict[str, Any]:
    """The definition of a tile matrix set."""
    definition = dict(_registered(name))
    definition["tileMatrices"] = definition["tileMatrices"][: MAX_ZOOM + 1]
    return definition


@cache
def _registered(name: str) -> dict[str, Any]:
    import morecantile  # noqa: PLC0415  (a second's import that few processes need)

    found = morecantile.tms.get(name).model_dump(mode="json", exclude_none=True, by_alias=True)
    return {**found, "crs": _SYSTEMS[GRIDS[name].srid], "uri": f"{_REGISTERED}/{name}"}


def _tileset_links(tileset: Tileset, base_url: str) -> list[Link]:
    definition = f"{base_url}/ogc/tileMatrixSets/{tileset.grid.id}?f=json"
    found = [link(f"{_REL}/tiling-scheme", JSON, "The tile matrix set", definition)]
    if len(tileset.layers) == 1:
        collection = f"{base_url}/ogc/collections/{tileset.layers[0][0].id}"
        found.append(link(f"{_REL}/geodata", JSON, "The collection", collection))
    return found


def _limits(tileset: Tileset, zoom: int) -> dict[str, Any]:
    first_row, last_row, first_column, last_column = tileset.grid.tiles_of(tileset.extent, zoom)
    return {
        "tileMatrix": str(zoom),
        "minTileRow": first_row,
        "maxTileRow": last_row,
        "minTileCol": first_column,
        "maxTileCol": last_column,
    }


_DIMENSIONS = {"Point": 0, "MultiLineString": 1, "MultiPolygon": 2}


def _layer_of(layer: Layer, base_url: str) -> dict[str, Any]:
    fields = {f.name: {"type": f.schema()["type"], "title": f.title} for f in layer.tile_fields}
    return {
        "id": layer.id,
        "title": layer.title,
        "description": layer.abstract,
        "dataType": "vector",
        "geometryDimension": _DIMENSIONS[layer.geometry_type],
        "minTileMatrix": str(layer.minzoom),
        "propertiesSchema": {"type": "object", "properties": fields},
        "links": [link(f"{_REL}/geodata", JSON, layer.title, f"{base_url}/ogc/collections/{layer.id}")],
    }


def tiles(base_url: str) -> Block:
    """The block of a server at ``<base_url>/ogc``."""

    def links(layer: Layer) -> list[Link]:
        path = f"{base_url}/ogc/collections/{layer.id}"
        found = []
        if Service.TILES in layer.services:
            found.append(link(f"{_REL}/tilesets-vector", JSON, "Vector tiles", f"{path}/tiles?f=json"))
        if Service.WMS in layer.services:
            found.append(link(f"{_REL}/tilesets-map", JSON, "Map tiles", f"{path}/map/tiles?f=json"))
        return found

    classes = (
        *("core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection"),
        *("mvt", "png", "oas30"),
    )
    return Block(
        conformance=tuple(f"{_SPEC}/{name}" for name in classes),
        paths=_paths,
        schemas={
            "Tilesets": schema({"tilesets": _OBJECTS, "links": LINKS}, "tilesets"),
            "Tileset": schema(
                {"title": TEXT, "dataType": TEXT, "crs": TEXT, "tileMatrixSetURI": TEXT, "links": LINKS},
                *("dataType", "crs", "links"),
            ),
            "TileMatrixSets": schema({"tileMatrixSets": _OBJECTS}),
        },
        parameters={
            "tileMatrixSetId": path_parameter(
                "tileMatrixSetId", "The tile matrix set.", {"type": "string", "enum": list(GRIDS)}
            ),
            "tileMatrix": path_parameter(
                "tileMatrix", "Tile matrix: zoom level.", {"type": "integer", "minimum": 0, "maximum": MAX_ZOOM}
            ),
            "tileRow": path_parameter("tileRow", "Row from the top.", COUNT),
            "tileCol": path_parameter("tileCol", "Column from the left.", COUNT),
            "collections": query_parameter(
                "collections", "Only these collections, with commas between.", {"type": "array", "items": TEXT}
            ),
            "style": query_parameter("style", "Id of the style; without it the default.", TEXT),
            "pixelRatio": query_parameter(
                "pixelRatio",
                "Pixels for each of the tile matrix set's; more for dense screens.",
                {"type": "integer", "enum": [1, SHARP], "default": 1},
            ),
        },
        landing_links=(
            link(f"{_REL}/tilesets-vector", JSON, "Vector tiles of all layers", f"{base_url}/ogc/tiles?f=json"),
            link(f"{_REL}/tiling-schemes", JSON, "Tile matrix sets", f"{base_url}/ogc/tileMatrixSets?f=json"),
        ),
        collection_links=links,
    )


def _paths(layers: Mapping[str, Layer]) -> dict[str, Any]:
    paths = {
        "/tileMatrixSets": get("tileMatrixSets", _TAG, "Tile matrix sets", answer("TileMatrixSets"), formats=_BOTH),
        "/tileMatrixSets/{tileMatrixSetId}": get(
            "tileMatrixSet",
            _TAG,
            "A tile matrix set",
            _DEFINITION | NOT_FOUND,
            ("tileMatrixSetId",),
            _JSON,
        ),
        **_tile_paths("/tiles", "all.dataset.vector", _TAG, MVT, ("collections",)),
    }
    for name, layer in layers.items():
        if Service.TILES in layer.services:
            paths |= _tile_paths(f"/collections/{name}/tiles", f"{name}.collection.vector", layer.title, MVT)
        if Service.WMS in layer.services:
            path, operation = f"/collections/{name}/map/tiles", f"{name}.collection.map"
            paths |= _tile_paths(path, operation, layer.title, PNG, ("style", "pixelRatio"))
    return paths


_BOTH, _JSON = ("json", "html"), ("json",)
_DEFINITION = answer(None, html=False)
_ADDRESS = ("tileMatrixSetId", "tileMatrix", "tileRow", "tileCol")


def _tile_paths(path: str, operation: str, tag: str, media_type: str, more: tuple[str, ...] = ()) -> dict[str, Any]:
    """The three operations of a resource's tiles, with the ends of their ids that /req/oas30/operation-id has."""
    tile = {
        "200": {"description": "A tile", "content": {media_type: {"schema": BINARY}}},
        "204": {"description": "Nothing is there"},
    }
    formats = (*_BOTH, "tilejson") if media_type == MVT else _BOTH
    tileset = answer("Tileset", others={TILEJSON: {"type": "object"}} if media_type == MVT else None)
    file = "mvt" if media_type == MVT else "png"
    return {
        path: get(f"{operation}.getTileSetsList", tag, "Tilesets", answer("Tilesets")),
        f"{path}/{{tileMatrixSetId}}": get(
            f"{operation}.getTileSet", tag, "A tileset", tileset | NOT_FOUND, ("tileMatrixSetId",), formats
        ),
        f"{path}/{{tileMatrixSetId}}/{_TILE}": get(
            f"{operation}.getTile", tag, "A tile", tile | NOT_FOUND, (*_ADDRESS, *more), (file,)
        ),
    }
