"""Drafts, embargoed and withdrawn rows are in no answer of any service: no text, count, extent, tile, map or legend."""

# SPDX-License-Identifier: Apache-2.0

import gzip
import io
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import psycopg
import pyarrow.parquet
import pytest
from lxml import etree
from psycopg import sql

from app.db.base import metadata
from app.releases.states import State
from gis.formats import WRITERS
from gis.tiles import SIZE, WORLD_CRS84_QUAD
from tests.published import LAYERS
from tests.running import Running, running

PARTITIONED = sorted(table.name for table in metadata.tables.values() if table.info.get("partitions"))
HIDDEN = (State.DRAFT, State.EMBARGOED, State.WITHDRAWN)
SECRET = "hidden-secret"
PLACE = (110.123, 1.456)  # where no other site is
FAR = (-150.5, 70.25)  # outside every extent
POINTS = ("mines", "mineral-deposits", "mineral-occurrences", "processing-plants")
AROUND = f"{PLACE[0] - 0.1},{PLACE[1] - 0.1},{PLACE[0] + 0.1},{PLACE[1] + 0.1}"
LIKE = f"identifier LIKE '{SECRET}%'"
FES = (
    '<Filter xmlns="http://www.opengis.net/fes/2.0"><PropertyIsLike wildCard="*" singleChar="?" escapeChar="!">'
    f"<ValueReference>identifier</ValueReference><Literal>{SECRET}*</Literal></PropertyIsLike></Filter>"
)
WFS, WCS = "/wfs?service=WFS&version=2.0.0&request=", "/wcs?service=WCS&version=2.0.1&request="
GET_MAP = "service=WMS&version=1.3.0&request=GetMap&crs=CRS:84&width=64&height=64&format=image/png&transparent=true"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server of its own whose tables hold hidden versions of a row of every layer, started after they were put in."""
    home = tmp_path_factory.mktemp("hiding") / "home"
    with running(home) as server, psycopg.connect(server.urls.app.conninfo()) as connection:
        for table in PARTITIONED:
            for state in HIDDEN:
                hide(connection, table, state, "", PLACE)
                hide(connection, table, state, "-far", FAR)
    with running(home) as server:
        prove_hidden(server)
        with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http:
            yield http


def hide(
    connection: psycopg.Connection[tuple[object, ...]], table: str, state: State, mark: str, place: tuple[float, float]
) -> None:
    """Put a hidden copy of a layer's first row at a place."""
    given = (c for c in metadata.tables[f"minerals.{table}"].columns if c.computed is None)
    columns = [c.name for c in given if c.name not in ("fid", "published")]
    texts = {c.name for c in metadata.tables[f"minerals.{table}"].columns if str(c.type) == "TEXT"}
    secret = sql.Literal(f"{SECRET}-{state}{mark}")
    shape = sql.SQL(
        "ST_SetSRID(ST_Translate(shape, {} - ST_X(ST_Centroid(shape)), {} - ST_Y(ST_Centroid(shape))), 4326)"
    )
    values = {"identifier": secret, "state": sql.Literal(state.value), "shape": shape.format(*place)}
    values |= {name: secret for name in ("name", "source", "country", "commodityGroup") if name in texts}
    statement = sql.SQL("INSERT INTO {0} ({1}) SELECT {2} FROM {3} ORDER BY fid LIMIT 1").format(
        sql.Identifier("minerals", table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(values.get(name, sql.Identifier(name)) for name in columns),
        sql.Identifier("minerals", f"{table}_current"),
    )
    assert connection.execute(statement).rowcount == 1


def prove_hidden(server: Running) -> None:
    """The hidden rows are there to be found."""
    with psycopg.connect(server.urls.app.conninfo()) as connection:
        for table in PARTITIONED:
            query = sql.SQL("SELECT count(*) FROM {} WHERE identifier LIKE {}").format(
                sql.Identifier("minerals", table), sql.Literal(f"{SECRET}%")
            )
            assert connection.execute(query).fetchone() == (2 * len(HIDDEN),)


def plain(answer: httpx.Response) -> bytes:
    """The content freed of every compression, which could hide a text."""
    body = answer.content
    if body[:2] == b"\x1f\x8b":
        return gzip.decompress(body)
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return b"\n".join(archive.read(name) for name in archive.namelist())
    if body[:4] == b"PAR1":
        table = pyarrow.parquet.read_table(io.BytesIO(body))
        return f"{table.to_pylist()} {table.schema.metadata}".encode()
    return body


def of_layer(name: str) -> Iterator[str]:
    """Addresses of everything there is of a layer."""
    layer = f"/ogc/collections/{name}"
    yield from (layer, f"{layer}/queryables", f"{layer}/schema", f"{layer}/styles")
    yield from (f"{layer}/items?{urlencode(query)}" for query in QUERIES)
    yield from whole(name)
    # Files of the other formats are made of the same reading, by a process each.
    yield from (f"{layer}/items?f={kind}&filter={quote(LIKE)}" for kind, one in WRITERS.items() if one.streamed)
    for tiles in (f"{layer}/tiles", f"{layer}/map/tiles"):
        yield from (tiles, f"{tiles}/WebMercatorQuad", f"{tiles}/WorldCRS84Quad", f"{tiles}/WorldCRS84Quad/9/251/825")
        yield from (f"{tiles}/WebMercatorQuad/{tile}" for tile in ("0/0/0", "3/3/6", "6/31/51", "9/253/412"))
    yield f"{layer}/tiles/WebMercatorQuad?f=tilejson"
    yield from (f"{WFS}GetFeature&typenames={name}&filter={quote(FES)}&outputformat={kind}" for kind in WFS_FORMATS)
    yield f"{WFS}GetPropertyValue&typenames={name}&valuereference=identifier&count=10000"
    yield f"{WFS}DescribeFeatureType&typenames={name}"
    info = f"service=WMS&version=1.3.0&request=GetFeatureInfo&crs=CRS:84&styles=&bbox={AROUND}&width=101&height=101"
    info += f"&layers={name}&query_layers={name}&i=50&j=50&feature_count=50&info_format="
    yield from (f"/wms?{info}{kind}" for kind in ("application/geo%2Bjson", "text/plain", "text/html"))
    row, _, column, _ = WORLD_CRS84_QUAD.tiles_of((*PLACE, *PLACE), 12)
    west, south, east, north = WORLD_CRS84_QUAD.box(12, row, column)
    i, j = int((PLACE[0] - west) / (east - west) * SIZE), int((north - PLACE[1]) / (north - south) * SIZE)
    tile = f"layer={name}&style=&format=image/png&tilematrixset=WorldCRS84Quad&tilematrix=12&tilerow={row}"
    tile += f"&tilecol={column}&i={i}&j={j}&infoformat=application/geo%2Bjson"
    yield f"/wmts?service=WMTS&version=1.0.0&request=GetFeatureInfo&{tile}"
    yield f"/wms?service=WMS&version=1.3.0&request=GetLegendGraphic&layer={name}&format=image/png"
    yield from (f"/ogc/collections/records/items/{name}?f={kind}" for kind in ("json", "dcat", "iso", "schemaorg"))
    yield from (f"/datasets/{name}", f"/id/dataset/{name}", f"/id/dataset/{name}/release/1")


def whole(name: str) -> Iterator[str]:
    """Addresses of the features of a layer in every format."""
    yield from (f"/ogc/collections/{name}/items?f={kind}" for kind in WRITERS)
    yield from (f"{WFS}GetFeature&typenames={name}&count=10000&outputformat={kind}" for kind in WFS_FORMATS)


QUERIES: tuple[dict[str, Any], ...] = (
    {"limit": 10_000},
    {"limit": 10_000, "bbox": AROUND},
    {"limit": 10_000, "bbox": "-180,-90,180,90", "asOf": "2026-11-01"},
    {"limit": 10, "f": "html"},
    {"limit": 100, "sortby": "-identifier"},
    {"limit": 100, "properties": "identifier", "skipGeometry": "true"},
    {"limit": 100, "q": SECRET},
    {"limit": 100, "filter": LIKE},
    {"limit": 100, "filter": f"CASEI(identifier) LIKE CASEI('{SECRET.upper()}%') OR NOT (identifier > '')"},
    {"limit": 100, "filter": f"S_INTERSECTS(shape, POINT({PLACE[0]} {PLACE[1]})) AND identifier > '{SECRET}'"},
    {"limit": 100, "crs": "http://www.opengis.net/def/crs/EPSG/0/3857", "filter": LIKE},
    {"limit": 100, "identifier": f"{SECRET}-draft"},
)
WFS_FORMATS = ("application/gml%2Bxml;%20version=3.2", "application/geo%2Bjson", "text/csv", "application/zip")
DOCUMENTS = (
    *("/", "/map", "/datasets", "/api/v1/layers", "/metrics", "/readyz", "/qgis/asean.qgs"),
    *("/ogc", "/ogc/collections", "/ogc/openapi", "/ogc/conformance", "/ogc/styles", "/ogc/stac", "/ogc/tiles"),
    *("/ogc/tiles/WebMercatorQuad", "/ogc/tiles/WebMercatorQuad/0/0/0", "/ogc/tiles/WebMercatorQuad/9/253/412"),
    *(f"/ogc/collections/records/items?limit=1000&f={kind}" for kind in ("json", "html", "dcat")),
    f"/ogc/collections/records/items?q={SECRET}",
    *(f"{path}?q={SECRET}" for path in ("/search", "/api/v1/search", "/api/v1/search/suggest")),
    *(f"/wms?service=WMS&version={version}&request=GetCapabilities" for version in ("1.1.1", "1.3.0")),
    f"{WFS}GetCapabilities",
    f"{WCS}GetCapabilities",
    "/wmts/1.0.0/WMTSCapabilities.xml",
    f"{WFS}DescribeFeatureType",
)


@pytest.mark.parametrize("name", ["", *LAYERS])
def test_hidden_rows_are_in_no_answer(http: httpx.Client, name: str) -> None:
    public = first_of(http, name) if name else b""
    holding = {path for path in whole(name) if not path.endswith("csvw")} if name else frozenset()
    for path in of_layer(name) if name else DOCUMENTS:
        answer = http.get(path, follow_redirects=True)
        assert answer.status_code in (200, 204), (path, answer.text[:300])
        # What was asked for may be repeated.
        told = plain(answer)
        # Without this, a compression that is not undone would hide what is looked for.
        assert path not in holding or public in told, path
        for asked in (LIKE, quote(LIKE), SECRET if "q=" in path or "identifier=" in path else LIKE):
            told = told.replace(asked.encode(), b"")
        told = told.replace(f"{SECRET}%".encode(), b"").replace(quote(f"{SECRET}%").encode(), b"")
        assert SECRET.encode() not in told, path


def first_of(http: httpx.Client, name: str) -> bytes:
    """Identifier of a layer's first public feature."""
    identifier: str = http.get(f"/ogc/collections/{name}/items?limit=1").json()["features"][0]["id"]
    return identifier.encode()


@pytest.mark.parametrize("state", HIDDEN)
def test_hidden_rows_are_not_found_by_their_names(http: httpx.Client, state: str) -> None:
    for mark in ("", "-far"):
        secret = f"{SECRET}-{state}{mark}"
        assert http.get(f"/id/{secret}").status_code == 404
        for name in LAYERS:
            assert http.get(f"/ogc/collections/{name}/items/{secret}").status_code == 404
            assert http.get(f"/ogc/collections/{name}/items/{secret}?asOf=2026-11-01").status_code == 404
            by_id = "urn:ogc:def:query:OGC-WFS::GetFeatureById"
            assert http.get(f"{WFS}GetFeature&storedquery_id={by_id}&id={name}.{secret}").status_code == 404
            found = http.get(f"{WFS}GetFeature&typenames={name}&resourceid={name}.{secret}")
            assert matched(found) == 0


@pytest.mark.parametrize("name", LAYERS)
def test_hidden_rows_are_counted_nowhere(http: httpx.Client, name: str) -> None:
    told = {one["id"]: one for one in http.get("/api/v1/layers").json()["layers"]}
    walked = len(http.get(f"/ogc/collections/{name}/items?limit=10000").json()["features"])
    items = f"/ogc/collections/{name}/items"
    assert told[name]["count"] == walked
    for query in ({}, {"bbox": "-180,-90,180,90"}, {"filter": "identifier > ''"}, {"sortby": "identifier"}):
        assert http.get(items, params=query).json()["numberMatched"] == walked, query
    for query in ({"q": SECRET}, {"filter": LIKE}, {"bbox": "-151,70,-150,71"}, {"identifier": f"{SECRET}-draft"}):
        assert http.get(items, params=query).json()["numberMatched"] == 0, query
    assert matched(http.get(f"{WFS}GetFeature&typenames={name}&resulttype=hits")) == walked
    assert matched(http.get(f"{WFS}GetFeature&typenames={name}&resulttype=hits&filter={quote(FES)}")) == 0
    record = http.get(f"/ogc/collections/records/items/{name}").json()
    assert record["properties"]["numberOfFeatures"] == walked


@pytest.mark.parametrize("state", HIDDEN)
def test_search_finds_no_hidden_row(http: httpx.Client, state: str) -> None:
    for typed in (SECRET, f"{SECRET}-{state}", f"hiden secret {state}", state):
        groups = http.get("/api/v1/search", params={"q": typed, "limit": 100}).json()["groups"]
        found = [result for group in groups for result in group["results"]]
        assert not [one for one in found if SECRET in f"{one['id']} {one['name']} {one['title']}"], typed


def matched(answer: httpx.Response) -> int:
    return int(etree.fromstring(answer.content).get("numberMatched", "-1"))


def test_hidden_rows_stretch_no_extent(http: httpx.Client) -> None:
    boxes = [one["bbox"] for one in http.get("/api/v1/layers").json()["layers"]]
    extents = [one["extent"] for one in http.get("/ogc/collections").json()["collections"] if one["id"] != "statistics"]
    boxes += [box for one in extents for box in one["spatial"]["bbox"]]
    for name in LAYERS:
        boxes.append(http.get(f"/ogc/collections/{name}/tiles/WebMercatorQuad?f=tilejson").json()["bounds"])
        record = http.get(f"/ogc/collections/records/items/{name}").json()
        corners = record["geometry"]["coordinates"][0]
        boxes.append([*map(min, zip(*corners, strict=True)), *map(max, zip(*corners, strict=True))])
    boxes += [box for path in CAPABILITIES for box in boxes_of(etree.fromstring(http.get(path).content))]
    assert len(boxes) > 5 * len(LAYERS)
    for west, south, east, north in boxes:
        assert (west > 80, south > -30, east < 180, north < 60) == (True,) * 4, (west, south, east, north)


CAPABILITIES = (
    "/wms?service=WMS&version=1.3.0&request=GetCapabilities",
    f"{WFS}GetCapabilities",
    "/wmts/1.0.0/WMTSCapabilities.xml",
)


def boxes_of(root: etree._Element) -> Iterator[list[float]]:
    """The boxes in degrees of capabilities."""
    for one in root.iter("{*}EX_GeographicBoundingBox"):
        sides = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
        yield [float(one.findtext(f"{{*}}{side}") or "nan") for side in sides]
    for one in root.iter("{*}WGS84BoundingBox"):
        corners = [one.findtext(f"{{*}}{corner}") or "" for corner in ("LowerCorner", "UpperCorner")]
        yield [float(number) for corner in corners for number in corner.split()]


@pytest.mark.parametrize("name", POINTS)
def test_maps_of_a_place_with_hidden_rows_only_are_empty(http: httpx.Client, name: str) -> None:
    x, y = PLACE
    here, nowhere = f"{x - 0.001},{y - 0.001},{x + 0.001},{y + 0.001}", "0,0,0.002,0.002"
    for more in ("", f"&filter={quote(FES)}", "&time=2020"):
        query = f"/wms?{GET_MAP}&layers={name}&styles={more}&bbox="
        assert http.get(query + here).content == http.get(query + nowhere).content
    # Tiles of the place and of the open sea.
    for tiles in ("tiles", "map/tiles"):
        tile = f"/ogc/collections/{name}/{tiles}/WebMercatorQuad/14"
        assert http.get(f"{tile}/8125/13203").content == http.get(f"{tile}/8191/8192").content
