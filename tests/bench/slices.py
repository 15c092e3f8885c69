"""Slices and totals of millions of made-up figures: python -m tests.bench --statistics"""

import json
import os
import random
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import psycopg

from app.db.roles import database_urls
from app.statistics.figures import PATH
from app.statistics.selection import CODED
from tests.bench.checks import WrongAnswerError
from tests.bench.cube import FIRST, LAST, TRADED, build, made_of
from tests.bench.figures import aligned
from tests.bench.measure import Measured, Pace, measure
from tests.bench.places import Places, free_port
from tests.bench.servers import PRODUCT, Server, product
from tests.bench.work import Row

WANTED = "p95 <= 200 ms"
_ASKED = 300  # different requests of a row and round
_KEPT = 2_000  # figures that questions about any place in the cube start from
_SOME = """SELECT id, indicator, country, partner, commodity, hs, year FROM statistics.observation
    TABLESAMPLE SYSTEM (0.5) REPEATABLE (1) LIMIT %(limit)s"""

Say = Callable[[str], None]
Asked = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A kind of slice. asked: the parameters of one request, from codes of the cube and a figure of it.

    connections: 1 measures what an answer takes, more what it takes beside others.
    """

    name: str
    title: str
    asked: Callable[[random.Random, Mapping[str, Any], Mapping[str, Any]], Asked]
    path: str = "observations"
    connections: int = 1


def _series(some: random.Random, codes: Mapping[str, Any], _: Mapping[str, Any]) -> Asked:
    parts, metals, countries = (some.choice(codes[name]) for name in ("parts", "metals", "countries"))
    return {"indicator": parts, "commodity": metals, "country": countries}


def _country(some: random.Random, codes: Mapping[str, Any], figure: Mapping[str, Any]) -> Asked:
    return {"country": figure["country"], "commodity": figure["commodity"], "from": some.randint(FIRST, LAST)}


def _partner(some: random.Random, codes: Mapping[str, Any], figure: Mapping[str, Any]) -> Asked:
    return {"partner": some.choice(codes["partners"]), "indicator": some.choice(codes["flows"])}


def _goods(some: random.Random, codes: Mapping[str, Any], figure: Mapping[str, Any]) -> Asked:
    year = some.randint(TRADED, LAST)
    return {"hs": some.choice(codes["codes"]), "hsEdition": codes["edition"], "from": year, "to": year + 2}


def _year(some: random.Random, codes: Mapping[str, Any], figure: Mapping[str, Any]) -> Asked:
    return {"from": figure["year"], "to": figure["year"], "limit": 1000}


def _any(some: random.Random, codes: Mapping[str, Any], figure: Mapping[str, Any]) -> Asked:
    """One to four dimensions of a figure that is there, so that there is something to find."""
    known = [name for name in CODED if figure.get(name) not in (None, "_Z")]
    asked: Asked = {name: figure[name] for name in some.sample(known, some.randint(1, min(4, len(known))))}
    return asked | ({"from": figure["year"] - some.randint(0, 5)} if some.random() < 0.5 else {})


def _behind(some: random.Random, codes: Mapping[str, Any], figure: Mapping[str, Any]) -> Asked:
    """A page from the middle of a slice: that behind a figure of it."""
    return {"indicator": figure["indicator"], "country": figure["country"], "after": figure["id"]}


def _production(some: random.Random, codes: Mapping[str, Any], _: Mapping[str, Any]) -> Asked:
    return {"indicator": some.choice(codes["parts"]), "commodity": some.choice(codes["metals"]), "by": "country"}


def _flow(some: random.Random, codes: Mapping[str, Any], _: Mapping[str, Any]) -> Asked:
    year = some.randint(TRADED, LAST)
    chosen = {name: some.choice(codes[of]) for name, of in (("indicator", "flows"), ("country", "countries"))}
    return {**chosen, "hs": some.choice(codes["codes"]), "by": "partner", "from": year - 5, "to": year}


QUESTIONS: Sequence[Question] = (
    Question("series", "slice: one series", _series),
    Question("country", "slice: country, commodity, years", _country),
    Question("partner", "slice: partner, indicator", _partner),
    Question("goods", "slice: HS code, three years", _goods),
    Question("year", "slice: a year", _year),
    Question("any", "slice: 1 to 4 dimensions of any figure", _any),
    Question("any-4", "slice: the same, 4 at a time", _any, connections=4),
    Question("behind", "slice: page behind any figure", _behind),
    Question("production", "totals: production of a commodity by country", _production, "totals"),
    Question("flow", "totals: trade of a country and HS code by partner", _flow, "totals"),
)


def run(places: Places, figures: int, pace: Pace, say: Say) -> dict[str, Any]:
    """Make the figures if they are not there, and measure every kind of slice. Returns the report."""
    cube = Places(places.folder / "statistics", free_port())
    build(cube, figures, say)
    codes = made_of(figures)
    with ExitStack() as stack:
        say("The product")
        server = stack.enter_context(product(cube))
        with psycopg.connect(database_urls(cube.settings).owner.conninfo()) as connection:
            cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
            found = cursor.execute(_SOME, {"limit": _KEPT * 10}).fetchall()
        kept = random.Random(1).sample(found, min(_KEPT, len(found)))
        rows = [slice_row(question, codes, kept) for question in QUESTIONS]
        for row in rows:
            _check(server, row)
        measured = [one for row in rows for one in measure(row, {PRODUCT: server}, pace, "", say)]
    report = {"figures": figures, "load average": [round(one, 1) for one in os.getloadavg()]}
    report["rows"] = [asdict(one) for one in measured]
    (places.folder / "bench-statistics.json").write_text(json.dumps(report, indent=1))
    return report | {"measured": measured}


def table(report: Mapping[str, Any]) -> str:
    """All figures as text."""
    measured: Sequence[Measured] = report["measured"]
    lines = [("work", "wanted", "per second", "p50 ms", "p95 ms", "p99 ms", "kB", "answers"), *_lines(measured)]
    failures = [f"{one.failed} failures ({one.row}): {one.failures[0][:200]!r}" for one in measured if one.failed]
    busy = report["load average"]
    told = [f"{report['figures']:,} figures; load average at the end {busy[0]}, {busy[1]} in 5 minutes"]
    return "\n".join((aligned(lines), "", *told, *failures))


def _lines(measured: Sequence[Measured]) -> Iterator[tuple[str, ...]]:
    for one in measured:
        rate = f"{one.figure.rate:,.0f}"
        times = (f"{value:,.1f}" for value in (one.figure.p50, one.figure.p95, one.figure.p99))
        yield one.title, one.target, rate, *times, f"{one.kilobytes:,.0f}", f"{one.figure.answers:,}"


def slice_row(question: Question, codes: Mapping[str, Any], kept: Sequence[Mapping[str, Any]]) -> Row:
    """The requests of a kind. codes: of the made-up cube; kept: some of its figures."""

    def asked(_: str, number: int) -> list[str]:
        some = random.Random(f"{question.name} {number}")
        return [_address(question.path, question.asked(some, codes, some.choice(kept))) for _ in range(_ASKED)]

    target = WANTED if question.connections == 1 else ""
    return Row(question.name, question.title, (PRODUCT,), asked, connections=question.connections, target=target)


def _address(path: str, asked: Asked) -> str:
    return f"{PATH}/{path}?{urlencode(asked)}"


def _check(server: Server, row: Row) -> None:
    """Whether slices hold what was asked for, and nothing else. Raises WrongAnswerError."""
    for request in row.asked(PRODUCT, 0)[:5]:
        with urllib.request.urlopen(server.url + request, timeout=60) as answer:
            told = json.load(answer)
        asked = dict(pair.split("=") for pair in request.partition("?")[2].split("&"))
        for one in told.get("observations", []):
            wrong = [name for name in CODED if name in asked and one[name] != asked[name]]
            if wrong or not int(asked.get("from", 0)) <= one["year"] <= int(asked.get("to", 9999)):
                raise WrongAnswerError(f"{request}: figure {one['id']} does not belong there")
        if "totals" in told and any(total["observations"] < 1 for total in told["totals"]):
            raise WrongAnswerError(f"{request}: a total of nothing")
