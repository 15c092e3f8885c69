"""Figures that are no rate, such as the capabilities of very many layers."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from app.db.embedded import database
from app.db.roles import DatabaseUrls
from app.releases.models import Release
from tests.bench.client import Job
from tests.bench.figures import quantile
from tests.bench.generate import extent, write_empty_region
from tests.bench.measure import drive
from tests.bench.places import ROOT, Places, free_port
from tests.bench.processes import running, wait_until_serving
from tests.bench.servers import Server

LAYERS = 500

_START = 240.0  # seconds a product with so many layers may take to serve
_CAPABILITIES = {
    "WMS": "/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetCapabilities",
    "WFS": "/wfs?SERVICE=WFS&VERSION=2.0.0&REQUEST=GetCapabilities",
}
_LINKED = ("data", "migrations", "frontend", "pyproject.toml")  # parts of the tree that are only read


@dataclass(frozen=True, slots=True)
class Single:
    """One figure. value: seconds, milliseconds or MiB, as unit says. wrong: what is wrong with the answer."""

    work: str
    value: float
    unit: str
    wanted: str
    wrong: str = ""


def capabilities(places: Places) -> list[Single]:
    """Milliseconds the capabilities of 500 layers take: the first time, and p95 after that.

    The product runs from a copy of its own tree whose ogc_config declares the layers. places: the benchmark's.
    """
    many = Places(places.folder / "layers", free_port())
    tree = _tree(many.folder / "tree")
    if not (many.folder / "released").exists():
        shutil.rmtree(many.home, ignore_errors=True)
        write_empty_region(many.region)
        subprocess.run([sys.executable, "-m", "app.cli", "load"], env=many.environment(), cwd=tree, check=True)
        with database(many.settings, "amdis bench") as urls:
            _release(urls)
        (many.folder / "released").touch()
    log = many.folder / "amdis-up.log"
    with running([sys.executable, "-m", "app.cli", "up"], many.environment(), log, tree) as pid:
        server = Server("amdis", ("127.0.0.1", many.port), pid)
        wait_until_serving(f"{server.url}/readyz", pid, log, _START)
        return [one for service, path in _CAPABILITIES.items() for one in _answers(server, service, path)]


def _answers(server: Server, service: str, path: str) -> list[Single]:
    first = drive(Job(server.protocol, server.address, [path], 0.0, connections=1))
    again = drive(Job(server.protocol, server.address, [path], 2.0, connections=1))
    if first["failed"] or again["failed"]:
        return [Single(f"{service} GetCapabilities failed: {first['failures'][:1]}", 0.0, "ms", "<= 200 ms")]
    size = first["received"] / 1000
    title = f"{service} GetCapabilities, {LAYERS} layers ({size:,.0f} kB)"
    return [
        Single(f"{title}, first", 1000 * first["latencies"][0], "ms", "<= 200 ms"),
        Single(f"{title}, again, p95", 1000 * quantile(again["latencies"], 0.95), "ms", "<= 200 ms"),
    ]


def _tree(folder: Path) -> Path:
    """A copy of the product whose configuration declares 500 layers, most of them of the same table."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("app", "gis", "ogc_config"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _LINKED:
        (folder / name).symlink_to(ROOT / name)
    layers, styles = folder / "ogc_config" / "layers", folder / "ogc_config" / "styles"
    layer = _read(layers / "mineral-occurrences.yml")
    style = _read(styles / f"{layer['styles'][0]}.yml")
    for number in range(LAYERS - len(list(layers.glob("*.yml")))):
        name = f"layer-{number:03}"
        _write(layers / f"{name}.yml", layer | {"id": name, "title": f"Survey {number}", "styles": [name]})
        _write(styles / f"{name}.yml", style | {"id": name})
    return folder


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _release(urls: DatabaseUrls) -> None:
    """Give every layer a release with an extent."""
    sides = dict(zip(("west", "south", "east", "north"), extent(), strict=True))
    counts = {"added": 0, "changed": 0, "removed": 0, "total": 0, "content_hash": b"bench"}
    told = {"number": 1, "published_by": "amdis bench"} | counts | sides
    engine = sa.create_engine(urls.owner.sqlalchemy(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        names = [f"layer-{number:03}" for number in range(LAYERS)]
        connection.execute(sa.insert(Release), [told | {"layer": name} for name in names])
