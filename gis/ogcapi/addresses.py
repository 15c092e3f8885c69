"""Persistent addresses beside the OGC API, as its description tells them."""

from collections.abc import Mapping
from typing import Any

from gis.layer import Layer
from gis.ogcapi.blocks import Block
from gis.ogcapi.openapi import COUNT, NOT_FOUND, TEXT, get, path_parameter

_TAG = "Persistent addresses"
_ELSEWHERE = {"303": {"description": "Location leads to what is known of it, in the format asked for"}}
_GONE = {
    "410": {
        "description": "It is no longer published; asOf leads to its last state",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
_RECORD = ("json", "html", "dcat", "iso", "schemaorg")


def addresses(base_url: str) -> Block:
    """The block of a server whose addresses are at ``<base_url>/id``."""

    def paths(_: Mapping[str, Layer]) -> dict[str, Any]:
        feature = get(
            "identified-feature",
            _TAG,
            "A feature of any layer",
            _ELSEWHERE | NOT_FOUND | _GONE,
            ("identifier",),
            ("json", "html", "gml"),
        )
        dataset = get("identified-dataset", _TAG, "A dataset", _ELSEWHERE | NOT_FOUND, ("identifiedDataset",), _RECORD)
        release = get(
            "identified-release",
            _TAG,
            "A release of a dataset",
            _ELSEWHERE | NOT_FOUND,
            ("identifiedDataset", "identifiedRelease"),
            _RECORD,
        )
        site = {"servers": [{"url": base_url}]}
        return {
            "/id/{identifier}": feature | site,
            "/id/dataset/{datasetId}": dataset | site,
            "/id/dataset/{datasetId}/release/{releaseNumber}": release | site,
        }

    return Block(
        paths=paths,
        parameters={
            "identifier": path_parameter("identifier", "Identifier of a feature, now or in the past.", TEXT),
            "identifiedDataset": path_parameter("datasetId", "Identifier of a dataset.", TEXT),
            "identifiedRelease": path_parameter("releaseNumber", "Number of a release.", COUNT),
        },
    )
