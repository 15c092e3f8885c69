"""The product over millions of points beside the product over the benchmark's own: python -m tests.bench --large"""

import json
import os
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

import psycopg

from app.db.roles import database_urls
from app.minerals.vocabularies import read_vocabularies
from tests.bench import database
from tests.bench.checks import WrongAnswerError
from tests.bench.client import Job
from tests.bench.figures import aligned, quantile
from tests.bench.generate import POINTS, PROVINCES, Choices, extent
from tests.bench.large import build
from tests.bench.measure import Measured, Pace, drive, measure
from tests.bench.native import PG_FEATURESERV, pg_featureserv
from tests.bench.places import Places, free_port
from tests.bench.processes import NotServingError
from tests.bench.questions import Questions
from tests.bench.servers import PRODUCT, VIEW, VIEW_SCHEMA, PeerMissingError, Server, product
from tests.bench.work import GZIP, ITEMS, Row, next_cursor, tile_address

LARGE = "amdis, large"
ZOOMS = range(15)
_TILES = 5  # of a zoom level, the fullest
_PAGE = 1_000
_DEEP = 5_000  # number of the deep page
_MANY = 12  # pages from the deep one on
_FILTER = "positionalAccuracy <> 'about 10 km or worse'"
_DEEP_KEYS = """SELECT key FROM (
    SELECT number AS key, row_number() OVER (ORDER BY number) AS place FROM minerals.mineral_occurrence_current
    WHERE place <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s))
    AND "positionalAccuracy" <> 'about 10 km or worse') AS found
    WHERE place %% %(page)s = 0 AND place / %(page)s BETWEEN %(first)s AND %(last)s ORDER BY place"""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Scaled:
    """A figure at both sizes. small, large: p95 in milliseconds, small None where it is not measured."""

    work: str
    wanted: str
    small: float | None
    large: float
    answers: int


def run(small: Places, points: int, pace: Pace, say: Say) -> dict[str, Any]:
    """Make the large data if they are not there, and measure both sizes at the same time.

    small: the benchmark's own data, loaded. Returns the report.
    """
    large = Places(small.folder / "large", free_port())
    build(large, points, say)
    database.listen(large)
    report: dict[str, Any] = {"points": points, "notes": []}
    with ExitStack() as stack:
        say("The product, twice")
        servers = {PRODUCT: stack.enter_context(product(small))}
        servers[LARGE] = replace(stack.enter_context(product(large)), name=LARGE)
        questions = Questions(points)
        figures = [*_tiles(servers, questions, report, say)]
        rows = _rows(questions)
        _check(servers, rows)
        measured = [measure(row, servers, pace, small.database, say) for row in rows]
        for row, found in zip(rows, measured, strict=True):
            if {one.server for one in found} >= {PRODUCT, LARGE}:
                figures.append(_scaled(row, found))
            else:
                report["notes"].append(f"Not answered at both sizes: {row.title}")
        deep = _deep(stack, large, servers, report, pace, say)
        figures += deep
    report["load average"] = [round(one, 1) for one in os.getloadavg()]
    report["figures"] = [asdict(one) for one in figures]
    report["failures"] = [text for row in measured for one in row for text in one.failures]
    (small.folder / "bench-large.json").write_text(json.dumps(report, indent=1))
    return report


def table(report: Mapping[str, Any]) -> str:
    """All figures as text."""
    lines = [("work", "wanted", f"{POINTS:,}", f"{report['points']:,}", "times", "answers")]
    for one in report["figures"]:
        before = one["small"]
        known = ("", "") if before is None else (f"{before:,.1f}", f"{one['large'] / before:.2f}")
        lines.append((one["work"], one["wanted"], known[0], f"{one['large']:,.1f}", known[1], f"{one['answers']:,}"))
    zooms = ", ".join(f"z{zoom} {took:.0f}" for zoom, took in report["slowest of a zoom level"].items())
    busy = report["load average"]
    told = [f"Slowest tile of each zoom level, large, ms: {zooms}", f"Load average at the end {busy[0]}, {busy[1]}"]
    return "\n".join(("p95, milliseconds", aligned(lines), "", *told, *report["notes"], *report["failures"][:3]))


def _tiles(servers: Mapping[str, Server], questions: Questions, report: dict[str, Any], say: Say) -> Iterator[Scaled]:
    """The fullest tiles of every zoom level, each asked for once of servers that have just been started."""
    tiles = [(zoom, row, column) for zoom in ZOOMS for row, column, _ in questions.fullest(zoom, _TILES)]
    took = {}
    for name in (PRODUCT, LARGE):
        say(f"tiles: {name}")
        addresses = [tile_address(PRODUCT, *tile) for tile in tiles]
        server = servers[name]
        found = drive(Job(server.protocol, server.address, addresses, 0.0, connections=1, headers=GZIP))
        if found["failed"]:
            raise NotServingError(f"{name}: tiles: {found['failures'][0][:200]}")
        took[name] = [1000 * one for one in found["latencies"]]
    slowest: dict[int, float] = {}
    for (zoom, _, _), one in zip(tiles, took[LARGE], strict=True):
        slowest[zoom] = max(slowest.get(zoom, 0.0), one)
    report["slowest of a zoom level"] = slowest
    small, large = (quantile(took[name], 0.95) for name in (PRODUCT, LARGE))
    title = f"tiles z{ZOOMS[0]} to z{ZOOMS[-1]}, the {_TILES} fullest, first time"
    yield Scaled(title, "<= 250 ms", small, large, len(tiles))


def _rows(questions: Questions) -> list[Row]:
    commodities = Choices.of(read_vocabularies()).commodities

    def boxed(row: str, number: int, limit: int, filters: Callable[[int], str]) -> list[str]:
        pages = questions.boxes(row, number, limit)
        return [_address(page.limit, page.box, filters(at)) for at, page in enumerate(pages)]

    def everywhere(filters: Callable[[int], str]) -> list[str]:
        return [_address(100, None, filters(at)) for at in range(PROVINCES)]

    def province(at: int) -> str:
        return f"admin1 = 'Province {at % PROVINCES}'"

    def commodity(at: int) -> str:
        return f"A_CONTAINS(commodityCodes, ('{commodities[at % len(commodities)].code}'))"

    both, wanted = (PRODUCT, LARGE), "<= 1.5 times"
    return [
        Row("bbox", "items limit=1000, bbox", both, lambda _, n: boxed("box", n, 1000, lambda _: ""), target=wanted),
        Row("bbox-text", "items limit=100, bbox, text", both, lambda _, n: boxed("t", n, 100, province), target=wanted),
        Row(
            "bbox-commodity",
            "items limit=100, bbox, commodity",
            both,
            lambda _, n: boxed("c", n, 100, commodity),
            target=wanted,
        ),
        Row("text", "items limit=100, text", both, lambda _, __: everywhere(province), target=wanted),
        Row("commodity", "items limit=100, commodity", both, lambda _, __: everywhere(commodity), target=wanted),
    ]


def _check(servers: Mapping[str, Server], rows: list[Row]) -> None:
    """Whether the first answers of the large server have the features they should. Raises WrongAnswerError."""
    for row in rows:
        for request in row.asked(LARGE, 0)[:3]:
            with urllib.request.urlopen(servers[LARGE].url + request, timeout=60) as answer:
                found = json.load(answer)
            wanted = min(found["numberMatched"], int(request.partition("limit=")[2].partition("&")[0]))
            if not len(found["features"]) == found["numberReturned"] == wanted:
                raise WrongAnswerError(f"{request}: {len(found['features'])} features, not {wanted}")


def _scaled(row: Row, found: list[Measured]) -> Scaled:
    by_name = {one.server: one.figure for one in found}
    large = by_name[LARGE]
    return Scaled(row.title, row.target, by_name[PRODUCT].p95, large.p95, large.answers)


def _deep(
    stack: ExitStack, large: Places, servers: dict[str, Server], report: dict[str, Any], pace: Pace, say: Say
) -> list[Scaled]:
    """Pages far behind: the product by the cursor a client would have, pg_featureserv by offset."""
    west, south, east, north = extent()
    box = (west + 0.5, south + 0.5, east - 0.5, north - 0.5)
    words = {"bbox": ",".join(map(str, box)), "filter": _FILTER}
    cursor = next_cursor(servers[LARGE].url, limit=_PAGE, **words)
    first = min(_DEEP, int(0.9 * (cursor.matched or 0)) // _PAGE - _MANY)
    sides = dict(zip(("west", "south", "east", "north"), box, strict=True))
    with psycopg.connect(database_urls(large.settings).owner.conninfo(), autocommit=True) as connection:
        database.make_view(connection)
        values = sides | {"page": _PAGE, "first": first - 1, "last": first - 2 + _MANY}
        keys = [row[0] for row in connection.execute(_DEEP_KEYS, values).fetchall()]
    try:
        servers[PG_FEATURESERV] = stack.enter_context(pg_featureserv(large))
    except (PeerMissingError, NotServingError) as error:
        report["notes"].append(f"Without {PG_FEATURESERV}: {error}")

    def asked(server: str, _: int) -> list[str]:
        if server == LARGE:
            told = (replace(cursor, key=key).text(()) for key in keys)
            return [f"{ITEMS}?{urlencode({'limit': _PAGE, **words, 'cursor': one})}" for one in told]
        quoted = words | {"filter": f'"positionalAccuracy"{_FILTER.removeprefix("positionalAccuracy")}'}
        offset = (first - 1) * _PAGE
        return [
            f"/collections/{VIEW_SCHEMA}.{VIEW}/items.json?{urlencode(quoted | {'limit': _PAGE, 'offset': offset})}"
        ]

    title = f"page {first:,} of {_PAGE:,} items, bbox, filter"
    row = Row("deep", title, (LARGE, PG_FEATURESERV), asked, connections=1, once=True)
    found = measure(row, servers, replace(pace, rounds=2), "", say)
    report["notes"] += [f"{one.server}: {one.failed} failures" for one in found if one.failed]
    wanted = {LARGE: "<= 150 ms", PG_FEATURESERV: ""}
    return [
        Scaled(f"{title}: {one.server}", wanted[one.server], None, one.figure.p95, one.figure.answers) for one in found
    ]


def _address(limit: int, box: tuple[float, ...] | None, text: str) -> str:
    boxed = {"bbox": ",".join(map(str, box))} if box else {}
    return f"{ITEMS}?{urlencode({'limit': limit, **boxed, **({'filter': text} if text else {})})}"
