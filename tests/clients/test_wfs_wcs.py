"""GDAL and OWSLib as clients of WFS 2.0 and WCS 2.0: what they fetch is what is in the database and the file."""

# SPDX-License-Identifier: Apache-2.0

import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import rasterio
from lxml import etree
from owslib.fes2 import PropertyIsEqualTo
from owslib.wcs import WebCoverageService
from owslib.wfs import WebFeatureService

from tests.clients.test_gdal import AS_PUBLISHED, gdal
from tests.published import LAYERS, count, rows
from tests.running import Running

needs_gdal = pytest.mark.skipif(
    not all(map(shutil.which, ("ogr2ogr", "gdal_translate"))), reason="GDAL's programs (gdal-bin) are absent"
)


def fetched(server: Running, layer: str, target: Path, *options: str) -> tuple[list[bytes], dict[str, np.ndarray], str]:
    """WKB of each feature and its fields as ogr2ogr stores them, and GDAL's own log."""
    source = f"WFS:{server.url}/wfs?VERSION=2.0.0"
    log = gdal("ogr2ogr", "-f", "GPKG", str(target), source, f"amdis:{layer}", "-nln", layer, *options)
    meta, _, geometry, columns = pyogrio.raw.read(target, layer=layer)
    return [bytes(one) for one in geometry], dict(zip(meta["fields"], columns, strict=True)), log


@needs_gdal
@pytest.mark.parametrize("name", LAYERS)
def test_gdal_fetches_every_feature_type_page_by_page(server: Running, tmp_path: Path, name: str) -> None:
    paging = ("--config", "OGR_WFS_PAGE_SIZE", "100")
    geometry, fields, log = fetched(server, name, tmp_path / "whole.gpkg", *paging)
    stored = rows(server, LAYERS[name], f"identifier, {AS_PUBLISHED}")
    assert sorted(fields["identifier"]) == sorted(row[0] for row in stored)
    assert log.count("STARTINDEX=") >= (len(stored) - 1) // 100
    digests = {sha256(b"".join(sorted(some))).hexdigest() for some in (geometry, [bytes(row[1]) for row in stored])}
    assert len(digests) == 1


@needs_gdal
def test_gdal_pushes_a_filter_and_a_box_to_the_server(server: Running, tmp_path: Path) -> None:
    where = ("-where", "commodityGroup = 'base-metals'", "-spat", "95", "-10", "120", "20")
    _, fields, log = fetched(server, "mines", tmp_path / "part.gpkg", *where)
    meets = "\"commodityGroup\" = 'base-metals' AND ST_Intersects(shape, ST_MakeEnvelope(95, -10, 120, 20, 4326))"
    expected = rows(server, LAYERS["mines"], "identifier", meets)
    assert sorted(fields["identifier"]) == sorted(row[0] for row in expected)
    assert "PropertyIsEqualTo" in log


def test_owslib_reads_and_filters(server: Running) -> None:
    wfs = WebFeatureService(f"{server.url}/wfs", version="2.0.0", timeout=120)
    assert sorted(wfs.contents) == sorted(f"amdis:{name}" for name in LAYERS)
    for name, layer in LAYERS.items():
        assert wfs.contents[f"amdis:{name}"].title == layer.title
        properties = wfs.get_schema(f"amdis:{name}")["properties"]
        assert set(properties) - {layer.geometry_field} == {field.name for field in layer.public_fields}
    copper = PropertyIsEqualTo("commodity", "copper").toXML()
    document = f'<fes:Filter xmlns:fes="http://www.opengis.net/fes/2.0">{etree.tostring(copper).decode()}</fes:Filter>'
    found = etree.fromstring(wfs.getfeature("amdis:mines", filter=document, method="Post").read())
    assert found.get("numberMatched") == str(len(rows(server, LAYERS["mines"], "1", "commodity = 'copper'")))


def test_number_matched_is_the_number_published(server: Running) -> None:
    wfs = WebFeatureService(f"{server.url}/wfs", version="2.0.0", timeout=120)
    for name, layer in LAYERS.items():
        root = etree.fromstring(wfs.getfeature(f"amdis:{name}", maxfeatures=1).read())
        assert root.get("numberMatched") == str(count(server, layer))


@needs_gdal
def test_gdal_translates_a_coverage(server: Running, tmp_path: Path) -> None:
    target = tmp_path / "relief.tif"
    cache = ("--config", "GDAL_DEFAULT_WMS_CACHE_PATH", str(tmp_path), "-oo", f"CACHE={tmp_path / 'wcs'}")
    source = f"WCS:{server.url}/wcs?version=2.0.1&coverage=relief"
    gdal("gdal_translate", *cache, "-projwin", "11000000", "1000000", "12000000", "0", source, str(target))
    with rasterio.open(target) as one, rasterio.open(server.settings.region_path / "relief.tif") as original:
        assert one.crs == original.crs
        window = original.window(*one.bounds).round_offsets().round_lengths()
        assert np.abs(one.read().astype(int) - original.read(window=window)).mean() < 1


def test_owslib_describes_and_fetches_a_coverage(server: Running) -> None:
    wcs = WebCoverageService(f"{server.url}/wcs", version="2.0.1", timeout=120)
    assert "relief" in wcs.contents
    assert wcs.contents["relief"].grid.highlimits == ["1536", "1287"]
    body = wcs.getCoverage(
        identifier="relief", format="image/tiff", subsets=[("x", 11_000_000, 12_000_000), ("y", 0, 1_000_000)]
    ).read()
    with rasterio.MemoryFile(body).open() as raster:
        assert raster.bounds == pytest.approx((11_000_000, 0, 12_000_000, 1_000_000))
