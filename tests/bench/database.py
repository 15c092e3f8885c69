"""What the benchmark does to the database itself: the load, measured beside ogr2ogr, statistics and the peers' view."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from app.db.roles import database_urls
from tests.bench.places import ROOT, Places
from tests.bench.servers import VIEW, VIEW_SCHEMA, properties

_MARK = "# Written by the benchmark:"
_COPY_SCHEMA = "bench_copy"
_ROWS = "SELECT number, identifier FROM minerals.mineral_occurrence_current ORDER BY number"


def load(places: Places) -> None:
    """Load the region by `amdis load`, unless it is loaded; keeps how long it took."""
    kept = places.folder / "load.json"
    if kept.exists():
        return
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "app.cli", "load"], env=places.environment(), cwd=ROOT, check=True)
    kept.write_text(json.dumps({"load": time.perf_counter() - started}))


def listen(places: Places) -> None:
    """Let the private cluster listen on its address from its next start on, for peers without abstract sockets."""
    folder, host = places.home / "postgres", address(places)
    _write_own_lines(folder / "postgresql.conf", [f"listen_addresses = '{host}'"])
    _write_own_lines(folder / "pg_hba.conf", ["host all all 127.0.0.0/8 scram-sha-256"])


def address(places: Places) -> str:
    """The loopback address of a home's cluster: the port is always 5432, and several clusters may run at once."""
    digest = hashlib.sha256(str(places.home).encode()).digest()
    return f"127.{64 + digest[0] % 128}.{digest[1]}.{1 + digest[2] % 254}"


def _write_own_lines(path: Path, lines: Sequence[str]) -> None:
    """Put lines at the end of a file, in the place of those a run before put there."""
    own, _, _ = path.read_text().partition(_MARK)
    path.write_text(own + "\n".join([_MARK, *lines, ""]))


def load_times(places: Places) -> dict[str, float]:
    """Seconds `amdis load` took and seconds ogr2ogr takes to copy the same points and polygons, as they were measured.

    The database has to run. ogr2ogr is left out where it is not installed.
    """
    kept = places.folder / "load.json"
    times: dict[str, float] = json.loads(kept.read_text())
    if "ogr2ogr" not in times and shutil.which("ogr2ogr"):
        times["ogr2ogr"] = _copy(places)
        kept.write_text(json.dumps(times))
    return times


def prepare(places: Places) -> tuple[int, list[int]]:
    """Make the peers' view and do what autovacuum does within minutes of a load.

    Returns the number of the first point and the points in the order of their numbers.
    """
    with psycopg.connect(database_urls(places.settings).owner.conninfo(), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        make_view(connection)
        found = connection.execute(_ROWS).fetchall()
    return int(found[0][0]), [int(identifier.removeprefix("bench-")) for _, identifier in found]


def make_view(connection: psycopg.Connection[Any]) -> None:
    """Make the view of the public columns that the peers read. The connection is the owner's."""
    columns = sql.SQL(", ").join(map(sql.Identifier, (*properties(), "shape")))
    view = sql.Identifier(VIEW_SCHEMA, VIEW)
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(VIEW_SCHEMA)))
    connection.execute(
        sql.SQL("CREATE OR REPLACE VIEW {} AS SELECT {} FROM minerals.mineral_occurrence_current").format(view, columns)
    )


def _copy(places: Places) -> float:
    """Seconds ogr2ogr takes for both files of the region, with COPY and spatial indexes."""
    urls = database_urls(places.settings)
    target = f"PG:{urls.owner.conninfo()} active_schema={_COPY_SCHEMA}"
    open_points = ["-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat", "-a_srs", "EPSG:4326"]
    files: dict[str, list[Any]] = {
        "points": [places.region / "mineral-occurrences.csv", *open_points],
        "polygons": [f"GeoJSONSeq:{places.region / 'geologic-units.geojsonl'}"],
    }
    drop = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(_COPY_SCHEMA))
    with psycopg.connect(urls.owner.conninfo(), autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(_COPY_SCHEMA)))
        started = time.perf_counter()
        try:
            for name, source in files.items():
                command = ["ogr2ogr", "-f", "PostgreSQL", target, *map(str, source), "-nln", f"{_COPY_SCHEMA}.{name}"]
                subprocess.run([*command, "--config", "PG_USE_COPY", "YES"], check=True, capture_output=True)
            return time.perf_counter() - started
        finally:
            connection.execute(drop)
