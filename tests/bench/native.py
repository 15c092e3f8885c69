"""Peers that are compiled: built once, by the tool chain of their language, into the benchmark's folder.

They know neither abstract sockets nor libpq, so the private cluster listens on a loopback address for them.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from app.db.roles import database_urls
from app.layers.declarations import read_declarations
from tests.bench.database import address
from tests.bench.places import PROCESSES, Places, free_port
from tests.bench.processes import running, wait_until_serving
from tests.bench.servers import VIEW, VIEW_SCHEMA, PeerMissingError, Server

PG_FEATURESERV, PG_TILESERV, MARTIN = "pg_featureserv", "pg_tileserv", "martin"

_GO = {
    PG_FEATURESERV: ("github.com/CrunchyData/pg_featureserv", "v1.3.1"),
    PG_TILESERV: ("github.com/CrunchyData/pg_tileserv", "v1.0.11"),
}
_MARTIN_VERSION = "1.14.0"
_START = 60.0
_BUILD = 2400.0  # seconds; martin takes a quarter of an hour on one core


@contextmanager
def pg_featureserv(places: Places) -> Iterator[Server]:
    """pg_featureserv, one process of as many threads as the others have processes."""
    program = _built_by_go(places, PG_FEATURESERV)
    port = free_port()
    settings = f"""[Server]
HttpHost = "127.0.0.1"
HttpPort = {port}
WriteTimeoutSec = 120
DisableUi = true
[Paging]
LimitDefault = 10
LimitMax = 10000
[Database]
DbConnection = "{_url(places)}"
TableIncludes = ["{VIEW_SCHEMA}"]
"""
    path = f"/collections/{VIEW_SCHEMA}.{VIEW}.json"
    with _with_file(places, PG_FEATURESERV, program, "toml", settings, port, path) as server:
        yield server


@contextmanager
def pg_tileserv(places: Places) -> Iterator[Server]:
    """pg_tileserv, one process of as many threads as the others have processes."""
    program = _built_by_go(places, PG_TILESERV)
    port = free_port()
    settings = f'HttpHost = "127.0.0.1"\nHttpPort = {port}\nDbConnection = "{_url(places)}"\n'
    path = f"/{VIEW_SCHEMA}.{VIEW}.json"
    with _with_file(places, PG_TILESERV, program, "toml", settings, port, path) as server:
        yield server


@contextmanager
def martin(places: Places) -> Iterator[Server]:
    """martin with the properties the product's tiles have, and its own tile cache as it comes."""
    program = _built_by_cargo(places)
    port = free_port()
    layer = read_declarations().layers["mineral-occurrences"].layer
    kinds = {field.name: "text" for field in layer.tile_fields}
    source = {"schema": VIEW_SCHEMA, "table": VIEW, "srid": 4326, "geometry_column": "shape", "geometry_type": "POINT"}
    settings = {
        "listen_addresses": f"127.0.0.1:{port}",
        "worker_processes": PROCESSES,
        "postgres": {
            "connection_string": _url(places),
            "auto_publish": False,
            "tables": {VIEW: source | {"properties": kinds}},
        },
    }
    with _with_file(places, MARTIN, program, "yaml", yaml.safe_dump(settings), port, f"/{VIEW}") as server:
        yield server


NATIVE = {PG_FEATURESERV: pg_featureserv, PG_TILESERV: pg_tileserv, MARTIN: martin}


@contextmanager
def _with_file(
    places: Places, name: str, program: Path, suffix: str, settings: str, port: int, path: str
) -> Iterator[Server]:
    """A program told its settings by a file, which holds a password."""
    file = places.folder / "peers" / f"{name}.{suffix}"
    file.touch(0o600)
    file.write_text(settings)
    log = places.folder / "logs" / f"{name}.log"
    environment = places.environment() | {"GOMAXPROCS": str(PROCESSES)}
    with running([str(program), "--config", str(file)], environment, log, file.parent) as pid:
        server = Server(name, ("127.0.0.1", port), pid)
        wait_until_serving(server.url + path, pid, log, _START)
        yield server


def _url(places: Places) -> str:
    owner = database_urls(places.settings).owner
    return f"postgresql://{owner.user}:{owner.password}@{address(places)}:{owner.port}/{owner.database}?sslmode=disable"


def _built_by_go(places: Places, name: str) -> Path:
    """The program of a Go module at its pinned version. Raises PeerMissingError.

    By `go build` in a module of ours that requires it: `go install` asks for the list of all versions besides.
    """
    module, version = _GO[name]
    folder = places.folder / "peers" / name
    program = folder / f"{name}-{version}"
    if not program.exists():
        go = _tool(name, "go")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "go.mod").write_text(f"module bench\n\ngo 1.21\n\nrequire {module} {version}\n")
        aside = folder / f"{name}.new"
        _run(name, [go, "build", "-mod=mod", "-buildvcs=false", "-o", str(aside), module], folder, {})
        aside.rename(program)
    return program


def _built_by_cargo(places: Places) -> Path:
    """The martin program of the pinned version, with PostGIS as its only kind of source. Raises PeerMissingError."""
    folder = places.folder / "peers" / f"{MARTIN}-{_MARTIN_VERSION}"
    program = folder / "bin" / MARTIN
    if not program.exists():
        cargo = _tool(MARTIN, "cargo")
        folder.mkdir(parents=True, exist_ok=True)
        chosen = ["--version", _MARTIN_VERSION, "--locked", "--no-default-features", "--features", "postgres"]
        target = {"CARGO_TARGET_DIR": str(folder / "target"), "CARGO_PROFILE_RELEASE_LTO": "off"}
        _run(MARTIN, [cargo, "install", MARTIN, *chosen, "--root", str(folder)], folder, target)
        shutil.rmtree(folder / "target", ignore_errors=True)
    return program


def _tool(peer: str, name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise PeerMissingError(f"{name}, which builds {peer}, is not installed")
    return found


def _run(name: str, command: Sequence[str], folder: Path, more: Mapping[str, str]) -> None:
    environment = dict(os.environ) | dict(more)
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=_BUILD
        )
    except subprocess.TimeoutExpired:
        raise PeerMissingError(f"{name} was not built within {_BUILD:.0f} s") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason told"])[-1].strip()
        raise PeerMissingError(f"{name} cannot be built: {last}")
