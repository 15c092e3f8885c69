"""The servers that are measured: the product and its peers, each with two processes over the same rows."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.db.base import table_of
from app.db.roles import DatabaseUrls, database_urls
from app.layers.declarations import read_declarations
from app.minerals.models import MineralOccurrence
from gis.mapserver.pool import MapservPool
from tests.bench.places import PROCESSES, ROOT, Places, free_port
from tests.bench.processes import running, wait_until_serving

PRODUCT, BARE, TIPG, PYGEOAPI, MAPSERV = "amdis", "bare SQL", "tipg", "pygeoapi", "bare mapserv"
VIEW_SCHEMA, VIEW = "bench", "mineral_occurrence"

_PEERS = Path(__file__).parent / "peers"
_PACKAGES = {
    TIPG: ["tipg", "uvicorn", "uvloop", "httptools"],
    PYGEOAPI: ["pygeoapi==0.21.*", "gunicorn", "psycopg2-binary", "geoalchemy2", "pygeofilter[backend-sqlalchemy]"],
}
_START = 60.0  # seconds a peer may take to serve
_LOAD = 900.0  # ... and the product, which loads its region at the first start


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens. address: host and port of an HTTP server, the socket's path of a FastCGI one."""

    name: str
    address: tuple[str, int] | str
    pid: int

    @property
    def protocol(self) -> str:
        """What the load driver is to speak."""
        return "fastcgi" if isinstance(self.address, str) else "http"

    @property
    def url(self) -> str:
        """Address of an HTTP server's root."""
        return f"http://{self.address[0]}:{self.address[1]}"


class PeerMissingError(Exception):
    """A peer cannot be had; the text says why."""


@contextmanager
def product(places: Places) -> Iterator[Server]:
    """`amdis up` on the bench region."""
    log = places.folder / "logs" / "amdis-up.log"
    with running([sys.executable, "-m", "app.cli", "up"], places.environment(), log, ROOT) as pid:
        server = Server(PRODUCT, ("127.0.0.1", places.port), pid)
        wait_until_serving(f"{server.url}/readyz", pid, log, _LOAD)
        yield server


@contextmanager
def bare_sql(places: Places) -> Iterator[Server]:
    """Starlette and one SQL statement, read as the product's public role."""
    urls = database_urls(places.settings)
    environment = {
        "BENCH_DATABASE": urls.public.conninfo(),
        "BENCH_SQL_PAGE": _statement("number > %(after)s"),
        "BENCH_SQL_BOX": _statement(
            "number > %(after)s AND shape && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
        ),
    }
    with _uvicorn(places, BARE, sys.executable, "bare_sql:app", environment, "/items?limit=1") as server:
        yield server


@contextmanager
def tipg(places: Places) -> Iterator[Server]:
    """tipg as published, by uvicorn on a socket with TCP_NODELAY."""
    python = _environment_of(places, TIPG)
    owner = database_urls(places.settings).owner
    environment = {
        "DATABASE_URL": f"postgresql://{owner.user}:{owner.password}@localhost:{owner.port}/{owner.database}",
        "BENCH_SOCKET": f"{owner.host.removeprefix('@')}/.s.PGSQL.{owner.port}",
        "TIPG_DB_SCHEMAS": json.dumps([VIEW_SCHEMA]),
        f"TIPG_TABLE_CONFIG__{VIEW_SCHEMA}_{VIEW}__PK": "identifier",
    }
    path = f"/collections/{VIEW_SCHEMA}.{VIEW}"
    with _uvicorn(places, TIPG, python, "tipg_app:app", environment, path) as server:
        yield server


@contextmanager
def pygeoapi(places: Places) -> Iterator[Server]:
    """pygeoapi as published, its Flask application by gunicorn as in its own container image, with threads."""
    python = _environment_of(places, PYGEOAPI)
    port, folder = free_port(), places.folder / "pygeoapi"
    folder.mkdir(parents=True, exist_ok=True)
    config, openapi = folder / "config.yml", folder / "openapi.yml"
    config.write_text(yaml.safe_dump(_pygeoapi_config(port, database_urls(places.settings))))
    config.chmod(0o600)
    environment = places.environment() | {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    programs = Path(python).parent
    generate = [str(programs / "pygeoapi"), "openapi", "generate", str(config), "--output-file", str(openapi)]
    made = subprocess.run(generate, env=environment, capture_output=True, text=True, check=False)
    if made.returncode:
        raise PeerMissingError(f"its configuration fails: {made.stderr.strip().splitlines()[-1]}")
    command = [str(programs / "gunicorn"), "--workers", str(PROCESSES), "--worker-class", "gthread", "--threads", "4"]
    command += ["--bind", f"127.0.0.1:{port}", "--keep-alive", "60", "pygeoapi.flask_app:APP"]
    log = places.folder / "logs" / "pygeoapi.log"
    with running(command, environment, log, folder) as pid:
        server = Server(PYGEOAPI, ("127.0.0.1", port), pid)
        wait_until_serving(f"{server.url}/collections/{VIEW}/items?f=json&limit=1", pid, log, _START)
        yield server


@contextmanager
def mapserv(places: Places) -> Iterator[Server]:
    """mapserv processes over a mapfile written by hand, asked over FastCGI without a web server in between."""
    folder = places.folder / "mapserv"
    folder.mkdir(parents=True, exist_ok=True)
    mapfile = folder / "bare.map"
    mapfile.touch(0o600)
    text = (_PEERS / "bare.map").read_text()
    mapfile.write_text(text.replace("@CONNECTION@", database_urls(places.settings).public.conninfo()))
    with MapservPool(mapfile, folder / "mapserv.sock", PROCESSES, log=folder / "mapserv.log") as pool:
        yield Server(MAPSERV, str(folder / "mapserv.sock"), pool.pids[0])


PEERS = {BARE: bare_sql, TIPG: tipg, PYGEOAPI: pygeoapi, MAPSERV: mapserv}


@contextmanager
def _uvicorn(
    places: Places, name: str, python: str, application: str, environment: dict[str, str], path: str
) -> Iterator[Server]:
    port = free_port()
    log = places.folder / "logs" / f"{name.replace(' ', '-')}.log"
    command = [python, str(_PEERS / "serve.py"), application, str(port), str(PROCESSES)]
    with running(command, places.environment() | environment, log, _PEERS) as pid:
        server = Server(name, ("127.0.0.1", port), pid)
        wait_until_serving(server.url + path, pid, log, _START)
        yield server


def _environment_of(places: Places, name: str) -> str:
    """The Python of a peer's own environment, made by uv if it is not there. Raises PeerMissingError."""
    folder = places.folder / "peers" / name
    python = folder / "bin" / "python"
    mark = folder / ".installed"
    if mark.exists():
        return str(python)
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if not uv:
        raise PeerMissingError(f"{name}: uv is not installed")
    shutil.rmtree(folder, ignore_errors=True)
    for command in ([uv, "venv", str(folder)], [uv, "pip", "install", "--python", str(python), *_PACKAGES[name]]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PeerMissingError(f"{name} cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    mark.touch()
    return str(python)


def properties() -> Sequence[str]:
    """Names of the fields the product publishes of an occurrence."""
    return [f.name for f in read_declarations().layers["mineral-occurrences"].layer.public_fields]


def _statement(condition: str) -> str:
    names = ", ".join(f'"{name}"' for name in properties())
    table = table_of(MineralOccurrence)
    return f"""SELECT concat('{{"type":"FeatureCollection","features":[', string_agg(concat(
      '{{"type":"Feature","id":"', identifier, '","geometry":', ST_AsGeoJSON(shape, 7), ',"properties":',
      row_to_json((SELECT p FROM (SELECT {names}) AS p)), '}}'), ','), ']}}')
    FROM (SELECT {names}, shape FROM {table.schema}.{table.name}_current WHERE {condition}
      ORDER BY number LIMIT %(limit)s) AS page"""  # noqa: S608  (names of our own, values sent beside it)


def _pygeoapi_config(port: int, urls: DatabaseUrls) -> dict[str, Any]:
    database = {"host": urls.owner.host, "port": urls.owner.port, "dbname": urls.owner.database}
    database |= {"user": urls.owner.user, "password": urls.owner.password, "search_path": [VIEW_SCHEMA]}
    provider = {"type": "feature", "name": "PostgreSQL", "data": database, "id_field": "identifier"}
    provider |= {"table": VIEW, "geom_field": "shape"}
    collection = {
        "type": "collection",
        "title": "Mineral occurrences",
        "description": "The rows of the benchmark",
        "keywords": ["benchmark"],
        "extents": {"spatial": {"bbox": [90, -12, 142, 30], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
        "providers": [provider],
    }
    texts = {"title": "Benchmark", "description": "Benchmark", "keywords": ["benchmark"], "url": "https://example.org"}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "language": "en-US",
            "limits": {"default_items": 10, "max_items": 10000},
            "map": {"url": "http://127.0.0.1/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": texts | {"keywords_type": "theme", "terms_of_service": "none"},
            "license": {"name": "none", "url": "https://example.org"},
            "provider": {"name": "Benchmark", "url": "https://example.org"},
            "contact": {"name": "Benchmark"},
        },
        "resources": {VIEW: collection},
    }
