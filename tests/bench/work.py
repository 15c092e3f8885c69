"""The rows of the table: what is asked of which server, in the words of each."""

import json
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from urllib.parse import parse_qs, urlencode, urlsplit

from gis.paging import Cursor, read_cursor
from tests.bench.native import MARTIN, PG_FEATURESERV, PG_TILESERV
from tests.bench.questions import PIXELS, ZOOM, Box, Page, Questions
from tests.bench.servers import BARE, MAPSERV, PRODUCT, PYGEOAPI, TIPG, VIEW, VIEW_SCHEMA

PageOf = Callable[[Page], str]
Asked = Callable[[str, int], list[str]]
ITEMS = "/ogc/collections/mineral-occurrences/items"
GZIP = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of work. asked: the requests to a server (by name) in a round (by number).

    pages: the same as questions, for the check of the answers. once: each request is sent once, on one connection.
    target: what the design asks of the product. tile: zoom, row and column of the tile asked for, to be checked.
    """

    name: str
    title: str
    servers: Sequence[str]
    asked: Asked
    pages: Callable[[int], list[Page]] | None = None
    connections: int = 4
    once: bool = False
    rounds: int = 0
    compressed: bool = False
    target: str = ""
    tile: tuple[int, int, int] | None = None


def rows(questions: Questions, edition: str) -> list[Row]:
    """All rows, in the order they are run: what has to meet empty caches stands first.

    edition: of the product's data, as its cursors tell it.
    """
    return [*_tiles(questions), *_items(questions, edition), *_maps(questions)]


def _items(questions: Questions, edition: str) -> list[Row]:
    everybody = (PRODUCT, BARE, TIPG, PYGEOAPI, PG_FEATURESERV)
    words = _PAGES | {PRODUCT: partial(_product_page, edition)}
    kinds = (
        ("items", "items limit=100, first page", lambda _: [Page(100)], "10 x tipg, 0.5 x bare SQL"),
        ("items-cursor", "items limit=100, any page", lambda n: questions.pages("any", n, 100), ""),
        ("items-bbox", "items limit=1000, bbox", lambda n: questions.boxes("box", n, 1000), "10 x tipg"),
        (
            "items-deep",
            "items limit=1000, bbox, deep",
            lambda n: questions.boxes("deep", n, 1000, deep=True),
            "<= 150 ms",
        ),
    )
    return [_items_row(name, title, everybody, pages, words, target) for name, title, pages, target in kinds]


def _items_row(
    name: str,
    title: str,
    servers: Sequence[str],
    pages: Callable[[int], list[Page]],
    words: Mapping[str, PageOf],
    target: str,
) -> Row:
    def asked(server: str, number: int) -> list[str]:
        return [words[server](page) for page in pages(number)]

    return Row(name, title, servers, asked, pages, target=target)


def _tiles(questions: Questions) -> list[Row]:
    fullest = questions.tiles[0]
    some = [tile for tile in questions.tiles if tile[2] >= 5000]

    def cached(server: str, _: int) -> list[str]:
        return [tile_address(server, ZOOM, *fullest[:2])]

    def first(server: str, _: int) -> list[str]:
        return [tile_address(server, ZOOM, row, column) for row, column, _ in some]

    points = f"{fullest[2]:,} points"
    return [
        Row(
            "tile-first",
            f"{len(some)} tiles z{ZOOM} of up to {points}, first time",
            (PRODUCT, MARTIN, PG_TILESERV),
            first,
            connections=1,
            once=True,
            rounds=1,
            compressed=True,
            target="<= 150 ms",
        ),
        Row(
            "tile-cached",
            f"tile z{ZOOM}, {points}, again",
            (PRODUCT, TIPG, MARTIN, PG_TILESERV),
            cached,
            compressed=True,
            target=">= 3,000/s",
            tile=(ZOOM, *fullest[:2]),
        ),
    ]


def _maps(questions: Questions) -> list[Row]:
    kept = questions.maps("kept", 0, 20)

    @cache
    def drawn(number: int) -> list[Box]:
        return questions.maps("map", number, 600)

    def uncached(server: str, number: int) -> list[str]:
        return [_map(server, box) for box in drawn(number)]

    def cached(server: str, _: int) -> list[str]:
        return [_map(server, box) for box in kept]

    def whole(server: str, number: int) -> list[str]:
        return [_map(server, box) for box in questions.wholes("whole", number, 3)]

    both = (PRODUCT, MAPSERV)
    return [
        Row("map", "GetMap 512 px, 700 points", both, uncached, target="0.8 x bare mapserv"),
        Row("map-cached", "GetMap 512 px, 700 points, again", (PRODUCT,), cached, target=">= 3,000/s"),
        Row(
            "map-all", "GetMap 512 px, all points, first time", both, whole, connections=1, once=True, target="<= 80 ms"
        ),
    ]


def tile_address(server: str, zoom: int, row: int, column: int) -> str:
    """Path of a tile in the words of a server."""
    if server == TIPG:
        return f"/collections/{VIEW_SCHEMA}.{VIEW}/tiles/WebMercatorQuad/{zoom}/{column}/{row}?f=mvt"
    if server == MARTIN:
        return f"/{VIEW}/{zoom}/{column}/{row}"
    if server == PG_TILESERV:
        return f"/{VIEW_SCHEMA}.{VIEW}/{zoom}/{column}/{row}.pbf"
    return f"/ogc/collections/mineral-occurrences/tiles/WebMercatorQuad/{zoom}/{row}/{column}"


def _product_page(edition: str, page: Page) -> str:
    """Where the link to the page leads, which a client follows from the page before."""
    cursor = Cursor(page.after, (), page.matched, edition=edition).text(()) if page.after else ""
    return f"{ITEMS}?{_query(page, {'cursor': cursor} if cursor else {})}"


def next_cursor(url: str, **asked: object) -> Cursor:
    """The cursor of the link to the second page of a walk: what a client of the product has in its hands.

    url: the server's root. asked: the parameters of the first page.
    """
    with urllib.request.urlopen(f"{url}{ITEMS}?{urlencode(asked)}", timeout=60) as answer:
        links = json.load(answer)["links"]
    following = next(link["href"] for link in links if link["rel"] == "next")
    return read_cursor(parse_qs(urlsplit(following).query)["cursor"][0], ())


def _bare_page(page: Page) -> str:
    return f"/items?{_query(page, {'cursor': str(page.after)} if page.after else {})}"


def _tipg_page(page: Page) -> str:
    return f"/collections/{VIEW_SCHEMA}.{VIEW}/items?{_query(page, _offset(page) | {'f': 'geojson'})}"


def _pg_featureserv_page(page: Page) -> str:
    return f"/collections/{VIEW_SCHEMA}.{VIEW}/items.json?{_query(page, _offset(page))}"


def _pygeoapi_page(page: Page) -> str:
    return f"/collections/{VIEW}/items?{_query(page, _offset(page) | {'f': 'json'})}"


_PAGES: dict[str, PageOf] = {
    BARE: _bare_page,
    TIPG: _tipg_page,
    PYGEOAPI: _pygeoapi_page,
    PG_FEATURESERV: _pg_featureserv_page,
}


def _offset(page: Page) -> dict[str, str]:
    return {"offset": str(page.skipped)} if page.skipped else {}


def _query(page: Page, more: dict[str, str]) -> str:
    box = {"bbox": ",".join(map(str, page.box))} if page.box else {}
    return urlencode({"limit": str(page.limit)} | box | more)


def _map(server: str, box: Box) -> str:
    query = urlencode(
        {
            "SERVICE": "WMS",
            "VERSION": "1.3.0",
            "REQUEST": "GetMap",
            "LAYERS": "mineral-occurrences",
            "STYLES": "",
            "CRS": "CRS:84",
            "BBOX": ",".join(map(str, box)),
            "WIDTH": PIXELS,
            "HEIGHT": PIXELS,
            "FORMAT": "image/png",
        }
    )
    return f"/wms?{query}" if server == PRODUCT else query
