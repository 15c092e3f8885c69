# SPDX-License-Identifier: Apache-2.0

import asyncio
import os
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from gis.mapserver import files as files_module
from gis.mapserver.fastcgi import FastCGIClient
from gis.mapserver.files import Mapfiles
from gis.mapserver.writer import MapfileWriter
from tests.gis.mapserver.engine import EPSG, EXTENTS, Engine, by_kind, get_map, published, service

_ELSEWHERE = """
import sys
from pathlib import Path
from tests.gis.mapserver.test_files import written
print(*(one for files in written(Path(sys.argv[1])) for one in files.pieces))
"""


def writer(folder: Path, connection: str = "dbname=x") -> MapfileWriter:
    return MapfileWriter(folder, [], service(), connection=connection, epsg=EPSG)


def written(folder: Path) -> tuple[Mapfiles, Mapfiles]:
    return writer(folder).write(published(), extents=EXTENTS, version=1)


def test_processes_agree_on_the_names_and_one_writes(tmp_path: Path) -> None:
    def started(seed: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _ELSEWHERE, str(tmp_path)]
        environ = {**os.environ, "PYTHONHASHSEED": str(seed)}
        return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)

    others = [started(seed) for seed in (1, 2)]
    found = {other.communicate(timeout=300)[0].strip() for other in others}
    when = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.part")}
    assert found == {" ".join(one for files in written(tmp_path) for one in files.pieces)}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.part")} == when


def test_only_the_owner_reads_the_files(tmp_path: Path) -> None:
    for one in written(tmp_path):
        one.whole()
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir() if path.suffix in {".part", ".map"}} == {
        0o600
    }


def test_a_publication_of_one_layer_changes_the_mapfiles_of_that_layer_alone(tmp_path: Path) -> None:
    one = writer(tmp_path)
    before, _ = one.write(published(), extents=EXTENTS, version=1)
    after, _ = one.write(published(), extents=EXTENTS | {"places": (100.0, -4.0, 107.0, 4.0)}, version=2)
    changed = {name for name in ("places", "faults", "units") if before.of([name]) != after.of([name])}
    assert changed == {"places"}
    assert before.whole() != after.whole()


def test_what_was_served_before_is_drawn_as_before(engine: Engine) -> None:
    def colours(files: Mapfiles) -> bytes:
        query = f"map={files.of(['places'])}&{get_map()}"
        return asyncio.run(FastCGIClient(engine.pool.socket).get(query)).body

    one = writer(engine.folder, engine.cluster.conninfo("reader"))
    before, _ = one.write(published())
    picture = colours(before)
    style = by_kind()
    classes = tuple(replace(c, symbol=replace(c.symbol, fill="#123456")) for c in style.classes)
    places, *others = published()
    after, _ = one.write([(places[0], (replace(style, classes=classes),)), *others])
    assert colours(after) != picture
    assert colours(before) == picture


def test_a_map_has_the_layers_asked_for_and_no_other(engine: Engine) -> None:
    files = engine.catalogue.maps
    path = files.folder.path / files.of(["places", "units", "places"])
    assert path == files.folder.path / files.of(["units", "places"])
    assert [line.split('"')[1].split("-")[0] for line in path.read_text().splitlines()[1:-1]] == [
        "maps",
        "units",
        "places",
    ]


def test_mapfiles_share_each_process_its_database_connection(engine: Engine) -> None:
    maps, downloads = engine.catalogue.maps, engine.catalogue.downloads
    drawn = [f"map={maps.of([name])}&{get_map(name)}" for name in ("places", "faults", "units")]
    fetched = f"map={downloads.of(['places'])}&service=WFS&version=2.0.0&request=GetFeature&typenames=amdis:places"

    async def ask() -> list[int]:
        client = FastCGIClient(engine.pool.socket)
        answers = await asyncio.gather(*(client.get(query) for query in [*drawn, fetched] * 4))
        return [len(answer.body) for answer in answers]

    assert min(asyncio.run(ask())) > 1000
    with psycopg.connect(engine.cluster.conninfo()) as connection:
        found = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mapserv'")
        assert found.fetchone() in {(1,), (2,)}


def test_a_map_that_was_removed_is_written_again(tmp_path: Path) -> None:
    maps, _ = written(tmp_path)
    (tmp_path / maps.of(["places"])).unlink()
    assert (tmp_path / maps.of(["places"])).exists()


def test_ever_new_combinations_do_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "_MOST", 2)
    maps, _ = written(tmp_path)
    names = [maps.of(ids) for ids in (["places"], ["units"], ["faults"], ["places", "units"])]
    assert {path.name for path in tmp_path.glob("*.map")} == set(names[2:])


def test_what_nobody_serves_is_removed_an_hour_later(tmp_path: Path) -> None:
    one = writer(tmp_path)
    first, _ = one.write(published(), version=1)
    for path in tmp_path.iterdir():
        os.utime(path, (time.time() - 7200, time.time() - 7200))
    second, _ = one.write(published(), version=2)
    outdated, served = (tmp_path / f"{files.service}.part" for files in (first, second))
    # Another process may serve it still.
    assert outdated.exists()
    os.utime(outdated, (time.time() - 7200, time.time() - 7200))
    third, _ = one.write(published(), version=3)
    assert not outdated.exists()
    assert served.exists()
    assert all((tmp_path / f"{name}.part").exists() for name in third.pieces)
