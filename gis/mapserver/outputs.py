"""What the map service can answer with: picture formats, feature information formats and their MapServer set-up."""

# SPDX-License-Identifier: Apache-2.0

from typing import Any

from gis.mapserver.raster import RasterLayer
from gis.raster.grid import Grid

MAX_PIXELS = 4096
"""Greatest width and height of a map, in pixels."""

PNG, PNG8, JPEG = "image/png", "image/png; mode=8bit", "image/jpeg"
TEXT, HTML, JSON, GEOJSON, GML = (
    "text/plain",
    "text/html",
    "application/json",
    "application/geo+json",
    "application/vnd.ogc.gml",
)


GML32 = "application/gml+xml; version=3.2"
CSV, ZIP = "text/csv", "application/zip"
TIFF = "image/tiff"


_MODES = {"uint8": "BYTE", "int16": "INT16"}


def image_types() -> tuple[str, ...]:
    """Media types of maps, the best first."""
    return PNG, PNG8, JPEG


def info_types() -> tuple[str, ...]:
    """Media types of feature information that need naming; MapServer adds GML by itself."""
    return TEXT, HTML, JSON, GEOJSON


def output_formats() -> list[dict[str, Any]]:
    """The OUTPUTFORMAT blocks of the mapfile."""
    return [
        # Measured on 700 points at 512 px: compression 1 is a third faster than 6 for 10 % more bytes.
        # GAMMA closes the pale seams that antialiasing leaves between neighbouring polygons.
        _picture("png", PNG, "AGG/PNG", "png", "RGB", ["COMPRESSION=1", "GAMMA=0.75"]),
        _picture("png8", PNG8, "AGG/PNG", "png", "RGB", ["QUANTIZE_FORCE=ON", "QUANTIZE_COLORS=256", "GAMMA=0.75"]),
        _picture("jpeg", JPEG, "AGG/JPEG", "jpg", "RGB", ["QUALITY=85", "GAMMA=0.75"]),
        _features("geojson", JSON),
        _features("geojson-geo", GEOJSON),
    ]


def _picture(name: str, media: str, driver: str, extension: str, mode: str, options: list[str]) -> dict[str, Any]:
    return {
        "__type__": "outputformat",
        "name": name,
        "driver": driver,
        "mimetype": media,
        "imagemode": mode,
        "extension": extension,
        "formatoption": options,
    }


def _features(name: str, media: str) -> dict[str, Any]:
    # In the map's coordinates: GDAL's own way to RFC 7946 takes MapServer's longitudes for latitudes.
    return _download(name, "OGR/GEOJSON", media, ["FORM=simple", "STORAGE=memory"])


def feature_formats() -> list[dict[str, Any]]:
    """The OUTPUTFORMAT blocks of feature downloads besides GML, which MapServer has built in."""
    simple = ["FORM=simple", "STORAGE=stream"]
    return [
        _download("geojson", "OGR/GEOJSON", GEOJSON, [*simple, "FILENAME=features.json", "LCO:COORDINATE_PRECISION=7"]),
        _download("csv", "OGR/CSV", CSV, [*simple, "FILENAME=features.csv", "LCO:GEOMETRY=AS_WKT"]),
        _download(
            "shapefile",
            "OGR/ESRI Shapefile",
            ZIP,
            # In a folder of its own for the time it takes: in memory MapServer 8.0 can make one archive a process.
            ["FORM=zip", "STORAGE=filesystem", "FILENAME=features.zip", "LCO:ENCODING=UTF-8"],
        ),
    ]


def coverage_formats(raster: RasterLayer, grid: Grid) -> list[dict[str, Any]]:
    """The OUTPUTFORMAT blocks of one coverage: MapServer takes the type of the values and of none from the format."""
    options = ["COMPRESS=DEFLATE", "FILENAME=coverage.tif"]
    if grid.nothing is not None:
        options.append(f"NULLVALUE={grid.nothing:.17g}")
    mode = _MODES.get(grid.kind, "FLOAT32")
    found = [{**_download(f"tiff-{raster.id}", "GDAL/GTiff", coverage_media(raster.id, TIFF), options)}]
    if mode == "BYTE":
        found.append(
            _download(f"png-{raster.id}", "GDAL/PNG", coverage_media(raster.id, PNG), ["FILENAME=coverage.png"])
        )
    return [{**one, "imagemode": mode} for one in found]


def coverage_media(name: str, media: str) -> str:
    """What MapServer calls a media type for one coverage."""
    return f"{media}; coverage={name}"


def _download(name: str, driver: str, media: str, options: list[str]) -> dict[str, Any]:
    return {
        "__type__": "outputformat",
        "name": name,
        "driver": driver,
        "mimetype": media,
        "imagemode": "FEATURE",
        "formatoption": options,
    }
