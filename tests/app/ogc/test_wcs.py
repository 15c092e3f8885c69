"""WCS 2.0: the cells of a raster come out as they are, cut, scaled and moved as asked, and no more of them."""

# SPDX-License-Identifier: Apache-2.0

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
import rasterio
from affine import Affine
from httpx2 import Response
from lxml import etree
from PIL import Image
from rasterio.io import DatasetReader, MemoryFile
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.ogc.answers import Answers
from app.ogc.wcs import Wcs
from gis.mapserver.catalogue import catalogue
from gis.mapserver.fastcgi import FastCGIClient
from gis.mapserver.pool import MapservPool
from gis.mapserver.raster import RasterLayer
from gis.mapserver.writer import MapfileWriter
from gis.raster.grid import grid_of
from tests.gis.mapserver.engine import EPSG, service

NS = {
    "wcs": "http://www.opengis.net/wcs/2.0",
    "ows": "http://www.opengis.net/ows/2.0",
    "gml": "http://www.opengis.net/gml/3.2",
    "swe": "http://www.opengis.net/swe/2.0",
}
LEAKS = re.compile(r"/tmp|\.tif|msWCS|ms[A-Z]\w+\(|GDAL")  # noqa: S108
GRAVITY = np.linspace(-55.5, 1234.25, 200, dtype="float32").reshape(1, 10, 20)
GRAVITY[0, 0, 0] = -9999


@dataclass
class Service:
    http: TestClient

    def ask(self, request: str, *subsets: str, **values: str) -> Response:
        given = {"service": "WCS", "version": "2.0.1", "request": request} | values
        return self.http.get(f"/wcs?{urlencode([*given.items(), *(('subset', one) for one in subsets)])}")

    def raster(self, name: str, *subsets: str, **values: str) -> DatasetReader:
        response = self.ask("GetCoverage", *subsets, coverageid=name, **values)
        assert response.headers["content-type"] == "image/tiff", response.text
        return MemoryFile(response.content).open()


def made(folder: Path, name: str, epsg: int, grid: Affine, values: np.ndarray) -> RasterLayer:
    path = folder / f"{name}.tif"
    count, height, width = values.shape
    profile = {"driver": "GTiff", "width": width, "height": height, "count": count, "dtype": values.dtype}
    nothing = {"nodata": -9999} if values.dtype == np.float32 else {}
    with rasterio.open(path, "w", transform=grid, crs=f"EPSG:{epsg}", **profile, **nothing) as raster:
        raster.write(values)
    return RasterLayer(name, name.title(), "A raster", path, "Survey", (99.0, -4.0, 107.0, 4.0), grid=grid_of(path))


@pytest.fixture(scope="module")
def wcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("coverages")
    colours = np.stack([np.full((4, 16), value, "uint8") for value in (255, 128, 0)])
    rasters = [
        made(folder, "relief", 4326, Affine(0.5, 0, 99, 0, -0.5, -2), colours),
        made(folder, "gravity", 32648, Affine(10_000, 0, 300_000, 0, -10_000, 400_000), GRAVITY),
    ]
    writer = MapfileWriter(folder, rasters, service(), connection="", epsg=EPSG)
    offered = catalogue([], rasters, writer.write([], version=7), title="Maps", epsg=EPSG, releases={}, version=7)
    with MapservPool(folder / "wms.map", folder / "mapserv.sock", 1, log=folder / "mapserv.log") as pool:
        one = Wcs(Answers(FastCGIClient(pool.socket)), lambda: offered)
        with TestClient(Starlette(routes=one.routes())) as http:
            yield Service(http)


def refused(response: Response, status: int) -> tuple[str, str]:
    assert response.status_code == status, response.text[:300]
    error = etree.fromstring(response.content).find("ows:Exception", NS)
    assert error is not None
    assert not LEAKS.search(error.findtext("ows:ExceptionText", "", NS))
    return error.get("exceptionCode", ""), error.get("locator", "")


def test_capabilities_list_the_coverages_in_this_version(wcs: Service) -> None:
    root = etree.fromstring(wcs.http.get("/wcs?service=WCS&request=GetCapabilities").content)
    assert [one.text for one in root.iterfind(".//wcs:CoverageId", NS)] == ["relief", "gravity"]
    assert [one.text for one in root.iterfind(".//ows:ServiceTypeVersion", NS)] == ["2.0.1"]
    assert [one.text for one in root.iterfind(".//wcs:formatSupported", NS)] == ["image/tiff", "image/png"]
    assert root.find(".//ows:Post", NS) is None


def test_description_tells_grid_and_bands(wcs: Service) -> None:
    root = etree.fromstring(wcs.ask("DescribeCoverage", coverageid="gravity").content)
    assert root.findtext(".//gml:high", "", NS) == "19 9"
    assert root.find(".//gml:Envelope", NS).get("srsName").endswith("EPSG/0/32648")  # type: ignore[union-attr]
    both = etree.fromstring(wcs.ask("DescribeCoverage", coverageid="relief,gravity").content)
    names = [one.get("name") for one in both.iterfind(".//swe:field", NS)]
    assert names == ["red", "green", "blue", "gray"]
    assert both.findtext(".//swe:interval", "", NS) == "0 255"


def test_measured_values_come_out_to_the_last_bit(wcs: Service) -> None:
    with wcs.raster("gravity") as raster:
        assert np.array_equal(raster.read(), GRAVITY)
        assert (raster.crs.to_epsg(), raster.nodata) == (32648, -9999)
        assert tuple(raster.bounds) == (300_000, 300_000, 500_000, 400_000)


def test_trimmed_to_a_part_on_its_own_grid(wcs: Service) -> None:
    with wcs.raster("gravity", "x(320000,380000)", "y(350000,*)") as raster:
        assert np.array_equal(raster.read(1), GRAVITY[0, :5, 2:8])


def test_trimmed_in_another_system(wcs: Service) -> None:
    with wcs.raster("gravity", "Long(103.5,104)", "Lat(3,3.2)", subsettingcrs="EPSG:4326") as raster:
        assert raster.crs.to_epsg() == 4326
        assert raster.bounds == pytest.approx((103.5, 3, 104, 3.2))
    with wcs.raster("relief", outputcrs="http://www.opengis.net/def/crs/EPSG/0/3857") as raster:
        assert raster.crs.to_epsg() == 3857
        assert raster.read(1).max() == 255


@pytest.mark.parametrize(
    ("scale", "shape"),
    [
        ({"scalesize": "x(40),y(5)"}, (5, 40)),
        ({"scalefactor": "0.5"}, (5, 10)),
        ({"scaleaxes": "x(2),y(3)"}, (30, 40)),
        ({"scaleextent": "x(0:39),y(10:14)"}, (5, 40)),
        ({"scaleextent": "http://www.opengis.net/def/axis/OGC/1/i(1,5)"}, (10, 5)),
    ],
)
def test_scaled(wcs: Service, scale: dict[str, str], shape: tuple[int, int]) -> None:
    with wcs.raster("gravity", interpolation="bilinear", **scale) as raster:
        assert raster.shape == shape


@pytest.mark.parametrize(
    ("subsets", "scale"),
    [(("x(320000,380000)", "y(350100,350200)"), {}), (("x(320000,380000)",), {"scalefactor": ".01"})],
)
def test_less_than_a_cell_is_where_it_was_asked_for(
    wcs: Service, subsets: tuple[str, ...], scale: dict[str, str]
) -> None:
    with wcs.raster("gravity", *subsets, **scale) as raster:
        assert raster.bounds[::2] == pytest.approx((320_000, 380_000))
        found = raster.read(1)
        if not scale:
            assert raster.bounds[1::2] == pytest.approx((350_100, 350_200))
            assert np.array_equal(found, np.repeat(GRAVITY[0, 4:5, 2:8], len(found), axis=0))
        assert np.isin(found, GRAVITY).all()


def test_degrees_are_not_taken_for_metres(wcs: Service) -> None:
    response = wcs.ask("GetCoverage", "Long(103,104)", "Lat(*,5)", coverageid="gravity")
    assert refused(response, 404) == ("InvalidAxisLabel", "subset")
    assert "SUBSETTINGCRS=http://www.opengis.net/def/crs/EPSG/0/4326" in response.text


def test_a_part_beside_the_coverage_is_told_where_it_is(wcs: Service) -> None:
    response = wcs.ask("GetCoverage", "x(1,2)", coverageid="gravity")
    assert "from 300000 to 500000" in response.text


def test_an_interval_of_bands(wcs: Service) -> None:
    with wcs.raster("relief", rangesubset="green:blue") as raster:
        assert [band.max() for band in raster.read()] == [128, 0]


def test_bands_and_pictures(wcs: Service) -> None:
    with wcs.raster("relief", rangesubset="green") as raster:
        assert raster.count == 1
        assert (raster.read(1) == 128).all()
    response = wcs.ask("GetCoverage", coverageid="relief", format="image/png")
    assert response.headers["content-type"] == "image/png"
    with Image.open(BytesIO(response.content)) as picture:
        assert (picture.size, picture.convert("RGB").getpixel((3, 2))) == ((16, 4), (255, 128, 0))


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"coverageid": "places"}, 404, "NoSuchCoverage"),
        ({"coverageid": "../relief"}, 404, "NoSuchCoverage"),
        ({"coverageid": ""}, 404, "NoSuchCoverage"),
        ({"subset": "x(200,300)"}, 404, "InvalidSubsetting"),
        ({"subset": "x(102,101)"}, 404, "InvalidSubsetting"),
        ({"subset": "x(nan,1)"}, 404, "InvalidSubsetting"),
        ({"subset": "t(1,2)"}, 404, "InvalidAxisLabel"),
        ({"subsettingcrs": "EPSG:1"}, 400, "SubsettingCrs-NotSupported"),
        ({"outputcrs": "init=x"}, 400, "OutputCrs-NotSupported"),
        ({"scalesize": "x(100000),y(1)"}, 400, "InvalidScaleFactor"),
        ({"scalefactor": "1000"}, 400, "InvalidScaleFactor"),
        ({"scalefactor": "-1"}, 400, "InvalidScaleFactor"),
        ({"scaleaxes": "x(1e999)"}, 400, "InvalidScaleFactor"),
        ({"scaleextent": "x(5:1)"}, 400, "InvalidScaleFactor"),
        ({"scaleextent": "x(5)"}, 400, "InvalidScaleFactor"),
        ({"scalesize": "x(1),y(9)"}, 400, "InvalidScaleFactor"),
        ({"rangesubset": "infrared"}, 400, "NoSuchField"),
        ({"rangesubset": "blue:green"}, 400, "NoSuchField"),
        ({"interpolation": "cubic"}, 400, "InterpolationMethodNotSupported"),
        ({"format": "application/netcdf"}, 400, "InvalidParameterValue"),
        ({"mediatype": "multipart/related"}, 400, "OptionNotSupported"),
        ({"version": "1.0.0"}, 400, "InvalidParameterValue"),
        ({"service": "WFS"}, 400, "InvalidParameterValue"),
        ({"request": "Drop"}, 400, "OperationNotSupported"),
        ({"request": ""}, 400, "MissingParameterValue"),
    ],
)
def test_mistakes_have_their_codes(wcs: Service, changes: dict[str, str], status: int, code: str) -> None:
    values = {"service": "WCS", "version": "2.0.1", "request": "GetCoverage", "coverageid": "relief"} | changes
    assert refused(wcs.http.get(f"/wcs?{urlencode(values)}"), status)[0] == code


def test_measured_values_are_no_picture(wcs: Service) -> None:
    assert refused(wcs.ask("GetCoverage", coverageid="gravity", format="image/png"), 400)[1] == "format"
