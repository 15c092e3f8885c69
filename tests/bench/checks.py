"""Whether the servers' answers are right, looked at before anything is timed."""

import gzip
import json
import urllib.request
from collections.abc import Sequence

import psycopg

from tests.bench.native import PG_FEATURESERV
from tests.bench.questions import Page
from tests.bench.servers import BARE, Server

_UNCOUNTED = {BARE, PG_FEATURESERV}  # servers that do not tell how many features match
_COUNT = "SELECT count(*) FROM minerals.mineral_occurrence_current"
_BOX = " WHERE ST_X(shape) BETWEEN %(w)s AND %(e)s AND ST_Y(shape) BETWEEN %(s)s AND %(n)s"

_DRAWN = """SELECT count(*) FROM minerals.mineral_occurrence_current
    WHERE shape && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4326) AND minzoom <= %(z)s"""


class WrongAnswerError(Exception):
    """A server's answer is not what the database says."""


def check_pages(server: Server, requests: Sequence[str], pages: Sequence[Page], conninfo: str) -> None:
    """Compare the first few pages with the database: features in the page, and matching ones in all.

    Raises WrongAnswerError.
    """
    with psycopg.connect(conninfo) as connection:
        for request, page in list(zip(requests, pages, strict=True))[:3]:
            matched = _matched(connection, page)
            with urllib.request.urlopen(server.url + request, timeout=60) as answer:
                found = json.load(answer)
            features = len(found["features"])
            if features != min(page.limit, matched - page.skipped):
                raise WrongAnswerError(f"{server.name}: {request}: {features} features")
            told = found.get("numberMatched")
            if server.name not in _UNCOUNTED and told != matched:
                raise WrongAnswerError(f"{server.name}: {request}: numberMatched {told}, in the database {matched}")


def check_tile(server: Server, request: str, tile: tuple[int, int, int], conninfo: str) -> None:
    """Compare a tile's features with the points to be drawn in it; its margin may add some. Raises WrongAnswerError.

    tile: zoom, row, column.
    """
    zoom, row, column = tile
    with psycopg.connect(conninfo) as connection:
        found = connection.execute(_DRAWN, {"z": zoom, "x": column, "y": row}).fetchone()
    points = int(found[0]) if found else 0
    asked = urllib.request.Request(server.url + request, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        body = answer.read()
        features = features_in(gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body)
    if not points <= features <= 1.1 * points:
        raise WrongAnswerError(f"{server.name}: {request}: {features} features, {points} points are drawn in it")


def features_in(tile: bytes) -> int:
    """Number of features in a Mapbox Vector Tile (fields 3 of the tile are layers, fields 2 of those features)."""
    return sum(1 for layer in _fields(tile, 3) for _ in _fields(layer, 2))


def _fields(message: bytes, wanted: int) -> list[bytes]:
    """The length-delimited fields of that number in a Protocol Buffers message."""
    found, at = [], 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7 == 0:
            _, at = _varint(message, at)
            continue
        if key & 7 != 2:
            raise ValueError(f"wire type {key & 7} is not one of a vector tile's")
        length, at = _varint(message, at)
        if key >> 3 == wanted:
            found.append(message[at : at + length])
        at += length
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _matched(connection: psycopg.Connection, page: Page) -> int:
    values = dict(zip("wsen", page.box, strict=True)) if page.box else {}
    row = connection.execute(_COUNT + (_BOX if page.box else ""), values).fetchone()
    return int(row[0]) if row else 0
