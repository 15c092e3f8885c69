"""What the JSON API tells of the layers."""

from typing import Any

from pydantic import BaseModel


class MemberOut(BaseModel):
    """A member state."""

    country: str
    name: str


class RegionOut(BaseModel):
    """The region; bbox: west, south, east, north in degrees."""

    id: str
    title: str
    description: str
    bbox: list[float]
    members: list[MemberOut]
    disclaimer: str


class FieldOut(BaseModel):
    """A field people may read."""

    name: str
    title: str
    type: str
    unit: str | None
    vocabulary: str | None


class StyleOut(BaseModel):
    """A style of a layer: legend entries whose values occur, and MapLibre layers over the source named as the layer."""

    id: str
    title: str
    abstract: str
    field: str | None
    legend: list[dict[str, Any]]
    layers: list[dict[str, Any]]


class LayerOut(BaseModel):
    """A layer as it is published now; tiles: template with {z}, {y}, {x}; the first of its styles is the default."""

    id: str
    title: str
    abstract: str
    group: str
    geometryType: str
    bbox: list[float] | None
    count: int
    release: int
    publishedAt: str | None
    minzoom: int
    maxzoom: int
    attribution: str
    licence: str
    fields: list[FieldOut]
    summary: list[str]
    styles: list[StyleOut]
    tiles: str
    items: str


class RasterOut(BaseModel):
    """A raster shown as pictures."""

    id: str
    title: str
    attribution: str
    bbox: list[float]
    tiles: str


class LayersOut(BaseModel):
    """Everything a map needs to know.

    sprite: address of the picture of point shapes that styles name, without its extension. shapes: their corners in a
    box from -1 to 1, y downward; a circle has none.
    """

    region: RegionOut
    layers: list[LayerOut]
    rasters: list[RasterOut]
    sprite: str
    shapes: dict[str, list[tuple[float, float]]]
