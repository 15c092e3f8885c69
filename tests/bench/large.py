"""Millions of points put straight among the published rows: what publishing would leave behind, without its steps.

The points are those of tests.bench.generate, in the order and with the ranks and texts a publication gives them. The
loader would take an hour for ten million and is measured elsewhere.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import psycopg
import sqlalchemy as sa

from app.db.base import table_of
from app.db.embedded import database
from app.db.roles import DatabaseUrls
from app.layers.declarations import read_declarations
from app.minerals.vocabularies import read_vocabularies
from app.releases.datasets import lock_dataset
from app.releases.models import Release
from app.releases.runs import refresh_runs
from app.releases.texts import refresh_texts, write_texts
from gis.rank import lowest_zooms
from tests.bench.generate import ACCURACIES, PROVINCES, Choices, coordinates, picks, write_empty_region
from tests.bench.places import ROOT, Places
from tests.bench.processes import NotServingError

POINTS = 10_000_000
LAYER = "mineral-occurrences"
_SCHEMA = "bench"
_CHUNK = 250_000
_BYTES = 2_600  # a point takes on the disk: row, text, indexes, and the write-ahead log in passing

# For a database that is made again when the machine fails meanwhile.
WHILE_FILLING = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "maintenance_work_mem": "1GB",
    "work_mem": "256MB",
}

# PostgreSQL's binary COPY, as numpy writes it: a header, rows of a count and of values with their sizes, an end mark.
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_PICKS = ("main", "second", "kind", "model", "country", "name", "accuracy")
_COLUMNS = (("n", "i4"), ("lon", "f8"), ("lat", "f8"), ("zoom", "i2"), *((name, "i4") for name in _PICKS))
_SQL_TYPES = {"i2": "smallint", "i4": "integer", "f8": "double precision"}

_PLACED = f"""CREATE UNLOGGED TABLE {_SCHEMA}.placed AS
    SELECT row_number() OVER (ORDER BY shape) AS place, *
    FROM (SELECT ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS shape, * FROM {_SCHEMA}.point) AS point"""  # noqa: S608  (our own names)

_ROWS = f"""INSERT INTO minerals.mineral_occurrence (
        number, minzoom, shape, identifier, name, "mineralOccurrenceType", commodity, "mineralDepositModel",
        "observationMethod", "positionalAccuracy", source, "mineralOccurrenceType_uri", "representativeCommodity_uri",
        "mineralDepositModel_uri", country, admin1, "commodityGroup", "commodityCodes", "sourceId", "sourceUrl",
        licence, state, submission_id, content_hash, published)
    SELECT %(first)s + place - 1, zoom, shape, 'bench-' || lpad(n::text, 7, '0'),
        (%(capitals)s::text[])[main + 1] || ' ' || (%(kinds)s::text[])[kind + 1] || ' ' || name,
        (%(kinds)s::text[])[kind + 1],
        (%(labels)s::text[])[main + 1] || ', ' || (%(labels)s::text[])[second + 1],
        (%(models)s::text[])[model + 1], 'made up', (%(accuracies)s::text[])[accuracy + 1], 'Benchmark',
        (%(kind_uris)s::text[])[kind + 1], (%(uris)s::text[])[main + 1], (%(model_uris)s::text[])[model + 1],
        (%(countries)s::text[])[country + 1], 'Province ' || name %% %(provinces)s, (%(groups)s::text[])[main + 1],
        ARRAY[(%(codes)s::text[])[main + 1], (%(codes)s::text[])[second + 1]], n::text, 'https://example.org/',
        'public domain', 'current', %(chunk)s, sha256(n::text::bytea), tstzrange(now(), NULL)
    FROM {_SCHEMA}.placed WHERE place > %(behind)s AND place <= %(last)s ORDER BY place"""  # noqa: S608  (our own names)

_EXTENT = """SELECT count(*), min(ST_X(shape)), min(ST_Y(shape)), max(ST_X(shape)), max(ST_Y(shape))
    FROM minerals.mineral_occurrence_current"""

Say = Callable[[str], None]


def build(places: Places, points: int, say: Say) -> None:
    """Make the data home with so many points, unless it is there. Raises NotServingError when the disk is too small."""
    mark = places.folder / "points.json"
    if mark.exists() and json.loads(mark.read_text())["points"] == points:
        return
    mark.unlink(missing_ok=True)
    shutil.rmtree(places.home, ignore_errors=True)
    places.folder.mkdir(parents=True, exist_ok=True)
    free, needed = shutil.disk_usage(places.folder).free, points * _BYTES
    if free < 1.2 * needed:
        text = f"{points:,} points take {needed / 1e9:.0f} GB of disk, {free / 1e9:.0f} are free: ask for fewer by"
        raise NotServingError(f"{text} --points, or set AMDIS_HOME to a folder elsewhere.")
    write_empty_region(places.region)
    subprocess.run([sys.executable, "-m", "app.cli", "load"], env=places.environment(), cwd=ROOT, check=True)
    started = time.perf_counter()
    with database(places.settings, "amdis bench --large", WHILE_FILLING) as urls:
        fill(urls, points, say)
    mark.write_text(json.dumps({"points": points, "seconds": round(time.perf_counter() - started)}))


def fill(urls: DatabaseUrls, points: int, say: Say, chunk: int = _CHUNK) -> None:
    """Fill the layer of an empty database: rows in chunks, their texts written beside the next chunk's rows."""
    engine = sa.create_engine(urls.owner.sqlalchemy())
    published = read_declarations().layers[LAYER]
    table = table_of(published.model)
    _place_points(urls, points, say)
    with engine.begin() as connection:
        lock_dataset(connection, LAYER)
        refresh_texts(connection, table, published.layer)  # notes how texts are made: those of no rows yet
        late = [index for index in table.indexes if "submission_id" not in index.columns]
        for index in late:
            index.drop(connection)

    def write(number: int) -> None:
        with engine.begin() as connection:
            write_texts(connection, table, published.layer, number)

    with psycopg.connect(urls.owner.conninfo(), autocommit=True) as rows, ThreadPoolExecutor(1) as beside:
        values = _values() | {"first": _first_number(rows, points)}
        pending: Future[None] | None = None
        for number, behind in enumerate(range(0, points, chunk), start=1):
            last = min(behind + chunk, points)
            rows.execute(_ROWS, values | {"behind": behind, "last": last, "chunk": number})
            if pending:
                pending.result()
            pending = beside.submit(write, number)
            say(f"Rows: {last:,}")
        if pending:
            pending.result()
    _finish(engine, urls, late, say)
    with engine.begin() as connection:
        refresh_runs(connection, table, published.layer)
    with psycopg.connect(urls.owner.conninfo(), autocommit=True) as connection:
        connection.execute("ANALYZE releases.run")
    engine.dispose()


def _place_points(urls: DatabaseUrls, points: int, say: Say) -> None:
    """Fill bench.placed: the points with their ranks and picks, numbered along the Hilbert curve of PostGIS."""
    say("Positions and ranks")
    rows = _made(points)
    columns = ", ".join(f"{name} {_SQL_TYPES[kind]}" for name, kind in _COLUMNS)
    with psycopg.connect(urls.owner.conninfo(), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
        connection.execute(f"CREATE UNLOGGED TABLE {_SCHEMA}.point ({columns})")
        with connection.cursor() as cursor, cursor.copy(f"COPY {_SCHEMA}.point FROM STDIN (FORMAT binary)") as stream:
            stream.write(_HEADER)
            for start in range(0, points, _CHUNK):
                stream.write(rows[start : start + _CHUNK].tobytes())
            stream.write(_END)
        say("Order along the Hilbert curve")
        connection.execute(_PLACED)
        connection.execute(f"DROP TABLE {_SCHEMA}.point")
        connection.execute(f"CREATE INDEX ON {_SCHEMA}.placed USING brin (place)")
        connection.execute(f"ANALYZE {_SCHEMA}.placed")


def _made(points: int) -> np.ndarray[Any, Any]:
    """Rows of bench.point as binary COPY takes them."""
    layer = read_declarations().layers[LAYER].layer
    lon, lat = coordinates(points)
    sizes = {name: int(kind[1]) for name, kind in _COLUMNS}
    fields = [part for name, kind in _COLUMNS for part in ((f"{name} size", ">i4"), (name, f">{kind}"))]
    rows = np.zeros(points, dtype=np.dtype([("values", ">i2"), *fields]))
    rows["values"] = len(_COLUMNS)
    for name, size in sizes.items():
        rows[f"{name} size"] = size
    rows["n"], rows["lon"], rows["lat"] = np.arange(points), lon, lat
    rows["zoom"] = lowest_zooms(lon, lat, np.zeros(points, dtype=np.int32), layer.maxzoom)
    for name, column in zip(_PICKS, picks(points, Choices.of(read_vocabularies())).T, strict=True):
        rows[name] = column
    return rows


def _values() -> dict[str, Any]:
    choices = Choices.of(read_vocabularies())
    return {
        "labels": [term.label for term in choices.commodities],
        "capitals": [term.label.capitalize() for term in choices.commodities],
        "uris": [term.uri for term in choices.commodities],
        "codes": [term.code for term in choices.commodities],
        "groups": [term.extra["group"] for term in choices.commodities],
        "kinds": [term.label for term in choices.types],
        "kind_uris": [term.uri for term in choices.types],
        "models": [term.label for term in choices.models],
        "model_uris": [term.uri for term in choices.models],
        "countries": list(choices.countries),
        "accuracies": list(ACCURACIES),
        "provinces": PROVINCES,
    }


def _first_number(connection: psycopg.Connection[Any], points: int) -> int:
    """Take so many numbers from the sequence of features; returns the first."""
    sequence = "pg_get_serial_sequence('releases.feature_text', 'number')"
    first = _one(connection, f"SELECT nextval({sequence})")
    connection.execute(f"SELECT setval({sequence}, %s)", (first + points - 1,))
    return first


def _finish(engine: sa.Engine, urls: DatabaseUrls, late: Sequence[sa.Index], say: Say) -> None:
    with psycopg.connect(urls.owner.conninfo(), autocommit=True) as connection:
        connection.execute(f"DROP TABLE {_SCHEMA}.placed")

    def create(index: sa.Index) -> None:
        with engine.begin() as connection:
            index.create(connection)

    say(f"{len(late)} indexes")
    with ThreadPoolExecutor(2) as both:
        list(both.map(create, late))
    say("Release and statistics")
    with psycopg.connect(urls.owner.conninfo(), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) minerals.mineral_occurrence")
        connection.execute("VACUUM (ANALYZE) releases.feature_text")
        found = connection.execute(_EXTENT).fetchone()
    with engine.begin() as sqlalchemy:
        sqlalchemy.execute(sa.insert(Release).values(**_release(found or (0, None, None, None, None))))


def _release(found: Sequence[Any]) -> Mapping[str, Any]:
    """found: number of rows; west, south, east and north of them."""
    told = {"layer": LAYER, "number": 1, "published_by": "amdis bench", "note": "Made-up points"}
    counts = {"added": found[0], "changed": 0, "removed": 0, "total": found[0], "content_hash": b"bench"}
    return told | counts | dict(zip(("west", "south", "east", "north"), found[1:], strict=True))


def _one(connection: psycopg.Connection[Any], statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
