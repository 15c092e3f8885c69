"""Feature information for people and programs, from the GeoJSON MapServer gives for each layer."""

# SPDX-License-Identifier: Apache-2.0

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gis.mapserver.catalogue import MapLayer


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


def collection(layers: Sequence[MapLayer], answers: Iterable[bytes]) -> dict[str, Any]:
    """One GeoJSON feature collection of the layers' answers, each feature with its id and layer.

    MapServer writes an empty string where there is no value; that becomes null.
    Raises ValueError if an answer is not JSON.
    """
    features = [
        _feature(layer, one)
        for layer, answer in zip(layers, answers, strict=True)
        for one in json.loads(answer).get("features", ())
    ]
    return {"type": "FeatureCollection", "numberReturned": len(features), "features": features}


def _feature(layer: MapLayer, raw: dict[str, Any]) -> dict[str, Any]:
    given = raw.get("properties") or {}
    properties = {name: given[name] if given.get(name) != "" else None for name in layer.titles if name in given}
    return {
        "type": "Feature",
        "id": properties.get(layer.id_field),
        "layer": layer.id,
        "geometry": raw.get("geometry"),
        "properties": properties,
    }


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
