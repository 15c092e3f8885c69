"""GeoJSON text sequence (RFC 8142): a Feature a line behind a record separator; the first one carries the terms."""

import json
from collections.abc import Iterator

import pyarrow as pa

from gis.formats.writer import Provenance
from gis.formats.writers.columns import batched
from gis.formats.writers.geojson import features
from gis.layer import Layer

_RECORD_SEPARATOR = "\x1e"


def chunks(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    """The text of the sequence."""
    return batched(_pieces(layer, rows, about))


def _pieces(layer: Layer, rows: pa.RecordBatchReader, about: Provenance) -> Iterator[bytes]:
    terms = f',"about":{json.dumps(about.items(), ensure_ascii=False)}}}'
    for batch in rows:
        for feature in features(layer, batch):
            told, terms = (f"{feature[:-1]}{terms}" if terms else feature), ""
            yield f"{_RECORD_SEPARATOR}{told}\n".encode()
