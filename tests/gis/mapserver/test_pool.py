# SPDX-License-Identifier: Apache-2.0

import asyncio
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from gis.errors import MapServerUnavailableError
from gis.mapserver import pool as pool_module
from gis.mapserver.fastcgi import FastCGIClient
from gis.mapserver.pool import MapservPool
from gis.mapserver.watch import busy_with
from tests.gis.mapserver.engine import Engine, get_map


def wait_until(true: Callable[[], bool], seconds: float = 90) -> None:
    """AssertionError when the condition does not hold in time."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, "waited in vain"
        time.sleep(0.01)


ASKING = 4  # maps asked for at a time


async def good_maps(client: FastCGIClient, count: int, answered: Counter[int] | None = None) -> int:
    """How many of so many maps came back as a picture, four at a time. answered: how many each of the four has got."""
    waiting = iter(range(count))
    answered = Counter() if answered is None else answered

    async def one_after_the_other(which: int) -> int:
        good = 0
        for number in waiting:
            answer = await client.get(get_map(width=str(300 + number)))
            good += answer.headers["content-type"] == "image/png"
            answered[which] += 1
        return good

    return sum(await asyncio.gather(*(one_after_the_other(which) for which in range(ASKING))))


def test_killing_a_process_fails_no_request_and_the_pool_is_whole_again(engine: Engine) -> None:
    async def drill() -> int:
        client = FastCGIClient(engine.pool.socket)
        answered = Counter[int]()
        maps = asyncio.create_task(good_maps(client, 200, answered))
        for _ in range(4):
            # Whoever asked a process that was killed has been answered by another: nobody asks three times.
            before = answered.copy()
            while not maps.done() and any(answered[which] == before[which] for which in range(ASKING)):
                await asyncio.sleep(0.01)
            victim = engine.pool.pids[0]
            os.kill(victim, signal.SIGKILL)
            await asyncio.to_thread(
                wait_until, lambda victim=victim: len(engine.pool.pids) == 2 and victim not in engine.pool.pids
            )
        return await maps

    assert asyncio.run(drill()) == 200


def test_restarting_all_replaces_every_process_and_fails_no_request(engine: Engine) -> None:
    before = set(engine.pool.pids)

    async def drill() -> int:
        maps = asyncio.create_task(good_maps(FastCGIClient(engine.pool.socket), 100))
        await asyncio.to_thread(engine.pool.restart_all)
        return await maps

    assert asyncio.run(drill()) == 100
    wait_until(lambda: len(engine.pool.pids) == 2 and not before & set(engine.pool.pids))


def test_a_process_stuck_on_a_request_is_killed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_LONGEST", 2.0)
    monkeypatch.setattr(pool_module, "_LOOK", 0.1)

    async def drill() -> tuple[int, str]:
        client = FastCGIClient(engine.pool.socket, timeout=60)
        asked = asyncio.create_task(client.get(get_map(width="4096", height="4096")))
        while not (busy := [pid for pid in engine.pool.pids if busy_with(pid, str(engine.pool.socket))]):
            await asyncio.sleep(0)
        os.kill(busy[0], signal.SIGSTOP)
        await asyncio.to_thread(wait_until, lambda: busy[0] not in engine.pool.pids)
        # The next one may take as long as a busy machine needs for it.
        monkeypatch.setattr(pool_module, "_LONGEST", 60.0)
        return busy[0], (await asked).headers["content-type"]

    stopped, media = asyncio.run(drill())
    assert media == "image/png"
    assert stopped not in engine.pool.pids


def test_process_that_ends_while_it_is_looked_at_is_not_among_those_that_run(engine: Engine, tmp_path: Path) -> None:
    class Ending(subprocess.Popen[bytes]):
        """Ends and is cleared away by the pool's thread at the very moment somebody looks at it."""

        def poll(self) -> int | None:
            place.process = None
            return super().poll()

    pool = MapservPool(engine.pool.mapfile, tmp_path / "s.sock", 1)
    (place,) = pool._places
    place.process = Ending(["sleep", "60"])
    ending = place.process
    try:
        assert pool.pids in ([], [ending.pid])
    finally:
        ending.kill()
        ending.wait()


def test_no_process_outlives_the_pool(engine: Engine, tmp_path: Path) -> None:
    with MapservPool(engine.pool.mapfile, tmp_path / "s.sock", 2) as pool:
        wait_until(lambda: len(pool.pids) == 2)
        pids = pool.pids
    for pid in pids:
        assert not Path(f"/proc/{pid}").exists()
    assert not (tmp_path / "s.sock").exists()


def test_a_socket_at_a_long_path_works(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    with MapservPool(engine.pool.mapfile, folder / "mapserv.sock", 1) as pool:
        assert asyncio.run(good_maps(FastCGIClient(folder / "mapserv.sock"), 3)) == 3
        pool.restart_all()
        assert asyncio.run(good_maps(FastCGIClient(folder / "mapserv.sock"), 3)) == 3


def test_a_process_that_cannot_start_is_tried_less_and_less_often(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "_command", lambda: ["/bin/false"])
    monkeypatch.setattr(pool_module, "_SOON", 60.0)  # however long a busy machine takes to run it
    started = time.monotonic()
    with MapservPool(engine.pool.mapfile, tmp_path / "s.sock", 1) as pool:
        wait_until(lambda: pool.restarts >= 6)
        assert time.monotonic() - started >= 0.05 + 0.2 + 0.5 + 1.0 + 2.0


def test_without_mapserv_the_start_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module.shutil, "which", lambda *_, **__: None)
    with pytest.raises(MapServerUnavailableError, match="apt install cgi-mapserver"):
        MapservPool(tmp_path / "wms.map", tmp_path / "s.sock", 1).start()


def test_without_a_pool_the_client_says_so_before_its_patience_ends(tmp_path: Path) -> None:
    with pytest.raises(MapServerUnavailableError, match="not running"):
        asyncio.run(FastCGIClient(tmp_path / "none.sock").get("x=y"))


def test_a_slow_answer_is_given_up(engine: Engine) -> None:
    async def one() -> None:
        await FastCGIClient(engine.pool.socket, timeout=0.001).get(get_map(width="4096", height="4096"))

    with pytest.raises(MapServerUnavailableError):
        asyncio.run(one())


def test_waiting_for_a_turn_ends(engine: Engine) -> None:
    async def two() -> list[BaseException]:
        client = FastCGIClient(engine.pool.socket, concurrency=1, patience=0.01)
        asked = (client.get(get_map(width="4000", height="4000")) for _ in range(3))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        return [a for a in answers if isinstance(a, BaseException)]

    failed = asyncio.run(two())
    assert failed
    assert all(isinstance(one, MapServerUnavailableError) for one in failed)


def test_a_request_cannot_choose_another_mapfile(engine: Engine, tmp_path: Path) -> None:
    other = tmp_path / "other.map"
    other.write_text('MAP NAME "OTHER" SIZE 10 10 EXTENT 0 0 1 1 WEB METADATA "wms_enable_request" "*" END END END')
    for value in (str(other), "other", "OTHER", "../other.map"):
        answer = asyncio.run(
            FastCGIClient(engine.pool.socket).get(f"map={value}&service=WMS&version=1.3.0&request=GetCapabilities")
        )
        assert b"<WMS_Capabilities" not in answer.body


def test_a_database_restart_breaks_each_process_once_at_most(engine: Engine) -> None:
    async def all_good() -> int:
        return await good_maps(FastCGIClient(engine.pool.socket), 8)

    assert asyncio.run(all_good()) == 8
    engine.cluster.stop("fast")
    engine.cluster.start()

    async def failed_until_both_are_connected() -> int:
        client, failed = FastCGIClient(engine.pool.socket, concurrency=2), 0
        while connections_of_mapserv(engine) < 2:
            failed += 4 - await good_maps(client, 4)
        return failed

    assert asyncio.run(asyncio.wait_for(failed_until_both_are_connected(), 60)) <= 2
    assert asyncio.run(all_good()) == 8


def connections_of_mapserv(engine: Engine) -> int:
    """How many map processes are connected to the database."""
    with psycopg.connect(engine.cluster.conninfo()) as connection:
        found = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mapserv'")
        return int((found.fetchone() or (0,))[0])
