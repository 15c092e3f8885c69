"""A PostgreSQL of its own with a few known shapes, and the map engine over it: for tests that stop and kill things."""

# SPDX-License-Identifier: Apache-2.0

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import psycopg
import rasterio
from affine import Affine
from PIL import Image

from gis.layer import BBox, Field, FieldType, GeometryType, Layer, Service
from gis.mapserver.catalogue import Catalogue, catalogue
from gis.mapserver.pool import MapservPool
from gis.mapserver.raster import RasterLayer
from gis.mapserver.writer import MapfileWriter
from gis.raster.grid import grid_of
from gis.service import Contact, ServiceMetadata
from gis.style import Label, Style, StyleClass, Symbol

TRICKY = "a\"b'c [d] {e} (f) /g/ %h% <i> & \\j #k é ຫີນ\nEND END INCLUDE '/etc/passwd'"
"""A value and title with everything that means something to MapServer, SQL or HTML."""

EPSG = (32647, 32648)
BOX: BBox = (99.0, -4.0, 107.0, 4.0)
EXTENTS = {"places": BOX, "faults": BOX, "units": BOX}
PUBLIC_URL = "http://maps.example.org"

_SQL = """
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE SCHEMA geo;
CREATE TABLE geo.place_current (fid integer PRIMARY KEY, identifier text UNIQUE, name text, "kindOf" text,
    tonnage float8, visited date, tags text[], secret text, shape geometry(Point, 4326));
CREATE TABLE geo.fault_current (fid integer PRIMARY KEY, identifier text UNIQUE, name text,
    shape geometry(MultiLineString, 4326));
CREATE TABLE geo.unit_current (fid integer PRIMARY KEY, identifier text UNIQUE, name text,
    shape geometry(MultiPolygon, 4326));
INSERT INTO geo.fault_current VALUES (1, 'fault-1', 'Fault', 'SRID=4326;MULTILINESTRING((99 3, 107 3))');
INSERT INTO geo.unit_current VALUES
    (1, 'unit-1', 'Unit', 'SRID=4326;MULTIPOLYGON(((104 -1, 106 -1, 106 1, 104 1, 104 -1)))');
CREATE ROLE reader LOGIN;
GRANT USAGE ON SCHEMA geo TO reader;
GRANT SELECT (fid, identifier, name, "kindOf", tonnage, visited, tags, shape) ON geo.place_current TO reader;
GRANT SELECT ON geo.fault_current, geo.unit_current TO reader;
"""

_PLACES = [
    (1, "place-1", "Gold place", "gold", 12.5, "2024-05-01", ["a", "b"], "SRID=4326;POINT(100 0)"),
    (2, "place-2", "Tin place", "tin", None, None, None, "SRID=4326;POINT(101 0)"),
    (3, "place-3", "<script>alert(1)</script>", TRICKY, 0, None, None, "SRID=4326;POINT(102 0)"),
    (4, "place-4", None, None, None, None, None, "SRID=4326;POINT(103 0)"),
]


class Cluster:
    """One private PostgreSQL in a temporary folder, reached by a unix socket only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))

    def conninfo(self, user: str = "postgres") -> str:
        return f"host={self.folder} port=5432 dbname=postgres user={user}"

    def create(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", "postgres", "-N", "--no-instructions")

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c max_connections=40"
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", str(self.folder / "log"), "-w", "start"
        )

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        drop = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*drop, str(self._bin / program), *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=300
        )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A cluster with the known shapes in it, stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="amdis-map-"))
    cluster = Cluster(folder)
    try:
        cluster.create()
        cluster.start()
        with psycopg.connect(cluster.conninfo()) as connection:
            connection.execute(_SQL)
            connection.cursor().executemany(
                "INSERT INTO geo.place_current VALUES (%s, %s, %s, %s, %s, %s, %s, 'hidden', %s)",
                _PLACES,
            )
        yield cluster
        cluster.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def service() -> ServiceMetadata:
    contact = Contact("Survey", "A Person", "Geologist", "maps@example.org", "+1", "1 Street", "Town", "Country")
    return ServiceMetadata(f"Maps {TRICKY}", "All maps", ("OneGeology", "minerals"), PUBLIC_URL, contact)


def places(**changes: object) -> Layer:
    values: dict[str, object] = {
        "id": "places",
        "title": f"Places {TRICKY}",
        "abstract": "Points",
        "keywords": ("OneGeology", "a, b"),
        "geometry_type": GeometryType.POINT,
        "schema": "geo",
        "table": "place_current",
        "fields": (
            Field("identifier", FieldType.STRING, "Identifier"),
            Field("name", FieldType.STRING, "Name"),
            Field("kindOf", FieldType.STRING, f"Kind {TRICKY}"),
            Field("tonnage", FieldType.NUMBER, "Tonnage"),
            Field("visited", FieldType.DATE, "Visited"),
            Field("tags", FieldType.STRINGS, "Tags"),
            Field("secret", FieldType.STRING, "Secret", public=False),
        ),
        "style": "by-kind",
        "summary": ("name",),
        "services": frozenset(Service),
        "attribution": "Survey",
        "licence": "CC BY 4.0",
        "time_field": "visited",
    }
    return Layer(**(values | changes))  # type: ignore[arg-type]


def _other(name: str, geometry_type: GeometryType, table: str) -> Layer:
    fields = (Field("identifier", FieldType.STRING, "Identifier"), Field("name", FieldType.STRING, "Name"))
    return places(
        id=name,
        title=name.title(),
        geometry_type=geometry_type,
        table=table,
        fields=fields,
        style=name,
        time_field=None,
    )


def by_kind() -> Style:
    classes = (
        StyleClass("Rest", None, Symbol(fill="#8c8c8c", size=20)),
        StyleClass("Gold", "gold", Symbol(fill="#ffcc00", size=20, stroke=None)),
        StyleClass("Tin", "tin", Symbol(shape="square", fill="#0000ff", size=20, stroke="#ff0000", stroke_width=4)),
        StyleClass(f"Tricky {TRICKY}", TRICKY, Symbol(shape="star", fill="#00aa00", size=20)),
    )
    return Style("by-kind", f"By kind {TRICKY}", GeometryType.POINT, "kindOf", classes, Label("name", 12))


def by_name() -> Style:
    """An alternative style, by another field."""
    classes = (
        StyleClass("Tin place", "Tin place", Symbol(fill="#00ffff", size=20, stroke=None)),
        StyleClass("Rest", None, Symbol(fill="#102030", size=20, stroke=None)),
    )
    return Style("by-name", "By name", GeometryType.POINT, "name", classes, Label("name", 12), "Places by their name.")


def published() -> list[tuple[Layer, tuple[Style, ...]]]:
    line = StyleClass("Fault", None, Symbol(fill=None, stroke="#aa00aa", stroke_width=6))
    area = StyleClass("Unit", None, Symbol(fill="#336699", stroke="#000000", stroke_width=4))
    return [
        (places(), (by_kind(), by_name())),
        (
            _other("faults", GeometryType.LINE, "fault_current"),
            (Style("faults", "Faults", GeometryType.LINE, None, (line,)),),
        ),
        (
            _other("units", GeometryType.POLYGON, "unit_current"),
            (Style("units", "Units", GeometryType.POLYGON, None, (area,)),),
        ),
    ]


@dataclass
class Engine:
    """The engine over a cluster: its pool, its catalogue and where its files are."""

    cluster: Cluster
    pool: MapservPool
    catalogue: Catalogue
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "mapserv.log").read_text(errors="replace")


@contextmanager
def running_engine(cluster: Cluster, processes: int = 2) -> Iterator[Engine]:
    folder = Path(tempfile.mkdtemp(prefix="amdis-wms-"))
    relief = make_raster(folder)
    writer = MapfileWriter(folder, [relief], service(), connection=cluster.conninfo("reader"), epsg=EPSG)
    files = writer.write(published(), extents=EXTENTS, times={"places": ("2020-01-01", "2024-05-01")}, version=7)
    offered = catalogue(
        published(), [relief], files, title="Maps", epsg=EPSG, releases={"places": 3}, version=7, base_url=PUBLIC_URL
    )
    path = folder / offered.maps.whole()
    try:
        with MapservPool(path, folder / "mapserv.sock", processes, log=folder / "mapserv.log") as pool:
            yield Engine(cluster, pool, offered, folder)
    finally:
        shutil.rmtree(folder)


def make_raster(folder: Path) -> RasterLayer:
    """A small raster, orange all over, at the south of the box."""
    path = folder / "relief.tif"
    profile = {"driver": "GTiff", "width": 16, "height": 4, "count": 3, "dtype": "uint8", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", transform=Affine(0.5, 0, 99, 0, -0.5, -2), **profile) as raster:
        raster.write(np.stack([np.full((4, 16), value, "uint8") for value in (255, 128, 0)]))
    return RasterLayer("relief", "Relief", "A raster", path, "Survey", (99.0, -4.0, 107.0, -2.0), grid=grid_of(path))


def get_map(layers: str = "places", **changes: str) -> str:
    """The query of a map of the whole box, 100 pixels a degree."""
    values = {
        "service": "WMS",
        "version": "1.3.0",
        "request": "GetMap",
        "layers": layers,
        "styles": "",
        "crs": "CRS:84",
        "bbox": "99,-4,107,4",
        "width": "800",
        "height": "800",
        "format": "image/png",
    }
    return urlencode(values | changes)


def get_info(layers: str = "places", place: tuple[int, int] = (100, 400), **changes: str) -> str:
    """The query of the features at a pixel of that map."""
    values = {"query_layers": layers, "i": str(place[0]), "j": str(place[1]), "info_format": "application/json"}
    return get_map(**({"layers": layers, "request": "GetFeatureInfo"} | values | changes))


def picture(body: bytes) -> Image.Image:
    return Image.open(BytesIO(body)).convert("RGBA")


def colour(body: bytes, place: tuple[int, int]) -> tuple[int, ...]:
    """Red, green, blue and alpha of a pixel."""
    found = picture(body).getpixel(place)
    assert isinstance(found, tuple)
    return found


def colours(body: bytes) -> set[tuple[int, ...]]:
    """Every colour of a picture."""
    return {found for _, found in picture(body).getcolors(1 << 24)}  # type: ignore[union-attr, misc]
