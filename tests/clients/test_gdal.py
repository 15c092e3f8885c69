"""GDAL as a client: what ogr2ogr takes from the service is what is in the database."""

# SPDX-License-Identifier: Apache-2.0

import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import rasterio
import shapely

from tests.published import LAYERS, count, rows
from tests.running import Running

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("ogrinfo", "ogr2ogr", "gdal_translate"))), reason="GDAL's programs (gdal-bin) are absent"
)

# A GeoPackage has no lists: GDAL writes them as text and warns of it.
LISTS = "does not natively support StringList"
BBOX = (100.0, -5.0, 120.0, 15.0)
AS_PUBLISHED = "ST_AsBinary(ST_GeomFromGeoJSON(ST_AsGeoJSON(shape, 7)))"


def gdal(*command: str) -> str:
    """What a program of GDAL prints; any error or warning of GDAL's fails the test."""
    environ = os.environ | {"CPL_DEBUG": "ON", "GDAL_HTTP_TIMEOUT": "30", "GDAL_CACHEMAX": "64"}
    # Else tiles are kept in the working directory, and asked of no server again.
    environ["GDAL_ENABLE_WMS_CACHE"] = "NO"
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    told = [line for line in done.stderr.splitlines() if re.match(r"(ERROR|Warning) \d+|FAILURE", line)]
    assert (done.returncode, [line for line in told if LISTS not in line]) == (0, []), done.stderr[-3000:]
    return done.stdout + done.stderr


def fetched(server: Running, layer: str, target: Path, *options: str) -> tuple[list[str], dict[str, np.ndarray], str]:
    """Hexadecimal WKB of each feature and its fields as ogr2ogr stores them, and GDAL's own log."""
    log = gdal("ogr2ogr", "-f", "GPKG", str(target), f"OAPIF:{server.url}/ogc", layer, "-oo", "PAGE_SIZE=50", *options)
    meta, _, geometry, columns = pyogrio.raw.read(target, layer=layer)
    fields = dict(zip(meta["fields"], columns, strict=True))
    return [bytes(one).hex() for one in geometry], fields, log


def requests(log: str) -> list[str]:
    """Addresses of pages of items that GDAL asked for."""
    return re.findall(r"Fetch\((\S+/items\?\S*?)\)", log)


def test_every_collection_is_found_with_its_number_of_features(server: Running) -> None:
    listed = gdal("ogrinfo", "-so", "-al", f"OAPIF:{server.url}/ogc")
    found = dict(re.findall(r"^Layer name: (\S+)$.*?^Feature Count: (\d+)$", listed, re.MULTILINE | re.DOTALL))
    assert int(found.pop("records")) > len(LAYERS)
    assert int(found.pop("statistics")) > 3000
    assert found == {name: str(count(server, layer)) for name, layer in LAYERS.items()}


@pytest.mark.parametrize("name", LAYERS)
def test_collection_fetched_page_by_page_is_the_table(server: Running, tmp_path: Path, name: str) -> None:
    layer = LAYERS[name]
    geometry, fields, log = fetched(server, name, tmp_path / "whole.gpkg")
    stored = [bytes(row[0]).hex() for row in rows(server, layer, AS_PUBLISHED)]
    assert len(geometry) == len(stored)
    assert len(set(fields["identifier"])) == len(stored)
    digests = [sha256("".join(sorted(some)).encode()).hexdigest() for some in (geometry, stored)]
    assert digests[0] == digests[1]
    assert len([one for one in requests(log) if "cursor=" in one]) >= (len(stored) - 1) // 50


@pytest.mark.parametrize("name", LAYERS)
def test_attributes_arrive_as_they_are_stored(server: Running, tmp_path: Path, name: str) -> None:
    layer = LAYERS[name]
    _, fields, _ = fetched(server, name, tmp_path / "whole.gpkg")
    names = [one.name for one in layer.public_fields]
    place = {identifier: i for i, identifier in enumerate(fields["identifier"])}
    stored = rows(server, layer, ", ".join(f'"{one}"' for one in names))
    for row in stored[:: max(1, len(stored) // 40)]:
        given = {one: fields[one][place[row[0]]] for one in names}
        assert {k: normal(v) for k, v in given.items()} == {k: normal(v) for k, v in zip(names, row, strict=True)}


def normal(value: Any) -> Any:
    """A value without what a GeoPackage cannot tell: lists are text there, and a missing number is NaN."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, list):
        return f"({len(value)}:{','.join(value)})"
    return value.item() if isinstance(value, np.generic) else value


@pytest.mark.parametrize("name", LAYERS)
def test_box_is_asked_of_the_server_and_gives_what_meets_it(server: Running, tmp_path: Path, name: str) -> None:
    box = [f"{side:g}" for side in BBOX]
    _, fields, log = fetched(server, name, tmp_path / "box.gpkg", "-spat", *box)
    # The first page is asked without the box, for the fields.
    assert requests(log)[1:]
    assert all("bbox=" in one for one in requests(log)[1:])
    meets = "ST_Intersects(shape, ST_MakeEnvelope(%s, %s, %s, %s, 4326))"
    assert sorted(fields["identifier"]) == sorted(
        row[0] for row in rows(server, LAYERS[name], "identifier", meets, *BBOX)
    )


WHERE = {
    "country = 'IDN'": "country = 'IDN'",
    "country = 'IDN' OR country = 'PHL'": "country IN ('IDN', 'PHL')",
    "country = 'IDN' AND name >= 'M'": "country = 'IDN' AND name COLLATE \"C\" >= 'M'",
}


@pytest.mark.parametrize("where", WHERE)
def test_attribute_filter_gives_the_rows_of_the_table(server: Running, tmp_path: Path, where: str) -> None:
    _, fields, log = fetched(server, "mines", tmp_path / "some.gpkg", "-where", where)
    assert sorted(fields["identifier"]) == sorted(
        row[0] for row in rows(server, LAYERS["mines"], "identifier", WHERE[where])
    )
    # The first page is asked without it, for the fields. GDAL 3.6 leaves equality to the server, and not OR.
    assert " OR " in where or any("country=IDN" in one or "filter=" in one for one in requests(log))


@pytest.mark.parametrize("name", [*LAYERS, "relief"])
def test_wms_driver_draws_the_layer(server: Running, tmp_path: Path, name: str) -> None:
    request = f"SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={name}&CRS=CRS:84&BBOX=90,-12,142,30&FORMAT=image/png"
    target = tmp_path / "map.tif"
    gdal("gdal_translate", "-of", "GTiff", "-outsize", "300", "242", f"WMS:{server.url}/wms?{request}", str(target))
    with rasterio.open(target) as picture:
        pixels = picture.read()
    colours = {tuple(pixel) for pixel in pixels.reshape(pixels.shape[0], -1).T}
    assert len(colours) > 2


def test_one_feature_is_found_where_it_lies(server: Running) -> None:
    identifier, x, y = rows(server, LAYERS["mines"], "identifier, ST_X(shape), ST_Y(shape)")[0]
    told = gdal("ogrinfo", "-al", f"OAPIF:{server.url}/ogc", "mines", "-where", f"identifier='{identifier}'")
    points = re.findall(r"POINT \(\S+ \S+\)", told)
    assert len(points) == 1
    assert shapely.from_wkt(points[0]).distance(shapely.Point(x, y)) < 1e-7
