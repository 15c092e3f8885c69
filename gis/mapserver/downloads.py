"""The mapfile in pieces of the services that hand out data: features by WFS 2.0 and coverages by WCS 2.0."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Iterable, Sequence
from typing import Any

from gis.layer import BBox, Field, FieldType, GeometryType, Layer
from gis.mapserver.extent import WORLD
from gis.mapserver.metadata import block, contact, keyword_list, record
from gis.mapserver.outputs import coverage_formats, feature_formats
from gis.mapserver.parts import Part
from gis.mapserver.raster import RasterLayer
from gis.mapserver.source import GEOMETRY_TYPES, connection_string, layer_id, source
from gis.mapserver.text import Texts
from gis.raster.grid import Grid
from gis.service import ServiceMetadata

PREFIX = "amdis"
"""Prefix of the feature types' namespace in what the service writes."""

MOST_FEATURES = 5_000
"""Features in one answer; more are fetched page by page."""

MOST_CELLS = 4096
"""Greatest width and height of a coverage, in cells."""

_WFS = "GetCapabilities DescribeFeatureType GetFeature GetPropertyValue ListStoredQueries DescribeStoredQueries"
_WCS = "GetCapabilities DescribeCoverage GetCoverage"
_GML_TYPES = {
    FieldType.STRING: "Character",
    FieldType.STRINGS: "Character",
    FieldType.BOOLEAN: "Boolean",
    FieldType.INTEGER: "Long",
    FieldType.NUMBER: "Real",
    FieldType.DATE: "Character",
    FieldType.DATETIME: "Character",
}
_GML_GEOMETRIES = {
    GeometryType.POINT: "point",
    GeometryType.LINE: "multiline",
    GeometryType.POLYGON: "multipolygon",
}


def target_namespace(service: ServiceMetadata) -> str:
    """Namespace of the feature types of a service."""
    return f"{service.base_url}/ns/features"


def head(
    rasters: Iterable[RasterLayer],
    service: ServiceMetadata,
    epsg: Sequence[int],
    *,
    extent: BBox = WORLD,
    version: int = 0,
) -> Part:
    """What a map of downloads has besides its layers. The parameters are those of gis.mapserver.mapfile.head.

    rasters: all that are handed out, because formats are declared for each of them.
    """
    texts = Texts()
    names = " ".join(f"EPSG:{code}" for code in dict.fromkeys((4326, 3857, *epsg)))
    formats = [format_ for one in rasters if one.grid for format_ in coverage_formats(one, one.grid)]
    document = {
        "__type__": "map",
        "name": PREFIX,
        "size": [512, 512],
        "maxsize": MOST_CELLS,
        "extent": list(extent),
        "units": "DD",
        "projection": ["init=epsg:4326"],
        "web": {
            "__type__": "web",
            "metadata": _service(service, names, [one["name"] for one in formats], version, texts),
        },
        "outputformats": [*feature_formats(), *formats],
    }
    return Part("downloads", document, texts)


def features_part(layer: Layer, service: ServiceMetadata, *, connection: str, extent: BBox = WORLD) -> Part:
    """One layer's features. Unlike on a map every row and the whole geometry are there, and no styles.

    connection: as in gis.mapserver.mapfile.vector_part. extent: a little around what is published.
    Raises InvalidDeclarationError if an id or a column name cannot stand in SQL.
    """
    texts = Texts()
    document = _features(layer, connection_string(connection), extent, service, texts)
    return Part(f"{layer_id(layer.id)}-features", document, texts)


def coverage_part(raster: RasterLayer, grid: Grid) -> Part:
    """One raster's cells."""
    texts = Texts()
    return Part(f"{layer_id(raster.id)}-coverage", _coverage(raster, grid, texts), texts)


def _service(
    service: ServiceMetadata, names: str, formats: Iterable[str], version: int, texts: Texts
) -> dict[str, Any]:
    return block(
        {
            "ows_title": service.title,
            "ows_abstract": service.abstract,
            "ows_keywordlist": keyword_list(service.keywords),
            "ows_service_onlineresource": service.base_url,
            "ows_fees": service.fees,
            "ows_accessconstraints": service.access_constraints,
            **contact(service.contact, "ows"),
            "ows_updatesequence": str(version),
            "ows_srs": names,
            "ows_sld_enabled": "false",
            "wfs_onlineresource": f"{service.base_url}/wfs?",
            "wfs_enable_request": _WFS,
            "wfs_namespace_prefix": PREFIX,
            "wfs_namespace_uri": target_namespace(service),
            "wfs_maxfeatures": str(MOST_FEATURES),
            "wfs_maxfeatures_ignore_for_resulttype_hits": "true",
            "wfs_compute_number_matched": "true",
            "wfs_use_default_extent_for_getfeature": "false",
            "wfs_geometry_precision": "7",
            "wfs_getfeature_formatlist": ",".join(one["name"] for one in feature_formats()),
            "wcs_onlineresource": f"{service.base_url}/wcs?",
            "wcs_enable_request": _WCS,
            "wcs_formats": " ".join(formats),
        },
        texts,
    )


def _features(layer: Layer, connection: str, extent: BBox, service: ServiceMetadata, texts: Texts) -> dict[str, Any]:
    return {
        "__type__": "layer",
        "name": layer_id(layer.id),
        "type": GEOMETRY_TYPES[layer.geometry_type],
        "status": "OFF",
        "extent": list(extent),
        "projection": ["init=epsg:4326"],
        "connectiontype": "POSTGIS",
        "connection": texts(connection),
        "data": texts(source(layer)),
        "processing": ["CLOSE_CONNECTION=DEFER"],
        "template": "none",  # Any value makes the layer queryable; no template is ever read.
        "metadata": block(
            {
                "wfs_title": layer.title,
                "wfs_abstract": layer.abstract,
                "wfs_keywordlist": keyword_list(layer.keywords),
                "wfs_extent": " ".join(f"{side:.6f}" for side in extent),
                "wfs_metadataurl_href": record(layer.id, service, "iso"),
                "wfs_use_default_extent_for_getfeature": "false",
                "wfs_geometry_precision": "7",  # About a centimetre, as the other services write.
                "gml_featureid": layer.id_field,
                "gml_geometries": layer.geometry_field,
                f"gml_{layer.geometry_field}_type": _GML_GEOMETRIES[layer.geometry_type],
                "gml_include_items": ",".join(f.name for f in layer.public_fields),
                **_types(layer.public_fields),
            },
            texts,
        ),
    }


def _types(fields: Iterable[Field]) -> dict[str, str]:
    return {f"gml_{f.name}_type": _GML_TYPES[f.type] for f in fields}


def _coverage(raster: RasterLayer, grid: Grid, texts: Texts) -> dict[str, Any]:
    return {
        "__type__": "layer",
        "name": layer_id(raster.id),
        "type": "RASTER",
        "status": "OFF",
        "projection": [f"init=epsg:{grid.epsg}"],
        "data": texts(str(raster.path)),
        "metadata": block(
            {
                "wcs_title": raster.title,
                "wcs_label": raster.title,
                "wcs_description": raster.abstract,
                "wcs_keywordlist": keyword_list(raster.keywords),
                "wcs_extent": " ".join(map(repr, grid.bounds)),
                "wcs_size": f"{grid.width} {grid.height}",
                "wcs_bandcount": str(len(grid.bands)),
                "wcs_band_names": " ".join(grid.bands),
                "wcs_native_format": "image/tiff",
                **_bands(grid),
                "wcs_rangeset_name": "bands",
                "wcs_rangeset_label": "bands",
            },
            texts,
        ),
    }


def _bands(grid: Grid) -> dict[str, str]:
    """What the cells hold: plain numbers of the type's range."""
    found = {}
    for name in grid.bands:
        found[f"{name}_band_uom"] = "1"
        found[f"{name}_interval"] = f"{grid.least:.10g} {grid.greatest:.10g}"
        found[f"{name}_band_interpretation"] = name
    return {f"wcs_{key}": value for key, value in found.items()}
