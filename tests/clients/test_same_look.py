"""One style looks the same as MapServer's classes, as SLD there, as QML and SLD in QGIS, and in MapLibre."""

# SPDX-License-Identifier: Apache-2.0

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Route
from psycopg import sql

from gis.layer import Field, FieldType, GeometryType, Layer, Service
from gis.mapserver.writer import MapfileWriter
from gis.service import Contact, ServiceMetadata
from gis.style import Style, StyleClass, Symbol, maplibre_style
from gis.style.qml import qml
from gis.style.shapes import SHAPES
from gis.style.sld import Version, sld
from gis.style.sprite import sprite_index, sprite_png
from tests.clients.qgis import needs_qgis, run_qgis
from tests.e2e.conftest import browser  # noqa: F401  (a fixture)
from tests.gis.mapserver.engine import running_cluster

SIZE = 480
ZOOM = 8  # sizes are those declared there, in every rendering
RESOLUTION = 78271.51696402048 / 2**ZOOM  # metres a pixel
EARTH = 6378137.0
TIPS = 5  # pixels a star may differ: its tips are cut here and there, and MapServer's own star of SLD fills its box
STEP = 80  # pixels between features
HALF = SIZE / 2 * RESOLUTION
MAPLIBRE = Path(__file__).parents[2] / "frontend" / "node_modules" / "maplibre-gl" / "dist"

Picture = NDArray[np.int16]


def degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a pixel."""
    east, north = x * RESOLUTION - HALF, HALF - y * RESOLUTION
    return float(np.degrees(east / EARTH)), float(np.degrees(np.arctan(np.sinh(north / EARTH))))


def ring(x: float, y: float, half: float) -> list[tuple[float, float]]:
    corners = ((-half, -half), (half, -half), (half, half), (-half, half), (-half, -half))
    return [degrees(x + dx, y + dy) for dx, dy in corners]


# Every kind of feature stands at (STEP * n, SIZE / 2), n from 1 on in the order of its values; the last value is in
# no class.
MIDDLE = SIZE / 2
VALUES = ("a", "b", "c", "d", "rest")

GEOMETRIES = {
    GeometryType.POINT: [{"type": "Point", "coordinates": degrees(STEP * n, MIDDLE)} for n in range(1, 6)],
    GeometryType.LINE: [
        {"type": "MultiLineString", "coordinates": [[degrees(STEP * n, 20), degrees(STEP * n, SIZE - 20)]]}
        for n in range(1, 6)
    ],
    GeometryType.POLYGON: [
        {"type": "MultiPolygon", "coordinates": [[ring(STEP * n, MIDDLE, 25)]]} for n in range(1, 6)
    ],
}
TABLES = {GeometryType.POINT: "points", GeometryType.LINE: "lines", GeometryType.POLYGON: "areas"}


def classed(style_id: str, geometry_type: GeometryType, *symbols: Symbol) -> Style:
    *named, rest = symbols
    classes = [StyleClass(f"Class {v}", v, s) for v, s in zip(VALUES, named, strict=False)]
    return Style(style_id, style_id, geometry_type, "kind", (*classes, StyleClass("Rest", None, rest)))


POINTS = classed(
    "points",
    GeometryType.POINT,
    Symbol(size=20, fill="#d55e00", stroke="#000000", stroke_width=2),
    Symbol(size=30, fill="#0072b2", stroke=None),
    Symbol(size=12, fill="#009e73", stroke="#cc79a7", stroke_width=4),
    Symbol(size=24, fill="#e6ab02", fill_opacity=0.5, stroke=None),
    Symbol(size=16, fill="#8c8c8c", stroke="#1f2937", stroke_width=1),
)
SHAPED = classed(
    "shapes",
    GeometryType.POINT,
    *(Symbol(shape=shape, size=24, fill="#0072b2", stroke="#000000", stroke_width=2) for shape in SHAPES[1:]),
)
LINES = classed(
    "lines",
    GeometryType.LINE,
    Symbol(fill=None, stroke="#d55e00", stroke_width=2),
    Symbol(fill=None, stroke="#0072b2", stroke_width=5),
    Symbol(fill=None, stroke="#009e73", stroke_width=4, dash=(4, 2)),
    Symbol(fill=None, stroke="#e6ab02", stroke_width=8),
    Symbol(fill=None, stroke="#8c8c8c", stroke_width=3),
)
AREAS = classed(
    "areas",
    GeometryType.POLYGON,
    Symbol(fill="#d55e00", stroke=None),
    Symbol(fill="#0072b2", fill_opacity=0.5, stroke="#000000", stroke_width=3),
    Symbol(fill=None, stroke="#009e73", stroke_width=6),
    Symbol(fill="#e6ab02", fill_opacity=0.75, stroke=None),
    Symbol(fill="#8c8c8c", stroke="#1f2937", stroke_width=1),
)
STYLES = {style.id: style for style in (POINTS, SHAPED, LINES, AREAS)}


def layer(style: Style) -> Layer:
    return Layer(
        id=style.id,
        title=style.title,
        abstract="",
        keywords=(),
        geometry_type=style.geometry_type,
        schema="look",
        table=TABLES[style.geometry_type],
        fields=(Field("identifier", FieldType.STRING, "Identifier"), Field("kind", FieldType.STRING, "Kind")),
        style=style.id,
        summary=("kind",),
        services=frozenset(Service),
        attribution="",
        licence="",
    )


def collection(geometry_type: GeometryType) -> dict[str, object]:
    features = [
        {"type": "Feature", "properties": {"identifier": kind, "kind": kind}, "geometry": geometry}
        for kind, geometry in zip(VALUES, GEOMETRIES[geometry_type], strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def picture(content: bytes) -> Picture:
    return np.asarray(Image.open(BytesIO(content)).convert("RGB"), np.int16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("look")


class MapServer:
    """mapserv as a program, one request a run."""

    def __init__(self, path: Path, folder: Path) -> None:
        configuration = folder / "mapserver.conf"
        configuration.write_text(f'CONFIG ENV MS_MAPFILE "{path}" END END')
        self._environ = {**os.environ, "MAPSERVER_CONFIG_FILE": str(configuration), "REQUEST_METHOD": "GET"}

    def draw(self, name: str, **more: str) -> Picture:
        asked = {"service": "WMS", "version": "1.3.0", "request": "GetMap", "layers": name, "styles": "", **more}
        asked |= {"crs": "EPSG:3857", "bbox": ",".join(map(repr, (-HALF, -HALF, HALF, HALF))), "format": "image/png"}
        query = urlencode(asked | {"width": str(SIZE), "height": str(SIZE)})
        # A long style does not fit into the environment's room for a query.
        posted = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/x-www-form-urlencoded"}
        environ = self._environ | posted | {"CONTENT_LENGTH": str(len(query))}
        program = "/usr/lib/cgi-bin/mapserv"
        done = subprocess.run(
            [program], input=query.encode(), env=environ, capture_output=True, timeout=300, check=True
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        assert b"image/png" in head, done.stdout[:2000]
        return picture(body)


@pytest.fixture(scope="module")
def mapserver(folder: Path) -> Iterator[MapServer]:
    with running_cluster() as cluster:
        with psycopg.connect(cluster.conninfo()) as connection:
            connection.execute("CREATE SCHEMA look")
            connection.execute("GRANT USAGE ON SCHEMA look TO reader")
            for geometry_type, table in TABLES.items():
                columns = f"fid serial, identifier text, kind text, shape geometry({geometry_type}, 4326)"
                connection.execute(f"CREATE TABLE look.{table} ({columns})")
                rows = [(kind, kind, json.dumps(g)) for kind, g in zip(VALUES, GEOMETRIES[geometry_type], strict=True)]
                insert = sql.SQL("INSERT INTO {} (identifier, kind, shape) VALUES (%s, %s, ST_GeomFromGeoJSON(%s))")
                connection.cursor().executemany(insert.format(sql.Identifier("look", table)), rows)
                connection.execute(f"GRANT SELECT ON look.{table} TO reader")
        service = ServiceMetadata("Look", "Look", (), "http://x", Contact("X"))
        writer = MapfileWriter(folder, [], service, connection=cluster.conninfo("reader"), epsg=())
        maps, _ = writer.write([(layer(style), (style,)) for style in STYLES.values()])
        path = folder / maps.whole()
        yield MapServer(path, folder)


@pytest.fixture(scope="module")
def by_classes(mapserver: MapServer) -> Mapping[str, Picture]:
    return {name: mapserver.draw(name) for name in STYLES}


def by_sld(mapserver: MapServer, version: Version) -> Mapping[str, Picture]:
    return {name: mapserver.draw(name, sld_body=sld(name, style, version).decode()) for name, style in STYLES.items()}


def by_qgis(folder: Path, suffix: str) -> Mapping[str, Picture]:
    """Pictures of QGIS from our QML or SLD files."""
    pictures = []
    for name, style in STYLES.items():
        data, file, drawn = folder / f"{name}.geojson", folder / f"{name}.{suffix}", folder / f"{name}.{suffix}.png"
        data.write_text(json.dumps(collection(style.geometry_type)))
        file.write_bytes(qml(layer(style), style) if suffix == "qml" else sld(name, style))
        pictures.append({"data": str(data), "style": str(file), "picture": str(drawn)})
    run_qgis("draw", folder / "qgis", pictures=pictures, size=SIZE, extent=[-HALF, -HALF, HALF, HALF])
    return {name: picture((folder / f"{name}.{suffix}.png").read_bytes()) for name in STYLES}


PAGE = f"""<!doctype html><link rel=stylesheet href=/maplibre-gl.css>
<style>body {{ margin: 0 }} #map {{ width: {SIZE}px; height: {SIZE}px; background: white }}</style><div id=map></div>"""

DRAW = """async (style) => {
    const { Map, setWorkerUrl } = await import("/maplibre-gl.mjs");
    setWorkerUrl("/maplibre-gl-worker.mjs");
    const map = new Map({ container: "map", style, center: [0, 0], zoom: ZOOM, interactive: false,
        attributionControl: false, fadeDuration: 0, canvasContextAttributes: { preserveDrawingBuffer: true } });
    map.on("error", (event) => { throw event.error });
    await new Promise((done) => map.once("idle", done));
}""".replace("ZOOM", str(ZOOM))


def by_maplibre(browser: Browser) -> Mapping[str, Picture]:  # noqa: F811
    """Pictures of MapLibre in Chromium, from the style document with its tiles replaced by the same features."""

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix("http://look.test")
        if path == "/":
            route.fulfill(body=PAGE, content_type="text/html")
        elif path.startswith("/sprite"):
            if path.endswith(".json"):
                route.fulfill(json=sprite_index())
            else:
                route.fulfill(body=sprite_png(), content_type="image/png")
        else:
            route.fulfill(path=MAPLIBRE / path.removeprefix("/"))

    found = {}
    for name, style in STYLES.items():
        document = maplibre_style(layer(style), style, "", (-180, -85, 180, 85), "http://look.test/sprite")
        document["sources"] = {name: {"type": "geojson", "data": collection(style.geometry_type)}}
        for drawn in document["layers"]:
            del drawn["source-layer"]
        page = browser.new_page(viewport={"width": SIZE, "height": SIZE})
        page.route("**/*", serve)
        page.goto("http://look.test/")
        page.evaluate(DRAW, document)
        found[name] = picture(page.screenshot())
        page.close()
    return found


def blended(symbol: Symbol) -> NDArray[np.float64]:
    """Colour of a fill over white."""
    fill = symbol.fill or "#ffffff"
    colour = np.array([int(fill[i : i + 2], 16) for i in (1, 3, 5)])
    return colour * symbol.fill_opacity + 255 * (1 - symbol.fill_opacity)


def ink(drawn: Picture) -> NDArray[np.bool_]:
    """Where something is drawn, more than a touch of smoothing."""
    return (255 - drawn).max(axis=2) > 100


def extent(drawn: Picture, n: int) -> tuple[int, int]:
    """Width and height in pixels of what is drawn around the n-th place."""
    x, y = STEP * n, int(MIDDLE)
    mask = ink(drawn)[y - 38 : y + 38, x - 38 : x + 38]
    return int(mask.any(axis=0).sum()), int(mask.any(axis=1).sum())


def same(drawn: Mapping[str, Picture], reference: Mapping[str, Picture], *, over_rest: bool = False) -> None:
    """Colours are those declared, and sizes those of the reference within two pixels.

    over_rest: the class for the rest is drawn below all others, so only those that cover it can be compared.
    """
    for name, style in STYLES.items():
        for n, one in enumerate(style.classes, start=1):
            about = f"{name}, {one.title}"
            if over_rest and not covers(one.symbol, style.classes[-1].symbol):
                continue
            if style.geometry_type is GeometryType.LINE:
                _same_line(drawn[name], reference[name], n, one.symbol, about)
                continue
            x, y = STEP * n, int(MIDDLE) + 1
            np.testing.assert_allclose(drawn[name][y, x], blended(one.symbol), atol=8, err_msg=about)
            found, wanted = extent(drawn[name], n), extent(reference[name], n)
            most = TIPS if one.symbol.shape == "star" else 2
            assert np.abs(np.subtract(found, wanted)).max() <= most, f"{about}: {found} pixels, not {wanted}"


def covers(symbol: Symbol, rest: Symbol) -> bool:
    """Whether a symbol leaves nothing to be seen of the one for the rest."""
    if symbol.fill:
        return symbol.fill_opacity == 1
    return rest.fill is None and not symbol.dash and symbol.stroke_width >= rest.stroke_width


def _same_line(drawn: Picture, reference: Picture, n: int, symbol: Symbol, about: str) -> None:
    column = slice(STEP * n - 20, STEP * n + 20)
    found, wanted = (ink(one)[40 : SIZE - 40, column] for one in (drawn, reference))
    assert abs(int(found.any(axis=0).sum()) - int(wanted.any(axis=0).sum())) <= 1, f"{about}: width"
    assert abs(found.any(axis=1).mean() - wanted.any(axis=1).mean()) <= 0.1, f"{about}: dashes"
    colour = np.array([int((symbol.stroke or "")[i : i + 2], 16) for i in (1, 3, 5)])
    pixels = drawn[40 : SIZE - 40, column].reshape(-1, 3)
    assert (np.abs(pixels - colour).max(axis=1) <= 8).any(), f"{about}: nothing in its colour"


def test_mapserver_draws_what_is_declared(by_classes: Mapping[str, Picture]) -> None:
    same(by_classes, by_classes)
    for n, one in enumerate(POINTS.classes, start=1):
        wanted = one.symbol.size + 2 * one.symbol.drawn_stroke
        assert abs(extent(by_classes["points"], n)[0] - wanted) <= 2, one.title


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_mapserver_draws_our_sld_as_its_own_classes(
    mapserver: MapServer, by_classes: Mapping[str, Picture], version: Version
) -> None:
    same(by_sld(mapserver, version), by_classes)


@needs_qgis
@pytest.mark.parametrize("suffix", ["qml", "sld"])
def test_qgis_draws_our_qml_and_sld_as_mapserver(folder: Path, by_classes: Mapping[str, Picture], suffix: str) -> None:
    same(by_qgis(folder, suffix), by_classes, over_rest=suffix == "sld")


@pytest.mark.browser
def test_maplibre_draws_as_mapserver(browser: Browser, by_classes: Mapping[str, Picture]) -> None:  # noqa: F811
    same(by_maplibre(browser), by_classes)


@needs_qgis
@pytest.mark.parametrize("style", [LINES, AREAS], ids=lambda style: style.id)
def test_qgis_reads_the_classes_of_our_maplibre_style(folder: Path, style: Style) -> None:
    """With the style of vector tiles: its colours were those of the rest, and each line was drawn dashed and whole."""
    document = maplibre_style(layer(style), style, "http://look.test/{z}/{y}/{x}", (-180, -85, 180, 85), "")
    found = run_qgis("tiles", folder / "qgis", style=document, field=style.field, values=VALUES)
    for value, one in zip(VALUES, style.classes, strict=True):
        drawn = dict(found[value])
        assert len(found[value]) == len(drawn), f"{one.title} is drawn more than once"
        for kind, wanted in (("fill", one.symbol.fill), ("line", one.symbol.stroke)):
            if wanted:
                assert drawn[kind].lower() == wanted, f"{kind} of {one.title}"
