"""Feature information for people and programs, from the GeoJSON MapServer gives for each layer."""

# SPDX-License-Identifier: Apache-2.0

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import mapping, shape

from gis.mapserver.catalogue import MapLayer

_DECIMALS = 7


@dataclass(frozen=True, slots=True)
class FoundFeature:
    """One feature at the clicked place: its identifier and (title, value) of every field that has a value."""

    id: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FoundLayer:
    """The features of one layer at the clicked place."""

    layer: MapLayer
    features: tuple[FoundFeature, ...]


def collection(layers: Sequence[MapLayer], answers: Iterable[bytes], crs: str) -> dict[str, Any]:
    """One GeoJSON feature collection (RFC 7946) of the layers' answers, each feature with its id and layer.

    crs: coordinate system of the answers, x or longitude first. MapServer writes an empty string or nothing
    where there is no value; that becomes null. Raises ValueError if an answer is not JSON.
    """
    features = [
        _feature(layer, one, crs)
        for layer, answer in zip(layers, answers, strict=True)
        for one in json.loads(answer).get("features", ())
    ]
    return {"type": "FeatureCollection", "numberReturned": len(features), "features": features}


def _feature(layer: MapLayer, raw: dict[str, Any], crs: str) -> dict[str, Any]:
    given = raw.get("properties") or {}
    properties = {name: None if given.get(name, "") == "" else given[name] for name in layer.titles}
    return {
        "type": "Feature",
        "id": properties.get(layer.id_field),
        "layer": layer.id,
        "geometry": _in_degrees(raw["geometry"], crs) if raw.get("geometry") else None,
        "properties": properties,
    }


def _in_degrees(geometry: dict[str, Any], crs: str) -> dict[str, Any]:
    """The geometry in longitude and latitude, to a centimetre."""

    def moved(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        if crs != "EPSG:4326":
            x, y = _to_degrees(crs).transform(coordinates[:, 0], coordinates[:, 1])
            coordinates = np.column_stack((x, y))
        return np.round(coordinates, _DECIMALS)

    result: dict[str, Any] = mapping(shapely.transform(shape(geometry), moved))
    return result


@lru_cache(maxsize=64)
def _to_degrees(crs: str) -> Transformer:
    return Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)


def found(layers: Sequence[MapLayer], features: Iterable[dict[str, Any]]) -> list[FoundLayer]:
    """The features grouped by layer, with titles for field names; layers without any are left out."""
    groups: dict[str, list[FoundFeature]] = {}
    by_id = {layer.id: layer for layer in layers}
    for one in features:
        layer = by_id[one["layer"]]
        rows = tuple((layer.titles[k], _shown(v)) for k, v in one["properties"].items() if v is not None)
        groups.setdefault(layer.id, []).append(FoundFeature(str(one["id"] or ""), rows))
    return [FoundLayer(by_id[id_], tuple(features)) for id_, features in groups.items()]


def text(layers: Sequence[FoundLayer]) -> str:
    """The features as plain text, a line a field."""
    if not layers:
        return "No feature here.\n"
    lines: list[str] = []
    for one in layers:
        lines.append(one.layer.title)
        for feature in one.features:
            lines += [f"  {title}: {' '.join(value.split())}" for title, value in feature.rows] + [""]
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
