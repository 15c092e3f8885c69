"""GeoJSON (RFC 7946): one FeatureCollection; the terms are foreign members of it, before the features."""

import json
from collections.abc import Iterator

import pyarrow as pa
import shapely

from gis.crs import CRS84
from gis.formats.writer import Provenance
from gis.formats.writers.columns import attributes, batched, geometries, rounded, text
from gis.layer import GeometryType, Layer


def chunks(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    """The text of the collection."""
    return batched(_pieces(layer, rows, about))


def _pieces(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    head = json.dumps({"type": "FeatureCollection", **about.items()}, ensure_ascii=False)
    yield f'{head[:-1]},"features":['.encode()
    before = "\n"
    for batch in rows:
        for feature in features(layer, batch):
            yield f"{before}{feature}".encode()
            before = ",\n"
    yield b"\n]}\n"


def features(layer: Layer, batch: pa.RecordBatch) -> list[str]:
    """Each row of a batch as the text of a Feature."""
    names = attributes(batch.schema, layer)
    plain = [_plain(batch.column(name)).to_pylist() for name in names]
    shapes = _shapes(layer, batch)
    identifiers = batch.column(layer.id_field).to_pylist() if layer.id_field in names else [None] * batch.num_rows
    made = []
    for identifier, shape, *values in zip(identifiers, shapes, *plain, strict=True):
        named = f'"id":{_json(identifier)},' if identifier is not None else ""
        properties = _json(dict(zip(names, values, strict=True)))
        made.append(f'{{"type":"Feature",{named}"geometry":{shape},"properties":{properties}}}')
    return made


def _shapes(layer: Layer, batch: pa.RecordBatch) -> list[str]:
    found = geometries(batch, layer)
    if found is None:
        return ["null"] * batch.num_rows
    found = rounded(found, CRS84)
    if layer.geometry_type is GeometryType.POLYGON:
        # RFC 7946 asks for outer rings that run against the clock.
        found = shapely.orient_polygons(found, exterior_cw=False)
    return [shape or "null" for shape in shapely.to_geojson(found).tolist()]


def _plain(column: pa.Array) -> pa.Array:
    return text(column) if pa.types.is_temporal(column.type) else column


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
