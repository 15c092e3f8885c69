"""Frozen descriptions of a layer and its fields: what all else is derived from."""

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

BBox = tuple[float, float, float, float]
"""West, south, east, north in degrees (CRS84)."""


class FieldType(StrEnum):
    """What a field holds, named as in JSON Schema where it has a name for it."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "date-time"
    STRINGS = "strings"


class GeometryType(StrEnum):
    """Geometry of a layer, by its simple-features name."""

    POINT = "Point"
    LINE = "MultiLineString"
    POLYGON = "MultiPolygon"


class Service(StrEnum):
    """A service a layer is published on."""

    FEATURES = "features"
    TILES = "tiles"
    WMS = "wms"


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a layer.

    unit: UCUM code of the quantity, None for a count or text. vocabulary: id of the vocabulary whose URIs (for a
    field named ``*_uri``) or codes the field holds. minimum, maximum: inclusive range of a number.
    public: whether people without an account may read it.
    """

    name: str
    type: FieldType
    title: str
    description: str = ""
    unit: str | None = None
    vocabulary: str | None = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    public: bool = True

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the field's value, null allowed where it is not required."""
        schema = dict(_JSON_SCHEMA[self.type])
        schema["title"] = self.title
        if self.description:
            schema["description"] = self.description
        if self.unit:
            schema["x-ogc-unit"] = self.unit
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        if self.maximum is not None:
            schema["maximum"] = self.maximum
        return schema


_JSON_SCHEMA: Mapping[FieldType, Mapping[str, Any]] = {
    FieldType.STRING: {"type": "string"},
    FieldType.INTEGER: {"type": "integer"},
    FieldType.NUMBER: {"type": "number"},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.DATETIME: {"type": "string", "format": "date-time"},
    FieldType.STRINGS: {"type": "array", "items": {"type": "string"}},
}


@dataclass(frozen=True, slots=True)
class GmlView:
    """A published GML application schema that a layer is delivered in.

    element: name of the feature's element. prefix: usual for the namespace. schema: address of the XML schema, made
    upon a version of GML, "3.1.1" or "3.2.1". properties: names of the elements in their order; a field of that name
    fills one. mandatory: those that may not be left out.
    """

    element: str
    namespace: str
    prefix: str
    schema: str
    gml: str
    properties: tuple[str, ...]
    mandatory: frozenset[str]


@dataclass(frozen=True, slots=True)
class Band:
    """Simplified geometry of a layer: the column to draw at zoom levels up to maxzoom."""

    maxzoom: int
    column: str


@dataclass(frozen=True)
class Layer:
    """One published layer: where its rows are, what they hold and how they are shown.

    schema, table: the relation that holds the rows the reader may see (its ``current`` partition for the public).
    id_field: unique, stable text key, ordered bytewise. geometry_field: geometry in EPSG:4326.
    minzoom, maxzoom: Web Mercator zoom levels between which the layer is drawn.
    summary: names of the fields shown first (pop-ups, tiles, tables). time_field: the public date or date-time that
    says when a feature was true, by which a request's time chooses; None if the layer has no time. gml: the published
    view the layer is delivered in as GML, None for a schema of its own.
    run_table: schema and name of the table of the runs of following keys (gis.runs), None where none are kept.
    tally_table: schema and name of the table of the numbers of features by value (gis.tallies), None where none are
    kept; tallied_fields: names of the fields whose values are counted there. concepts: of each of them that is a list,
    the broader concepts of its vocabulary, each by the values it stands for.
    keyed_fields: names of the fields that have an index in which each value's features come in the order of the key.
    style: id of the default style. style_fields: names of the fields its styles need.
    """

    id: str
    title: str
    abstract: str
    keywords: tuple[str, ...]
    geometry_type: GeometryType
    schema: str
    table: str
    fields: tuple[Field, ...]
    style: str
    summary: tuple[str, ...]
    services: frozenset[Service]
    attribution: str
    licence: str
    minzoom: int = 0
    maxzoom: int = 14
    id_field: str = "identifier"
    geometry_field: str = "shape"
    key_field: str = "number"
    place_field: str | None = None
    rank_field: str | None = None
    bands: tuple[Band, ...] = ()
    text_table: tuple[str, str] | None = None
    run_table: tuple[str, str] | None = None
    tally_table: tuple[str, str] | None = None
    tallied_fields: frozenset[str] = frozenset()
    concepts: Mapping[str, Mapping[tuple[str, ...], str]] = dataclasses.field(default_factory=dict, hash=False)
    keyed_fields: frozenset[str] = frozenset()
    past_table: str | None = None
    time_field: str | None = None
    gml: GmlView | None = None
    style_fields: tuple[str, ...] = ()

    srid = 4326

    @cached_property
    def public_fields(self) -> tuple[Field, ...]:
        """The fields anybody may read, in their declared order."""
        return tuple(f for f in self.fields if f.public)

    @cached_property
    def tile_fields(self) -> tuple[Field, ...]:
        """The few fields a vector tile carries: the identifier, the summary and what the styles need."""
        wanted = {self.id_field, *self.summary, *self.style_fields}
        return tuple(f for f in self.public_fields if f.name in wanted)

    def drawn_geometry(self, zoom: int) -> str:
        """The geometry column to draw at a zoom level."""
        return next((band.column for band in self.bands if zoom <= band.maxzoom), self.geometry_field)

    def field(self, name: str) -> Field | None:
        """The public field of that exact name, or None."""
        return self._by_name.get(name)

    @cached_property
    def listed_fields(self) -> frozenset[str]:
        """The tallied fields that are lists: of their values the keys of the features are kept, run by run."""
        lists = {one.name for one in self.public_fields if one.type is FieldType.STRINGS}
        return self.tallied_fields & lists

    @cached_property
    def concept_tallies(self) -> dict[str, str]:
        """What the numbers by concept of each list are told as among those by field; another vocabulary, another name.

        No field can be so named.
        """
        told = ((name, repr(sorted(concepts.items()))) for name, concepts in self.concepts.items())
        return {name: f"{name} {hashlib.sha256(text.encode()).hexdigest()[:12]}" for name, text in told}

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.public_fields}

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of a feature's properties with the geometry, as OGC API Features Part 5 lays it out."""
        properties: dict[str, Any] = {
            self.geometry_field: {"x-ogc-role": "primary-geometry", "format": f"geometry-{self.geometry_type.lower()}"}
        }
        for position, one in enumerate(self.public_fields, start=1):
            properties[one.name] = {**one.schema(), "x-ogc-propertySeq": position}
        properties[self.id_field]["x-ogc-role"] = "id"
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "title": self.title,
            "description": self.abstract,
            "properties": properties,
            "required": [f.name for f in self.public_fields if f.required],
        }


@dataclass(frozen=True, slots=True)
class LayerState:
    """What is published of a layer now: release number, number of features, extent (None when empty)."""

    release: int
    count: int
    extent: BBox | None
    published_at: str | None = None
